/** Stored windows as a line in a chart: merged into as many steps as fit, never averaged. */
import type { ObjectiveTerm } from './objective.ts';
import { sketchPercentile } from './sketch.ts';
import { covered } from './verdict.ts';
import { mergeWindows, WINDOW_MS, type MeasurementWindow } from './window.ts';

export type SeriesPoint = { at: number; value: number | null; samples: number; coverage: number };

/** The figure of a term over a stored window, in its unit; null where the window has none or stored windows do not hold the metric. */
export function windowValue(term: Pick<ObjectiveTerm, 'metric' | 'percent'>, window: MeasurementWindow): number | null {
  const percent = term.percent ?? 100;
  switch (term.metric) {
    case 'latency':
      return sketchPercentile(window.rtt, percent);
    case 'rfc3550':
      return sketchPercentile(window.jitter, percent);
    case 'ipdv':
      return sketchPercentile(window.ipdv, percent);
    case 'pdv': {
      const high = sketchPercentile(window.rtt, percent);
      return high === null ? null : high - window.rtt.min;
    }
    case 'loss':
      return window.sent === 0 ? null : (100 * (window.sent - window.received)) / window.sent;
    case 'throughput':
    case 'one-way-latency':
    case 'queue-depth':
    case 'availability':
    case 'mos':
      return null;
  }
}

/**
 * @param windows of one class and probe, in order of time
 * @param maxPoints the chart's width: steps are whole minutes, at least one
 */
export function windowSeries(
  term: Pick<ObjectiveTerm, 'metric' | 'percent'>,
  windows: readonly MeasurementWindow[],
  maxPoints: number
): SeriesPoint[] {
  const first = windows[0];
  const last = windows.at(-1);
  if (!first || !last) {
    return [];
  }
  const minutes = (last.start - first.start) / WINDOW_MS + 1;
  const stepMs = Math.max(1, Math.ceil(minutes / Math.max(1, maxPoints))) * WINDOW_MS;
  const steps = new Map<number, MeasurementWindow>();
  for (const window of windows) {
    const start = Math.floor(window.start / stepMs) * stepMs;
    const before = steps.get(start);
    steps.set(start, before ? mergeWindows(before, window) : window);
  }
  // A minute without a row was not measured: it is expected all the same, so that the step's coverage shows it.
  const minutesOf = (start: number) =>
    (Math.min(start + stepMs, last.start + WINDOW_MS) - Math.max(start, first.start)) / WINDOW_MS;
  return [...steps].map(([at, window]) => ({
    at,
    value: windowValue(term, window),
    samples: window.received,
    coverage: covered(term.metric === 'loss' ? window.sent : window.received, window.expected * minutesOf(at)),
  }));
}
