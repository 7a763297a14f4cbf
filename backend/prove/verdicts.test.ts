import { describe, expect, it } from 'vitest';
import { classesText, resolved } from '../policy/testing.ts';
import { entitlement } from './entitlement.ts';
import { phasesOf, type Phase } from './phases.ts';
import { verdictOf } from './report.ts';
import { verdicts, type Doubt, type LeafMeasurement, type Measurement } from './verdicts.ts';

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
    { offered, arrived: owed.get(path)!, lost: 0, sent: 1000, latency: { p50: 0.1, p95: 0.2, p99: 0.3, max: 9 }, dscp: [0], ...but[path] },
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
    const verdict = (dscp: number[]) =>
      verdicts(marked, measured('all', { rest: { dscp } })).find(({ kind }) => kind === 'mark')!.verdict;
    expect([verdict([10]), verdict([10, 0]), verdict([0]), verdict([])]).toEqual([
      'held',
      'broken',
      'broken',
      'not-judged',
    ]);
  });

  it('say nothing of sharing where the discipline has its own', () => {
    const results = verdicts(policy, phases.map((phase) => perfect(phase)), { sharesAsStated: false }); // prettier-ignore
    expect(results.some(({ kind }) => kind === 'sharing')).toBe(false);
    expect(verdictOf(results)).toBe('held');
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
