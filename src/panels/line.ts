/** Measured points as the path of an SVG line: a point without a value is a gap, never a bridge or a zero. */
export interface Point {
  /** ms since the epoch */
  at: number;
  value: number | null;
}

type Scale = (value: number) => number;

interface Run {
  /** "x,yLx,y…" */
  drawn: string;
  from: number;
  to: number;
  points: number;
}

/** Stretches without a gap, already written out: fifty lines are drawn anew every second. */
function runs(points: readonly Point[], x: Scale, y: Scale): Run[] {
  const found: Run[] = [];
  let open: Run | undefined;
  for (const { at, value } of points) {
    if (value === null || !Number.isFinite(value)) {
      open = undefined;
      continue;
    }
    const left = round(x(at));
    const point = `${left},${round(y(value))}`;
    if (open) {
      open.drawn += `L${point}`;
      open.to = left;
      open.points += 1;
    } else {
      open = { drawn: point, from: left, to: left, points: 1 };
      found.push(open);
    }
  }
  return found;
}

export interface Paths {
  /** A point alone between two gaps is a dot: a stroke of no length under a round line cap. */
  line: string;
  /** The same, closed at the floor; a dot has no area. */
  area: string;
}

/** `floor`: where the area ends, in drawing units. */
export function paths(points: readonly Point[], x: Scale, y: Scale, floor: number): Paths {
  let line = '';
  let area = '';
  for (const { drawn, from, to, points: count } of runs(points, x, y)) {
    line += count === 1 ? `M${drawn}h0` : `M${drawn}`;
    area += count === 1 ? '' : `M${from},${floor}L${drawn}L${to},${floor}Z`;
  }
  return { line, area };
}

const round = (value: number) => Math.round(value * 10) / 10;
