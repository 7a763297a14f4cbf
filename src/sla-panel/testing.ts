/* eslint-disable @grafana/i18n/no-untranslated-strings -- these stand for what the sidecar says */
/** Rows of an SLA table for tests, as the sidecar's frame carries them. */
import { type DataFrame, FieldType, toDataFrame } from '@grafana/data';
import type { ComplianceRow } from '../../backend/api/contract.ts';

type Row = Omit<ComplianceRow, 'policy' | 'windowFrom' | 'windowTo' | 'deployment'>;

export const objective = (part: Partial<Row> = {}): Row => ({
  binding: 'branch-uplink',
  site: 'branch',
  service: 'branch-edge',
  trafficClass: 'voice',
  objective: 'latency.p95',
  label: 'Latency P95',
  definition: 'Round trip, 95th percentile of the sliding minute',
  threshold: 20_000,
  unit: 'us',
  value: 5_800,
  verdict: 'compliant',
  reason: '95 % of 2,995 samples are at or below 5.8 ms.',
  samples: 2995,
  expected: 3000,
  coverage: 0.998,
  severity: 'critical',
  since: 1_700_000_000_000,
  trend: [
    { at: 1, value: 5_000 },
    { at: 2, value: 5_800 },
  ],
  ...part,
});

export function slaFrame(rows: readonly Row[]): DataFrame {
  const strings = [
    'site',
    'service',
    'binding',
    'objective',
    'label',
    'verdict',
    'unit',
    'reason',
    'severity',
    'definition',
  ] as const;
  const numbers = ['value', 'threshold', 'coverage', 'samples', 'expected'] as const;
  return toDataFrame({
    name: 'sla',
    fields: [
      ...strings.map((name) => ({ name, type: FieldType.string, values: rows.map((row) => row[name]) })),
      { name: 'traffic_class', type: FieldType.string, values: rows.map((row) => row.trafficClass) },
      ...numbers.map((name) => ({ name, type: FieldType.number, values: rows.map((row) => row[name]) })),
      { name: 'since', type: FieldType.time, values: rows.map((row) => row.since) },
      {
        name: 'trend',
        type: FieldType.string,
        values: rows.map((row) => JSON.stringify(row.trend.map(({ at, value }) => [at, value]))),
      },
    ],
  });
}
