/**
 * What is journalled of a change of many interfaces. What is said of all of them alike is one row of `changes`, what
 * each has of its own a narrow row of `deployments`: a change of thousands is begun and confirmed in little more than
 * the time that their names take. Those that end otherwise than the rest get a row of `changes` to themselves.
 */
import { sql, type Kysely, type SqlBool, type Transaction } from 'kysely';
import { monotonicFactory } from 'ulid';
import { insertAll, oneOf, textOf } from './dialect.ts';
import { createLastWriting } from './remembered.ts';
import type { Tables } from './tables.ts';
import { keepTexts } from './texts.ts';

/** A deployment on one interface, whole. */
export type DeploymentRow = {
  id: string;
  tenant: string;
  place: string;
  action: 'apply' | 'rollback' | 'recover';
  binding: string;
  policy: string;
  revision: string;
  target: string;
  interface: string;
  /** In the table an apply that is in force no more may still be `confirmed` (deployments.ts) */
  state: 'applying' | 'awaiting-confirmation' | 'confirmed' | 'rolled-back' | 'failed' | 'superseded';
  started_at: number;
  finished_at: number | null;
  by: string;
  message: string;
  /** JSON trees, as the compiler's reader gives them; in the table these and `allocation` are texts or references to them (texts.ts) */
  before: string;
  after: string;
  /** JSON of JournalledOperation[]; in place of the interface's name they may have U+0000, so that many share one text */
  operations: string;
  /** What was in force before: takes over again when this one is undone. */
  previous: string | null;
  /** JSON of the allocation that belongs to `after` */
  allocation: string;
  /** For a rollback: the deployment that it undoes. */
  undoes: string | null;
  /** Seconds after which it is rolled back unless somebody confirms it; null: it needs no one. */
  confirm_within: number | null;
  /** Which run of the machine the deadline is counted in, and milliseconds since that began; null until it was verified. */
  confirm_boot: string | null;
  confirm_until: number | null;
  /** JSON of the classes in force after it with their matches; empty where that is not known. */
  matching: string;
};

const OWN = ['id', 'place', 'binding', 'target', 'interface', 'previous', 'undoes'] as const;
const SHARED = [
  'tenant', 'action', 'policy', 'revision', 'state', 'started_at', 'finished_at', 'by', 'message', 'before', 'after', 'operations', 'allocation', 'confirm_within', 'confirm_boot', 'confirm_until', 'matching',
] as const satisfies ReadonlyArray<Exclude<keyof DeploymentRow, (typeof OWN)[number]>>; // prettier-ignore

/** Columns whose texts are kept once (texts.ts). */
export const TEXTS = ['before', 'after', 'operations', 'allocation', 'matching'] as const satisfies ReadonlyArray<
  (typeof SHARED)[number]
>;

export type DeploymentsTable = Pick<DeploymentRow, (typeof OWN)[number]> & { change: string };
export type ChangesTable = Pick<DeploymentRow, (typeof SHARED)[number]> & {
  /** ULID */
  id: string;
  /** How many deployments refer to it, whose ids are none before the first and none after the last */
  members: number;
  first: string;
  last: string;
};

const isOpen = sql<SqlBool>`state in ('applying', 'awaiting-confirmation')`;

