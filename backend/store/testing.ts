/** For tests: the same claims on every database, and file systems that can be full or read-only. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe } from 'vitest';
import { openStore, type Store, type StoreOptions } from './index.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';
import type { Tables } from './tables.ts';
import { postgresMissing, PostgresServer } from './testing-postgres.ts';

/** A state folder and a database that nobody has written to. */
export interface Home {
  folder: string;
  options: StoreOptions;
  /** Each call is another program on the same database. */
  open: () => Promise<Store>;
  /** The database alone, without tables. */
  tables: () => Promise<Kysely<Tables>>;
  /** Runs this body of `async (store) => …` in another process. @returns what it prints */
  elsewhere: (body: string) => Promise<string>;
  remove: () => void;
}
function home(options: StoreOptions): Home {
  const folder = mkdtempSync(join(tmpdir(), 'clearpath-store-'));
  return {
    folder,
    options,
    open: () => openStore(folder, options),
    tables: async () =>
      options.databaseUrl
        ? openPostgres<Tables>(options.databaseUrl)
        : openSqlite<Tables>(join(folder, 'clearpath.db')),
    elsewhere: async (body) => {
      const text = `import { openStore } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
        const store = await openStore(${JSON.stringify(folder)}, ${JSON.stringify(options)});
        ${body}
        await store.close();`;
      return (await promisify(execFile)(process.execPath, ['--input-type=module', '-e', text])).stdout;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Holds the claims against SQLite and, where it is installed, against a PostgreSQL that is started for them. */
export function onEachDatabase(claims: (newHome: () => Promise<Home>) => void): void {
  describe('on SQLite', () => claims(async () => home({})));
  describe.skipIf(postgresMissing)(`on PostgreSQL${postgresMissing ? ` (${postgresMissing})` : ''}`, () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await PostgresServer.start();
    });
    afterAll(() => server.remove());
    claims(async () => home({ databaseUrl: server.url(await server.database()) }));
  });
}

/** Why a small file system cannot be mounted here, or null. */
export const mountMissing: string | null = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'clearpath-mount-'));
  const tried = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
  if (tried.status === 0) {
    spawnSync('umount', [folder]);
  }
  rmdirSync(folder);
  return tried.status === 0 ? null : 'needs root to mount a small file system';
})();
