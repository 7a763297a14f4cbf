/** For tests: a real irtt server on loopback, and a relay in front of it that loses, delays and reorders as told. */
import { spawn, spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Why tests with irtt cannot run here, or null. */
export const irttMissing: string | null = spawnSync('irtt', ['version']).error ? 'irtt is not installed' : null;

export type Stoppable = { port: number; stop(): Promise<void> };

export async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

export async function startIrttServer(port?: number): Promise<Stoppable> {
  const at = port ?? (await freePort());
  const child = spawn('irtt', ['server', '-i', '0', '-b', `127.0.0.1:${at}`], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  await until(() => said.includes('ListenerStart'), 5_000);
  return {
    port: at,
    stop: async () => {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** What becomes of the n-th reply: handed on after so many milliseconds, or dropped. */
export type Fate = (n: number) => number | 'drop';

/** Forwards one client's datagrams to the server and its replies back, each as its fate says. */
export async function startRelay(server: number, fate: Fate): Promise<Stoppable & { change(fate: Fate): void }> {
  let current = fate;
  let client: { address: string; port: number } | null = null;
  let n = 0;
  let closed = false;
  const front: Socket = createSocket('udp4').bind(0, '127.0.0.1');
  const back: Socket = createSocket('udp4').bind(0, '127.0.0.1');
  await Promise.all([once(front, 'listening'), once(back, 'listening')]);
  front.on('message', (data, from) => {
    client = from;
    back.send(data, server, '127.0.0.1');
  });
  back.on('message', (data) => {
    const after = current(n++);
    const pass = () => {
      if (!closed && client) {
        front.send(data, client.port, client.address);
      }
    };
    if (after === 0) {
      pass();
    } else if (after !== 'drop') {
      setTimeout(pass, after);
    }
  });
  return {
    port: front.address().port,
    change: (next) => {
      current = next;
    },
    stop: async () => {
      closed = true;
      front.close();
      back.close();
    },
  };
}

export async function until(holds: () => boolean, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) {
      throw new Error(`What was waited for did not come within ${ms} ms.`);
    }
    await sleep(20);
  }
}

/** Whether a process of this id is there and is not a zombie's name. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
