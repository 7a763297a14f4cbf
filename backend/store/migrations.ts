/** From whatever version of the tables there is to this one, once, by one program at a time, all or nothing. */
import type { Kysely } from 'kysely';
import { shareChanges } from './changes.ts';
import { writing } from './dialect.ts';
import { StoreError } from './failure.ts';
import { createProofs } from './proofs.ts';
import { createRollouts } from './rollouts.ts';
import { createJournalTexts } from './texts.ts';
import { addAuditChain, addConfirmation, addMatching, createTables, type Tables } from './tables.ts';

type Version = { schema_version: { version: number } };

/** Each takes the tables one version further. Only ever added to: a database may be at any of them. */
const STEPS: ReadonlyArray<(db: Kysely<Tables>) => Promise<void>> = [
  // Also the tables of before there were versions, which are these.
  createTables,
  addAuditChain,
  addConfirmation,
  createProofs,
  createRollouts,
  createJournalTexts,
  addMatching,
  shareChanges,
];

const versionOf = async (db: Kysely<Version>): Promise<number> =>
  (await db.selectFrom('schema_version').select('version').executeTakeFirst())?.version ?? 0;

/**
 * @param path of the database, for messages
 * @throws StoreError when a newer program has made the tables; nothing was changed then
 */
export async function migrate(db: Kysely<Tables>, path: string): Promise<void> {
  const versions = db as unknown as Kysely<Version>;
  // Without the lock where nothing is to be done: a full disk or a long writer does not keep a program from starting.
  const now = await versionOf(versions).catch(() => 0);
  if (now > STEPS.length) {
    throw new StoreError(path, `a newer version of Clearpath has written it (tables ${now}, known here ${STEPS.length})`, {
      advice: 'Nothing was changed; use that version.',
    }); // prettier-ignore
  }
  if (now === STEPS.length) {
    return;
  }
  await writing(db, 'schema', async (transaction) => {
    const within = transaction as unknown as Kysely<Version>;
    await within.schema
      .createTable('schema_version')
      .ifNotExists()
      .addColumn('version', 'integer', (c) => c.notNull())
      .execute();
    for (const step of STEPS.slice(await versionOf(within))) {
      await step(transaction);
    }
    await within.deleteFrom('schema_version').execute();
    await within.insertInto('schema_version').values({ version: STEPS.length }).execute();
  });
}
