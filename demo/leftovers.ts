/**
 * What has to be taken away again, written down before it exists: a demo that crashed is cleaned up by the next one.
 *
 * As root the namespaces are the machine's, so the note lies in /run, where every checkout sees it; for anybody else
 * namespaces are private and the note lies in a folder of their own.
 */
import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { endProcess, identify, isRunning, type ProcessIdentity } from '../scripts/lib/processes.mjs';
import { attempt } from './command.ts';
import { SITES, type Namespaces } from './topology.ts';

export interface Note {
  owner: ProcessIdentity;
  processes: ProcessIdentity[];
}

/** A demo with this prefix runs already. */
export class AlreadyRunning extends Error {
  override name = 'AlreadyRunning';
}

function folder(): string {
  const uid = process.getuid?.() ?? 0;
  const place = uid === 0 ? '/run/clearpath-demo' : path.join(os.tmpdir(), `clearpath-demo-${uid}`);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const { uid: owner } = statSync(place);
  if (owner !== uid) {
    throw new Error(
      `${place} belongs to another user (uid ${owner}). The demo was not started. Remove that folder and start again.`
    );
  }
  return place;
}

export class Notebook {
  readonly file: string;
  #prefix: string;

  constructor(prefix: string, place = folder()) {
    this.#prefix = prefix;
    this.file = path.join(place, `${prefix}.json`);
  }

  read(): Note | null {
    try {
      return JSON.parse(readFileSync(this.file, 'utf8')) as Note;
    } catch {
      return null;
    }
  }

  write(pids: number[]): void {
    const owner = identify(process.pid);
    if (owner !== null) {
      const note: Note = { owner, processes: pids.map(identify).filter((each) => each !== null) };
      // Renamed into place: a crash while writing must not lose the older note.
      writeFileSync(`${this.file}.new`, JSON.stringify(note), { mode: 0o600 });
      renameSync(`${this.file}.new`, this.file);
    }
  }

  /** End what a crash left running. Throws when the demo that wrote the note is alive. */
  async endLeftovers(): Promise<number> {
    const note = this.read();
    if (note === null) {
      return 0;
    }
    if (isRunning(note.owner)) {
      throw new AlreadyRunning(
        `A demo with the prefix "${this.#prefix}" runs already (process ${note.owner.pid}). Nothing was changed. Stop it, or start this one with another --prefix.`
      );
    }
    const left = note.processes.filter(isRunning);
    await Promise.all(left.map((each) => endProcess(each, 1000)));
    return left.length;
  }

  erase(): void {
    rmSync(this.file, { force: true });
    try {
      rmdirSync(path.dirname(this.file));
    } catch {
      // Another prefix has its note there.
    }
  }
}

/** Programs of ours that a killed sidecar or demo may have left inside a namespace. */
const OURS = new Set(['irtt', 'iperf3', 'tc']);

function programName(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Remove the namespaces of this prefix that exist, and our own programs inside them. Returns the names removed. */
export async function removeNamespaces(enter: string[], namespaces: Namespaces): Promise<string[]> {
  const { stdout } = await attempt([...enter, 'ip', 'netns', 'list']);
  const existing = new Set(stdout.split('\n').map((line) => line.split(' ')[0]));
  const removed = SITES.map((site) => namespaces[site]).filter((name) => existing.has(name));
  for (const name of removed) {
    const inside = await attempt([...enter, 'ip', 'netns', 'pids', name]);
    const ours = inside.stdout
      .split('\n')
      .map(Number)
      .filter((pid) => pid > 0 && OURS.has(programName(pid)));
    await Promise.all(
      ours
        .map(identify)
        .filter((each) => each !== null)
        .map((each) => endProcess(each, 500))
    );
  }
  for (const name of removed) {
    await attempt([...enter, 'ip', 'netns', 'del', name]);
  }
  return removed;
}
