import { describe, expect, it } from 'vitest';
import { classesText, resolved } from '../policy/testing.ts';
import { entitlement } from './entitlement.ts';
import { phasesOf, type Phase } from './phases.ts';
import { verdictOf } from './report.ts';
import type { Doubt, LeafMeasurement, Measurement } from './measurement.ts';
import { verdicts } from './verdicts.ts';

const policy = resolved(
  classesText(
    '{name: voice, match: [{dscp: [ef]}], strict: true, guarantee: 1mbit}',
    '{name: site, match: [{dscp: [1, 2]}], guarantee: 5mbit, ceiling: 6mbit, classes: [{name: a, match: [{dscp: [1]}], guarantee: 2mbit}, {name: b, default: true}]}',
    '{name: rest, default: true, guarantee: 2mbit}'
  )
);
const phases = phasesOf(policy);

/** A link that does exactly what the language says, but for what is given. */
function perfect(phase: Phase, but: Record<string, Partial<LeafMeasurement>> = {}, doubt?: Doubt): Measurement {
  const owed = entitlement(policy, phase.offered);
  const leaves = [...phase.offered].map(([path, offered]): [string, LeafMeasurement] => [
    path,
    { offered, arrived: owed.get(path)!, lost: 0, sent: 1000, latency: { p50: 0.1, p95: 0.2, p99: 0.3, max: 9 }, dscp: new Map([[0, 900]]), vlanPriority: new Map(), congested: 0, packets: 900, whole: { arrived: 1000, marked: 0, beside: new Map() }, ...but[path] },
  ]); // prettier-ignore
  return { phase, leaves: new Map(leaves), doubt };
}
const measured = (
  kind: Phase['kind'],
  but: Record<string, Partial<LeafMeasurement>>,
  doubt?: Doubt,
  subject?: string
) =>
  phases.map((phase) =>
    phase.kind === kind && phase.subject === subject ? perfect(phase, but, doubt) : perfect(phase)
  );
const broken = (measurements: readonly Measurement[]) =>
  verdicts(policy, measurements)
    .filter(({ verdict }) => verdict !== 'held')
    .map((each) => `${each.verdict} ${each.kind} ${each.class || 'link'}`);

