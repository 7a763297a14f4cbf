/** store/: everything that outlives the process, in one file of SQLite or one database of PostgreSQL. One schema, by Kysely, kept to what both share. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { Audit } from './audit.ts';
import { Deployments } from './deployments.ts';
import { Documents } from './documents.ts';
import type { MeasurementTables } from './measurement-tables.ts';
import { migrate } from './migrations.ts';
import { addressOf, openPostgres } from './postgres.ts';
import { openSqlite, sqliteError } from './sqlite.ts';
import type { Tables } from './tables.ts';

export interface Store {
  db: Kysely<Tables>;
  /** The same database, as the measuring rooms know it */
  measurements: Kysely<MeasurementTables>;
  documents: Documents;
  deployments: Deployments;
  audit: Audit;
  close: () => Promise<void>;
}

export interface StoreOptions {
  /** postgres://…; by default SQLite in the state folder */
  databaseUrl?: string | undefined;
}

/** @param directory of the state, made with mode 0700 where it is missing. @throws StoreError that names the database. */
export async function openStore(directory: string, { databaseUrl }: StoreOptions = {}): Promise<Store> {
  const file = join(directory, 'clearpath.db');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw sqliteError(file, error);
  }
  const db = databaseUrl ? await openPostgres<Tables>(databaseUrl) : openSqlite<Tables>(file);
  try {
    await migrate(db, databaseUrl ? addressOf(databaseUrl) : file);
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw error;
  }
  return {
    db,
    measurements: db.$pickTables<keyof MeasurementTables>(),
    documents: new Documents(db),
    deployments: new Deployments(db),
    audit: new Audit(db),
    close: () => db.destroy(),
  };
}

export * from './audit.ts';
export * from './deployments.ts';
export * from './documents.ts';
export * from './measurements.ts';
export { StoreError } from './failure.ts';
