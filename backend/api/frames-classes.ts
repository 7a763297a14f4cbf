/** Counters of classes as frames: the series of a graph, and the rows that the queues panel is streamed. */
import type { CounterMinute } from '../sla/index.ts';
import { readCounterMinutes } from '../store/index.ts';
import type { ClassSample, Frame, Query } from './contract.ts';
import type { Context } from './context.ts';
import { number, series, time, type Range } from './frame.ts';

type Point = [at: number, value: number];

const METRICS = {
  rate: {
    unit: 'bps',
    now: (sample: ClassSample) => sample.rate,
    past: (minute: CounterMinute, seconds: number) => (minute.bytes * 8) / seconds,
  },
  packets: {
    unit: 'pps',
    now: (sample: ClassSample) => sample.packetRate,
    past: (minute: CounterMinute, seconds: number) => minute.packets / seconds,
  },
  drops: {
    unit: 'pps',
    now: (sample: ClassSample) => sample.drops,
    past: (minute: CounterMinute, seconds: number) => minute.drops / seconds,
  },
  backlog: {
    unit: 'bytes',
    now: (sample: ClassSample) => sample.backlogBytes,
    past: (minute: CounterMinute) => minute.maxBacklogBytes,
  },
} as const;

/**
 * At most one point a step, the greatest: a peak is what matters in a queue. Steps begin at the same times for every
 * class, so that a stacked chart adds up what belongs together.
 */
function thin(points: Point[], range: Range): Point[] {
  if (points.length <= range.maxDataPoints) {
    return points;
  }
  const step = Math.ceil((range.to - range.from) / range.maxDataPoints / 1000) * 1000;
  const steps = new Map<number, number>();
  for (const [at, value] of points) {
    const start = Math.floor(at / step) * step;
    steps.set(start, Math.max(value, steps.get(start) ?? 0));
  }
  return [...steps];
}

/** One series a class: whole minutes from the store, then the seconds of the last quarter of an hour. */
export async function classStatistics(
  context: Context,
  tenant: string,
  query: Extract<Query, { type: 'class-statistics' }>,
  range: Range
): Promise<Frame[]> {
  const metric = METRICS[query.metric];
  const bindings = new Map((await context.catalog.bindings(tenant)).map((bound) => [bound.name, bound]));
  const minutes = await readCounterMinutes(context.store.measurements, {
    tenant,
    from: range.from,
    to: range.to,
    ...(query.binding ? { binding: query.binding } : {}),
  });
  return context.monitor.counters(tenant, query.binding).map(({ binding, trafficClass, samples }): Frame => {
    const first = samples[0]?.at ?? Infinity;
    const past = minutes
      .filter((minute) => minute.binding === binding && minute.trafficClass === trafficClass)
      .filter((minute) => minute.start + 60_000 <= first)
      .map((minute): Point => [minute.start, metric.past(minute, Math.max(1, minute.coveredMs / 1000))]);
    const now = samples
      .filter((sample) => sample.at >= range.from && sample.at <= range.to)
      .map((sample): Point => [sample.at, metric.now(sample)]);
    const bound = bindings.get(binding);
    const labels = { binding, site: bound?.site ?? '', service: bound?.service ?? '', traffic_class: trafficClass };
    return series(query.metric, query.metric, thin([...past, ...now], range), {
      labels,
      config: { unit: metric.unit, displayName: trafficClass },
    });
  });
}

/** One second of one binding as a row: what the queues panel is streamed. */
export function counterFrame(at: number, classes: readonly ClassSample[]): Frame {
  return {
    name: 'counters',
    type: 'timeseries-wide',
    fields: [
      time('time', [at]),
      ...classes.flatMap((sample) => {
        const labels = { traffic_class: sample.trafficClass };
        const field = (name: string, value: number, unit: string) =>
          number(name, [value], { labels, config: { unit } });
        return [
          field('rate', sample.rate, 'bps'),
          field('drops', sample.drops, 'pps'),
          field('backlog', sample.backlogBytes, 'bytes'),
          field('silent', sample.silentSeconds, 's'),
          field('guarantee', sample.guarantee, 'bps'),
          field('ceiling', sample.ceiling, 'bps'),
        ];
      }),
    ],
  };
}
