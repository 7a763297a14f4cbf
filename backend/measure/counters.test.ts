import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classSample, CounterTrack, counterStep, type ClassCounters } from './counters.ts';

const counters = (over: Partial<ClassCounters> = {}): ClassCounters => ({
  classid: '1:10', bytes: 0, packets: 0, drops: 0, overlimits: 0, backlogBytes: 0, backlogPackets: 0, ...over,
}); // prettier-ignore
const of = { silentSeconds: 0, at: 0, binding: 'b', trafficClass: 'voice', guarantee: 1, ceiling: 2 };

describe('class counters', () => {
  it('become rates between two readings, by the time that passed', () => {
    const step = counterStep(
      { at: 0, counters: counters({ bytes: 1_000, packets: 1 }) },
      { at: 2_000, counters: counters({ bytes: 251_000, packets: 501, drops: 3 }) }
    )!;
    expect(step).toMatchObject({ bits: 2_000_000, ms: 2_000, packets: 500, drops: 3, demand: true });
    expect(classSample(step, of)).toMatchObject({ rate: 1_000_000, packetRate: 250, drops: 3, dropsTotal: 3 });
  });
  it('need a reading before them', () => {
    expect(counterStep(null, { at: 1_000, counters: counters({ bytes: 9 }) })).toBe(null);
  });
  it('count from zero after the tree was made anew', () => {
    const step = counterStep(
      { at: 0, counters: counters({ bytes: 1e9, packets: 1e6 }) },
      { at: 1_000, counters: counters({ bytes: 500, packets: 2 }) }
    );
    expect(step).toMatchObject({ bytes: 500, packets: 2 });
  });
  it('of several rules begin at zero for the rule that was replaced alone', () => {
    const none = { bytes: 0, packets: 0, drops: 0, overlimits: 0 };
    const reading = (sent: number, dropped: number): ClassCounters => ({
      ...counters({ bytes: 1000 * sent, packets: sent, drops: dropped }),
      parts: { end: { ...none, bytes: 1000 * sent, packets: sent }, bucket: { ...none, drops: dropped } },
    });
    const step = (sent: number, dropped: number) =>
      counterStep({ at: 0, counters: reading(500, 90) }, { at: 1_000, counters: reading(sent, dropped) });
    expect(step(510, 7)).toMatchObject({ packets: 10, bytes: 10_000, drops: 7 });
    expect(step(4, 95)).toMatchObject({ packets: 4, bytes: 4_000, drops: 5 });
  });
  it('are silent for as long as packets wait and none is sent, and no longer once one is', () => {
    const track = new CounterTrack();
    const read = (at: number, packets: number, backlogPackets: number) => {
      track.read(at, counters({ packets, backlogPackets }));
      return track.silentMs;
    };
    expect([read(0, 5, 3), read(1_000, 5, 9), read(2_500, 5, 9), read(3_500, 6, 9), read(4_500, 6, 9)]).toEqual([
      0, 1_000, 2_500, 0, 1_000,
    ]);
    // An idle class waits for nobody.
    expect([read(5_500, 6, 0), read(6_500, 6, 0)]).toEqual([0, 0]);
    read(7_500, 6, 1);
    track.read(8_500, null);
    expect(track.silentMs).toBe(0);
  });
  it('are a demand with backlog or drops, not with mere traffic', () => {
    const demand = (over: Partial<ClassCounters>) =>
      counterStep({ at: 0, counters: counters() }, { at: 1_000, counters: counters(over) })!.demand;
    expect([
      demand({ bytes: 5_000 }),
      demand({ drops: 1 }),
      demand({ backlogPackets: 1 }),
      demand({ backlogBytes: 1 }),
    ]).toEqual([false, true, true, true]);
  });
  it('never make a negative rate, whatever the kernel says next', () => {
    const any = fc.record({ bytes: fc.nat(), packets: fc.nat(), drops: fc.nat(), overlimits: fc.nat() });
    fc.assert(
      fc.property(fc.array(any, { minLength: 2 }), (readings) => {
        const track = new CounterTrack();
        const steps = readings.flatMap((r, i) => track.read(i * 1_000, counters(r)) ?? []);
        expect(steps).toHaveLength(readings.length - 1);
        expect(steps.every((s) => s.bytes >= 0 && s.packets >= 0 && s.drops >= 0 && s.overlimits >= 0)).toBe(true);
      })
    );
  });
  it('start from a new base when the class was away, and keep a quarter of an hour', () => {
    const track = new CounterTrack();
    track.read(0, counters());
    track.read(1_000, counters({ bytes: 10 }));
    track.read(2_000, null);
    expect(track.read(3_000, counters({ bytes: 1_000_000 }))).toBe(null);
    for (let i = 0; i < 1_000; i++) {
      track.read(4_000 + i * 1_000, counters({ bytes: 1_000_000 + i }));
    }
    expect(track.window(-Infinity, Infinity)).toHaveLength(900);
    expect(track.watchedFrom).toBe(0);
    expect(track.window(1_001_000, 1_003_000).map((s) => s.at)).toEqual([1_002_000, 1_003_000]);
  });
});
