import { describe, expect, it } from 'vitest';
import { resolve, type ResolvedClass } from '../../policy/resolve.ts';
import type { TrafficClass } from '../../policy/schema.ts';
import { CompileError } from './compile-error.ts';
import { leafQueue } from './queue.ts';
import { BARE, FULL } from './testing.ts';

const leaf = (spec: Partial<TrafficClass>, bandwidth = 100e6): ResolvedClass =>
  resolve('p', { classes: [{ name: 'a', default: true, ...spec }] }, bandwidth).classes[0]!;
const queue = (spec: Partial<TrafficClass>, bandwidth?: number, capabilities = FULL) =>
  leafQueue(leaf(spec, bandwidth), '1:10', '10:', capabilities);
const NO_FQ = { ...FULL, qdiscs: ['htb', 'sfq', 'pfifo', 'bfifo'] };

describe('the queue of a leaf', () => {
  it('is fq_codel, else sfq, else pfifo, by what the kernel has', () => {
    expect([FULL, NO_FQ, BARE].map((capabilities) => queue({}, undefined, capabilities).qdisc.kind)).toEqual([
      'fq_codel',
      'sfq',
      'pfifo',
    ]);
    expect(queue({}).why).toMatch(/^fq_codel keeps the queue short and flows apart; target 5 ms for priority 3/);
    expect(queue({}, undefined, BARE).why).toMatch(/^pfifo: the best queue this kernel has; 826 packets/);
  });
  it('has the handle of its class', () => {
    expect(queue({}).qdisc).toMatchObject({ handle: '10:', parent: '1:10' });
  });
  it('is what the policy asks for, and refused where the kernel has not got it', () => {
    expect(queue({ queue: { algorithm: 'pfifo' } }).qdisc.kind).toBe('pfifo');
    expect(() => queue({ queue: { algorithm: 'sfq' } }, undefined, BARE)).toThrow(
      new CompileError(
        'spec.classes[0].queue.algorithm',
        '"a" asks for sfq, which this kernel (Linux 6.18) does not have. Use queue.algorithm: auto, or load its module.'
      )
    );
  });
});

describe('the times of fq_codel', () => {
  const times = (spec: Partial<TrafficClass>, bandwidth?: number) => {
    const { target, interval } = queue(spec, bandwidth).qdisc.options;
    return [target, interval];
  };
  it('are tighter for what matters more', () => {
    expect(times({ strict: true, guarantee: { kind: 'absolute', bits: 50e6 } })).toEqual([2000, 100_000]);
    expect([6, 5, 4, 0].map((priority) => times({ priority })[0])).toEqual([3000, 3000, 5000, 5000]);
  });
  it('are at a low rate at least the time of one and a half full frames, and an interval that fits it', () => {
    // 1.5 × 1514 × 8 bits at 1 Mbit/s
    expect(times({}, 1e6)).toEqual([18_168, 113_168]);
    expect(times({ priority: 6 }, 5e6)).toEqual([3634, 100_000]);
    expect(times({}, 3.6336e6)).toEqual([5000, 100_000]);
    expect(times({}, 64e3)[0]).toBe(283_875);
  });
  it('follow the guarantee, at which the queue drains when everything is full, and not a changed ceiling', () => {
    const with1 = (bits: number) =>
      times({ guarantee: { kind: 'absolute', bits: 1e6 }, ceiling: { kind: 'absolute', bits } });
    expect(with1(2e6)).toEqual([18_168, 113_168]);
    expect(with1(50e6)).toEqual(with1(2e6));
  });
  it('are those of the policy where it names them', () => {
    expect(times({ queue: { target: 7000, interval: 80_000 } }, 1e6)).toEqual([7000, 80_000]);
    expect(times({ queue: { target: 7000 } }, 1e6)).toEqual([7000, 102_000]);
  });
});

describe('sizes', () => {
  it('of fq_codel are at least its defaults, and hold four targets at the ceiling', () => {
    expect(queue({}).qdisc.options).toMatchObject({
      limit: 10_240,
      memory_limit: 32 * 1024 ** 2,
      flows: 1024,
      quantum: 1514,
      ecn: true,
    });
    const fast = queue({}, 100e9).qdisc.options;
    expect(fast.limit).toBeGreaterThanOrEqual((4 * 0.005 * 100e9) / 8 / 1514);
    expect(fast.memory_limit).toBeGreaterThanOrEqual((4 * 0.005 * 100e9) / 8);
  });
  it('are those of the policy where it names them', () => {
    const asked = { limit: { packets: 99 }, flows: 16, quantum: 300, ecn: false, memory: 1_000_000 };
    expect(queue({ queue: asked }).qdisc.options).toMatchObject({
      limit: 99,
      flows: 16,
      quantum: 300,
      ecn: false,
      memory_limit: 1_000_000,
    });
    expect(queue({ queue: { limit: { bytes: 65_536 } } }).qdisc.options).toMatchObject({
      limit: 10_240,
      memory_limit: 65_536,
    });
    expect(queue({ queue: { algorithm: 'pfifo', limit: { bytes: 32_768 } } }).qdisc).toMatchObject({
      kind: 'bfifo',
      options: { limit: 32_768 },
    });
    expect(queue({ queue: { algorithm: 'pfifo', limit: { packets: 7 } } }).qdisc.options).toEqual({ limit: 7 });
  });
  it('of pfifo hold a tenth of a second of full frames, within reason', () => {
    const packets = (bandwidth: number) => queue({}, bandwidth, BARE).qdisc.options.limit;
    expect([64e3, 10e6, 1e9].map(packets)).toEqual([64, 83, 1000]);
  });
  it('of sfq name the flows that it keeps, and no more packets than it holds', () => {
    const sfq = (packets?: number) =>
      queue({ queue: packets === undefined ? {} : { limit: { packets } } }, undefined, NO_FQ);
    expect(sfq().qdisc.options).toEqual({ limit: 127, flows: 127, quantum: 1514, perturb: 10 });
    expect(sfq(300).qdisc.options).toMatchObject({ limit: 300, flows: 128 });
    expect(sfq(20_000).qdisc.options.limit).toBe(16_256);
    expect(sfq(20_000).why).toMatch(/16256 packets shared fairly between flows, the most it holds$/);
  });
  it('that the chosen queue does not have are noted, never ignored in silence', () => {
    const asked = { queue: { target: 5000, ecn: true, limit: { bytes: 1000 } } };
    expect(queue(asked).notes).toEqual([]);
    expect(queue(asked, undefined, NO_FQ).notes).toEqual([
      'a: limit, target, ecn of the queue has no effect on this kernel, since sfq has no such figure.',
    ]);
    expect(queue(asked, undefined, BARE).notes).toEqual([
      'a: target, ecn of the queue has no effect on this kernel, since pfifo has no such figure.',
    ]);
  });
  it('that the kernel would change are refused at their place', () => {
    expect(() => queue({ queue: { quantum: 100 } })).toThrow(
      new CompileError(
        'spec.classes[0].queue.quantum',
        '"a" asks for a quantum of 100 B; fq_codel takes 256 B to 1048576 B.'
      )
    );
  });
});
