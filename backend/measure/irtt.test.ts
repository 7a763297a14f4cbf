import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { IrttProbe, irttCommand, type IrttSpec, type ProbeState } from './irtt.ts';
import type { Received } from './sequence.ts';
import { alive, freePort, irttMissing, startIrttServer, startRelay, until, type Stoppable } from './testing.ts';

const running: Array<{ stop(): Promise<void> }> = [];
afterEach(async () => {
  for (const thing of running.splice(0).reverse()) {
    await thing.stop();
  }
});
const keep = <T extends { stop(): Promise<void> }>(thing: T): T => {
  running.push(thing);
  return thing;
};

const spec = (port: number, over: Partial<IrttSpec> = {}): IrttSpec => ({
  reflector: `127.0.0.1:${port}`,
  dscp: 46,
  intervalUs: 20_000,
  length: 172,
  prefix: [],
  ...over,
});

function start(of: IrttSpec) {
  const packets: Received[] = [];
  const lost: number[] = [];
  const states: ProbeState[] = [];
  const probe = keep(
    new IrttProbe(of, { received: (p) => packets.push(p), lost: (at) => lost.push(at), state: (s) => states.push(s) })
  );
  probe.start();
  return { probe, packets, lost, states };
}

describe('the command', () => {
  it('is an argument vector with the whole ToS byte, behind the prefix, and ends its options before the address', () => {
    expect(irttCommand(spec(2112, { prefix: ['ip', 'netns', 'exec', 'branch'] }))).toEqual([
      'ip', 'netns', 'exec', 'branch', 'irtt', 'client', '-i', '20000us', '-d', '3600000ms', '--wait=500ms', '--dscp=0xb8', '-l', '172', '--', '127.0.0.1:2112',
    ]); // prettier-ignore
  });
});

