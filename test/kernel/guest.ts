/** The lab's guest: one kept alive for a file of tests, reached through the two shell scripts beside this file. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const BOOT_MS = 60_000;
const LIFE_SECONDS = 900;

export interface Guest {
  /** Command prefix that brings a command into it */
  enter: string[];
  stop(): Promise<void>;
}

/** @param lab the command named by CLEARPATH_LAB. @throws when the guest does not come up, with what it said. */
export async function bootGuest(lab: string): Promise<Guest> {
  const directory = mkdtempSync(join(tmpdir(), 'clearpath-lab-'));
  const child = spawn(lab, ['bash', join(here, 'lab-agent'), directory], {
    env: {
      ...process.env,
      LAB_TIMEOUT: process.env.LAB_TIMEOUT ?? String(LIFE_SECONDS),
      LAB_MEM: process.env.LAB_MEM ?? '512M',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that everything the lab started can be ended with it.
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()));
  const ended = Promise.race([
    once(child, 'exit').then(([status]) => `status ${status}`),
    once(child, 'error').then(([error]) => String(error)),
  ]).then((how) => {
    if (existsSync(directory)) writeFileSync(join(directory, 'dead'), `${how}. ${said.trim()}`);
    return how;
  });
  const stop = async () => {
    if (existsSync(directory)) writeFileSync(join(directory, 'stop'), '');
    await Promise.race([ended, sleep(10_000, undefined, { ref: false }).then(() => killGroup(child))]);
    rmSync(directory, { recursive: true, force: true });
  };
  const limit = performance.now() + BOOT_MS;
  while (!existsSync(join(directory, 'ready'))) {
    if (existsSync(join(directory, 'dead')) || performance.now() > limit) {
      await stop();
      throw new Error(`The lab (${lab}) did not come up: ${said.trim() || 'it said nothing'}`);
    }
    await sleep(20);
  }
  return { enter: [join(here, 'lab-exec'), directory], stop };
}

function killGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}
