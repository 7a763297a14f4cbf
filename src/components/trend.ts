/** Geometry of a trend: pure, so that a test can look at it. */

export interface TrendPoint {
  at: number;
  value: number | null;
}

export interface Trend {
  /** SVG path data; a gap in the measurement is a gap in the line. */
  line: string;
  /** Height of the threshold, from the top. */
  thresholdY: number;
  /** Where the line is now; null when the newest point has no value. */
  last: { x: number; y: number } | null;
}

/**
 * Fit points into width × height. The threshold is always in view, so that a line tells at a glance on which side it runs;
 * promises of at most start from zero, since half of the allowed latency should look like half.
 */
export function drawTrend(
  points: TrendPoint[],
  threshold: number,
  floor: boolean,
  width: number,
  height: number
): Trend {
  const values = points.flatMap((point) => (point.value === null ? [] : [point.value]));
  const top = Math.max(threshold, ...values);
  const bottom = floor ? Math.min(threshold, ...values) : 0;
  const span = (top - bottom || 1) * 1.15;
  const base = floor ? bottom - span * 0.08 : bottom;
  const from = points[0]?.at ?? 0;
  const duration = (points.at(-1)?.at ?? from) - from || 1;

  const round = (n: number) => Math.round(n * 10) / 10;
  const x = (at: number) => round(((at - from) / duration) * width);
  const y = (value: number) => round(height - ((value - base) / span) * height);

  let line = '';
  let last: Trend['last'] = null;
  for (const { at, value } of points) {
    if (value === null) {
      last = null;
      continue;
    }
    const pen = last ? 'L' : 'M';
    last = { x: x(at), y: y(value) };
    // A stroke of no length shows a point between two gaps, by its round caps.
    line += pen === 'M' ? `M${last.x},${last.y}h0` : `L${last.x},${last.y}`;
  }
  return { line, thresholdY: y(threshold), last };
}
