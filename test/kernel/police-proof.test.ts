/** A proof of police at the hook: what passes it is counted behind it, on a kernel that has police. */
import { beforeAll, expect, it } from 'vitest';
import { judgeSource } from '../../backend/deploy/index.ts';
import { prove, QUICK_TIMES, SHORT_TIMES, type ProofReport } from '../../backend/prove/index.ts';
import { run, type Place } from '../../backend/target/index.ts';
import { onEach, WHOLE } from './kernel.ts';
import { policyOf } from './operator.ts';
import { haveTraffic, NO_TRAFFIC, proveInGuest } from './traffic.ts';

const office = {
  name: 'office',
  match: [{ dscp: ['af31', 'af32'] }],
  ceiling: '400kbit',
  classes: [
    { name: 'desks', match: [{ dscp: ['af31'] }], ceiling: '300kbit' },
    { name: 'guests', default: true, ceiling: '200kbit', mirror: 'tap0' },
  ],
};
const rest = { name: 'rest', default: true, guarantee: '100kbit', ceiling: '200kbit' };
const SOURCE = policyOf({
  bandwidth: '1400kbit',
  scheduler: 'police',
  link: { overhead: 'ethernet' },
  classes: [
    { name: 'voice', match: [{ dscp: ['ef'] }], strict: true, guarantee: '200kbit' },
    { name: 'tagged', match: [{ vlan: 7, vlanPriority: 5 }], ceiling: '200kbit', mark: { fwmark: 7, vlanPriority: 3 } },
    { name: 'policed', match: [{ dscp: ['af11'] }], ceiling: '300kbit', police: { rate: '100kbit', burst: '4KiB', exceed: { dscp: 'af13' } }, queue: { ecn: true } },
    office,
    { name: 'away', match: [{ dscp: ['cs1'] }], ceiling: '100kbit', redirect: 'tap0' },
    rest,
  ],
}); // prettier-ignore
/** What is broken shows sooner than what is held. */
const FEW = policyOf({ bandwidth: '900kbit', scheduler: 'police', classes: [office, rest] });
const DONE = ['mark', 'fwmark', 'vlan-priority', 'mirror', 'redirect'];

const told = ({ promises }: ProofReport) =>
  promises.map(({ verdict, kind, class: path, measured, side, bound, reason }) => `${verdict} ${kind} ${path || 'link'}: ${measured} ${side} ${bound}. ${reason ?? ''}`); // prettier-ignore

onEach(WHOLE.map((kernel) => ({ ...kernel, missing: kernel.missing ?? NO_TRAFFIC })), 'a proof of police at the hook', ({ place }) => {
  beforeAll(haveTraffic, 60_000);
  
  const options = () => ({ enter: place(undefined).enter, direction: 'ingress', tries: 2, times: SHORT_TIMES }) as const;

  it('counts behind the hook what each bucket lets through, with its marks, tags and copies', { timeout: 240_000, retry: 2 }, async ({ skip }) => {
    const report = await proveInGuest(() => prove(judgeSource(SOURCE).resolved!, options()), skip);
    console.log(told(report).join('\n'));
    expect(told(report).filter((each) => each.startsWith('broken'))).toEqual([]);
    expect(report.classes.filter(({ measured }) => !measured).map((item) => item.class)).toEqual(['away']);
    const held = (kinds: readonly string[]) => report.promises.filter(({ kind, verdict }) => kinds.includes(kind) && verdict === 'held').map(({ kind, class: path }) => `${kind} ${path}`.trim()).sort(); // prettier-ignore
    expect(held(DONE)).toEqual(['fwmark tagged', 'mirror office/guests', 'redirect away', 'vlan-priority tagged']);
    // It never carries more, however slow the processor that measures it is.
    expect(held(['ceiling'])).toEqual(['', 'office', 'office/desks', 'office/guests', 'policed', 'rest', 'tagged', 'voice'].map((path) => `ceiling ${path}`.trim())); // prettier-ignore
    expect(report.promises.map(({ kind }) => kind)).not.toContain('ecn');
    expect(report.notes.join(' ')).toMatch(/shared in the way of Police, who comes first gets it\. Who gets it is not judged, only that nothing is left unused/); // prettier-ignore
  });

  it('breaks when a bucket at the hook is not the policy’s', { timeout: 240_000, retry: 2 }, async ({ skip }) => {
    const wider = async (at: Place, device: string) => {
      const tc = async (...words: string[]) => {
        const { status, stdout, stderr } = await run([...at.enter, 'tc', '-n', at.namespace!, ...words]);
        expect([status, stderr]).toEqual([0, '']);
        return stdout;
      };
      const shown = await tc('filter', 'show', 'dev', device, 'ingress');
      const [, pref, chain] = /pref (\d+) flower chain (\d+) handle 0x1 \n\s*not_in_hw\n\s*action order 1: *police 0x\w+ rate 400Kbit/.exec(shown)!; // prettier-ignore
      await tc(...`filter replace dev ${device} ingress protocol all pref ${pref} chain ${chain} handle 0x1 flower action police rate 900kbit burst 10k mtu 65536b overhead 14 conform-exceed drop/pipe action goto chain ${0x40000}`.split(' ')); // prettier-ignore
    };
    const report = await proveInGuest(() => prove(judgeSource(FEW).resolved!, { ...options(), tries: 1, times: QUICK_TIMES, onLoaded: wider }), skip);
    expect(told(report).map((each) => each.split(':')[0])).toContain('broken ceiling office');
  });
}); // prettier-ignore
