/** Repeated measurements as figures that can be compared: smallest, middle and largest. */

export interface Spread {
  min: number;
  median: number;
  max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return {
    min: sorted[0]!,
    median: (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2,
    max: sorted.at(-1)!,
  };
}

/** Ratios repetition by repetition: what disturbs a machine for a while disturbs both halves of one. */
export const ratios = (values: readonly number[], bases: readonly number[]): Spread =>
  spread(values.map((value, index) => value / bases[index]!));

export interface Row {
  title: string;
  /** Milliseconds, one for each repetition */
  times: readonly number[];
  /** Part of the row above it, which has the ratio. */
  part?: boolean;
}

const milliseconds = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });
const times = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)}×`;

/** @param rows the first is what the others are compared with */
export function table(rows: readonly Row[]): string {
  const base = rows[0]!;
  const cells = rows.map((row) => {
    const { min, median, max } = spread(row.times);
    const ratio = row === base || row.part ? [] : Object.values(ratios(row.times, base.times)).map(times);
    return [`${row.part ? '  ' : ''}${row.title}`, ...[min, median, max].map(milliseconds), ...ratio];
  });
  const all = [['ms', 'min', 'median', 'max', 'min', 'median', 'max'], ...cells];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  const indent = widths.slice(0, 4).reduce((sum, width) => sum + width + 2, 0);
  return [`${' '.repeat(indent)}ratio to ${base.title}`, ...all.map(line)].join('\n');
}
