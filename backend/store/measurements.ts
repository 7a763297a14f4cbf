/** What was measured, stored: one-minute windows of probes, one-minute sums of counters (raw, apart from what is concluded from them), and violations. */
import type { Kysely, Transaction } from 'kysely';
import type { Violation } from '../sla/violations.ts';
import {
  mergeCounterMinutes,
  mergeWindows,
  WINDOW_SCHEMA,
  type CounterMinute,
  type MeasurementWindow,
} from '../sla/window.ts';
import { counterMinuteOf, counterRow, violationOf, violationRow, windowOf, windowRow } from './measurement-rows.ts';
import { writing } from './dialect.ts';
import type { MeasurementDb, MeasurementTables } from './measurement-tables.ts';

export * from './measurement-tables.ts';

/** Adds minutes to what is stored of them; all or nothing. */
export async function mergeMinutes(
  db: Kysely<MeasurementTables>,
  minutes: { windows: readonly MeasurementWindow[]; counters: readonly CounterMinute[] }
): Promise<void> {
  await writing(db, 'measurements', async (trx) => {
    for (const window of minutes.windows) {
      await mergeWindow(trx, window);
    }
    for (const minute of minutes.counters) {
      await mergeCounters(trx, minute);
    }
  });
}

async function mergeWindow(trx: Transaction<MeasurementTables>, window: MeasurementWindow): Promise<void> {
  const key = {
    tenant: window.tenant,
    binding: window.binding,
    class: window.trafficClass,
    direction: window.direction,
    probe: window.probe,
    start: window.start,
  };
  const stored = await trx
    .selectFrom('windows')
    .selectAll()
    .where((eb) => eb.and(key))
    .executeTakeFirst();
  const row = windowRow(stored ? mergeWindows(windowOf(stored), window) : window);
  if (stored) {
    await trx
      .updateTable('windows')
      .set(row)
      .where((eb) => eb.and(key))
      .execute();
  } else {
    await trx.insertInto('windows').values(row).execute();
  }
}

async function mergeCounters(trx: Transaction<MeasurementTables>, minute: CounterMinute): Promise<void> {
  const key = {
    tenant: minute.tenant,
    binding: minute.binding,
    class: minute.trafficClass,
    direction: minute.direction,
    start: minute.start,
  };
  const stored = await trx
    .selectFrom('counter_minutes')
    .selectAll()
    .where((eb) => eb.and(key))
    .executeTakeFirst();
  const row = counterRow(stored ? mergeCounterMinutes(counterMinuteOf(stored), minute) : minute);
  if (stored) {
    await trx
      .updateTable('counter_minutes')
      .set(row)
      .where((eb) => eb.and(key))
      .execute();
  } else {
    await trx.insertInto('counter_minutes').values(row).execute();
  }
}

/** Of one tenant; `from` inclusive, `to` exclusive, wall time in milliseconds. */
export type MinuteRange = {
  tenant: string;
  from: number;
  to: number;
  binding?: string | undefined;
  trafficClass?: string | undefined;
};

/** In order of class and time. Rows of another schema version are left out: their numbers mean something else. */
export async function readWindows(db: MeasurementDb, range: MinuteRange): Promise<MeasurementWindow[]> {
  const rows = await db
    .selectFrom('windows')
    .selectAll()
    .where('tenant', '=', range.tenant)
    .where('schema', '=', WINDOW_SCHEMA)
    .where('start', '>=', range.from)
    .where('start', '<', range.to)
    .$if(range.binding !== undefined, (q) => q.where('binding', '=', range.binding!))
    .$if(range.trafficClass !== undefined, (q) => q.where('class', '=', range.trafficClass!))
    .orderBy('binding')
    .orderBy('class')
    .orderBy('start')
    .orderBy('probe')
    .execute();
  return rows.map(windowOf);
}

export async function readCounterMinutes(db: MeasurementDb, range: MinuteRange): Promise<CounterMinute[]> {
  const rows = await db
    .selectFrom('counter_minutes')
    .selectAll()
    .where('tenant', '=', range.tenant)
    .where('schema', '=', WINDOW_SCHEMA)
    .where('start', '>=', range.from)
    .where('start', '<', range.to)
    .$if(range.binding !== undefined, (q) => q.where('binding', '=', range.binding!))
    .$if(range.trafficClass !== undefined, (q) => q.where('class', '=', range.trafficClass!))
    .orderBy('binding')
    .orderBy('class')
    .orderBy('start')
    .execute();
  return rows.map(counterMinuteOf);
}

/** Inserts, or brings what can change up to date: the worst figure and the end. All or nothing. */
export async function saveViolations(
  db: Kysely<MeasurementTables>,
  violations: ReadonlyArray<{ tenant: string; violation: Violation }>
): Promise<void> {
  await writing(db, 'measurements', async (trx) => {
    for (const { tenant, violation } of violations) {
      const row = violationRow(tenant, violation);
      const { worst, ended_at } = row;
      await trx
        .insertInto('violations')
        .values(row)
        .onConflict((oc) => oc.column('id').doUpdateSet({ worst, ended_at }))
        .execute();
    }
  });
}

/** Open ones of all tenants, for the engine to take up. */
export async function openViolations(db: MeasurementDb): Promise<Array<{ tenant: string; violation: Violation }>> {
  const rows = await db
    .selectFrom('violations')
    .selectAll()
    .where('ended_at', 'is', null)
    .orderBy('started_at')
    .execute();
  return rows.map((row) => ({ tenant: row.tenant, violation: violationOf(row) }));
}

export type ViolationQuery = {
  tenant: string;
  binding?: string | undefined;
  open?: boolean | undefined;
  from?: number | undefined;
  to?: number | undefined;
  limit?: number | undefined;
};

/** Those that overlap the time asked for, newest first. */
export async function readViolations(
  db: MeasurementDb,
  { tenant, binding, open, from, to, limit = 1_000 }: ViolationQuery
): Promise<Violation[]> {
  const rows = await db
    .selectFrom('violations')
    .selectAll()
    .where('tenant', '=', tenant)
    .$if(binding !== undefined, (q) => q.where('binding', '=', binding!))
    .$if(open === true, (q) => q.where('ended_at', 'is', null))
    .$if(from !== undefined, (q) => q.where((eb) => eb.or([eb('ended_at', 'is', null), eb('ended_at', '>=', from!)])))
    .$if(to !== undefined, (q) => q.where('started_at', '<=', to!))
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(violationOf);
}

/** Deletes minutes that began, and violations that ended, before `before`; open violations stay. @returns rows deleted */
export async function deleteMeasurementsBefore(db: Kysely<MeasurementTables>, before: number): Promise<number> {
  return writing(db, 'measurements', async (trx) => {
    const results = [
      await trx.deleteFrom('windows').where('start', '<', before).executeTakeFirst(),
      await trx.deleteFrom('counter_minutes').where('start', '<', before).executeTakeFirst(),
      await trx.deleteFrom('violations').where('ended_at', '<', before).executeTakeFirst(),
    ];
    return results.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0);
  });
}

/** What the measuring engine stores into, over this database. */
export const measurementSink = (db: Kysely<MeasurementTables>) => ({
  saveMinutes: (minutes: Parameters<typeof mergeMinutes>[1]) => mergeMinutes(db, minutes),
  saveViolations: (violations: Parameters<typeof saveViolations>[1]) => saveViolations(db, violations),
  openViolations: () => openViolations(db),
});
