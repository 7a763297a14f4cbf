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

/** What cannot be measured here, and why. */
export class Skipped extends Error {}

/** A figure with what it may be; `measured` is a sentence where it could not be had. */
export interface Figure {
  claim: string;
  measured: number | string;
  unit: '×' | 'MiB' | 'objects/s';
  /** At most, or at least, in the unit */
  bound: { most: number } | { least: number };
  /** Where it was measured; by default on the machine's own */
  kernel?: 'own' | 'lab';
}

export const holds = ({ measured, bound }: Figure): boolean | undefined =>
  typeof measured === 'string' ? undefined : 'most' in bound ? measured <= bound.most : measured >= bound.least;

/** Each figure beside its bound, and at the end which do not hold. */
export function verdicts(figures: readonly Figure[]): string {
  const amount = (value: number, unit: Figure['unit']) =>
    unit === '×' ? times(value) : `${Math.round(value).toLocaleString('en-US')} ${unit}`;
  const lines = figures.map((figure) => {
    const { claim, measured, unit, bound, kernel } = figure;
    const limit = 'most' in bound ? `at most ${amount(bound.most, unit)}` : `at least ${amount(bound.least, unit)}`;
    const said = typeof measured === 'string' ? `skipped: ${measured}` : amount(measured, unit);
    const word = { true: 'holds', false: 'DOES NOT HOLD', undefined: 'not shown' }[String(holds(figure))];
    return [`${claim}${kernel === 'lab' ? ', on the kernel of CLEARPATH_LAB' : ''}`, limit, said, word!];
  });
  const widths = [0, 1].map((column) => Math.max(...lines.map((line) => line[column]!.length)));
  const broken = figures.filter((figure) => holds(figure) === false).map(({ claim }) => claim);
  return [
    ...lines.map(
      ([claim, limit, said, word]) => `${claim!.padEnd(widths[0]!)}  ${limit!.padEnd(widths[1]!)}  ${word}: ${said}`
    ),
    broken.length === 0 ? 'No bound is broken.' : `Bounds that do not hold here: ${broken.join('; ')}.`,
  ].join('\n');
}
