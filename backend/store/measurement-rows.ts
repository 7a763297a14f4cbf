/** Rows of the measurement tables as what they mean, and back. */
import type { Selectable } from 'kysely';
import { decodeSketch, encodeSketch, SKETCH_ACCURACY, type Sketch } from '../sla/sketch.ts';
import type { Violation } from '../sla/violations.ts';
import type { CounterMinute, MeasurementWindow } from '../sla/window.ts';
import type { CounterMinutesTable, ViolationsTable, WindowsTable } from './measurement-tables.ts';

const extreme = (sketch: Sketch, value: number): number | null => (sketch.count === 0 ? null : Math.round(value));

export const windowRow = (w: MeasurementWindow): WindowsTable => ({
  tenant: w.tenant,
  binding: w.binding,
  class: w.trafficClass,
  direction: w.direction,
  probe: w.probe,
  start: w.start,
  schema: w.schema,
  sent: w.sent,
  received: w.received,
  expected: w.expected,
  rtt_min: extreme(w.rtt, w.rtt.min),
  rtt_max: extreme(w.rtt, w.rtt.max),
  rtt: encodeSketch(w.rtt),
  jitter: encodeSketch(w.jitter),
  ipdv: encodeSketch(w.ipdv),
  accuracy_ppm: Math.round(SKETCH_ACCURACY * 1e6),
  deployments: JSON.stringify(w.deployments),
});

export const windowOf = (row: Selectable<WindowsTable>): MeasurementWindow => ({
  tenant: row.tenant,
  binding: row.binding,
  trafficClass: row.class,
  direction: row.direction,
  probe: row.probe,
  start: row.start,
  schema: row.schema,
  sent: row.sent,
  received: row.received,
  expected: row.expected,
  rtt: decodeSketch(row.rtt),
  jitter: decodeSketch(row.jitter),
  ipdv: decodeSketch(row.ipdv),
  deployments: JSON.parse(row.deployments) as string[],
});

export const counterRow = (m: CounterMinute): CounterMinutesTable => ({
  tenant: m.tenant,
  binding: m.binding,
  class: m.trafficClass,
  direction: m.direction,
  start: m.start,
  schema: m.schema,
  readings: m.readings,
  covered_ms: m.coveredMs,
  bytes: m.bytes,
  packets: m.packets,
  drops: m.drops,
  overlimits: m.overlimits,
  demand: m.demand,
  max_backlog_bytes: m.maxBacklogBytes,
  max_backlog_packets: m.maxBacklogPackets,
  deployments: JSON.stringify(m.deployments),
});

export const counterMinuteOf = (row: Selectable<CounterMinutesTable>): CounterMinute => ({
  tenant: row.tenant,
  binding: row.binding,
  trafficClass: row.class,
  direction: row.direction,
  start: row.start,
  schema: row.schema,
  readings: row.readings,
  coveredMs: row.covered_ms,
  bytes: row.bytes,
  packets: row.packets,
  drops: row.drops,
  overlimits: row.overlimits,
  demand: row.demand,
  maxBacklogBytes: row.max_backlog_bytes,
  maxBacklogPackets: row.max_backlog_packets,
  deployments: JSON.parse(row.deployments) as string[],
});

export const violationRow = (tenant: string, v: Violation): ViolationsTable => ({
  id: v.id,
  tenant,
  binding: v.binding,
  site: v.site,
  service: v.service,
  class: v.trafficClass,
  objective: v.objective,
  label: v.label,
  unit: v.unit,
  threshold: v.threshold,
  worst: v.worst,
  started_at: v.startedAt,
  ended_at: v.endedAt,
  severity: v.severity,
  deployment: v.deployment,
});

export const violationOf = (row: Selectable<ViolationsTable>): Violation => ({
  id: row.id,
  binding: row.binding,
  site: row.site,
  service: row.service,
  trafficClass: row.class,
  objective: row.objective,
  label: row.label,
  unit: row.unit,
  threshold: row.threshold,
  worst: row.worst,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  severity: row.severity,
  deployment: row.deployment,
});