describe.skipIf(irttMissing)(
  `a probe with a real irtt${irttMissing ? ` (skipped: ${irttMissing})` : ''}`,
  { timeout: 20_000 },
  () => {
    it('delivers packets live, at its rate', async () => {
      const server = keep(await startIrttServer());
      const { probe, packets, lost } = start(spec(server.port));
      await until(() => probe.state.state === 'running', 3_000);
      const before = packets.length;
      await sleep(2_000);
      const rate = (packets.length - before) / 2;
      expect(rate).toBeGreaterThan(30);
      expect(rate).toBeLessThan(65);
      expect(packets.every((p) => p.rttUs > 0 && p.rttUs < 500_000)).toBe(true);
      expect(packets.at(-1)!.jitterUs).not.toBe(null);
      expect(lost).toEqual([]);
    });

    it('counts every tenth packet as lost, and none that comes out of order', async () => {
      const server = keep(await startIrttServer());
      // The first reply answers the handshake; every tenth is lost, every tenth comes 50 ms late.
      const relay = keep(await startRelay(server.port, (n) => (n % 10 === 5 ? 'drop' : n % 10 === 7 ? 50 : 0)));
      const { packets, lost } = start(spec(relay.port));
      await until(() => lost.length >= 15, 15_000);
      const sent = packets.filter((p) => p.sentAt <= lost.at(-1)!).length + lost.length;
      expect(lost.length / sent).toBeGreaterThan(0.085);
      expect(lost.length / sent).toBeLessThan(0.115);
      const slow = packets.filter((p) => p.rttUs > 45_000).length / packets.length;
      expect(slow).toBeGreaterThan(0.08);
      expect(slow).toBeLessThan(0.14);
    });

    it('counts packets as lost by time when nothing comes back at all', async () => {
      const server = keep(await startIrttServer());
      const relay = keep(await startRelay(server.port, () => 0));
      const { packets, lost, probe } = start(spec(relay.port));
      await until(() => packets.length > 20, 3_000);
      relay.change(() => 'drop');
      await until(() => lost.length >= 50, 6_000);
      expect(probe.state.state).toBe('running');
      expect(new Set(lost).size).toBe(lost.length);
    });

    it('goes on by itself when a session ends, and when irtt dies', async () => {
      const server = keep(await startIrttServer());
      const { probe, packets, states } = start(spec(server.port, { sessionMs: 400 }));
      const pids = new Set<number>();
      await until(() => pids.add(probe.pid ?? 0).size > 3, 8_000);
      expect(states.map((s) => s.state)).toEqual(['starting', 'running']);
      await until(() => probe.pid !== null, 2_000);
      process.kill(probe.pid!, 'SIGKILL');
      await until(() => states.some((s) => s.message.includes('irtt ended with SIGKILL')), 2_000);
      const before = packets.length;
      await until(() => probe.state.state === 'running' && packets.length > before + 10, 5_000);
    });

    it('says in irtt’s own words that nobody answers, and recovers when the server is back', async () => {
      const port = await freePort();
      const { probe, packets } = start(spec(port));
      await until(() => probe.state.state === 'unreachable', 3_000);
      expect(probe.state.message).toMatch(
        /^irtt does not reach 127\.0\.0\.1:\d+: .*connection refused\. Nothing is measured until it answers/
      );
      expect(packets).toEqual([]);
      keep(await startIrttServer(port));
      await until(() => probe.state.state === 'running', 5_000);
      expect(probe.state.message).toBe('');
    });

    it('is unreachable, not lossy, when the server goes away in the middle of a session', async () => {
      const server = await startIrttServer();
      const { probe, packets, lost } = start(spec(server.port));
      await until(() => packets.length > 20, 3_000);
      await server.stop();
      await until(() => probe.state.state === 'unreachable', 3_000);
      expect(probe.state.message).toContain('connection refused');
      expect(lost).toEqual([]);
    });

    it('says which part is not installed', async () => {
      const noIrtt = start(spec(1, { command: 'irtt-that-is-not-there' }));
      await until(() => noIrtt.probe.state.state === 'not-installed', 2_000);
      expect(noIrtt.probe.state.message).toBe(
        'irtt-that-is-not-there is not installed. Latency, jitter and loss are not measured; install the package irtt.'
      );
      const noPrefix = start(spec(1, { prefix: ['enter-that-is-not-there', 'x'] }));
      await until(() => noPrefix.probe.state.state === 'not-installed', 2_000);
      expect(noPrefix.probe.state.message).toContain('enter-that-is-not-there is not installed');
    });

    it('repeats what its prefix says', async () => {
      const { probe } = start(
        spec(1, {
          prefix: [
            'sh',
            '-c',
            'echo \'Cannot open network namespace "branch": No such file or directory\' >&2; exit 1',
            'sh',
          ],
        })
      );
      await until(() => probe.state.state === 'unreachable', 2_000);
      expect(probe.state.message).toContain('Cannot open network namespace "branch": No such file or directory');
    });

    it('starts nothing for an address that is none', async () => {
      for (const reflector of ['-o:1', '$(reboot):1', '127.0.0.1', 'a b:1']) {
        const { probe } = start(spec(1, { reflector }));
        expect([probe.state.state, probe.pid]).toEqual(['unreachable', null]);
      }
    });

    it('leaves no irtt behind when it is stopped, also in the middle of connecting', async () => {
      const server = keep(await startIrttServer());
      const silent = createSocket('udp4').bind(0, '127.0.0.1');
      await once(silent, 'listening');
      const connected = start(spec(server.port));
      const connecting = start(spec(silent.address().port));
      await until(() => connected.packets.length > 5, 3_000);
      const pids = [connected.probe.pid!, connecting.probe.pid!];
      expect(pids.every(alive)).toBe(true);
      await Promise.all([connected.probe.stop(), connecting.probe.stop()]);
      expect(pids.some(alive)).toBe(false);
      silent.close();
    });

    it('ends with its reader, also when that is killed', async () => {
      const server: Stoppable = keep(await startIrttServer());
      const script = `
      import { IrttProbe } from ${JSON.stringify(new URL('./irtt.ts', import.meta.url).pathname)};
      const probe = new IrttProbe(${JSON.stringify(spec(server.port))}, { received: () => process.stdout.write(probe.pid + '\\n'), lost: () => {} });
      probe.start();`;
      const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [data] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = Number(data.toString().split('\n')[0]);
      expect(alive(pid)).toBe(true);
      parent.kill('SIGKILL');
      await until(() => !alive(pid), 3_000);
    });

    it('passes every argument as it is, past any shell', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'clearpath-irtt-'));
      const file = join(folder, 'arguments.json');
      const record = `require('node:fs').writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.argv.slice(1)))`;
      const of = spec(2112, {
        prefix: [process.execPath, '-e', record],
        command: `irtt $(touch ${folder}/hacked); "#`,
      });
      const { probe } = start(of);
      await until(() => probe.state.state === 'unreachable', 3_000);
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(irttCommand(of).slice(3));
      expect(readdirSync(folder)).toEqual(['arguments.json']);
      rmSync(folder, { recursive: true });
    });
  }
);