describe('the verdicts of a proof', () => {
  it('are held where the link does what the language says', () => {
    const results = verdicts(policy, phases.map((phase) => perfect(phase))); // prettier-ignore
    expect(verdictOf(results)).toBe('held');
    expect(new Set(results.map(({ kind }) => kind))).toEqual(
      new Set(['guarantee', 'ceiling', 'reach', 'sharing', 'latency', 'loss'])
    );
  });

  it('break a guarantee that is more than 5 % short, of an inner class as well', () => {
    expect(broken(measured('all', { rest: { arrived: 1.95e6 } }))).toEqual(['broken sharing link']);
    expect(broken(measured('all', { rest: { arrived: 1.85e6 } }))).toEqual([
      'broken guarantee rest',
      'broken sharing link',
    ]);
    expect(broken(measured('all', { 'site/a': { arrived: 3e6 } }))).toContain('broken guarantee site');
  });

  it('break a ceiling that is passed by more than 2 %, also of a sum of children, in whatever phase', () => {
    expect(broken(measured('alone', { 'site/a': { arrived: 6.1e6 } }, undefined, 'site/a'))).toEqual([]);
    expect(broken(measured('alone', { 'site/a': { arrived: 6.3e6 } }, undefined, 'site/a'))).toEqual(['broken ceiling site', 'broken ceiling site/a']); // prettier-ignore
    expect(broken(measured('idle', { 'site/a': { arrived: 4.2e6 }, 'site/b': { arrived: 2.2e6 } }, undefined, 'rest'))).toContain('broken ceiling site'); // prettier-ignore
  });

  it('break the link’s own rate', () => {
    expect(broken(measured('all', { rest: { arrived: 5e6 } }))).toContain('broken ceiling link');
  });

  it('break sharing that goes to the wrong class', () => {
    const owed = entitlement(policy, phases[0]!.offered);
    const wrong = {
      'site/a': { arrived: owed.get('site/a')! - 4e5 },
      'site/b': { arrived: owed.get('site/b')! + 4e5 },
    };
    expect(broken(measured('all', wrong))).toEqual(['broken sharing link']);
  });

  it('break a mark that packets do not leave with', () => {
    const marked = { ...policy, classes: policy.classes.map((item) => (item.name === 'rest' ? { ...item, mark: { dscp: 10 } } : item)) }; // prettier-ignore
    const verdict = (list: number[]) =>
      verdicts(
        marked,
        measured('all', {
          rest: { dscp: new Map(list.map((value) => [value, 900 / list.length])), packets: list.length > 0 ? 900 : 0 },
        })
      ).find(({ kind }) => kind === 'mark')!.verdict;
    expect([verdict([10]), verdict([10, 0]), verdict([0]), verdict([])]).toEqual([
      'held',
      'broken',
      'broken',
      'not-judged',
    ]);
  });

  it('judge sharing by the scheduler’s own way, and name who gets what an idle class leaves', () => {
    const idle = verdicts(policy, phases.map((phase) => perfect(phase))).find(({ kind, class: path }) => kind === 'sharing' && path === 'site/a')!; // prettier-ignore
    expect(idle.says).toMatch(
      /"site\/a" is idle, what it leaves goes to "site\/b" \(.*bit\/s more\).*: by priority, then by share\./
    );
    const own = verdicts(policy, phases.map((phase) => perfect(phase, phase.kind === 'all' ? { rest: { arrived: 0 } } : {})), { sharing: 'own' }); // prettier-ignore
    expect(own.filter(({ kind }) => kind === 'sharing').map(({ class: path, verdict }) => [path, verdict]).filter(([, verdict]) => verdict !== 'held')).toEqual([['', 'broken']]); // prettier-ignore
  });

  it('break a strict class that waits or loses inside its rate', () => {
    expect(broken(measured('strict', { voice: { latency: { p50: 1, p95: 10, p99: 20, max: 30 } } }))).toEqual(['broken latency voice']); // prettier-ignore
    expect(broken(measured('strict', { voice: { lost: 1 } }))).toEqual(['broken loss voice']);
  });

  it('do not judge what the machine may have spoilt, and judge what is certain all the same', () => {
    const busy = { part: 0.2, why: 'It was busy.' };
    expect(broken(measured('all', { rest: { arrived: 1.5e6 } }, busy))).toEqual([
      'not-judged guarantee rest',
      'not-judged sharing link',
    ]);
    expect(broken(measured('alone', { rest: { arrived: 11e6 } }, busy, 'rest'))).toEqual(['broken ceiling link', 'broken ceiling rest']); // prettier-ignore
  });

  it('do not judge who got what a pause of the machine kept from others', () => {
    const owed = entitlement(policy, phases[0]!.offered);
    const other = { 'site/b': { arrived: owed.get('site/b')! + 6e5 } };
    const sharing = (part: number) =>
      verdicts(policy, measured('all', other, part ? { part, why: 'It stood still.' } : undefined)).find(({ kind, class: path }) => kind === 'sharing' && path === '')!.verdict;
    expect([sharing(0.02), sharing(0)]).toEqual(['not-judged', 'broken']);
  }); // prettier-ignore

  it('do not judge a rate that a pause explains where the scheduler catches up, and break it where it does not', () => {
    const rest = { arrived: entitlement(policy, phases[0]!.offered).get('rest')! + 4e5 };
    const paused = measured('all', { rest }, { part: 0.02, why: 'It stood still.' });
    const link = (catchesUp: boolean) =>
      verdicts(policy, paused, { catchesUp }).find(({ kind, class: path }) => kind === 'ceiling' && path === '')!
        .verdict;
    expect([link(true), link(false)]).toEqual(['not-judged', 'broken']);
  });

  it('break what is missing beyond what a pause of the machine explains', () => {
    const busy = { part: 0.02, why: 'It was busy.' };
    expect(broken(measured('all', { rest: { arrived: 1.85e6 } }, busy))).toContain('not-judged guarantee rest');
    expect(broken(measured('all', { rest: { arrived: 1e6 } }, busy))).toEqual([
      'broken guarantee rest',
      'broken sharing link',
    ]);
  });

  it('do not judge a ceiling that was never driven, nor a guarantee that was not asked for', () => {
    const slow = phases.map((phase) => {
      const each = perfect(phase);
      return {
        ...each,
        leaves: new Map([...each.leaves].map(([path, leaf]) => [path, { ...leaf, offered: 1e5, arrived: 1e5 }])),
      };
    });
    const results = verdicts(policy, slow);
    expect(results.filter(({ kind }) => kind === 'ceiling').map(({ verdict }) => verdict)).toEqual(Array(6).fill('not-judged')); // prettier-ignore
    expect(results.find(({ kind }) => kind === 'guarantee')!.verdict).toBe('not-judged');
    expect(verdictOf(results.filter(({ kind }) => kind === 'ceiling'))).toBe('inconclusive');
  });

  it('say of a class that nothing reaches why it was not judged, and are not held then', () => {
    const reachable = phases.map((phase) => {
      const each = perfect(phase);
      return { ...each, leaves: new Map([...each.leaves].filter(([path]) => path !== 'voice')) };
    });
    const results = verdicts(policy, reachable, { unreached: new Map([['voice', 'no packet belongs to it']]) });
    const voice = results.filter((each) => each.class === 'voice' && each.kind !== 'sharing');
    expect(voice.map(({ verdict, reason }) => [verdict, reason?.includes('no packet belongs to it')])).toEqual(Array(5).fill(['not-judged', true])); // prettier-ignore
    expect(verdictOf(results)).toBe('inconclusive');
  });
});

