import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ClassSample, ComplianceRow, Violation } from '../api/contract.ts';
import {
  createMeasurementTables,
  measurementSink,
  readCounterMinutes,
  readViolations,
  readWindows,
  type MeasurementTables,
} from '../store/measurements.ts';
import { openSqlite } from '../store/sqlite.ts';
import type { MonitoredClass } from './class-watch.ts';
import type { ClassCounters, CounterSource } from './counters.ts';
import { Monitor, type MonitorOptions } from './monitor.ts';
import { alive, irttMissing, startIrttServer, startRelay, until } from './testing.ts';

const running: Array<() => Promise<unknown> | void> = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) {
    await stop();
  }
});

async function store() {
  const folder = mkdtempSync(join(tmpdir(), 'clearpath-monitor-'));
  const db = openSqlite<MeasurementTables>(join(folder, 'clearpath.db'));
  running.push(async () => {
    await db.destroy();
    rmSync(folder, { recursive: true });
  });
  await createMeasurementTables(db);
  return db;
}

async function network() {
  const server = await startIrttServer();
  const relay = await startRelay(server.port, () => 0);
  running.push(() => server.stop(), () => relay.stop()); // prettier-ignore
  return relay;
}

async function monitor(options: MonitorOptions) {
  const made = new Monitor({ judgeEveryMs: 250, countEveryMs: 100, ...options });
  running.push(() => made.stop());
  await made.start();
  return made;
}

const voice = (over: Partial<MonitoredClass>): MonitoredClass => ({
  tenant: 'acme', binding: 'branch-wan', policy: 'branch-edge', site: 'branch', service: 'branch-edge', trafficClass: 'voice', direction: 'egress', interface: 'wan0',
  classid: '1:10', strict: true, guarantee: 1_900_000, ceiling: 1_900_000, objective: { latency: { p95: 20_000 }, window: 3_000_000 }, reflector: null, dscp: 46,
  prefix: [], ...over,
}); // prettier-ignore

const first = (rows: ComplianceRow[], objective = 'latency.p95') => rows.find((r) => r.objective === objective);

