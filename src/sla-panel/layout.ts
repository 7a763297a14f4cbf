/** How objectives share the panel's space: which way of drawing, and how large a tile of the wall may be. */

export type Density = 'auto' | 'wall' | 'table' | 'compact';
export type Drawing = Exclude<Density, 'auto'>;

const GAP = 8;
/** A tile below this holds no figure that can be read from three metres. */
const SMALLEST = { width: 150, height: 84 };
/** A tile above this wastes the wall. */
const LARGEST_HEIGHT = 300;
/** Width to height of a tile that holds a figure of six characters and its unit. */
const SHAPE = 1.9;

export interface Tiles {
  columns: number;
  tileWidth: number;
  tileHeight: number;
  /** px of the large figure */
  figure: number;
  /** False: more tiles than space; the wall scrolls. */
  fits: boolean;
}

/** The grid that makes the smallest dimension of a tile as large as possible. */
export function tiles(width: number, height: number, count: number): Tiles {
  let best: Tiles | undefined;
  let bestScore = 0;
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const rows = Math.ceil(count / columns);
    const tileWidth = (width - GAP * (columns - 1)) / columns;
    const tileHeight = Math.min(LARGEST_HEIGHT, (height - GAP * (rows - 1)) / rows);
    const score = Math.min(tileWidth / SHAPE, tileHeight);
    if (tileWidth >= SMALLEST.width && tileHeight >= SMALLEST.height && score > bestScore) {
      bestScore = score;
      best = grid(columns, tileWidth, tileHeight, true);
    }
  }
  if (best) {
    return best;
  }
  const columns = Math.max(1, Math.min(count, Math.floor((width + GAP) / (SMALLEST.width + GAP))));
  return grid(columns, (width - GAP * (columns - 1)) / columns, SMALLEST.height, false);
}

const grid = (columns: number, tileWidth: number, tileHeight: number, fits: boolean): Tiles => ({
  columns,
  tileWidth: Math.floor(tileWidth),
  tileHeight: Math.floor(tileHeight),
  figure: figureSize(tileWidth, tileHeight),
  fits,
});

/** What of a tile has room beside verdict, name and figure. Evidence gives way last to the trend. */
export function tileParts({ tileHeight, figure }: Tiles, hasTrend: boolean, hasFoot: boolean): { trendHeight: number; foot: boolean } {
  const taken = 24 + 2 * Math.max(17, Math.min(30, figure * 0.38)) + figure * 1.15;
  const left = tileHeight - taken;
  const foot = hasFoot && left >= 20;
  const forTrend = left - (foot ? 24 : 0);
  return { trendHeight: hasTrend && forTrend >= 18 ? Math.min(90, Math.floor(forTrend)) : 0, foot };
}

const figureSize = (width: number, height: number) => Math.round(Math.max(20, Math.min(height * 0.36, width * 0.155, 88)));

/** `auto`: the wall while every objective keeps a readable tile, the table where it has the width, else one line each. */
export function drawingOf(density: Density, width: number, height: number, count: number): Drawing {
  if (density !== 'auto') {
    return density;
  }
  if (width < 300 || height < 120) {
    return 'compact';
  }
  const wall = tiles(width, height, count);
  if (wall.fits && wall.figure >= 28) {
    return 'wall';
  }
  return width >= 560 ? 'table' : 'compact';
}
