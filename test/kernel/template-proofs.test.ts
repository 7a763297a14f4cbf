/**
 * Every template proved by real traffic through a twin of its link: everything at once for ten seconds as a proof does, on a
 * slower link and with its other phases short, so that all of them take about four minutes where nothing else runs.
 * `npm run prove-templates` proves them at their own rates with the times of `clearpath prove`.
 */
import { beforeAll, expect, it } from 'vitest';
import { judgeSource } from '../../backend/deploy/index.ts';
import { prove, SHORT_TIMES, slowerOf, type ProofReport } from '../../backend/prove/index.ts';
import { listTemplates } from '../../backend/templates/index.ts';
import { onEach, OWN, WHOLE, type Kernel } from './kernel.ts';
import { haveTraffic, NO_TRAFFIC, proveInGuest } from './traffic.ts';

const FULL = process.env.CLEARPATH_TEMPLATES === 'full';
/** At their own rates they need the machine for themselves; slow links share it (vitest.config.mts says how many). */
const provingEach = FULL ? it : it.concurrent;
/** bit/s; what an emulated kernel drives is a tenth of what a machine's own does */
const BANDWIDTH: Record<Kernel['name'], number> = { own: 10e6, lab: 1.5e6 };

/** The same policy on a slower link: its percents follow, and rates that are stated are divided alike. */
function scaled(source: string, bandwidth: number): string {
  const own = judgeSource(source).resolved!.bandwidth;
  return source.replace(/(\d+)(k|m)bit/g, (_, figure: string, unit: string) => {
    const bits = Number(figure) * (unit === 'k' ? 1e3 : 1e6);
    return `${Math.round((bits * bandwidth) / own)}bit`;
  });
}

const said = ({ kind, class: path, measured, side, bound, reason }: ProofReport['promises'][number]) =>
  `${kind} ${path || 'link'}: ${measured} ${side} ${bound}. ${reason}`;

const templates = listTemplates();
const isCake = ({ source }: { source: string }) => /^ {2}scheduler: cake$/m.test(source);
const groups: Array<[Kernel[], typeof templates]> = [
  [[OWN], templates.filter((item) => OWN.whole || !isCake(item))],
  [OWN.whole ? [] : WHOLE, templates.filter(isCake)],
];

for (const [kernels, chosen] of groups) {
  onEach(kernels.map((kernel) => ({ ...kernel, missing: kernel.missing ?? NO_TRAFFIC })), 'the template', ({ kernel, place }) => {
    const emulated = kernel.name === 'lab';
    beforeAll(haveTraffic, 60_000);
    // A processor stands still at times for longer than a proof allows, an emulated one often.
    provingEach.for(chosen)('$name keeps each of its promises', { timeout: FULL ? 600_000 : 240_000, retry: 2 }, async ({ source }, { skip }) => {
      const { resolved, document } = judgeSource(FULL ? source : scaled(source, BANDWIDTH[kernel.name]));
      const { enter } = place(undefined);
      const proving = () => prove(resolved!, { enter, slower: slowerOf(document!), ...(FULL ? {} : { times: SHORT_TIMES, tries: emulated ? 1 : 3 }) });
      const report = await (emulated ? proveInGuest(proving, skip) : proving());
      const verdict = (wanted: string) => report.promises.filter((each) => each.verdict === wanted);
      const open = verdict('not-judged');
      console.log([`${report.policy} at ${report.provedAt / 1e6} Mbit/s, ${Math.round(report.took / 1000)} s: ${verdict('held').length} of ${report.promises.length} held`, ...open.map(said)].join('\n'));
      expect(verdict('broken').map(said)).toEqual([]);
      // What others on this machine spoilt is not held against the policy, as long as it is little.
      expect(open.filter(({ reason }) => !reason?.startsWith('This machine')).map(said)).toEqual([]);
      expect(open.length, open.map(said).join('\n')).toBeLessThanOrEqual(FULL ? 0 : report.promises.length / (emulated ? 2 : 5));
    });
  }); // prettier-ignore
}
