import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectiveTerms } from './objective.ts';
import { judgeThroughput, type CounterSecond, type CounterWindow } from './throughput.ts';

const term = objectiveTerms({ throughput: 80 })[0]!;
const second = (mbit: number, demand = true): CounterSecond => ({ bits: mbit * 1e6, ms: 1_000, demand });
const seconds = (n: number, mbit: number, demand = true) => Array.from({ length: n }, () => second(mbit, demand));
/** A guarantee of 10 Mbit/s under a ceiling of 20 Mbit/s. */
const minute = (list: CounterSecond[], over: Partial<CounterWindow> = {}): CounterWindow => ({
  from: 0, to: 60_000, watchedFrom: 0, expected: 60, seconds: list, guarantee: 10e6, ceiling: 20e6, trouble: null, ...over,
}); // prettier-ignore

describe('throughput', () => {
  it('is judged against the guarantee while there is demand', () => {
    expect(judgeThroughput(term, minute(seconds(60, 9)))).toMatchObject({
      verdict: 'compliant',
      value: 90,
      samples: 60,
      coverage: 1,
    });
    expect(judgeThroughput(term, minute(seconds(60, 7)))).toMatchObject({
      verdict: 'violated',
      value: 70,
      reason: '70 % of the guarantee, below 80 %, with demand in 60 of 60 seconds.',
    });
  });
  it('is insufficient without demand, however little was sent', () => {
    const judged = judgeThroughput(term, minute([...seconds(30, 0.1, false), ...seconds(30, 0.1)]));
    expect(judged).toMatchObject({ verdict: 'insufficient' });
    expect(judged.reason).toMatch(/^No demand: backlog or drops in 30 of 60 seconds/);
  });
  it('is violated early only when the rest of the minute at the ceiling could not repair it', () => {
    const early = { watchedFrom: 5_000 };
    expect(judgeThroughput(term, minute(seconds(55, 5), early)).verdict).toBe('violated');
    expect(judgeThroughput(term, minute(seconds(55, 7.9), early)).verdict).toBe('insufficient');
    expect(judgeThroughput(term, minute(seconds(20, 0), { watchedFrom: 40_000 })).verdict).toBe('insufficient');
  });
  it('weighs a late reading by the time it covers', () => {
    const late = [...seconds(56, 9), { bits: 36e6, ms: 4_000, demand: true }];
    expect(judgeThroughput(term, minute(late)).value).toBeCloseTo(90, 9);
  });
  it('has no data without readings, is insufficient with gaps, and is not measured without a guarantee', () => {
    expect(judgeThroughput(term, minute([], { trouble: 'tc is not installed.' }))).toMatchObject({
      verdict: 'no-data',
      reason: 'No counters of this class in the last minute. tc is not installed.',
    });
    expect(judgeThroughput(term, minute(seconds(50, 9))).verdict).toBe('insufficient');
    expect(judgeThroughput(term, minute(seconds(60, 9), { guarantee: 0 })).verdict).toBe('not-measured');
  });
  it('is never compliant without a full window, coverage and demand', () => {
    const list = fc.array(fc.record({ bits: fc.nat(20e6), ms: fc.constant(1_000), demand: fc.boolean() }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(list, fc.integer({ min: -5, max: 5 }), (all, watchedFrom) => {
        const judged = judgeThroughput(term, minute(all, { watchedFrom }));
        if (judged.verdict === 'compliant') {
          expect(watchedFrom).toBeLessThanOrEqual(0);
          expect(all.length).toBeGreaterThanOrEqual(57);
          expect(all.filter((s) => s.demand).length).toBeGreaterThanOrEqual(0.9 * all.length);
        }
      })
    );
  });
});
