/** A change by a process of its own, which may be killed on its way or have fewer rights. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Order } from './apply-once.ts';

const ONCE = fileURLToPath(new URL('apply-once.ts', import.meta.url));

export interface Ending {
  killed: boolean;
  /** What apply-once printed, when it came to that */
  said: { id?: string; state?: string; code?: string; path?: string; message: string } | undefined;
}

/** @param before a command that starts it, e.g. one that takes rights away */
export async function runOnce(order: Order, before: readonly string[] = []): Promise<Ending> {
  const [program = '', ...argv] = [...before, process.execPath, ONCE, JSON.stringify(order)];
  const child = spawn(program, argv, {
    stdio: ['ignore', 'pipe', 'inherit'],
    // A process that is killed writes no cache; one that went before it did.
    env: { ...process.env, NODE_COMPILE_CACHE: join(order.directory, 'compiled'), NODE_NO_WARNINGS: '1' },
    detached: true,
  });
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { killed: signal === 'SIGKILL', said: said ? (JSON.parse(said) as Ending['said']) : undefined };
}

/** Compiles what the processes share: half a second less for each of them. */
export const warmUp = (directory: string): Promise<Ending> => runOnce({ directory, namespace: 'cpk-nowhere' });
