import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentile } from './percentile.ts';
import { createSketch, decodeSketch, encodeSketch, mergeSketches, sketchPercentile, type Sketch } from './sketch.ts';

const sketchOf = (values: readonly number[]): Sketch => {
  const sketch = createSketch();
  values.forEach((v) => sketch.accept(v));
  return sketch;
};
const delays = fc.array(fc.integer({ min: 0, max: 5_000_000 }), { minLength: 1, maxLength: 500 });
const PERCENTS = [0, 50, 95, 99, 100];

describe('a sketch', () => {
  it('holds every percentile within one percent of a measured neighbour', () => {
    fc.assert(
      fc.property(delays, (values) => {
        const sorted = [...values].sort((a, b) => a - b);
        const median = sketchPercentile(sketchOf(values), 50)!;
        expect(sorted.some((v) => Math.abs(v - median) <= 0.0101 * v + 1e-9)).toBe(true);
        expect(sketchPercentile(sketchOf(values), 100)).toBe(percentile(values, 100));
      })
    );
  });
  it('survives being stored and read', () => {
    fc.assert(
      fc.property(delays, (values) => {
        const sketch = sketchOf(values);
        const read = decodeSketch(encodeSketch(sketch));
        expect(PERCENTS.map((p) => sketchPercentile(read, p))).toEqual(
          PERCENTS.map((p) => sketchPercentile(sketch, p))
        );
        expect([read.count, read.sum, read.min, read.max]).toEqual([sketch.count, sketch.sum, sketch.min, sketch.max]);
      })
    );
  });
  it('is empty after storing nothing, and merges with others then', () => {
    const empty = decodeSketch(encodeSketch(createSketch()));
    expect(sketchPercentile(empty, 95)).toBe(null);
    expect(sketchPercentile(mergeSketches(empty, sketchOf([5])), 50)).toBe(5);
  });
  it('says the same of merged parts as of the whole, stored in between or not', () => {
    fc.assert(
      fc.property(delays, delays, (a, b) => {
        const merged = mergeSketches(decodeSketch(encodeSketch(sketchOf(a))), sketchOf(b));
        const whole = sketchOf([...a, ...b]);
        expect(PERCENTS.map((p) => sketchPercentile(merged, p))).toEqual(
          PERCENTS.map((p) => sketchPercentile(whole, p))
        );
      })
    );
  });
  it('takes a few hundred bytes for a minute of a congested link', () => {
    const minute = Array.from({ length: 3_000 }, (_, i) => 20_000 + ((i * 7_919) % 130_000));
    expect(encodeSketch(sketchOf(minute)).length).toBeLessThan(400);
  });
  it('refuses bytes that are not a sketch', () => {
    expect(() => decodeSketch(new Uint8Array([9, 9]))).toThrow('Not a sketch');
    const cut = encodeSketch(sketchOf(Array(500).fill(7)));
    expect(() => decodeSketch(cut.slice(0, -1))).toThrow('middle of a number');
  });
});
