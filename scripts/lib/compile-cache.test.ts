import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compileCache } from '../../backend/compile-cache.mjs';

const asRoot = process.getuid!() === 0;
/** Somebody who is not root; root's tests give what they make to him. */
const user = asRoot ? 12_345 : process.getuid!();
const home = mkdtempSync(path.join(tmpdir(), 'clearpath-cache-'));
afterAll(() => rmSync(home, { recursive: true }));

let count = 0;
/** The folder that the cache of a user would be, made before, and what is then said of it. */
function cacheIn(make: (folder: string) => void): { folder: string; taken: object } {
  const parent = path.join(home, `home${++count}`);
  const folder = path.join(parent, 'clearpath');
  mkdirSync(parent);
  make(folder);
  return { folder, taken: compileCache({ XDG_CACHE_HOME: parent }, user) };
}
function own(folder: string, mode = 0o700): void {
  mkdirSync(folder);
  chmodSync(folder, mode);
  if (asRoot) chownSync(folder, user, user);
}

describe('what Node compiled', () => {
  it('is kept in a folder of the user', () => {
    const { folder, taken } = cacheIn(own);
    expect(taken).toEqual({ NODE_COMPILE_CACHE: folder });
  });
  it('is kept where nobody else may write', () => {
    const { folder } = cacheIn(() => undefined);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });
  it('is never taken from a folder that others may write', () => {
    expect(cacheIn((folder) => own(folder, 0o770)).taken).toEqual({});
    expect(cacheIn((folder) => own(folder, 0o707)).taken).toEqual({});
  });
  it('is never taken from behind a link', () => {
    const linked = cacheIn((folder) => {
      own(`${folder}-elsewhere`);
      symlinkSync(`${folder}-elsewhere`, folder);
    });
    expect([lstatSync(linked.folder).isSymbolicLink(), linked.taken]).toEqual([true, {}]);
  });
  it('is never taken from a folder of somebody else', () => {
    const { folder } = cacheIn(own);
    expect(compileCache({ XDG_CACHE_HOME: path.dirname(folder) }, user + 1)).toEqual({});
  });
  it.runIf(asRoot)('of root is not in a home folder, which with sudo is the user’s', () => {
    expect(compileCache({ HOME: home, XDG_CACHE_HOME: home }, 0)).toEqual({
      NODE_COMPILE_CACHE: '/var/cache/clearpath',
    });
  });
  it('goes where the caller says', () => {
    expect(compileCache({ NODE_COMPILE_CACHE: '/x' }, user)).toEqual({});
    expect(compileCache({ NODE_DISABLE_COMPILE_CACHE: '1' }, user)).toEqual({});
  });
});