describe.skipIf(irttMissing)(
  `the engine with a real irtt${irttMissing ? ` (skipped: ${irttMissing})` : ''}`,
  { timeout: 40_000 },
  () => {
    it('turns violated within seconds of congestion, never compliant before a full window, and files one violation with its worst figure', async () => {
      const db = await store();
      const relay = await network();
      const engine = await monitor({ sink: measurementSink(db) });
      const verdicts: Array<{ at: number; row: ComplianceRow }> = [];
      const violations: Array<[string, Violation]> = [];
      engine.on('verdicts', (rows, tenant) => {
        expect(tenant).toBe('acme');
        verdicts.push({ at: performance.now(), row: first(rows)! });
      });
      engine.on('violations', (violation, _, kind) => violations.push([kind, violation]));
      const began = performance.now();
      engine.setDeployment('acme', 'branch-wan', '01ARZ3NDEKTSV4RRFFQ69G5FAV');
      engine.update([voice({ reflector: `127.0.0.1:${relay.port}` })]);

      await until(() => verdicts.some(({ row }) => row.verdict === 'compliant'), 20_000);
      expect(verdicts.find(({ row }) => row.verdict === 'compliant')!.at - began).toBeGreaterThan(3_000);
      expect(new Set(verdicts.map(({ row }) => row.verdict))).toEqual(
        new Set(['no-data', 'insufficient', 'compliant'].filter((v) => verdicts.some(({ row }) => row.verdict === v)))
      );

      relay.change(() => 60);
      const congested = performance.now();
      await until(() => violations.length > 0, 4_000);
      // Eight samples above the threshold settle a P95 of three seconds; a judgement comes every quarter of a second here.
      expect(performance.now() - congested).toBeLessThan(2_000);
      const row = first(engine.rows('acme'))!;
      expect(row).toMatchObject({
        verdict: 'violated',
        threshold: 20_000,
        unit: 'us',
        severity: 'critical',
        deployment: '01ARZ3NDEKTSV4RRFFQ69G5FAV',
      });
      expect(ComplianceRow.parse(row)).toEqual(row);
      expect(Violation.parse(violations[0]![1])).toEqual(violations[0]![1]);
      await sleep(1_500);
      expect(engine.openViolations('acme')).toHaveLength(1);

      relay.change(() => 0);
      await until(() => violations.at(-1)![0] === 'closed', 15_000);
      expect(violations.filter(([kind]) => kind === 'opened')).toHaveLength(1);
      expect(violations.at(-1)![1].worst).toBeGreaterThan(60_000);
      expect(first(engine.rows('acme'))!.trend.length).toBeGreaterThan(10);

      await engine.stop();
      const stored = await readViolations(db, { tenant: 'acme' });
      expect(stored).toEqual([violations.at(-1)![1]]);
      const windows = await readWindows(db, { tenant: 'acme', from: 0, to: Number.MAX_SAFE_INTEGER });
      expect(
        windows.every((w) => w.expected === 3_000 && w.trafficClass === 'voice' && w.deployments.length === 1)
      ).toBe(true);
      const received = windows.reduce((sum, w) => sum + w.received, 0);
      expect(received).toBeGreaterThan(200);
      expect(windows.reduce((sum, w) => sum + w.rtt.count, 0)).toBe(received);
      expect(Math.max(...windows.map((w) => w.rtt.max))).toBeGreaterThan(60_000);
    });

    it('starts and stops only what changed, and leaves no process behind', async () => {
      const relay = await network();
      const engine = await monitor({});
      const reflector = `127.0.0.1:${relay.port}`;
      const pids = () => engine.probes('acme').map((p) => p.pid);
      const video = voice({ trafficClass: 'video', strict: false, dscp: 34, reflector });
      engine.update([voice({ reflector }), video]);
      await until(() => engine.probes('acme').every((p) => p.state === 'running'), 4_000);
      const [voicePid, videoPid] = pids();

      engine.update([
        voice({ reflector, objective: { latency: { p95: 30_000, p99: 40_000 }, loss: 1 } }),
        { ...video, dscp: 36 },
      ]);
      await until(() => engine.probes('acme').every((p) => p.state === 'running' && p.pid !== null), 4_000);
      expect(pids()[0]).toBe(voicePid);
      expect(pids()[1]).not.toBe(videoPid);
      await until(() => !alive(videoPid!), 3_000);
      await until(() => engine.rows('acme').length === 4, 2_000);
      expect(engine.rows('acme').map((r) => [r.trafficClass, r.objective, r.severity])).toEqual([
        ['voice', 'latency.p95', 'critical'],
        ['voice', 'latency.p99', 'critical'],
        ['voice', 'loss', 'critical'],
        ['video', 'latency.p95', 'warning'],
      ]);

      const all = pids();
      engine.update([voice({ reflector })]);
      await until(() => !alive(all[1]!), 3_000);
      expect(alive(all[0]!)).toBe(true);
      await engine.stop();
      expect(all.some((pid) => alive(pid!))).toBe(false);
    });

    it('takes up a violation that was open when it was killed, and closes it when the path is good again', async () => {
      const db = await store();
      const relay = await network();
      const sink = measurementSink(db);
      const open: Violation = {
      id: '01ARZ3NDEKTSV4RRFFQ69G5FAV', binding: 'branch-wan', site: 'branch', service: 'branch-edge', trafficClass: 'voice', objective: 'latency.p95', label: 'Latency P95',
      unit: 'us', threshold: 20_000, worst: 143_000, startedAt: 1_000, endedAt: null, severity: 'critical', deployment: null,
    }; // prettier-ignore
      await sink.saveViolations([{ tenant: 'acme', violation: open }]);
      const engine = await monitor({ sink });
      // Until it is told what exists, nothing is closed as gone.
      await sleep(600);
      expect(engine.openViolations('acme')).toHaveLength(1);
      engine.update([voice({ reflector: `127.0.0.1:${relay.port}` })]);
      await until(() => engine.openViolations('acme').length === 0, 15_000);
      await engine.stop();
      expect(await readViolations(db, { tenant: 'acme' })).toMatchObject([
        { id: open.id, worst: 143_000, endedAt: expect.any(Number) },
      ]);
    });
  }
);

