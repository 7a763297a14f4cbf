/**
 * One binding's class counters as a table that grows at its end: history first, then one row a second.
 *
 * Grafana's own streaming buffer tells fields apart by name alone, and here every class has a field `rate`: when a
 * policy is applied and the number of classes changes, it would hand one class's figures to another (Grafana 12,
 * StreamingDataFrame.push). So columns are known by name and class.
 */
import { type DataFrame, DataFrameType, type Field, type FieldConfig, FieldType, type Labels } from '@grafana/data';

export interface Column {
  name: string;
  labels: Labels;
  config: FieldConfig;
  /** As long as `Counters.times`; null where the class had no sample. */
  values: Array<number | null>;
}

export interface Counters {
  /** ms since the epoch, ascending. */
  times: number[];
  columns: ReadonlyMap<string, Column>;
}

export const NO_COUNTERS: Counters = { times: [], columns: new Map() };

/** An hour of history in 1,000 points and a quarter of an hour of stream fit; older rows go. */
export const ROWS_KEPT = 2000;

/** Columns of one binding differ by quantity and class only. */
const columnKey = (name: string, labels: Labels) => `${name} ${labels.traffic_class}`;

const emptyColumn = (rows: number): Array<number | null> => new Array<number | null>(rows).fill(null);

/**
 * Appends the rows of a frame that are newer than the last one: a stream repeats its last row to whoever joins.
 * `binding`: the labels that say whose counters these are; the stream itself names classes only.
 */
export function append(counters: Counters, frame: DataFrame, binding: Labels, keep = ROWS_KEPT): Counters {
  const time = frame.fields.find((field) => field.type === FieldType.time);
  const last = counters.times.at(-1) ?? -Infinity;
  const rows = (time?.values ?? []).map((at, row) => ({ at: Number(at), row })).filter(({ at }) => at > last);
  if (rows.length === 0) {
    return counters;
  }

  const times = [...counters.times, ...rows.map(({ at }) => at)];
  const drop = Math.max(0, times.length - keep);
  const columns = new Map<string, Column>();

  for (const [key, column] of counters.columns) {
    columns.set(key, { ...column, values: [...column.values, ...emptyColumn(rows.length)] });
  }
  for (const field of classFields(frame)) {
    const labels = { ...binding, traffic_class: field.labels?.traffic_class ?? '' };
    const key = columnKey(field.name, labels);
    const values = columns.get(key)?.values ?? emptyColumn(times.length);
    rows.forEach(({ row }, index) => {
      values[counters.times.length + index] = field.values[row] ?? null;
    });
    columns.set(key, { name: field.name, labels, config: field.config, values });
  }
  for (const [key, column] of columns) {
    const values = column.values.slice(drop);
    // A class that left the policy leaves the table once its last sample has scrolled out.
    if (values.every((value) => value === null)) {
      columns.delete(key);
    } else {
      columns.set(key, { ...column, values });
    }
  }
  return { times: times.slice(drop), columns };
}

/** Puts the rows that are older than the first one in front: what the sidecar remembers of the time before the stream. */
export function prepend(counters: Counters, history: DataFrame[], binding: Labels): Counters {
  const first = counters.times[0] ?? Infinity;
  const older = new Set<number>();
  for (const frame of history) {
    for (const at of frame.fields.find((field) => field.type === FieldType.time)?.values ?? []) {
      if (at < first) {
        older.add(at);
      }
    }
  }
  const before = [...older].sort((a, b) => a - b);
  if (before.length === 0) {
    return counters;
  }
  const rowOf = new Map(before.map((at, row) => [at, row]));
  const columns = new Map<string, Column>();

  for (const frame of history) {
    const time = frame.fields.find((field) => field.type === FieldType.time);
    for (const field of classFields(frame)) {
      const labels = { ...binding, traffic_class: field.labels?.traffic_class ?? '' };
      const key = columnKey(field.name, labels);
      const column = columns.get(key) ?? {
        name: field.name,
        labels,
        config: field.config,
        values: emptyColumn(before.length),
      };
      time?.values.forEach((at, row) => {
        const target = rowOf.get(at);
        if (target !== undefined) {
          column.values[target] = field.values[row] ?? null;
        }
      });
      columns.set(key, column);
    }
  }
  for (const [key, column] of columns) {
    const after = counters.columns.get(key)?.values ?? emptyColumn(counters.times.length);
    columns.set(key, { ...column, values: [...column.values, ...after] });
  }
  for (const [key, column] of counters.columns) {
    if (!columns.has(key)) {
      columns.set(key, { ...column, values: [...emptyColumn(before.length), ...column.values] });
    }
  }
  return { times: [...before, ...counters.times], columns };
}

/** The table as a wide frame, from `since` (ms) on; `only` keeps the columns of one quantity. */
export function toFrame(counters: Counters, refId: string, since = -Infinity, only?: string): DataFrame {
  const start = counters.times.findIndex((at) => at >= since);
  const times = start === -1 ? [] : counters.times.slice(start);
  const fields: Field[] = [{ name: 'time', type: FieldType.time, config: {}, values: times }];
  for (const column of counters.columns.values()) {
    if (only === undefined || column.name === only) {
      fields.push({
        name: column.name,
        type: FieldType.number,
        labels: column.labels,
        config: column.config,
        values: start === -1 ? [] : column.values.slice(start),
      });
    }
  }
  return {
    name: 'counters',
    refId,
    meta: { type: DataFrameType.TimeSeriesWide, typeVersion: [0, 1] },
    fields,
    length: times.length,
  };
}

const classFields = (frame: DataFrame) =>
  frame.fields.filter((field) => field.type === FieldType.number && field.labels?.traffic_class !== undefined);
