/** How objectives share the panel's space: which way of drawing, and how large a tile of the wall may be. */

export type Density = 'auto' | 'wall' | 'table' | 'compact';
export type Drawing = Exclude<Density, 'auto'>;

const GAP = 8;
/** A tile below this holds no verdict, name and figure. */
const SMALLEST = { width: 150, height: 84 };
/** px of a figure that can still be read from three metres. */
const READABLE = 28;
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

export interface TileParts {
  /** px of the verdict and the name. */
  word: number;
  /** Threshold, coverage and samples on a line of their own; else the threshold alone beside the figure. */
  foot: boolean;
  trend: { place: 'beside' | 'below'; height: number } | undefined;
}

/** What of a tile has room beside verdict, name and figure: evidence first, then the trend. */
export function tileParts({ tileWidth, tileHeight, figure }: Tiles, hasTrend: boolean): TileParts {
  const word = Math.round(Math.max(13, Math.min(24, figure * 0.32)));
  const foot = tileHeight >= 116;
  const left = tileHeight - (20 + 2.7 * word + figure * 1.1 + (foot ? word * 1.4 : 0));
  // What four digits, a unit and, without a foot, the threshold leave of the line.
  const besideFigure = tileWidth - 24 - figure * (foot ? 3.7 : 6);
  const trend: TileParts['trend'] =
    left >= 36
      ? { place: 'below', height: Math.min(110, Math.floor(left)) }
      : besideFigure >= 64
        ? { place: 'beside', height: Math.round(figure * 0.9) }
        : undefined;
  return { word, foot, trend: hasTrend ? trend : undefined };
}

const figureSize = (width: number, height: number) =>
  Math.round(Math.max(20, Math.min(height * 0.36, width * 0.155, 88)));

export const HEADING_HEIGHT = 34;

/** A site's part of the wall, by the number of its objectives. One site needs no heading and has it all. */
export const spaceOf = (members: number, sizes: readonly number[], height: number) =>
  sizes.length < 2
    ? height
    : ((height - sizes.length * (HEADING_HEIGHT + GAP)) * members) / sizes.reduce((sum, size) => sum + size, 0);

/**
 * `auto`: the wall while every objective keeps a readable tile, the table where it has the width, else one line each.
 * `sizes`: the number of objectives of each site.
 */
export function drawingOf(density: Density, width: number, height: number, sizes: readonly number[]): Drawing {
  if (density !== 'auto') {
    return density;
  }
  if (width < 300 || height < 120) {
    return 'compact';
  }
  const walls = sizes.map((size) => tiles(width, spaceOf(size, sizes, height), size));
  if (walls.every(({ fits, figure }) => fits && figure >= READABLE)) {
    return 'wall';
  }
  return width >= 560 ? 'table' : 'compact';
}
