import { describe, expect, it } from 'vitest';
import { drawTrend } from './trend.ts';

const at = (...values: Array<number | null>) => values.map((value, place) => ({ at: place * 5000, value }));

describe('a trend', () => {
  it('has a gap where nothing was measured', () => {
    expect(drawTrend(at(1, 2, null, 2, 1), 3, false, 100, 24).line.match(/M/g)).toHaveLength(2);
  });

  it('keeps its threshold in view whatever the values', () => {
    for (const values of [
      [1, 2],
      [100, 200],
    ]) {
      const { thresholdY } = drawTrend(at(...values), 20, false, 100, 24);
      expect(thresholdY).toBeGreaterThanOrEqual(0);
      expect(thresholdY).toBeLessThanOrEqual(24);
    }
  });

  it('starts promises of at most from zero: half the threshold is half the height', () => {
    const { thresholdY, last } = drawTrend(at(10, 10), 20, false, 100, 24);
    expect(24 - (last?.y ?? 0)).toBeCloseTo((24 - thresholdY) / 2, 0);
  });

  it('shows the little that is missing from a promise of at least', () => {
    const { thresholdY, last } = drawTrend(at(99.99, 99.5), 99.9, true, 100, 24);
    expect((last?.y ?? 0) - thresholdY).toBeGreaterThan(5);
  });

  it('says where it is now only when there is a value now', () => {
    expect(drawTrend(at(1, 2, null), 20, false, 100, 24).last).toBeNull();
    expect(drawTrend(at(1, null, 2), 20, false, 100, 24).last?.x).toBe(100);
  });

  it('draws nothing from nothing', () => {
    expect(drawTrend([], 20, false, 100, 24)).toMatchObject({ line: '', last: null });
    expect(drawTrend(at(null, null), 20, false, 100, 24)).toMatchObject({ line: '', last: null });
  });
});
