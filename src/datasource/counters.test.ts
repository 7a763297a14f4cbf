import { type DataFrame, FieldType, toDataFrame } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { append, type Counters, NO_COUNTERS, prepend, toFrame } from './counters.ts';

const BINDING = { binding: 'branch-uplink' };

/** One row of the stream: rate and drops of each class. */
function row(at: number, rates: Record<string, number>): DataFrame {
  return toDataFrame({
    fields: [
      { name: 'time', type: FieldType.time, values: [at] },
      ...Object.entries(rates).flatMap(([trafficClass, rate]) => [
        { name: 'rate', type: FieldType.number, labels: { traffic_class: trafficClass }, values: [rate] },
        { name: 'drops', type: FieldType.number, labels: { traffic_class: trafficClass }, values: [0] },
      ]),
    ],
  });
}

const history = (trafficClass: string, times: number[], values: number[]) =>
  toDataFrame({
    fields: [
      { name: 'time', type: FieldType.time, values: times },
      { name: 'rate', type: FieldType.number, labels: { traffic_class: trafficClass, site: 'branch' }, values },
    ],
  });

const column = (counters: Counters, name: string, trafficClass: string) =>
  toFrame(counters, 'A').fields.find((field) => field.name === name && field.labels?.traffic_class === trafficClass)
    ?.values;

describe('a stream of counters', () => {
  it('grows by the rows that are newer than the last one', () => {
    let counters = append(NO_COUNTERS, row(1000, { voice: 1, bulk: 9 }), BINDING);
    counters = append(counters, row(2000, { voice: 2, bulk: 8 }), BINDING);
    expect(counters.times).toEqual([1000, 2000]);
    expect(column(counters, 'rate', 'voice')).toEqual([1, 2]);
    expect(column(counters, 'rate', 'bulk')).toEqual([9, 8]);
  });

  it('takes a repeated row once', () => {
    const once = append(NO_COUNTERS, row(1000, { voice: 1 }), BINDING);
    expect(append(once, row(1000, { voice: 1 }), BINDING)).toBe(once);
  });

  it('never hands the figures of one class to another when an applied policy changes the classes', () => {
    let counters = append(NO_COUNTERS, row(1000, { default: 19 }), BINDING);
    counters = append(counters, row(2000, { voice: 1, bulk: 9, default: 5 }), BINDING);
    expect(column(counters, 'rate', 'voice')).toEqual([null, 1]);
    expect(column(counters, 'rate', 'bulk')).toEqual([null, 9]);
    expect(column(counters, 'rate', 'default')).toEqual([19, 5]);
  });

  it('shows a class that left as a gap, and forgets it once its rows have scrolled out', () => {
    let counters = append(NO_COUNTERS, row(1000, { voice: 1, bulk: 9 }), BINDING, 2);
    counters = append(counters, row(2000, { voice: 2 }), BINDING, 2);
    expect(column(counters, 'rate', 'bulk')).toEqual([9, null]);
    counters = append(counters, row(3000, { voice: 3 }), BINDING, 2);
    expect(column(counters, 'rate', 'bulk')).toBeUndefined();
    expect(counters.times).toEqual([2000, 3000]);
  });
});

describe('history before a stream', () => {
  it('goes in front of the rows that streamed, class by class', () => {
    const streamed = append(NO_COUNTERS, row(3000, { voice: 3, bulk: 7 }), BINDING);
    const whole = prepend(
      streamed,
      [history('voice', [1000, 2000], [1, 2]), history('bulk', [1000, 2000], [9, 8])],
      BINDING
    );
    expect(whole.times).toEqual([1000, 2000, 3000]);
    expect(column(whole, 'rate', 'voice')).toEqual([1, 2, 3]);
    expect(column(whole, 'rate', 'bulk')).toEqual([9, 8, 7]);
    expect(column(whole, 'drops', 'voice')).toEqual([null, null, 0]);
  });

  it('does not overwrite a second that streamed', () => {
    const streamed = append(NO_COUNTERS, row(2000, { voice: 5 }), BINDING);
    const whole = prepend(streamed, [history('voice', [1000, 2000], [1, 99])], BINDING);
    expect(column(whole, 'rate', 'voice')).toEqual([1, 5]);
  });

  it('stands alone until the first row streams', () => {
    const whole = prepend(NO_COUNTERS, [history('voice', [1000], [1])], BINDING);
    expect(column(append(whole, row(2000, { voice: 2 }), BINDING), 'rate', 'voice')).toEqual([1, 2]);
  });
});

describe('the frame that panels get', () => {
  const counters = append(append(NO_COUNTERS, row(1000, { voice: 1 }), BINDING), row(2000, { voice: 2 }), BINDING);

  it('names binding and class on every field', () => {
    expect(toFrame(counters, 'A').fields[1].labels).toEqual({ binding: 'branch-uplink', traffic_class: 'voice' });
  });

  it('holds the time range and the quantity that were asked for', () => {
    const frame = toFrame(counters, 'A', 2000, 'rate');
    expect(frame.fields.map(({ name }) => name)).toEqual(['time', 'rate']);
    expect(frame.fields[1].values).toEqual([2]);
    expect(frame.length).toBe(1);
  });

  it('is empty, not missing, when nothing has come yet', () => {
    expect(toFrame(NO_COUNTERS, 'A')).toMatchObject({ refId: 'A', length: 0 });
  });
});