const acting = resolved(
  classesText(
    '{name: drops, match: [{dscp: [1]}], ceiling: 4mbit, police: {rate: 2mbit}}',
    '{name: marks, match: [{dscp: [2]}], ceiling: 6mbit, mark: {dscp: af11, fwmark: 7}, police: {rate: 2mbit, exceed: {dscp: af12}}}',
    '{name: seen, match: [{dscp: [3]}], mirror: lan1, queue: {algorithm: red, ecn: true}}',
    '{name: away, match: [{dscp: [4]}], redirect: lan2}',
    '{name: rest, default: true}'
  ).replace('classes:', 'link: {overhead: docsis}, classes:')
);

/** A link that does to packets what the policy says, but for what is given. */
function acted(phase: Phase, but: Record<string, Partial<LeafMeasurement>> = {}): Measurement {
  const own: Record<string, Partial<LeafMeasurement>> = {
    marks: { dscp: phase.kind === 'police' ? new Map([[10, 450], [12, 450]]) : new Map([[10, 300], [12, 600]]), whole: { arrived: 1000, marked: 1000, beside: new Map() } },
    seen: { congested: 20, whole: { arrived: 1000, marked: 0, beside: new Map([['lan1', 1200]]) } },
    away: { whole: { arrived: 0, marked: 0, beside: new Map([['lan2', 1000]]) } },
  }; // prettier-ignore
  const { leaves, ...rest } = perfect(phase);
  const owed = entitlement(acting, phase.offered);
  return { ...rest, leaves: new Map([...leaves].map(([path, leaf]) => [path, { ...leaf, arrived: owed.get(path)!, ...own[path], ...but[path] }])) };
} // prettier-ignore

describe('the verdicts on what is done to packets', () => {
  const judged = (but: Record<string, Partial<LeafMeasurement>> = {}, kinds?: string[]) =>
    verdicts(acting, phasesOf(acting).map((phase) => acted(phase, !kinds || kinds.includes(phase.kind) ? but : {}))); // prettier-ignore
  const worse = (...given: Parameters<typeof judged>) =>
    judged(...given).filter(({ verdict }) => verdict !== 'held').map((each) => `${each.verdict} ${each.kind} ${each.class || 'link'}`); // prettier-ignore
  const none = new Map<string, number>();

  it('are held where everything is done as it is said, and nothing is promised here of what goes elsewhere', () => {
    expect(worse()).toEqual([]);
    expect(new Set(judged().map(({ kind }) => kind))).toEqual(new Set(['ceiling', 'reach', 'police', 'conform', 'mark', 'fwmark', 'mirror', 'ecn', 'redirect', 'overhead', 'sharing'])); // prettier-ignore
    expect(judged().filter((each) => each.class === 'away').map(({ kind }) => kind)).toEqual(['redirect']);
  }); // prettier-ignore

  it('break a police that lets more through, or marks at another rate', () => {
    expect(worse({ drops: { arrived: 3e6 } }, ['alone'])).toContain('broken police drops');
    expect(worse({ marks: { dscp: new Map([[10, 900]]) } }, ['police'])).toEqual(['broken conform marks']);
    expect(worse({ marks: { dscp: new Map([[10, 100], [12, 800]]) } }, ['police'])).toEqual(['broken conform marks']); // prettier-ignore
  });

  it('break a mark, a copy, another way or ECN that is missing', () => {
    expect(worse({ marks: { dscp: new Map([[10, 300], [2, 600]]) } }, ['all'])).toEqual(['broken mark marks']); // prettier-ignore
    expect(worse({ marks: { whole: { arrived: 1000, marked: 999, beside: none } } }, ['all'])).toEqual(['broken fwmark marks']); // prettier-ignore
    expect(worse({ seen: { congested: 20, whole: { arrived: 1000, marked: 0, beside: none } } }, ['all'])).toEqual(['broken mirror seen']); // prettier-ignore
    expect(worse({ seen: { congested: 0 } }, ['all'])).toEqual(['broken ecn seen']);
    expect(worse({ away: { whole: { arrived: 1, marked: 0, beside: new Map([['lan2', 999]]) } } }, ['all'])).toEqual(['broken redirect away']); // prettier-ignore
  });

  it('break an overhead that the kernel does not count', () => {
    expect(phasesOf(acting).at(-1)).toMatchObject({ kind: 'wire', lengths: new Map([['seen', 90]]) });
    expect(worse({ seen: { arrived: (10e6 * 94) / 90 } }, ['wire'])).toContain('broken overhead seen');
    expect(worse({ seen: { arrived: 9e6 } }, ['wire'])).toContain('broken overhead seen');
  });
});
