/** Class counters for tests, as the datasource hands them on: one wide frame for each binding. */
import { type DataFrame, FieldType, toDataFrame } from '@grafana/data';

interface Rows {
  rate?: Array<number | null>;
  drops?: Array<number | null>;
  backlog?: Array<number | null>;
  guarantee?: Array<number | null>;
  ceiling?: Array<number | null>;
}

export function countersFrame(
  times: number[],
  classes: Record<string, Rows>,
  labels: Record<string, string> = {}
): DataFrame {
  return toDataFrame({
    name: 'counters',
    fields: [
      { name: 'time', type: FieldType.time, values: times },
      ...Object.entries(classes).flatMap(([trafficClass, rows]) =>
        Object.entries(rows).map(([name, values]) => ({
          name,
          type: FieldType.number,
          labels: { ...labels, traffic_class: trafficClass },
          values,
        }))
      ),
    ],
  });
}
