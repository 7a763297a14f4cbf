/** Where SQLite and PostgreSQL differ: the order of texts, and how one writer waits for another. */
import {
  PostgresAdapter, sql, type InsertObject, type InsertQueryBuilder, type Kysely, type RawBuilder, type SqlBool, type Transaction,
} from 'kysely'; // prettier-ignore

type AnyDb = Pick<Kysely<unknown>, 'getExecutor'>;
export const isPostgres = (db: AnyDb): boolean => db.getExecutor().adapter instanceof PostgresAdapter;

/** Text that is compared and sorted byte by byte on both, whatever the server's language is. */
export const textOf = (db: AnyDb): RawBuilder<unknown> => (isPostgres(db) ? sql`text collate "C"` : sql`text`);

/** First half of PostgreSQL's advisory lock, so that ours are no one else's: "clpq". */
const OURS = 0x636c7071;
/** What is written by one writer at a time. Who needs two takes them in this order. */
const SUBJECTS = ['schema', 'measurements', 'deployments', 'documents', 'audit'] as const;
export type Subject = (typeof SUBJECTS)[number];

/**
 * One writer at a time until the transaction ends, in whichever process or machine. SQLite has one writer anyway, from
 * the beginning of the transaction on. What is read after it, is what the writer before has left (READ COMMITTED).
 */
export async function exclusively<DB>(transaction: Transaction<DB>, subject: Subject): Promise<void> {
  if (isPostgres(transaction)) {
    await sql`select pg_advisory_xact_lock(${OURS}::int, ${SUBJECTS.indexOf(subject)}::int)`.execute(transaction);
  }
}

/** All or nothing, by one writer at a time. */
export const writing = <DB, T>(
  db: Kysely<DB>,
  subject: Subject,
  work: (transaction: Transaction<DB>) => Promise<T>
): Promise<T> =>
  db
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (transaction) => {
      await exclusively(transaction, subject);
      return work(transaction);
    });

/** One of many texts, which are one parameter however many they are. */
export const oneOf = (db: AnyDb, column: string, texts: readonly string[]): RawBuilder<SqlBool> =>
  isPostgres(db)
    ? sql`${sql.ref(column)} = any(${texts})`
    : sql`${sql.ref(column)} in (select value from json_each(${JSON.stringify(texts)}))`;

/** Their values are parameters, of which a statement takes at most 32,766 (SQLite) or 65,535 (PostgreSQL). */
const ROWS_AT_ONCE = 10;

/**
 * Many rows with the same columns: the statement is made once for every portion of them, since making it takes longer
 * than running it.
 */
export async function insertAll<DB, TB extends keyof DB, O>(
  db: Pick<Kysely<DB>, 'executeQuery'>,
  query: InsertQueryBuilder<DB, TB, O>,
  rows: ReadonlyArray<InsertObject<DB, TB>>
): Promise<void> {
  const whole = rows.length - (rows.length % ROWS_AT_ONCE);
  const columns = Object.keys(rows[0] ?? {}) as Array<keyof InsertObject<DB, TB>>;
  let statement;
  for (let at = 0; at < whole; at += ROWS_AT_ONCE) {
    const portion = rows.slice(at, at + ROWS_AT_ONCE);
    statement ??= query.values(portion).compile();
    const parameters = portion.flatMap((row) => columns.map((column) => row[column]));
    await db.executeQuery({ ...statement, parameters });
  }
  if (whole < rows.length) {
    await query.values(rows.slice(whole)).execute();
  }
}
