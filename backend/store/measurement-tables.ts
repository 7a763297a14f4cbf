/** The tables of what was measured. Column types are those that SQLite and PostgreSQL share: `bigint` for times and counts, `bytea` for sketches (SQLite stores a blob in a column of any name). */
import type { Kysely, Transaction } from 'kysely';
import { textOf } from './dialect.ts';

type Direction = 'egress' | 'ingress';

export type WindowsTable = {
  tenant: string;
  binding: string;
  class: string;
  direction: Direction;
  probe: string;
  /** Wall time, milliseconds, a whole minute. */
  start: number;
  schema: number;
  sent: number;
  received: number;
  expected: number;
  /** Microseconds; null without a reply. */
  rtt_min: number | null;
  rtt_max: number | null;
  rtt: Uint8Array;
  jitter: Uint8Array;
  ipdv: Uint8Array;
  /** Relative accuracy of the three sketches in parts per million. */
  accuracy_ppm: number;
  /** JSON array of ULIDs. */
  deployments: string;
};

export type CounterMinutesTable = {
  tenant: string;
  binding: string;
  class: string;
  direction: Direction;
  start: number;
  schema: number;
  readings: number;
  covered_ms: number;
  bytes: number;
  packets: number;
  drops: number;
  overlimits: number;
  demand: number;
  max_backlog_bytes: number;
  max_backlog_packets: number;
  deployments: string;
};

export type ViolationsTable = {
  id: string;
  tenant: string;
  binding: string;
  site: string;
  service: string;
  class: string;
  objective: string;
  label: string;
  unit: string;
  threshold: number;
  worst: number;
  started_at: number;
  ended_at: number | null;
  severity: 'critical' | 'warning';
  deployment: string | null;
};

/** For the store's schema to include. */
export type MeasurementTables = {
  windows: WindowsTable;
  counter_minutes: CounterMinutesTable;
  violations: ViolationsTable;
};

/** A database with these tables among others is handed over as `db.$pickTables<keyof MeasurementTables>()`. */
export type MeasurementDb = Kysely<MeasurementTables> | Transaction<MeasurementTables>;

export async function createMeasurementTables(db: MeasurementDb): Promise<void> {
  const text = textOf(db);
  await db.schema
    .createTable('windows')
    .ifNotExists()
    .addColumn('tenant', text, (c) => c.notNull())
    .addColumn('binding', text, (c) => c.notNull())
    .addColumn('class', text, (c) => c.notNull())
    .addColumn('direction', text, (c) => c.notNull())
    .addColumn('probe', text, (c) => c.notNull())
    .addColumn('start', 'bigint', (c) => c.notNull())
    .addColumn('schema', 'integer', (c) => c.notNull())
    .addColumn('sent', 'bigint', (c) => c.notNull())
    .addColumn('received', 'bigint', (c) => c.notNull())
    .addColumn('expected', 'bigint', (c) => c.notNull())
    .addColumn('rtt_min', 'bigint')
    .addColumn('rtt_max', 'bigint')
    .addColumn('rtt', 'bytea', (c) => c.notNull())
    .addColumn('jitter', 'bytea', (c) => c.notNull())
    .addColumn('ipdv', 'bytea', (c) => c.notNull())
    .addColumn('accuracy_ppm', 'integer', (c) => c.notNull())
    .addColumn('deployments', text, (c) => c.notNull())
    .addPrimaryKeyConstraint('windows_key', ['tenant', 'binding', 'class', 'direction', 'probe', 'start'])
    .execute();
  await db.schema.createIndex('windows_by_start').ifNotExists().on('windows').column('start').execute();
  await db.schema
    .createTable('counter_minutes')
    .ifNotExists()
    .addColumn('tenant', text, (c) => c.notNull())
    .addColumn('binding', text, (c) => c.notNull())
    .addColumn('class', text, (c) => c.notNull())
    .addColumn('direction', text, (c) => c.notNull())
    .addColumn('start', 'bigint', (c) => c.notNull())
    .addColumn('schema', 'integer', (c) => c.notNull())
    .addColumn('readings', 'integer', (c) => c.notNull())
    .addColumn('covered_ms', 'integer', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('packets', 'bigint', (c) => c.notNull())
    .addColumn('drops', 'bigint', (c) => c.notNull())
    .addColumn('overlimits', 'bigint', (c) => c.notNull())
    .addColumn('demand', 'integer', (c) => c.notNull())
    .addColumn('max_backlog_bytes', 'bigint', (c) => c.notNull())
    .addColumn('max_backlog_packets', 'bigint', (c) => c.notNull())
    .addColumn('deployments', text, (c) => c.notNull())
    .addPrimaryKeyConstraint('counter_minutes_key', ['tenant', 'binding', 'class', 'direction', 'start'])
    .execute();
  await db.schema.createIndex('counter_minutes_by_start').ifNotExists().on('counter_minutes').column('start').execute();
  await db.schema
    .createTable('violations')
    .ifNotExists()
    .addColumn('id', text, (c) => c.primaryKey())
    .addColumn('tenant', text, (c) => c.notNull())
    .addColumn('binding', text, (c) => c.notNull())
    .addColumn('site', text, (c) => c.notNull())
    .addColumn('service', text, (c) => c.notNull())
    .addColumn('class', text, (c) => c.notNull())
    .addColumn('objective', text, (c) => c.notNull())
    .addColumn('label', text, (c) => c.notNull())
    .addColumn('unit', text, (c) => c.notNull())
    .addColumn('threshold', 'double precision', (c) => c.notNull())
    .addColumn('worst', 'double precision', (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('severity', text, (c) => c.notNull())
    .addColumn('deployment', text)
    .execute();
  await db.schema
    .createIndex('violations_by_time')
    .ifNotExists()
    .on('violations')
    .columns(['tenant', 'started_at'])
    .execute();
}
