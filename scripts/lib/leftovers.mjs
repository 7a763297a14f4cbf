/** What `npm start` has running, written down while it runs: the next start ends what a crash left behind. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { endGroup, groupOf, identify, isRunning } from './processes.mjs';

const run = promisify(execFile);

/** @returns the note of folder `home`: who runs here, and what they started. */
export function runNote(home) {
  const file = path.join(home, 'run.json');
  const note = { owner: identify(process.pid), services: {}, containers: [], url: null };

  const read = () => {
    try {
      return JSON.parse(readFileSync(file, 'utf8'));
    } catch {
      return null;
    }
  };
  let claimed = false;
  const write = () => {
    claimed = true;
    mkdirSync(home, { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(note), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };

  return {
    /** Of another start that is alive: `{ pid, url }`; null when there is none. */
    running() {
      const other = read();
      return other?.owner && isRunning(other.owner) ? { pid: other.owner.pid, url: other.url } : null;
    },
    /** End what an earlier start left; returns the names. */
    async endLeftovers() {
      const other = read();
      const left = Object.entries(other?.services ?? {}).filter(([, leader]) => groupOf(leader).length > 0);
      await Promise.all(left.map(([, leader]) => endGroup(leader, 5000)));
      for (const name of other?.containers ?? []) {
        await run('docker', ['rm', '--force', name]).catch(() => undefined);
      }
      return left.map(([name]) => name);
    },
    claim: write,
    service(name, identity) {
      note.services[name] = identity;
      write();
    },
    container(name) {
      note.containers = [name];
      write();
    },
    address(url) {
      note.url = url;
      write();
    },
    /** Ours only: a start that was refused leaves the note of the one that runs. */
    erase: () => claimed && rmSync(file, { force: true }),
  };
}
