/** The demo network on this machine's kernel: needs root or user namespaces, and irtt and iperf3. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { identify, isRunning } from '../scripts/lib/processes.mjs';
import { findProgram } from '../scripts/lib/programs.mjs';
import { attempt } from './command.ts';
import { ADDRESSES, Demo, namespacesOf, type DemoNetwork } from './index.ts';
import { Notebook } from './leftovers.ts';
import { obtainPrivilege } from './privilege.ts';

async function whyNot(): Promise<string | null> {
  const missing = ['ip', 'tc', 'irtt', 'iperf3'].filter((name) => findProgram(name) === null);
  if (missing.length > 0) {
    return `${missing.join(', ')} not installed`;
  }
  try {
    await (await obtainPrivilege()).release();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const reason = await whyNot();
const prefix = `cpt${process.pid}`;

/** P95 of voice's round trip in milliseconds, over `seconds`. */
async function voice(demo: Demo, seconds: number): Promise<number> {
  const argv = [
    'irtt',
    'client',
    '--dscp=0xb8',
    '-i',
    '20ms',
    '-l',
    '172',
    '-d',
    `${seconds}s`,
    '-Q',
    '-o',
    '-',
    ADDRESSES.dc.v4,
  ];
  const { stdout } = await demo.exec('branch', argv);
  const { round_trips: trips } = JSON.parse(stdout) as {
    round_trips: Array<{ lost: string; delay: { rtt?: number } }>;
  };
  const times = trips.flatMap(({ lost, delay }) =>
    lost === 'false' && delay.rtt !== undefined ? [delay.rtt / 1e6] : []
  );
  expect(times.length).toBeGreaterThan(seconds * 40);
  return times.sort((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1] ?? Number.NaN;
}

async function namespacesNow(demo: { enter: string[] }): Promise<string[]> {
  return (await attempt([...demo.enter, 'ip', 'netns', 'list'])).stdout
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');
}

describe.skipIf(reason !== null)(
  `the demo network on this kernel${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    let demo: Demo | null = null;
    afterEach(async () => {
      await demo?.stop();
      demo = null;
    });

    it(
      'delays voice while bulk floods the provider, and no longer once the flood is off',
      { timeout: 40_000 },
      async () => {
        const notes: string[] = [];
        demo = await Demo.start({ prefix, note: (text) => notes.push(text) });
        await sleep(1000);
        const idle = await voice(demo, 2);
        await demo.flood(true);
        await sleep(3000);
        const flooded = await voice(demo, 2);
        await demo.flood(false);
        await sleep(1500);
        const after = await voice(demo, 2);
        expect(
          { idle: idle < 10, flooded: flooded > 40, after: after < 10, notes },
          `${idle} / ${flooded} / ${after} ms`
        ).toEqual({
          idle: true,
          flooded: true,
          after: true,
          notes: [],
        });
      }
    );

    it('carries packets no larger than the MTU, as a real uplink does', { timeout: 20_000 }, async () => {
      demo = await Demo.start({ prefix, flood: true });
      await sleep(2000);
      const { stdout } = await demo.exec('provider', ['tc', '-s', 'qdisc', 'show', 'dev', 'dc0']);
      const [, bytes, packets] = /Sent (\d+) bytes (\d+) pkt/.exec(stdout) ?? [];
      expect(Number(packets)).toBeGreaterThan(100);
      expect(Number(bytes) / Number(packets)).toBeLessThanOrEqual(1514);
    });

    it('reaches the data centre over IPv6 as well', { timeout: 20_000 }, async () => {
      demo = await Demo.start({ prefix });
      const answer = await demo.exec('branch', [
        'irtt',
        'client',
        '-d',
        '200ms',
        '-i',
        '20ms',
        '-Q',
        '-o',
        '-',
        `[${ADDRESSES.dc.v6}]`,
      ]);
      expect(answer.code, answer.stderr).toBe(0);
    });

    it('leaves no namespace and no process behind', { timeout: 20_000 }, async () => {
      demo = await Demo.start({ prefix, flood: true });
      const processes = new Notebook(prefix).read()?.processes ?? [];
      expect(processes.length).toBeGreaterThan(5);
      await demo.stop();
      expect(processes.filter(isRunning)).toEqual([]);
      expect(new Notebook(prefix).read()).toBeNull();
      if (demo.as === 'root') {
        expect((await namespacesNow(demo)).filter((name) => name.startsWith(prefix))).toEqual([]);
      }
    });

    it('starts a generator again that dies', { timeout: 20_000 }, async () => {
      demo = await Demo.start({ prefix });
      await sleep(1000);
      const before = new Notebook(prefix).read()?.processes ?? [];
      const victim = before.at(-1);
      process.kill(victim?.pid ?? 0, 'SIGKILL');
      await sleep(2000);
      const after = new Notebook(prefix).read()?.processes ?? [];
      expect(after).toHaveLength(before.length);
      expect(after.map(({ pid }) => pid)).not.toContain(victim?.pid);
      expect(after.every(isRunning)).toBe(true);
    });

    it('refuses a prefix that runs already, and takes over what a crash left', { timeout: 40_000 }, async () => {
      const main = fileURLToPath(new URL('main.ts', import.meta.url));
      const child = spawn(process.execPath, [main, '--json', '--prefix', prefix], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
      const { event, network } = JSON.parse(line) as { event: string; network: DemoNetwork };
      expect(event).toBe('ready');
      expect(network.namespaces).toEqual(namespacesOf(prefix));
      await expect(Demo.start({ prefix })).rejects.toThrow(/runs already/);

      const left = new Notebook(prefix).read()?.processes ?? [];
      child.kill('SIGKILL');
      await once(child, 'exit');
      const notes: string[] = [];
      demo = await Demo.start({ prefix, note: (text) => notes.push(text) });
      expect(notes.join()).toMatch(/did not end cleanly/);
      expect(left.filter(isRunning)).toEqual([]);
    });

    it('never ends a stranger who got the pid of a process it had', async () => {
      const stranger = spawn('sleep', ['60']);
      const pid = stranger.pid ?? 0;
      const notebook = new Notebook(prefix);
      notebook.write([pid]);
      const note = notebook.read();
      writeFileSync(
        notebook.file,
        JSON.stringify({
          owner: { pid: 1, start: 'gone' },
          processes: [{ pid, start: `${note?.processes[0]?.start}0` }],
        })
      );
      expect(await notebook.endLeftovers()).toBe(0);
      expect(identify(pid)).not.toBeNull();
      notebook.erase();
      stranger.kill('SIGKILL');
    });
  }
);
