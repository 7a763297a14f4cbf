/** Which columns have room, and how tall a row is. */

export interface Columns {
  drops: boolean;
  backlog: boolean;
  /** px of the history's line; 0 without one. */
  history: number;
  /** px that are left for the bars. */
  bar: number;
  /** CSS grid-template-columns, the same for the heading and every row. */
  template: string;
}

const GAP = 8;

/** Columns leave in the order of what is missed least; the bar takes what is left. */
export function columnsFor(width: number, showHistory: boolean): Columns {
  const drops = width >= 420;
  const backlog = width >= 560;
  const history = !showHistory || width < 640 ? 0 : width >= 1100 ? 240 : 150;
  const fixed = [
    width < 320 ? 68 : width < 560 ? 92 : width < 900 ? 124 : 150,
    width < 320 ? 82 : 92,
    ...(drops ? [72] : []),
    ...(backlog ? [76] : []),
    ...(history > 0 ? [history] : []),
  ];
  const bar = Math.max(40, width - fixed.reduce((sum, column) => sum + column + GAP, 0));
  const [name, ...figures] = fixed;
  return { drops, backlog, history, bar, template: [name, bar, ...figures].map((column) => `${column}px`).join(' ') };
}

/** Rows fill the panel while they stay between a line of text and what a bar can use; more rows than space scroll. */
export function rowHeight(height: number, rows: number): number {
  return Math.floor(Math.max(24, Math.min(64, height / Math.max(1, rows))));
}
