/**
 * One writer per interface, whichever process and state directory it belongs to. The lock is flock(2) on open files
 * that the running tc inherits: it is free only when this process and the tc it started are both gone. Who changes many
 * interfaces of a network takes the network instead, which whoever changes one shares with the others who do.
 */
import { closeSync, lstatSync, mkdirSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sideOf } from '../compile/tc/index.ts';
import { networkIdentity, placeKey, type Place } from './place.ts';
import { run, type Running } from './run.ts';
import type { Standby } from './standby.ts';

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

export interface Lock {
  /** Open files that hold it, for the tc that is run under it to keep open as well */
  readonly files: readonly number[];
  /** A tc that already does, and waits for its lines. @returns it once */
  started(): Running | undefined;
}

type Mode = 'shared' | 'exclusive';
const FLAG: Record<Mode, string> = { shared: '-s', exclusive: '-x' };

/** @returns undefined when somebody else has it */
async function take(path: string, mode: Mode, waitSeconds: number): Promise<number | undefined> {
  const fd = openSync(path, 'a', 0o600);
  let taken = false;
  try {
    // flock on a descriptor locks the open file that this process shares with the child, and outlives the child.
    const wait = waitSeconds > 0 ? ['-w', waitSeconds.toFixed(3)] : ['-n'];
    taken = (await run(['flock', FLAG[mode], ...wait, '3'], { inherit: [fd] })).status === 0;
    return taken ? fd : undefined;
  } finally {
    if (!taken) {
      closeSync(fd);
    }
  }
}

/** What is taken, in this order; both sides of an interface have one lock. */
function filesOf(place: Place, sides: readonly string[]): Array<[string, Mode]> {
  const network = join(lockDirectory(), networkIdentity(place));
  return sides.length === 1
    ? [
        [`${network}.lock`, 'shared'],
        [`${network}-${sideOf(sides[0]!).interface}.lock`, 'exclusive'],
      ]
    : [[`${network}.lock`, 'exclusive']];
}

/**
 * Runs `work` while nobody else changes these interfaces; @throws Locked when another process does so right now.
 * @param waitSeconds for all files together, whoever asks for them
 * @param standby what is at hand for those that change many interfaces again and again
 */
export async function withLock<T>(
  place: Place,
  devices: readonly string[],
  work: (lock: Lock) => Promise<T>,
  { waitSeconds = 5, standby }: { waitSeconds?: number; standby?: Standby } = {}
): Promise<T> {
  const held: number[] = [];
  let ready: Running | undefined;
  const started = () => {
    const once = ready;
    ready = undefined;
    return once;
  };
  const files = filesOf(place, devices);
  const ofNetwork = files.length === 1 ? files[0]![0] : undefined;
  const until = performance.now() + 1000 * waitSeconds;
  const left = () => Math.max(0, (until - performance.now()) / 1000);
  try {
    const found = ofNetwork === undefined ? undefined : await standby?.take(place, ofNetwork, waitSeconds);
    if (found) {
      held.push(found.fd);
      ready = found.tc;
    } else {
      for (const [path, mode] of files) {
        const fd = await take(path, mode, left());
        if (fd === undefined) {
          const what = devices.length === 1 ? placeKey(place, devices[0]!) : 'an interface of the same network';
          throw new Locked(
            `Another Clearpath process is changing ${what} right now; nothing was done. Wait for it and try again.`
          );
        }
        held.push(fd);
      }
    }
    return await work({ files: held, started });
  } finally {
    // It holds the lock as well, until it has ended.
    await started()
      ?.end()
      .catch(() => undefined);
    held.forEach((fd) => closeSync(fd));
    if (ofNetwork !== undefined) {
      standby?.prepare(place, ofNetwork);
    }
  }
}
