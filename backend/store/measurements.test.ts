import type { Kysely } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sketchPercentile } from '../sla/sketch.ts';
import type { Violation } from '../sla/violations.ts';
import { emptyCounterMinute, emptyWindow, type CounterMinute, type MeasurementWindow } from '../sla/window.ts';
import {
  deleteMeasurementsBefore, mergeMinutes, openViolations, readCounterMinutes, readViolations, readWindows, saveViolations,
  type MeasurementTables,
} from './measurements.ts'; // prettier-ignore
import type { Store } from './index.ts';
import { onEachDatabase, type Home } from './testing.ts';

onEachDatabase((newHome) => {
  let home: Home;
  let store: Store;
  let db: Kysely<MeasurementTables>;
  beforeEach(async () => {
    home = await newHome();
    store = await home.open();
    db = store.measurements;
  });
  afterEach(async () => {
    await store.close();
    home.remove();
  });

  const MINUTE = 60_000;
  const key = { tenant: 'acme', binding: 'wan', trafficClass: 'voice', direction: 'egress' as const };
  const window = (minute: number, rtts: number[], over: Partial<MeasurementWindow> = {}): MeasurementWindow => {
    const made = emptyWindow({ ...key, probe: 'irtt r:1', start: minute * MINUTE, ...over }, 3_000);
    rtts.forEach((v) => made.rtt.accept(v));
    return { ...made, sent: rtts.length + 1, received: rtts.length, ...over };
  };
  const counters = (minute: number, over: Partial<CounterMinute> = {}): CounterMinute => ({
  ...emptyCounterMinute({ ...key, start: minute * MINUTE }), readings: 60, coveredMs: 60_000, bytes: 2 ** 40, packets: 10, drops: 1, ...over,
}); // prettier-ignore
  const all = { tenant: 'acme', from: 0, to: Number.MAX_SAFE_INTEGER };

  describe('stored minutes', () => {
    it('come back as they were, sketches and all', async () => {
      await mergeMinutes(db, {
        windows: [window(1, [0, 5_000, 20_000], { deployments: ['D1'] })],
        counters: [counters(1)],
      });
      const [read] = await readWindows(db, all);
      expect(read).toMatchObject({
        ...key,
        probe: 'irtt r:1',
        start: MINUTE,
        schema: 1,
        sent: 4,
        received: 3,
        expected: 3_000,
        deployments: ['D1'],
      });
      expect([read!.rtt.min, read!.rtt.max, read!.jitter.count]).toEqual([0, 20_000, 0]);
      expect(await readCounterMinutes(db, all)).toEqual([counters(1)]);
      const row = await db.selectFrom('windows').select(['rtt_min', 'rtt_max', 'accuracy_ppm']).executeTakeFirst();
      expect(row).toEqual({ rtt_min: 0, rtt_max: 20_000, accuracy_ppm: 10_000 });
    });
    it('merge with what a restart left of the same minute, instead of overwriting it', async () => {
      await mergeMinutes(db, { windows: [window(1, Array(100).fill(1_000))], counters: [counters(1)] });
      await mergeMinutes(db, {
        windows: [window(1, Array(300).fill(9_000), { deployments: ['D2'] })],
        counters: [counters(1)],
      });
      const [read, ...others] = await readWindows(db, all);
      expect(others).toEqual([]);
      expect(read).toMatchObject({ sent: 402, received: 400, expected: 3_000, deployments: ['D2'] });
      expect(sketchPercentile(read!.rtt, 10)! / 1_000).toBeCloseTo(1, 1);
      expect(sketchPercentile(read!.rtt, 50)! / 9_000).toBeCloseTo(1, 1);
      expect(await readCounterMinutes(db, all)).toMatchObject([{ readings: 120, bytes: 2 ** 41, drops: 2 }]);
    });
    it('are written all or none', async () => {
      const broken = { ...counters(2), binding: null } as unknown as CounterMinute;
      await expect(mergeMinutes(db, { windows: [window(2, [1])], counters: [broken] })).rejects.toThrow(/not.null/i);
      expect(await readWindows(db, all)).toEqual([]);
    });
    it('are read by tenant, binding, class and time, in order, and only in the version that is understood', async () => {
      const windows = [
        window(3, [1]),
        window(1, [1]),
        window(2, [1]),
        window(2, [1], { tenant: 'globex' }),
        window(2, [1], { binding: 'lan' }),
        window(2, [1], { trafficClass: 'video' }),
        window(4, [1], { schema: 99 }),
      ];
      await mergeMinutes(db, { windows, counters: [] });
      const read = await readWindows(db, {
        tenant: 'acme',
        binding: 'wan',
        trafficClass: 'voice',
        from: MINUTE,
        to: 3 * MINUTE,
      });
      expect(read.map((w) => w.start / MINUTE)).toEqual([1, 2]);
      expect((await readWindows(db, all)).map((w) => `${w.binding}/${w.trafficClass}/${w.start / MINUTE}`)).toEqual([
        'lan/voice/2',
        'wan/video/2',
        'wan/voice/1',
        'wan/voice/2',
        'wan/voice/3',
      ]);
      expect(await readWindows(db, { ...all, tenant: 'nobody' })).toEqual([]);
    });
  });

  const violation = (id: string, startedAt: number, endedAt: number | null, over: Partial<Violation> = {}): Violation => ({
  id, binding: 'wan', site: 'branch', service: 's', trafficClass: 'voice', objective: 'loss', label: 'Loss', unit: 'percent', threshold: 0.1, worst: 2.5,
  startedAt, endedAt, severity: 'critical', deployment: null, ...over,
}); // prettier-ignore
  const of = (v: Violation, tenant = 'acme') => ({ tenant, violation: v });
  const ids = (list: Violation[]) => list.map((v) => v.id);

  describe('stored violations', () => {
    it('are brought up to date, not repeated', async () => {
      await saveViolations(db, [of(violation('A', 10, null))]);
      await saveViolations(db, [of(violation('A', 10, 50, { worst: 7.25 }))]);
      expect(await readViolations(db, { tenant: 'acme' })).toEqual([violation('A', 10, 50, { worst: 7.25 })]);
    });
    it('are read open, by overlap with a time, by binding, newest first, and of one tenant', async () => {
      await saveViolations(db, [
        of(violation('A', 10, 20)),
        of(violation('B', 15, null)),
        of(violation('C', 30, 40, { binding: 'lan' })),
        of(violation('X', 12, null), 'globex'),
      ]);
      expect(ids(await readViolations(db, { tenant: 'acme' }))).toEqual(['C', 'B', 'A']);
      expect(ids(await readViolations(db, { tenant: 'acme', open: true }))).toEqual(['B']);
      expect(ids(await readViolations(db, { tenant: 'acme', from: 21, to: 29 }))).toEqual(['B']);
      expect(ids(await readViolations(db, { tenant: 'acme', from: 20, to: 30, binding: 'lan' }))).toEqual(['C']);
      expect(ids(await readViolations(db, { tenant: 'acme', limit: 1 }))).toEqual(['C']);
      expect((await openViolations(db)).map((o) => [o.tenant, o.violation.id])).toEqual([
        ['globex', 'X'],
        ['acme', 'B'],
      ]);
    });
  });

  describe('retention', () => {
    it('deletes old minutes and ended violations, and keeps what is open', async () => {
      await mergeMinutes(db, { windows: [window(1, [1]), window(9, [1])], counters: [counters(1), counters(9)] });
      await saveViolations(db, [
        of(violation('A', 1, 2)),
        of(violation('B', 1, null)),
        of(violation('C', 1, 9 * MINUTE)),
      ]);
      expect(await deleteMeasurementsBefore(db, 5 * MINUTE)).toBe(3);
      expect((await readWindows(db, all)).map((w) => w.start)).toEqual([9 * MINUTE]);
      expect((await readCounterMinutes(db, all)).map((m) => m.start)).toEqual([9 * MINUTE]);
      expect(ids(await readViolations(db, { tenant: 'acme' })).sort()).toEqual(['B', 'C']);
    });
  });
});
