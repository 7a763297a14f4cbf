/**
 * Where Node keeps what it compiled, so that a command starts in half the time. What lies there is run: only a folder that is
 * the caller's own and that nobody else may write is taken. With sudo the home folder may still be the user's, so root has its own.
 */
import { lstatSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** @returns what to add to the environment of a Node that is started; nothing where the caller said something himself */
export function compileCache(env = process.env, uid = process.getuid?.()) {
  if (env.NODE_COMPILE_CACHE !== undefined || env.NODE_DISABLE_COMPILE_CACHE !== undefined) {
    return {};
  }
  const folder = uid === 0 ? '/var/cache/clearpath' : path.join(env.XDG_CACHE_HOME || path.join(env.HOME || homedir(), '.cache'), 'clearpath'); // prettier-ignore
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = lstatSync(folder);
    return found.isDirectory() && found.uid === uid && (found.mode & 0o022) === 0 ? { NODE_COMPILE_CACHE: folder } : {};
  } catch {
    // A read-only or full disk: it starts slower.
    return {};
  }
}