/** Version 8. */
export async function shareChanges(db: Kysely<Tables>): Promise<void> {
  const text = textOf(db);
  await db.schema.dropIndex('deployments_by_place').ifExists().execute();
  await db.schema.dropIndex('deployments_open').ifExists().execute();
  await db.schema.alterTable('deployments').renameTo('deployments_before').execute();
  await db.schema
    .createTable('changes')
    .addColumn('id', text, (c) => c.primaryKey())
    .addColumn('members', 'integer', (c) => c.notNull())
    .addColumn('first', text, (c) => c.notNull())
    .addColumn('last', text, (c) => c.notNull())
    .addColumn('tenant', text, (c) => c.notNull())
    .addColumn('action', text, (c) => c.notNull())
    .addColumn('policy', text, (c) => c.notNull())
    .addColumn('revision', text, (c) => c.notNull())
    .addColumn('state', text, (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('finished_at', 'bigint')
    .addColumn('by', text, (c) => c.notNull())
    .addColumn('message', text, (c) => c.notNull())
    .addColumn('before', text, (c) => c.notNull())
    .addColumn('after', text, (c) => c.notNull())
    .addColumn('operations', text, (c) => c.notNull())
    .addColumn('allocation', text, (c) => c.notNull())
    .addColumn('confirm_within', 'integer')
    .addColumn('confirm_boot', text)
    .addColumn('confirm_until', 'bigint')
    .addColumn('matching', text, (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('deployments')
    .addColumn('id', text, (c) => c.primaryKey())
    .addColumn('change', text, (c) => c.notNull())
    .addColumn('place', text, (c) => c.notNull())
    .addColumn('binding', text, (c) => c.notNull())
    .addColumn('target', text, (c) => c.notNull())
    .addColumn('interface', text, (c) => c.notNull())
    .addColumn('previous', text)
    .addColumn('undoes', text)
    .execute();
  // Of before, each is a change by itself.
  const earlier = db.withTables<{ deployments_before: DeploymentRow }>();
  await earlier
    .insertInto('changes')
    .columns([...SHARED, 'id', 'first', 'last', 'members'])
    .expression(
      earlier
        .selectFrom('deployments_before')
        .select([...SHARED, 'id', 'id as first', 'id as last', sql<number>`1`.as('members')])
    )
    .execute();
  await earlier
    .insertInto('deployments')
    .columns([...OWN, 'change'])
    .expression(earlier.selectFrom('deployments_before').select([...OWN, 'id as change']))
    .execute();
  await db.schema.dropTable('deployments_before').execute();
  await db.schema.createIndex('deployments_by_place').on('deployments').columns(['place', 'id']).execute();
  await createLastWriting(db);
  // Only those that are looked for: a change that has ended costs it nothing.
  await db.schema.createIndex('changes_open').on('changes').column('state').where(isOpen).execute();
}

/** Deployments with what they share, as their rows. */
export const wholeRows = (db: Kysely<Tables>) =>
  db
    .selectFrom('deployments')
    .innerJoin('changes', 'changes.id', 'deployments.change')
    .select(OWN.map((column) => `deployments.${column}` as const))
    .select(SHARED.map((column) => `changes.${column}` as const));

/** Those whose change says so. They are looked for between their ids: an index of changes would cost each of thousands. */
export async function rowsInState(
  db: Kysely<Tables>,
  state: 'applying' | 'awaiting-confirmation'
): Promise<DeploymentRow[]> {
  // SQLite looks into an index of some states only where its condition stands in the query, word for word.
  const open = await db
    .selectFrom('changes')
    .select(({ fn }) => [fn.min('first').as('first'), fn.max('last').as('last')])
    .where(isOpen)
    .where('state', '=', state)
    .executeTakeFirst();
  return open?.first == null || open.last == null
    ? []
    : wholeRows(db)
        .where('changes.state', '=', state)
        .where('deployments.id', '>=', open.first)
        .where('deployments.id', '<=', open.last)
        .orderBy('deployments.id')
        .execute();
}

const ulid = monotonicFactory();

const alike = (a: DeploymentRow, b: DeploymentRow): boolean => SHARED.every((column) => a[column] === b[column]);

const isText = (column: string): boolean => (TEXTS as readonly string[]).includes(column);
const sharedIn = (row: DeploymentRow, stored: (text: string) => string) =>
  Object.fromEntries(
    SHARED.map((column) => [column, isText(column) ? stored(row[column] as string) : row[column]])
  ) as Pick<DeploymentRow, (typeof SHARED)[number]>;

export async function insertChanges(transaction: Transaction<Tables>, rows: readonly DeploymentRow[]): Promise<void> {
  const changes: Array<{ row: DeploymentRow; id: string; members: number; first: string; last: string }> = [];
  const byRevision = new Map<string, typeof changes>();
  const members = rows.map(({ id, place, binding, target, interface: device, previous, undoes }, index) => {
    const row = rows[index]!;
    const same = byRevision.get(row.revision) ?? [];
    byRevision.set(row.revision, same);
    let change = same.findLast((each) => alike(each.row, row));
    if (!change) {
      change = { row, id: ulid(), members: 0, first: id, last: id };
      same.push(change);
      changes.push(change);
    }
    change.members++;
    change.first = id < change.first ? id : change.first;
    change.last = id > change.last ? id : change.last;
    return { id, change: change.id, place, binding, target, interface: device, previous, undoes };
  });
  const stored = await keepTexts(
    transaction,
    changes.flatMap(({ row }) => TEXTS.map((column) => row[column]))
  );
  const ofChanges = changes.map(({ row, ...own }) => ({ ...sharedIn(row, stored), ...own }));
  await insertAll(transaction, transaction.insertInto('changes'), ofChanges);
  await insertAll(transaction, transaction.insertInto('deployments'), members);
}

/** Says the same of several deployments, within a transaction of the only writer. Those that share a row with others leave it. */
export async function sayOf(
  transaction: Transaction<Tables>,
  ids: readonly string[],
  what: Partial<Pick<DeploymentRow, (typeof SHARED)[number]>>
): Promise<void> {
  if (ids.length === 0) {
    return;
  }
  const touched = await transaction
    .selectFrom('deployments')
    .innerJoin('changes', 'changes.id', 'deployments.change')
    .select(({ fn }) => ['changes.id', 'changes.members', fn.countAll().as('count')])
    .where(oneOf(transaction, 'deployments.id', ids))
    .groupBy(['changes.id', 'changes.members'])
    .execute();
  const changes: string[] = [];
  for (const { id, members, count } of touched) {
    changes.push(Number(count) === members ? id : await partOf(transaction, id, ids, Number(count)));
  }
  await transaction
    .updateTable('changes')
    .set(what)
    .where(oneOf(transaction, 'id', changes))
    .execute();
}

/** @returns the id of the change that those of them which were in another are in now */
async function partOf(
  transaction: Transaction<Tables>,
  change: string,
  ids: readonly string[],
  count: number
): Promise<string> {
  const own = ulid();
  await transaction
    .insertInto('changes')
    .columns([...SHARED, 'first', 'last', 'id', 'members'])
    .expression(({ selectFrom, val }) =>
      selectFrom('changes')
        .select([...SHARED, 'first', 'last', sql<string>`${own}`.as('id'), val(count).as('members')])
        .where('id', '=', change)
    )
    .execute();
  await transaction
    .updateTable('changes')
    .set(({ eb }) => ({ members: eb('members', '-', count) }))
    .where('id', '=', change)
    .execute();
  await transaction
    .updateTable('deployments')
    .set({ change: own })
    .where('change', '=', change)
    .where(oneOf(transaction, 'id', ids))
    .execute();
  return own;
}
