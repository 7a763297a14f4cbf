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

/** A process that is started and waits for its order. */
export interface Ready {
  run: (order: Order) => Promise<Ending>;
  /** When it is not needed */
  dismiss: () => void;
}

/** @param directory of the state; @param before a command that starts it, e.g. one that takes rights away */
export function prepare(directory: string, before: readonly string[] = []): Ready {
  const [program = '', ...argv] = [...before, process.execPath, ONCE];
  const child = spawn(program, argv, {
    stdio: ['pipe', 'pipe', 'inherit'],
    // A process that is killed writes no cache; one that went before it did.
    env: { ...process.env, NODE_COMPILE_CACHE: join(directory, 'compiled'), NODE_NO_WARNINGS: '1' },
    detached: true,
  });
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  child.stdin.on('error', () => undefined);
  return {
    run: async (order) => {
      child.stdin.end(JSON.stringify(order));
      const [, signal] = await closed;
      return { killed: signal === 'SIGKILL', said: said ? (JSON.parse(said) as Ending['said']) : undefined };
    },
    dismiss: () => void child.kill('SIGKILL'),
  };
}

export const runOnce = (order: Order, before: readonly string[] = []): Promise<Ending> =>
  prepare(order.directory, before).run(order);

/** Compiles what the processes share: half a second less for each of them. */
export const warmUp = (directory: string): Promise<Ending> => runOnce({ directory, namespace: 'cpk-nowhere' });
