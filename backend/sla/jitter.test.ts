import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interarrivalJitter, ipdv, pdv } from './jitter.ts';

const delays = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 2, maxLength: 200 });

describe('RFC 3550 A.8 interarrival jitter', () => {
  it('moves a sixteenth of the way to each difference', () => {
    expect(interarrivalJitter([100, 116, 100])).toEqual([1, 1 + (16 - 1) / 16]);
  });
  it('settles on a difference that stays, and is zero for a steady delay', () => {
    const alternating = Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 1_000 : 1_500));
    expect(interarrivalJitter(alternating).at(-1)).toBeCloseTo(500, 3);
    expect(Math.max(...interarrivalJitter(Array.from({ length: 50 }, () => 7)))).toBe(0);
  });
  it('never exceeds the largest difference, whatever the delays', () => {
    fc.assert(
      fc.property(delays, (d) => Math.max(...interarrivalJitter(d)) <= Math.max(...ipdv(d).map(Math.abs)) + 1e-6)
    );
  });
});

describe('RFC 3393 IPDV', () => {
  it('keeps its sign and has no value for a pair with a lost packet', () => {
    expect(ipdv([10, 30, null, 20, 15])).toEqual([20, -5]);
  });
  it('sums to the last delay minus the first when nothing is lost', () => {
    fc.assert(fc.property(delays, (d) => ipdv(d).reduce((a, b) => a + b, 0) === d.at(-1)! - d[0]!));
  });
});

describe('RFC 5481 §4.2 PDV', () => {
  it('is never negative and is zero for the fastest packet', () => {
    fc.assert(fc.property(delays, (d) => Math.min(...pdv(d)) === 0));
  });
  it('does not change when every delay grows by the same', () => {
    fc.assert(
      fc.property(delays, fc.integer({ min: 0, max: 1e6 }), (d, more) => {
        expect(pdv(d.map((x) => x + more))).toEqual(pdv(d));
      })
    );
  });
});