describe('the engine', { timeout: 20_000 }, () => {
  it('shows what is not measured, and what cannot be, with the reason', async () => {
    const engine = await monitor({ irtt: 'irtt-that-is-not-there' });
    const objective = { latency: { p95: 20_000 }, availability: 99.9, throughput: 80 };
    engine.update([
      voice({ objective, reflector: '127.0.0.1:9' }),
      voice({ binding: 'lab', objective: { jitter: { p95: 5_000 } } }),
    ]);
    await until(() => engine.rows('acme').length === 4, 3_000);
    await sleep(300);
    const reasons = engine.rows('acme').map((r) => [r.binding, r.objective, r.verdict, r.reason]);
    expect(reasons).toEqual([
      [
        'branch-wan',
        'latency.p95',
        'no-data',
        'No replies in the last minute. irtt-that-is-not-there is not installed. Latency, jitter and loss are not measured; install the package irtt.',
      ],
      ['branch-wan', 'throughput', 'no-data', 'No counters of this class in the last minute.'],
      [
        'branch-wan',
        'availability',
        'not-measured',
        'Availability is not measured yet: it needs a definition of "down" over weeks, not a minute.',
      ],
      ['lab', 'jitter.p95', 'not-measured', expect.stringContaining('names no reflector')],
    ]);
    expect(engine.rows('acme', 'lab')).toHaveLength(1);
    expect(engine.rows('other')).toEqual([]);
  });

  /** A kernel that sends 7 Mbit/s in the class for ever, with a queue. */
  function kernel(classid: string): { source: CounterSource; fail(message: string | null): void } {
    const began = performance.now();
    let failure: string | null = null;
    const source: CounterSource = async ({ interface: device }) => {
      if (failure) {
        throw new Error(failure);
      }
      const bytes = Math.round(((performance.now() - began) / 1_000) * (7e6 / 8));
      const counters: ClassCounters = {
        classid,
        bytes,
        packets: Math.round(bytes / 1_000),
        drops: 5,
        overlimits: 0,
        backlogBytes: 3_000,
        backlogPackets: 2,
      };
      return { classes: device === 'wan0' ? [counters] : [] };
    };
    return { source, fail: (message) => (failure = message) };
  }

  it('reads counters into samples, judges throughput by them and stores their sums', async () => {
    const db = await store();
    const { source, fail } = kernel('1:10');
    const engine = await monitor({ readCounters: source, sink: measurementSink(db) });
    const events: ClassSample[] = [];
    engine.on('counters', (event, tenant) => {
      expect([event.binding, tenant]).toEqual(['branch-wan', 'acme']);
      // One time for all classes of a reading: charts add up what has the same time.
      expect(event.classes.every(({ at }) => at === event.at)).toBe(true);
      events.push(...event.classes);
    });
    const objective = { throughput: 80, window: 2_000_000 };
    const bulk = voice({ trafficClass: 'bulk', guarantee: 10e6, ceiling: 20e6, objective });
    engine.update([bulk, voice({ binding: 'lab', interface: 'lab0', objective })]);
    await until(() => first(engine.rows('acme'), 'throughput')?.verdict === 'violated', 6_000);
    expect(first(engine.rows('acme'), 'throughput')!.value).toBeCloseTo(70, 0);
    expect(first(engine.rows('acme', 'lab'), 'throughput')!.reason).toContain(
      'the tree that was applied is no longer there'
    );
    expect(events.length).toBeGreaterThan(10);
    expect(ClassSample.parse(events.at(-1))).toEqual(events.at(-1));
    expect(events.at(-1)!.rate / 7e6).toBeCloseTo(1, 1);
    expect(engine.counters('acme', 'branch-wan')[0]!.samples.length).toBe(events.length);

    // A changed guarantee is judged over a window of its own.
    engine.update([{ ...bulk, guarantee: 5e6 }]);
    await until(() => first(engine.rows('acme'), 'throughput')?.verdict !== 'violated', 2_000);
    expect(first(engine.rows('acme'), 'throughput')!.verdict).not.toBe('compliant');
    await until(() => first(engine.rows('acme'), 'throughput')?.verdict === 'compliant', 6_000);

    fail('tc: Operation not permitted');
    await until(() => first(engine.rows('acme'), 'throughput')?.verdict === 'no-data', 6_000);
    expect(first(engine.rows('acme'), 'throughput')!.reason).toContain(
      'The counters could not be read: tc: Operation not permitted'
    );
    await engine.stop();
    const minutes = await readCounterMinutes(db, { tenant: 'acme', from: 0, to: Number.MAX_SAFE_INTEGER });
    expect(minutes.reduce((sum, m) => sum + m.readings, 0)).toBe(events.length);
    expect(minutes[0]).toMatchObject({ trafficClass: 'bulk', maxBacklogBytes: 3_000 });
  });

  it('keeps what cannot be stored, says so once, and stores it when that is possible again', async () => {
    const db = await store();
    const sink = measurementSink(db);
    let full = true;
    const refuse = async () =>
      Promise.reject(new Error('The database /var/lib/clearpath/clearpath.db failed: database or disk is full.'));
    const engine = await monitor({
      readCounters: kernel('1:10').source,
      sink: {
        ...sink,
        saveMinutes: (m) => (full ? refuse() : sink.saveMinutes(m)),
        saveViolations: (v) => (full ? refuse() : sink.saveViolations(v)),
      },
    });
    const troubles: Array<string | null> = [];
    engine.on('trouble', (message) => troubles.push(message));
    engine.update([
      voice({ trafficClass: 'bulk', guarantee: 10e6, ceiling: 20e6, objective: { throughput: 80, window: 1_000_000 } }),
    ]);
    await until(() => engine.openViolations('acme').length === 1, 5_000);
    await until(() => troubles.length > 0, 3_000);
    expect(troubles).toEqual([
      'Measurements are not being stored: The database /var/lib/clearpath/clearpath.db failed: database or disk is full. They are kept in memory for an hour and stored when that is possible again.',
    ]);
    await sleep(600);
    expect(troubles).toHaveLength(1);
    full = false;
    await until(() => engine.trouble === null, 3_000);
    expect(troubles.at(-1)).toBe(null);
    expect(await readViolations(db, { tenant: 'acme', open: true })).toHaveLength(1);
    await engine.stop();
    expect(
      (await readCounterMinutes(db, { tenant: 'acme', from: 0, to: Number.MAX_SAFE_INTEGER }))[0]!.readings
    ).toBeGreaterThan(5);
  });

  it('judges on through a wall clock that is set back, and stores both times', async () => {
    const db = await store();
    const engine = await monitor({ readCounters: kernel('1:10').source, sink: measurementSink(db) });
    engine.update([voice({ guarantee: 5e6, ceiling: 20e6, objective: { throughput: 80, window: 1_000_000 } })]);
    const verdict = () => first(engine.rows('acme'), 'throughput')?.verdict;
    await until(() => verdict() === 'compliant', 5_000);
    const real = Date.now;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => real() - 3_600_000);
    running.push(() => clock.mockRestore());
    for (let i = 0; i < 8; i++) {
      await sleep(200);
      expect(verdict()).toBe('compliant');
    }
    await engine.stop();
    const minutes = await readCounterMinutes(db, { tenant: 'acme', from: 0, to: Number.MAX_SAFE_INTEGER });
    expect(minutes.at(-1)!.start - minutes[0]!.start).toBeGreaterThanOrEqual(3_540_000);
    expect(minutes.every((m) => m.readings > 0 && m.bytes > 0)).toBe(true);
  });

  it('tells tenants apart, also where their bindings have one name', async () => {
    const engine = await monitor({ readCounters: kernel('1:10').source });
    const seen = new Map<string, Set<string>>();
    engine.on('verdicts', (rows, tenant) =>
      seen.set(tenant, new Set([...(seen.get(tenant) ?? []), ...rows.map((r) => r.site)]))
    );
    const objective = { throughput: 80 };
    engine.update([voice({ objective, site: 'of-acme' }), voice({ objective, tenant: 'globex', site: 'of-globex' })]);
    engine.setDeployment('acme', 'branch-wan', 'D-ACME');
    await until(() => seen.size === 2, 3_000);
    expect([...seen].map(([tenant, sites]) => [tenant, [...sites]])).toEqual([
      ['acme', ['of-acme']],
      ['globex', ['of-globex']],
    ]);
    expect([engine.rows('acme')[0]!.deployment, engine.rows('globex')[0]!.deployment]).toEqual(['D-ACME', null]);
  });
});
