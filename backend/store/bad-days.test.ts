/** The store on a disk that is full, read-only or damaged: each says which file, and loses nothing. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, StoreError } from './index.ts';
import { mountMissing } from './testing.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clearpath-bad-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (directory: string) => join(directory, 'clearpath.db');
/** @returns what opening said, and makes sure that it was about this file */
async function refused(directory: string): Promise<string> {
  const error: unknown = await openStore(directory).then(
    async (store) => {
      await store.close();
      return new Error('it opened');
    },
    (reason: unknown) => reason
  );
  expect(error).toBeInstanceOf(StoreError);
  expect((error as StoreError).path).toBe(file(directory));
  return (error as StoreError).message;
}

describe('a store that cannot be', () => {
  it('names a folder that is a file', async () => {
    writeFileSync(join(folder, 'state'), '');
    expect(await refused(join(folder, 'state'))).toMatch(/^The database .*state\/clearpath\.db failed: EEXIST/);
  });
  it('names a folder that cannot be made', async () => {
    writeFileSync(join(folder, 'a'), '');
    expect(await refused(join(folder, 'a', 'state'))).toMatch(/failed: ENOTDIR/);
  });
  it('names a file that is something else', async () => {
    writeFileSync(file(folder), 'This is no database, but it is long enough to be looked at.\n'.repeat(30));
    expect(await refused(folder)).toMatch(
      /file is not a database\. It is not an SQLite database\. Nothing was written; move it aside/
    );
  });
  it('names a file that is damaged', async () => {
    const store = await openStore(folder);
    await store.documents.save('main', 'Policy', 'p', 'x'.repeat(50_000), 'ann', null);
    await store.close();
    truncateSync(file(folder), statSync(file(folder)).size - 20_000);
    const damaged = await openStore(folder).then(async (opened) => {
      const said = await opened.documents.head('main', 'Policy', 'p').then(() => 'nothing', String);
      await opened.close();
      return said;
    }, String);
    expect(damaged).toMatch(
      /clearpath\.db failed: database disk image is malformed\. The file is damaged\. Nothing was written; restore it from a backup/
    );
  });
  it('names a file whose beginning was overwritten', async () => {
    await (await openStore(folder)).close();
    const fd = openSync(file(folder), 'r+');
    writeSync(fd, Buffer.alloc(4096, 0xee), 0, 4096, 0);
    closeSync(fd);
    expect(await refused(folder)).toMatch(/It is not an SQLite database|The file is damaged/);
  });
});

const mount = (options: string, at: string) => execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at]);

describe.skipIf(mountMissing)(`a file system of its own${mountMissing ? ` (${mountMissing})` : ''}`, () => {
  let disk: string;
  beforeEach(() => {
    disk = join(folder, 'disk');
    mkdirSync(disk);
  });
  afterEach(() => {
    execFileSync('umount', ['-l', disk]);
  });

  it('that is full from the beginning is named', async () => {
    mount('size=64k', disk);
    expect(await refused(disk)).toMatch(/The disk is full\. Nothing was written; free some space\.$/);
  });
  it('that fills up refuses what is new and keeps what is there', async () => {
    mount('size=1m', disk);
    const store = await openStore(disk);
    await store.documents.save('main', 'Policy', 'p', 'kept', 'ann', null);
    const big = 'y'.repeat(100_000);
    const fill = async () => {
      for (let i = 0; ; i++) {
        await store.documents.save('main', 'Policy', `p${i}`, `${big}${i}`, 'ann', null);
      }
    };
    const full = await fill().catch((error: unknown) => error as StoreError);
    expect(full).toBeInstanceOf(StoreError);
    expect(full.message).toBe(`The database ${file(disk)} failed: database or disk is full. The disk is full. Nothing was written; free some space.`); // prettier-ignore
    expect((await store.documents.head('main', 'Policy', 'p'))?.source).toBe('kept');
    const names = (await store.documents.list('main', 'Policy')).map(({ name }) => name);
    // Space again: the same process goes on, and so does the next.
    execFileSync('mount', ['-o', 'remount,size=4m', disk]);
    expect((await store.documents.save('main', 'Policy', 'p', 'edited', 'ann', undefined)).source).toBe('edited');
    await store.close();
    const next = await openStore(disk);
    expect((await next.documents.list('main', 'Policy')).map(({ name }) => name)).toEqual(names);
    expect((await next.documents.head('main', 'Policy', 'p'))?.source).toBe('edited');
    await next.close();
  });
  it('that is full when the process ends loses nothing either', async () => {
    mount('size=1m', disk);
    const store = await openStore(disk);
    await store.documents.save('main', 'Policy', 'p', 'kept', 'ann', null);
    writeFileSync(join(disk, 'ballast'), '');
    execFileSync('sh', ['-c', 'dd if=/dev/zero of="$0" bs=4k 2>/dev/null || true', join(disk, 'ballast')]);
    await expect(store.documents.save('main', 'Policy', 'p', 'x'.repeat(100_000), 'ann', undefined)).rejects.toThrow(
      /The disk is full/
    );
    await store.close();
    execFileSync('mount', ['-o', 'remount,size=2m', disk]);
    const next = await openStore(disk);
    expect((await next.documents.head('main', 'Policy', 'p'))?.source).toBe('kept');
    await next.close();
  });
  it('that is read-only is named', async () => {
    mount('size=1m', disk);
    await (await openStore(disk)).close();
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    expect(await refused(disk)).toMatch(
      /check its owner, its mode and that the file system is not mounted read-only|cannot be opened/
    );
    expect(await refused(join(disk, 'deeper'))).toMatch(/deeper\/clearpath\.db failed: E/);
  });
});
