/** Which columns have room, and how tall a row is. */

export interface Columns {
  drops: boolean;
  backlog: boolean;
  history: boolean;
  /** CSS grid-template-columns, the same for the heading and every row. */
  template: string;
}

export function columnsFor(width: number, showHistory: boolean): Columns {
  const drops = width >= 360;
  const backlog = width >= 460;
  const history = showHistory && width >= 640;
  const name = width < 460 ? 84 : width < 900 ? 116 : 150;
  return {
    drops,
    backlog,
    history,
    template: [
      `${name}px`,
      'minmax(60px, 1fr)',
      '92px',
      ...(drops ? ['72px'] : []),
      ...(backlog ? ['76px'] : []),
      ...(history ? [width >= 1100 ? '240px' : '150px'] : []),
    ].join(' '),
  };
}

export const historyWidth = (width: number) => (width >= 1100 ? 240 : 150);

/** Rows fill the panel while they stay between a line of text and what a bar can use; more rows than space scroll. */
export function rowHeight(height: number, rows: number): number {
  return Math.floor(Math.max(24, Math.min(64, height / Math.max(1, rows))));
}
