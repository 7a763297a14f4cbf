import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, type Judged, type Open, type Violation } from './violations.ts';

const row = (over: Partial<Judged>): Judged => ({
  binding: 'branch-edge-wan', site: 'branch', service: 'branch-edge', trafficClass: 'voice', objective: 'latency.p95', label: 'Latency P95', unit: 'us',
  threshold: 20_000, severity: 'critical', deployment: null, verdict: 'compliant', value: 10_000, worse: 'above', at: 0, ...over,
}); // prettier-ignore

/** Feeds judgements one after another, five seconds apart. */
function play(rows: Array<Partial<Judged> | null>) {
  let open: Open = new Map();
  let ids = 0;
  const transitions: Array<[string, Violation]> = [];
  rows.forEach((over, i) => {
    const at = i * 5_000;
    const result = advance(open, over ? [row({ at, ...over })] : [], at, () => `V${++ids}`);
    open = result.open;
    transitions.push(...result.transitions.map((t): [string, Violation] => [t.kind, t.violation]));
  });
  return { open, transitions };
}

describe('violations', () => {
  it('open at violated, keep the worst figure and close at compliant', () => {
    const { open, transitions } = play([
      { verdict: 'violated', value: 30_000 },
      { verdict: 'violated', value: 90_000 },
      { verdict: 'violated', value: 50_000 },
      { verdict: 'compliant' },
    ]);
    expect(transitions.map(([kind, v]) => [kind, v.id, v.worst, v.startedAt, v.endedAt])).toEqual([
      ['opened', 'V1', 30_000, 0, null],
      ['worsened', 'V1', 90_000, 0, null],
      ['closed', 'V1', 90_000, 0, 15_000],
    ]);
    expect(open.size).toBe(0);
  });
  it('neither open nor close on too little data', () => {
    expect(play([{ verdict: 'insufficient' }, { verdict: 'no-data', value: null }]).transitions).toEqual([]);
    expect(
      play([
        { verdict: 'violated' },
        { verdict: 'no-data', value: null },
        { verdict: 'insufficient' },
        { verdict: 'not-measured' },
      ]).open.size
    ).toBe(1);
  });
  it('count the worst from below where less is worse', () => {
    const worst = play([
      { verdict: 'violated', worse: 'below', value: 70 },
      { verdict: 'violated', worse: 'below', value: 75 },
      { verdict: 'violated', worse: 'below', value: 40 },
    ]);
    expect([...worst.open.values()][0]!.worst).toBe(40);
  });
  it('close when their objective is gone', () => {
    expect(play([{ verdict: 'violated' }, null]).transitions.map(([kind, v]) => [kind, v.endedAt])).toEqual([
      ['opened', null],
      ['closed', 5_000],
    ]);
  });
  it('never end before they began, also when the clock is set back', () => {
    const { transitions } = play([
      { verdict: 'violated', at: 1_000_000 },
      { verdict: 'compliant', at: 10 },
    ]);
    expect(transitions.at(-1)![1]).toMatchObject({ startedAt: 1_000_000, endedAt: 1_000_000 });
  });
  it('are opened and closed in turn, one at a time per objective, for any course of verdicts', () => {
    const verdicts = fc.array(
      fc.record({
        verdict: fc.constantFrom('compliant', 'violated', 'insufficient', 'no-data', 'not-measured'),
        value: fc.nat(1e6),
      })
    );
    fc.assert(
      fc.property(verdicts, (list) => {
        const turns = play(list as Array<Partial<Judged>>).transitions.filter(([kind]) => kind !== 'worsened');
        expect(turns.map(([kind]) => kind)).toEqual(turns.map((_, i) => (i % 2 === 0 ? 'opened' : 'closed')));
      })
    );
  });
});
