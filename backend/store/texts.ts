/**
 * The journal's texts: trees, operations and identities, each stored once under its hash. Thousands of interfaces carry
 * few different ones. A column holds the text itself, as everything before version 6 does, or a reference to it.
 */
import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { oneOf, textOf } from './dialect.ts';
import type { Tables } from './tables.ts';

export type JournalTextsTable = {
  /** SHA-256 of the text, in base64 */
  digest: string;
  text: string;
};

/** Version 6. The index of states holds only those that are looked for: a deployment that has ended costs it nothing. */
export async function createJournalTexts(db: Kysely<Tables>): Promise<void> {
  const text = textOf(db);
  await db.schema
    .createTable('journal_texts')
    .ifNotExists()
    .addColumn('digest', text, (c) => c.primaryKey())
    .addColumn('text', text, (c) => c.notNull())
    .execute();
  await db.schema.dropIndex('deployments_by_state').ifExists().execute();
  await db.schema
    .createIndex('deployments_open')
    .on('deployments')
    .column('state')
    .where('state', 'in', ['applying', 'awaiting-confirmation'])
    .execute();
}

/** Texts are JSON, which nothing begins like this. */
const MARK = '=';
/** Far below what a statement takes of parameters. */
const AT_ONCE = 500;

function* portions<T>(items: readonly T[]): Generator<T[]> {
  for (let at = 0; at < items.length; at += AT_ONCE) {
    yield items.slice(at, at + AT_ONCE);
  }
}

/** Stores what is not there yet, within a transaction of what refers to it. @returns the reference to each of them */
export async function keepTexts(db: Kysely<Tables>, texts: Iterable<string>): Promise<(text: string) => string> {
  const digests = new Map<string, string>();
  for (const text of texts) {
    if (!digests.has(text)) {
      digests.set(text, createHash('sha256').update(text).digest('base64'));
    }
  }
  // Asked first: nearly all are there already, and a text is much longer than its hash. In one order for all writers,
  // so that none waits for another that waits for it.
  const known = await storedTexts(db, [...digests.values()], 'digest');
  const missing = [...digests]
    .flatMap(([text, digest]) => (known.has(digest) ? [] : [{ digest, text }]))
    .sort((a, b) => (a.digest < b.digest ? -1 : 1));
  for (const values of portions(missing)) {
    await db
      .insertInto('journal_texts')
      .values(values)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  return (text) => `${MARK}${digests.get(text)!}`;
}

/** @param column what is wanted of them. @returns by digest */
async function storedTexts(
  db: Kysely<Tables>,
  digests: readonly string[],
  column: 'digest' | 'text'
): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('journal_texts')
    .select(['digest', `${column} as value`])
    .where(oneOf(db, 'digest', digests))
    .execute();
  return new Map(rows.map(({ digest, value }) => [digest, value]));
}

/** @param values texts or references to them. @returns the text of each; equal ones are one in memory */
export async function textsOf(db: Kysely<Tables>, values: Iterable<string>): Promise<(value: string) => string> {
  const referred = new Set(values);
  const digests = [...referred].flatMap((value) => (value.startsWith(MARK) ? [value.slice(1)] : []));
  const texts = await storedTexts(db, digests, 'text');
  const known = new Map([...referred].map((value) => [value, value.startsWith(MARK) ? texts.get(value.slice(1)) : value])); // prettier-ignore
  return (value) => {
    const text = known.get(value);
    if (text === undefined) {
      throw new Error(`The journal lacks the text ${value}, which one of its deployments refers to. Restore the database from a backup.`); // prettier-ignore
    }
    return text;
  };
}

/** The same rows with the texts in place of the references to them. */
export async function withTexts<C extends string, R extends Record<C, string>>(
  db: Kysely<Tables>,
  rows: readonly R[],
  columns: readonly C[]
): Promise<R[]> {
  const textOf = await textsOf(
    db,
    rows.flatMap((row) => columns.map((column) => row[column]))
  );
  return rows.map((row) => {
    const whole = { ...row };
    for (const column of columns) {
      whole[column] = textOf(row[column]) as R[C];
    }
    return whole;
  });
}
