import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from './failure.ts';
import { openSqlite } from './sqlite.ts';

type Db = { note: { id: number; text: string | null; body: Uint8Array | null } };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clearpath-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function open(path = join(folder, 'a.db')) {
  const db = openSqlite<Db>(path);
  await sql`create table if not exists note (id integer primary key, text text, body bytea)`.execute(db);
  return db;
}
const pragma = async (db: ReturnType<typeof openSqlite<Db>>, name: string) =>
  Object.values((await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(db)).rows[0]!)[0];

describe('Kysely over node:sqlite', () => {
  it('inserts, returns, counts and keeps blobs', async () => {
    const db = await open();
    const body = new Uint8Array([0, 255, 7]);
    expect(await db.insertInto('note').values({ id: 1, text: 'a', body }).returning(['id', 'text']).execute()).toEqual([
      { id: 1, text: 'a' },
    ]);
    const changed = await db.updateTable('note').set({ text: null }).where('id', '=', 1).executeTakeFirst();
    expect(changed.numUpdatedRows).toBe(1n);
    expect(await db.selectFrom('note').selectAll().execute()).toEqual([{ id: 1, text: null, body }]);
    await db.destroy();
  });
  it('writes ahead, waits for others, and holds foreign keys', async () => {
    const db = await open();
    expect([
      await pragma(db, 'journal_mode'),
      await pragma(db, 'busy_timeout'),
      await pragma(db, 'foreign_keys'),
    ]).toEqual(['wal', 5_000, 1]);
    await db.destroy();
  });
  it('copies the log of many rows into the file once nobody writes any more', async () => {
    const path = join(folder, 'a.db');
    const db = await open(path);
    const fill = (from: number, to: number) =>
      sql`with recursive each(id) as (select ${from} union all select id + 1 from each where id < ${to})
        insert into note select id, ${'x'.repeat(1000)}, null from each`.execute(db);
    await sql`pragma wal_checkpoint(truncate)`.execute(db);
    const empty = statSync(path).size;
    await fill(1, 1_500);
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(statSync(path).size).toBe(empty);
    await fill(1_501, 2_500);
    expect(statSync(path).size).toBe(empty);
    await expect.poll(() => statSync(path).size, { timeout: 5_000 }).toBeGreaterThan(2_500 * 1_000);
    await db.destroy();
  });
  it('rolls a failed transaction back, and lets nobody else’s query into it', async () => {
    const db = await open();
    const failing = db.transaction().execute(async (trx) => {
      await trx.insertInto('note').values({ id: 1, text: 'half', body: null }).execute();
      await new Promise((resolve) => setTimeout(resolve, 30));
      throw new Error('no');
    });
    const beside = db.insertInto('note').values({ id: 2, text: 'whole', body: null }).execute();
    await expect(failing).rejects.toThrow('no');
    await beside;
    expect((await db.selectFrom('note').select('text').execute()).map((r) => r.text)).toEqual(['whole']);
    await db.destroy();
  });
  it('names the file and what to do when the disk is full', async () => {
    const db = await open();
    // SQLite's own limit raises the very error of a full disk.
    await sql`pragma max_page_count = 3`.execute(db);
    const fill = db
      .insertInto('note')
      .values({ id: 9, text: 'x'.repeat(100_000), body: null })
      .execute();
    await expect(fill).rejects.toThrow(
      `The database ${join(folder, 'a.db')} failed: database or disk is full. The disk is full. Nothing was written; free some space.`
    );
    await expect(fill).rejects.toMatchObject({ name: 'StoreError', code: 13 });
    expect(await db.selectFrom('note').selectAll().execute()).toEqual([]);
    await db.destroy();
  });
  it('names the file when it cannot be written to', async () => {
    const db = await open();
    await sql`pragma query_only = 1`.execute(db);
    const write = db.insertInto('note').values({ id: 1, text: null, body: null }).execute();
    await expect(write).rejects.toThrow(join(folder, 'a.db'));
    await expect(write).rejects.toMatchObject({ code: 8 });
    await db.destroy();
  });
  it('names what cannot be opened: a missing folder, a folder, something else than a database', async () => {
    const inside = join(folder, 'missing', 'a.db');
    expect(() => openSqlite(inside)).toThrow(
      `The database ${inside} failed: unable to open database file. It cannot be opened. Check that the folder exists and may be written to.`
    );
    expect(() => openSqlite(folder)).toThrow(StoreError);
    const other = join(folder, 'other.db');
    writeFileSync(other, 'This is no database, only a text that is long enough to be looked at.\n'.repeat(20));
    expect(() => openSqlite(other)).toThrow(
      'It is not an SQLite database. Nothing was written; move it aside or name another file.'
    );
  });
  it.skipIf(process.getuid?.() === 0)(
    'names a file of somebody else (not tested as root, who may write anywhere)',
    async () => {
      const closed = join(folder, 'closed');
      mkdirSync(closed);
      chmodSync(closed, 0o500);
      expect(() => openSqlite(join(closed, 'a.db'))).toThrow(join(closed, 'a.db'));
      expect(existsSync(join(closed, 'a.db'))).toBe(false);
    }
  );
});
