/** PostgreSQL on bad days: each says which server, and what was not done. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openStore, StoreError, type Store } from './index.ts';
import { openPostgres } from './postgres.ts';
import { PASSWORD, postgresMissing, PostgresServer } from './testing-postgres.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clearpath-postgres-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @returns what was said; the password is never in it, wherever one looks */
async function refused(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => new Error('it went on'),
    (reason: unknown) => reason
  );
  expect(error).toBeInstanceOf(StoreError);
  const { message, stack, path } = error as StoreError;
  expect([message, stack, path, JSON.stringify(error)].join()).not.toContain(PASSWORD);
  return message;
}
const open = (databaseUrl: string) => openStore(folder, { databaseUrl }).then((store) => store.close());

describe('an address that is none', () => {
  it.each([`mysql://ann:${PASSWORD}@db/clearpath`, `postgres://ann:${PASSWORD}@db:port/clearpath`, PASSWORD])(
    'is refused without repeating it',
    async (url) => {
      expect(await refused(open(url))).toBe(
        'The database named by DATABASE_URL failed: this is not an address of PostgreSQL. Nothing was done; write postgres://user:password@host:5432/database, or leave DATABASE_URL out for SQLite in the state folder.'
      );
    }
  );
});

describe.skipIf(postgresMissing)(`a server${postgresMissing ? ` (${postgresMissing})` : ''}`, () => {
  let server: PostgresServer;
  let name: string;
  let store: Store;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.remove());
  beforeEach(async () => {
    name = await server.database();
    store = await openStore(folder, { databaseUrl: server.url(name) });
  });
  afterEach(() => store.close());
  const address = () => `postgres://clearpath@127.0.0.1:${server.port}/${name}`;
  const save = (source: string) => store.documents.save('main', 'Policy', 'p', source, 'ann', undefined);
  const source = async () => (await store.documents.head('main', 'Policy', 'p'))?.source;

  it('that is not there is named', async () => {
    expect(await refused(open(server.url(name, { port: 1 })))).toBe(
      `The database postgres://clearpath@127.0.0.1:1/${name} failed: connect ECONNREFUSED 127.0.0.1:1. No server answers there. Nothing was done; start it, or correct DATABASE_URL.`
    );
    expect(await refused(open(`postgres://clearpath:${encodeURIComponent(PASSWORD)}@host.invalid/${name}`))).toMatch(
      /host\.invalid.* No server answers there/
    );
  });
  it('that refuses the password says so', async () => {
    expect(await refused(open(server.url(name, { password: `${PASSWORD}!` })))).toMatch(
      /password authentication failed for user "clearpath"\. It does not let this user in\. Nothing was done; correct the user and the password/
    );
  });
  it('without the database says how to make it', async () => {
    expect(await refused(open(server.url('absent')))).toMatch(
      /database "absent" does not exist\. There is no such database\. Nothing was done; make it, e\.g\. with createdb/
    );
  });
  it('that is too old is refused before anything is written', async () => {
    expect(await refused(openPostgres(server.url(name), 99))).toMatch(
      /failed: it is PostgreSQL \d\d\. PostgreSQL 99 or later is needed\. Nothing was done; update the server/
    );
  });
  it('that gives no right to make tables says which is missing', async () => {
    await server.query(name, `create role guest login password 'guest-word'`);
    const guest = openStore(folder, { databaseUrl: server.url(name, { user: 'guest', password: 'guest-word' }) });
    expect(await refused(guest)).toMatch(/permission denied.*This user may not do that\. Nothing was written/);
  });
  it('that takes no writing says so', async () => {
    await server.query(name, `alter database ${name} set default_transaction_read_only = on`);
    await server.query(name, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and pid <> pg_backend_pid()`); // prettier-ignore
    await save('x').catch(() => undefined);
    expect(await refused(save('a'))).toMatch(/read-only transaction\. It takes no writing, as a standby does/);
  });
  it('that a newer version has written to is left as it is', async () => {
    await server.query(name, 'update schema_version set version = 1000');
    expect(await refused(open(server.url(name)))).toMatch(
      new RegExp(`^The database ${address()} failed: a newer version of Clearpath has written it \\(tables 1000, known here \\d+\\)\\. Nothing was changed; use that version\\.$`) // prettier-ignore
    );
  });
  it('is reached by its Unix socket as well', async () => {
    const url = `postgres://clearpath:${encodeURIComponent(PASSWORD)}@/${name}?host=${server.folder}&port=${server.port}`;
    const other = await openStore(folder, { databaseUrl: url });
    await save('a');
    expect((await other.documents.head('main', 'Policy', 'p'))?.source).toBe('a');
    await other.close();
  });
  it('that ends a session in the middle of a transaction has written nothing of it, and the next call works', async () => {
    await save('kept');
    const said = await refused(
      store.documents.save('main', 'Policy', 'p', 'half', 'ann', undefined, async (transaction) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
        await server.query(name, `select pg_terminate_backend(${rows[0]!.pid})`);
        await sql`select 1`.execute(transaction);
      })
    );
    expect(said).toMatch(
      /The connection was lost\. Nothing of this was written; it is opened again with the next call\.$/
    );
    expect(await source()).toBe('kept');
    expect((await save('next')).source).toBe('next');
  });
  it('that dies says so, and is used again when it is back', async () => {
    await save('kept');
    await server.stop('SIGQUIT');
    try {
      // The first call finds the connection lost, the next finds nobody.
      await refused(save('lost'));
      expect(await refused(save('lost'))).toMatch(/ECONNREFUSED.*No server answers there\. Nothing was done/);
    } finally {
      await server.resume();
    }
    expect(await source()).toBe('kept');
    expect((await save('again')).source).toBe('again');
  });
  it('where another program holds the lock for too long says so, and nothing was written', async () => {
    await save('kept');
    const held = server.query(
      name,
      `begin; select pg_advisory_xact_lock(${0x636c7071}, 3); select pg_sleep(6); commit`
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await refused(save('late'))).toMatch(/lock timeout\. Another program has held it for too long\. Nothing was written; try again\.$/); // prettier-ignore
    await held;
    expect(await source()).toBe('kept');
  });
  it('is taken from empty to this version’s tables by several programs at once', async () => {
    const empty = server.url(await server.database());
    const stores = await Promise.all(Array.from({ length: 6 }, () => openStore(folder, { databaseUrl: empty })));
    await stores[0]!.documents.save('main', 'Policy', 'p', 'a', 'ann', null);
    expect((await stores[5]!.documents.list('main', 'Policy')).map(({ source: text }) => text)).toEqual(['a']);
    await Promise.all(stores.map((each) => each.close()));
  });
});
