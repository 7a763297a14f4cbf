import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atMost, fewestLosses, fewestPackets, showsAbove, showsAtMost } from './binomial.ts';

describe('exact binomial bounds', () => {
  it('needs 2,995 packets without a loss to show 0.1 %', () => {
    expect(fewestPackets(0.001)).toBe(2995);
    expect(showsAtMost(0, 2994, 0.001)).toBe(false);
    expect(showsAtMost(0, 2995, 0.001)).toBe(true);
  });
  it('agrees with tables', () => {
    expect(atMost(2, 10, 0.25)).toBeCloseTo(0.5255928, 7);
    expect(atMost(0, 4, 0.5)).toBe(0.0625);
    // Poisson's limit at 15: P(X ≤ 22) = 0.9673, P(X ≤ 8) = 0.0374
    expect(atMost(22, 15_000, 0.001)).toBeCloseTo(0.9673, 3);
    expect(atMost(8, 15_000, 0.001)).toBeCloseTo(0.0374, 3);
  });
  it('does not underflow where (1 − p)^n does', () => {
    expect(atMost(7_500, 15_000, 0.5)).toBeCloseTo(0.5 + 0.5 * Math.sqrt(2 / (Math.PI * 15_000)), 4);
    expect(atMost(100, 100_000, 0.5)).toBe(0);
  });
  it('never shows a rate to be on both sides, and more losses only speak for more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.double({ min: 1e-5, max: 0.5, noNaN: true }),
        fc.nat(300),
        (n, p, losses) => {
          const lost = Math.min(losses, n);
          expect(showsAbove(lost, n, p) && showsAtMost(lost, n, p)).toBe(false);
          if (showsAbove(lost, n, p)) {
            expect(showsAbove(Math.min(n, lost + 1), n, p)).toBe(true);
          }
        }
      )
    );
  });
  it('names the number of losses that first shows too many', () => {
    expect(fewestLosses(15_000, 0.001)).toBe(23);
    expect(showsAbove(22, 15_000, 0.001)).toBe(false);
    expect(showsAbove(23, 15_000, 0.001)).toBe(true);
    expect(fewestLosses(100, 0)).toBe(1);
  });
});
