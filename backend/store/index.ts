/** store/: everything that outlives the process, in one file of SQLite. One schema, by Kysely, kept to what PostgreSQL shares. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { Audit } from './audit.ts';
import { Deployments } from './deployments.ts';
import { Documents } from './documents.ts';
import type { MeasurementTables } from './measurement-tables.ts';
import { openSqlite, StoreError } from './sqlite.ts';
import { createTables, type Tables } from './tables.ts';

export interface Store {
  db: Kysely<Tables>;
  /** The same database, as the measuring rooms know it */
  measurements: Kysely<MeasurementTables>;
  documents: Documents;
  deployments: Deployments;
  audit: Audit;
  close: () => Promise<void>;
}

/** @param directory for the database, made with mode 0700 where it is missing. @throws StoreError with the path in it. */
export async function openStore(directory: string): Promise<Store> {
  const path = join(directory, 'clearpath.db');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreError(path, error);
  }
  const db = openSqlite<Tables>(path);
  try {
    await createTables(db);
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
export { StoreError } from './sqlite.ts';
