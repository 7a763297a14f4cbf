/** store/: everything that outlives the process, in one file of SQLite or one database of PostgreSQL. One schema, by Kysely, kept to what both share. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Kysely } from 'kysely';
import { AuditFiles } from './audit-files.ts';
import { Audit, type NewEntry } from './audit.ts';
import { Deployments } from './deployments.ts';
import { Documents } from './documents.ts';
import type { MeasurementTables } from './measurement-tables.ts';
import { migrate } from './migrations.ts';
import { addressOf, openPostgres } from './postgres.ts';
import { RolloutRows } from './rollouts.ts';
import { openSqlite, sqliteError } from './sqlite.ts';
import { Proofs } from './proofs.ts';
import type { Tables } from './tables.ts';

export interface Store {
  db: Kysely<Tables>;
  /** The same database, as the measuring rooms know it */
  measurements: Kysely<MeasurementTables>;
  documents: Documents;
  deployments: Deployments;
  rollouts: RolloutRows;
  audit: Audit;
  proofs: Proofs;
  close: () => Promise<void>;
}

export interface StoreOptions {
  /** postgres://…; by default SQLite in the state folder */
  databaseUrl?: string | undefined;
  /** The key of the audit's seals; by default audit.key in the state folder. The anchor stands beside it. */
  auditKeyFile?: string | undefined;
}

interface Opened {
  db: Kysely<Tables>;
  /** For messages: the file, or the server's address */
  path: string;
  files: AuditFiles;
}

async function openTables(directory: string, { databaseUrl, auditKeyFile }: StoreOptions): Promise<Opened> {
  const file = join(directory, 'clearpath.db');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw sqliteError(file, error);
  }
  const path = databaseUrl ? addressOf(databaseUrl) : file;
  const db = databaseUrl ? await openPostgres<Tables>(databaseUrl) : openSqlite<Tables>(file);
  try {
    await migrate(db, path);
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw error;
  }
  const key = auditKeyFile ?? join(directory, 'audit.key');
  // Each database has its own: who goes over to another one has not lost the entries of the first.
  const which = databaseUrl ? `-${createHash('sha256').update(path).digest('hex').slice(0, 8)}` : '';
  return { db, path, files: new AuditFiles(key, join(dirname(key), `audit${which}.anchor`)) };
}

/** @param directory of the state, made with mode 0700 where it is missing. @throws StoreError that names the database. */
export async function openStore(directory: string, options: StoreOptions = {}): Promise<Store> {
  const { db, path, files } = await openTables(directory, options);
  try {
    const audit = await Audit.open(db, path, files);
    return {
      db,
      measurements: db.$pickTables<keyof MeasurementTables>(),
      documents: new Documents(db, audit),
      deployments: new Deployments(db),
      rollouts: new RolloutRows(db),
      audit,
      proofs: new Proofs(db),
      close: async () => {
        await audit.anchor();
        await db.destroy();
      },
    };
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw error;
  }
}

/**
 * Begins a new chain over the audit as it is, with a new key where the old one is lost; the first entry says what was
 * wrong, and who accepted it. For a database that came back from a backup.
 * @returns what was accepted; nothing was done where that is empty
 */
export async function acceptAudit(
  directory: string,
  options: StoreOptions,
  who: Pick<NewEntry, 'tenant' | 'by' | 'role'>
): Promise<string[]> {
  const { db, path, files } = await openTables(directory, options);
  try {
    const wrong = await Audit.open(db, path, files).then(
      async (audit) => (await audit.verify()).breaks.map(({ message }) => message),
      (error: unknown) => [error instanceof Error ? error.message : String(error)]
    );
    if (wrong.length > 0) {
      const audit = await Audit.open(db, path, files, true);
      await audit.add({ ...who, action: 'audit.accept', subject: 'Audit', outcome: 'done', detail: wrong.join('\n') });
    }
    return wrong;
  } finally {
    await db.destroy();
  }
}

export * from './audit.ts';
export type { AuditBreak, AuditState } from './audit-verify.ts';
export type { DeploymentRow } from './changes.ts';
export * from './deployments.ts';
export * from './documents.ts';
export * from './measurements.ts';
export { Proofs, type ProofRow } from './proofs.ts';
export * from './rollouts.ts';
export { StoreError } from './failure.ts';
