import { describe, expect, it } from 'vitest';
import { counterStep } from './counters.ts';
import { MinuteWindows, type ProbeKey } from './windows.ts';

const key: ProbeKey = { tenant: 't', binding: 'b', trafficClass: 'voice', direction: 'egress', probe: 'irtt r:1' };
const packet = (rttUs: number) => ({ sentAt: 0, rttUs, ipdvUs: 7, jitterUs: 3 });
const MINUTE = 60_000;

describe('minutes', () => {
  it('are taken out whole, when their last packets are back or given up', () => {
    const minutes = new MinuteWindows();
    minutes.received(key, 59_999, 3_000, 'D1', packet(5_000));
    minutes.lost(key, 30_000, 3_000, 'D2');
    minutes.received(key, 60_000, 3_000, null, packet(9_000));
    expect(minutes.take(MINUTE + 4_999).windows).toEqual([]);
    const [first, ...others] = minutes.take(MINUTE + 5_000).windows;
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      start: 0,
      sent: 2,
      received: 1,
      expected: 3_000,
      deployments: ['D1', 'D2'],
      schema: 1,
    });
    expect([first!.rtt.max, first!.jitter.max, first!.ipdv.max]).toEqual([5_000, 3, 7]);
    expect(minutes.takeAll().windows.map((w) => [w.start, w.received])).toEqual([[MINUTE, 1]]);
  });
  it('are kept also when the probe measured nothing, so that its silence is on record', () => {
    const minutes = new MinuteWindows();
    minutes.expect(key, 5_000, 3_000, null);
    expect(minutes.takeAll().windows[0]).toMatchObject({ sent: 0, received: 0, expected: 3_000 });
  });
  it('survive a clock that is set back: the minute ahead is complete, the earlier one goes on', () => {
    const minutes = new MinuteWindows();
    minutes.received(key, 100 * MINUTE, 3_000, null, packet(1));
    minutes.received(key, 10 * MINUTE, 3_000, null, packet(2));
    expect(minutes.take(10 * MINUTE + 1_000).windows.map((w) => w.start)).toEqual([100 * MINUTE]);
    expect(minutes.take(12 * MINUTE).windows.map((w) => w.start)).toEqual([10 * MINUTE]);
  });
  it('survive a clock that is set forward', () => {
    const minutes = new MinuteWindows();
    minutes.received(key, 10 * MINUTE, 3_000, null, packet(1));
    minutes.received(key, 500 * MINUTE, 3_000, null, packet(2));
    expect(minutes.take(500 * MINUTE + 1_000).windows.map((w) => w.start)).toEqual([10 * MINUTE]);
  });
  it('sum counters apart from probes', () => {
    const minutes = new MinuteWindows();
    const counters = (bytes: number) => ({
      classid: '1:1',
      bytes,
      packets: 1,
      drops: 0,
      overlimits: 2,
      backlogBytes: bytes / 10,
      backlogPackets: 1,
    });
    const step = (from: number, to: number) =>
      counterStep({ at: 0, counters: counters(from) }, { at: 1_000, counters: counters(to) })!;
    const { probe: _, ...counterKey } = key;
    minutes.counted(counterKey, 1_000, step(0, 100), null);
    minutes.counted(counterKey, 2_000, step(100, 300), 'D1');
    const { windows, counters: taken } = minutes.takeAll();
    expect(windows).toEqual([]);
    expect(taken).toMatchObject([
      { start: 0, readings: 2, coveredMs: 2_000, bytes: 300, demand: 2, maxBacklogBytes: 30, deployments: ['D1'] },
    ]);
  });
  it('are merged with what came since when they could not be stored, and held for an hour', () => {
    const minutes = new MinuteWindows();
    minutes.received(key, 0, 3_000, null, packet(1));
    const failed = minutes.takeAll();
    minutes.received(key, 1_000, 3_000, null, packet(2));
    expect(minutes.giveBack(failed)).toBe(0);
    for (let i = 1; i <= 60; i++) {
      minutes.received(key, i * MINUTE, 3_000, null, packet(3));
    }
    expect(minutes.giveBack({ windows: [], counters: [] })).toBe(1);
    const kept = minutes.takeAll().windows;
    expect(kept).toHaveLength(60);
    expect(Math.min(...kept.map((w) => w.start))).toBe(MINUTE);
  });
});
