/** The sidecar's table `sla` as objectives: one row, one objective of one class of one binding. */
import type { DataFrame, Field } from '@grafana/data';
import type { ComplianceRow, Verdict } from '../../backend/api/contract.ts';
import { isFloor } from '../components/units.ts';
import type { Point } from '../panels/line.ts';

export interface Objective extends Pick<
  ComplianceRow,
  | 'binding'
  | 'site'
  | 'service'
  | 'trafficClass'
  | 'objective'
  | 'label'
  | 'definition'
  | 'threshold'
  | 'value'
  | 'verdict'
  | 'reason'
  | 'samples'
  | 'expected'
  | 'severity'
  | 'since'
> {
  /** Stays the same from result to result. */
  key: string;
  /** us, percent, mos or bytes. */
  unit: string;
  /** 0-1; null where nothing was to be measured. */
  coverage: number | null;
  trend: Point[];
  /** Figures below the threshold are the bad ones (availability), not those above it (latency). */
  floor: boolean;
}

/** Whatever is not one of these is drawn as no data: a verdict that this release does not know is never green. */
const VERDICTS: readonly Verdict[] = ['violated', 'no-data', 'insufficient', 'compliant', 'not-measured'];

/** Undefined when no frame is an SLA table, which is another thing than a table without rows. */
export function readObjectives(frames: readonly DataFrame[]): Objective[] | undefined {
  const tables = frames.filter(isSlaTable);
  return tables.length === 0 ? undefined : tables.flatMap(readTable);
}

const isSlaTable = (frame: DataFrame) =>
  ['traffic_class', 'objective', 'verdict', 'threshold'].every((name) =>
    frame.fields.some((field) => field.name === name)
  );

function readTable(frame: DataFrame): Objective[] {
  const fields = new Map(frame.fields.map((field) => [field.name, field]));
  const text = (name: string, row: number) => String(valueOf(fields.get(name), row) ?? '');
  const number = (name: string, row: number) => numberOf(valueOf(fields.get(name), row));

  return Array.from({ length: frame.length }, (_, row): Objective => {
    const binding = text('binding', row);
    const trafficClass = text('traffic_class', row);
    const objective = text('objective', row);
    const verdict = text('verdict', row);
    return {
      key: `${binding} ${trafficClass} ${objective}`,
      binding,
      site: text('site', row),
      service: text('service', row),
      trafficClass,
      objective,
      label: text('label', row) || objective,
      definition: text('definition', row),
      threshold: number('threshold', row) ?? 0,
      unit: text('unit', row),
      value: number('value', row),
      verdict: VERDICTS.find((known) => known === verdict) ?? 'no-data',
      reason: text('reason', row),
      samples: number('samples', row) ?? 0,
      expected: number('expected', row) ?? 0,
      severity: text('severity', row) === 'critical' ? 'critical' : 'warning',
      since: number('since', row),
      coverage: number('coverage', row),
      trend: readTrend(text('trend', row)),
      floor: isFloor(objective),
    };
  });
}

const valueOf = (field: Field | undefined, row: number): unknown => field?.values[row];

const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

/** A JSON array of [ms, value or null]; a trend that cannot be read is no reason to hide the verdict. */
export function readTrend(json: string): Point[] {
  if (json === '') {
    return [];
  }
  try {
    const pairs: unknown = JSON.parse(json);
    return Array.isArray(pairs)
      ? pairs.flatMap((pair: unknown) =>
          Array.isArray(pair) && typeof pair[0] === 'number' ? [{ at: pair[0], value: numberOf(pair[1]) }] : []
        )
      : [];
  } catch {
    return [];
  }
}
