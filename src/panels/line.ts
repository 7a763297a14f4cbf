/** Measured points as the path of an SVG line: a point without a value is a gap, never a bridge or a zero. */
export interface Point {
  /** ms since the epoch */
  at: number;
  value: number | null;
}

type Scale = (value: number) => number;

/** Runs of points that have a value. */
function runs(points: readonly Point[], x: Scale, y: Scale): Array<Array<[number, number]>> {
  const found: Array<Array<[number, number]>> = [];
  let open: Array<[number, number]> | undefined;
  for (const { at, value } of points) {
    if (value === null || !Number.isFinite(value)) {
      open = undefined;
      continue;
    }
    if (!open) {
      open = [];
      found.push(open);
    }
    open.push([round(x(at)), round(y(value))]);
  }
  return found;
}

/** A point alone between two gaps becomes a dot: a stroke of no length under a round line cap. */
export function linePath(points: readonly Point[], x: Scale, y: Scale): string {
  return runs(points, x, y)
    .map((run) => (run.length === 1 ? `M${run[0]}h0` : `M${run.join('L')}`))
    .join('');
}

/** The same line with the area down to `floor` (in drawing units). */
export function areaPath(points: readonly Point[], x: Scale, y: Scale, floor: number): string {
  return runs(points, x, y)
    .filter((run) => run.length > 1)
    .map((run) => `M${run[0][0]},${floor}L${run.join('L')}L${run[run.length - 1][0]},${floor}Z`)
    .join('');
}

const round = (value: number) => Math.round(value * 10) / 10;
