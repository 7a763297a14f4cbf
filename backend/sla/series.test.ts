import { describe, expect, it } from 'vitest';
import { windowSeries } from './series.ts';
import { emptyWindow, mergeWindows, minuteOf, type MeasurementWindow } from './window.ts';

const window = (minute: number, rtts: number[], lost = 0): MeasurementWindow => {
  const made = emptyWindow(
    { tenant: 't', binding: 'b', trafficClass: 'voice', direction: 'egress', probe: 'irtt', start: minute * 60_000 },
    100
  );
  rtts.forEach((v) => made.rtt.accept(v));
  return { ...made, received: rtts.length, sent: rtts.length + lost };
};
const many = (n: number, value: number) => Array<number>(n).fill(value);

describe('a series of stored windows', () => {
  it('merges sketches instead of averaging percentiles', () => {
    // Minute 0 has ten slow packets of 100, minute 1 none: the P95 of both is the slow figure of neither's average.
    const windows = [window(0, [...many(90, 1_000), ...many(10, 100_000)]), window(1, many(100, 1_000))];
    const [each0, each1] = windowSeries({ metric: 'latency', percent: 95 }, windows, 10);
    expect(each0!.value).toBeGreaterThan(98_000);
    expect(each1!.value).toBeLessThan(1_011);
    const [both, ...none] = windowSeries({ metric: 'latency', percent: 95 }, windows, 1);
    expect(none).toEqual([]);
    expect(both!.samples).toBe(200);
    expect(Math.abs(both!.value! - 50_500)).toBeGreaterThan(40_000);
  });
  it('shows a minute without a row as missing coverage, not as nothing', () => {
    const windows = [window(0, many(100, 1_000)), window(3, many(100, 1_000))];
    expect(windowSeries({ metric: 'latency', percent: 50 }, windows, 1)[0]!.coverage).toBe(0.5);
  });
  it('gives loss of what was sent, PDV above the shortest, and null where nothing was measured', () => {
    const windows = [window(0, [1_000, 3_000], 2), window(1, [])];
    expect(windowSeries({ metric: 'loss', percent: null }, windows, 9).map((p) => p.value)).toEqual([50, null]);
    expect(windowSeries({ metric: 'pdv', percent: 100 }, windows, 9).map((p) => p.value)).toEqual([2_000, null]);
    expect(windowSeries({ metric: 'latency', percent: 99 }, [], 9)).toEqual([]);
  });
});

describe('merging windows', () => {
  it('adds what was counted and keeps what one minute expects', () => {
    const merged = mergeWindows(
      { ...window(0, [1], 1), deployments: ['A'] },
      { ...window(0, [2, 3]), deployments: ['A', 'B'] }
    );
    expect(merged).toMatchObject({ sent: 4, received: 3, expected: 100, deployments: ['A', 'B'], start: 0 });
    expect(merged.rtt.count).toBe(3);
  });
  it('cuts time into whole minutes', () => {
    expect([minuteOf(0), minuteOf(59_999), minuteOf(60_000)]).toEqual([0, 0, 60_000]);
  });
});
