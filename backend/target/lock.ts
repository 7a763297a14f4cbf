/**
 * One writer per interface, whichever process and state directory it belongs to. The lock is flock(2) on an open file
 * that the running tc inherits: it is free only when this process and the tc it started are both gone.
 */
import { closeSync, lstatSync, mkdirSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { networkIdentity, placeKey, type Place } from './place.ts';
import { run } from './run.ts';

export class Locked extends Error {}

function lockDirectory(): string {
  const user = process.getuid!();
  const directory = user === 0 ? '/run/clearpath' : join(process.env.XDG_RUNTIME_DIR ?? tmpdir(), `clearpath-${user}`);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch {
    // A read-only root file system: the temporary directory is what a container is given to write in.
    const fallback = join(tmpdir(), `clearpath-${user}`);
    mkdirSync(fallback, { recursive: true, mode: 0o700 });
    return fallback;
  }
  const owner = lstatSync(directory);
  if (!owner.isDirectory() || owner.uid !== user) {
    throw new Error(`${directory} belongs to someone else, so no lock in it can be trusted.`);
  }
  return directory;
}

async function take(path: string, waitSeconds: number): Promise<number> {
  const fd = openSync(path, 'a', 0o600);
  // flock on a descriptor locks the open file that this process shares with the child, and outlives the child.
  const result = await run(['flock', ...(waitSeconds > 0 ? ['-w', String(waitSeconds)] : ['-n']), '3'], {
    inherit: fd,
  });
  if (result.status === 0) {
    return fd;
  }
  closeSync(fd);
  throw new Locked('held');
}

/** Runs `work` while holding the interface; @throws Locked when another process changes it right now. */
export async function withLock<T>(
  place: Place,
  device: string,
  work: (lock: number) => Promise<T>,
  waitSeconds = 5
): Promise<T> {
  const path = join(lockDirectory(), `${networkIdentity(place)}-${device}.lock`);
  let fd: number;
  try {
    fd = await take(path, waitSeconds);
  } catch (error) {
    if (!(error instanceof Locked)) {
      throw error;
    }
    throw new Locked(
      `Another Clearpath process is changing ${placeKey(place, device)} right now; nothing was done. Wait for it and try again.`
    );
  }
  try {
    return await work(fd);
  } finally {
    closeSync(fd);
  }
}
