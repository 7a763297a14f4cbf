/** Columns of the tables that the bridge turns into Grafana data frames. */
import type { Frame } from './contract.ts';

export type Field = Frame['fields'][number];
/** Milliseconds since the epoch, and how many points a panel can draw. */
export type Range = { from: number; to: number; maxDataPoints: number };

export const time = (name: string, values: Array<number | null>): Field => ({ name, type: 'time', values });
export const text = (name: string, values: Array<string | null>): Field => ({ name, type: 'string', values });
export const number = (name: string, values: Array<number | null>, extra: Partial<Field> = {}): Field => ({
  name,
  type: 'number',
  values,
  ...extra,
});

/** A series of one thing: its points, its labels and its unit. */
export const series = (
  frame: string,
  value: string,
  points: ReadonlyArray<readonly [at: number, value: number | null]>,
  extra: Partial<Field>
): Frame => ({
  name: frame,
  type: 'timeseries-multi',
  fields: [
    time(
      'time',
      points.map(([at]) => at)
    ),
    number(
      value,
      points.map(([, of]) => of),
      extra
    ),
  ],
});

/** The rows of a table by column, each made from the whole row. */
export const columns = <Row>(rows: readonly Row[]) => ({
  time: (name: string, of: (row: Row) => number | null) => time(name, rows.map(of)),
  text: (name: string, of: (row: Row) => string | null) => text(name, rows.map(of)),
  number: (name: string, of: (row: Row) => number | null, extra?: Partial<Field>) => number(name, rows.map(of), extra),
});
