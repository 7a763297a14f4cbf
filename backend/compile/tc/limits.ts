/**
 * Figures that tc refuses, or that the kernel takes and changes silently, so that the read-back would differ: refused
 * here, at their place in the policy. Measured on Linux 7.2 with iproute2 6.1.
 */
import { formatDuration, formatRate } from '../../policy/quantities.ts';
import type { ResolvedClass } from '../../policy/resolve.ts';
import { CompileError } from './compile-error.ts';
import { MTU_FRAME } from './frame.ts';

interface Range {
  from: number;
  to: number;
}
const U32 = 2 ** 32 - 1;
const packets = (from: number, to: number = U32): Range => ({ from, to });

/** By queue, then by figure; `packets` and `bytes` are the two ways to write a limit. */
const RANGES: Readonly<
  Record<string, Partial<Record<'packets' | 'bytes' | 'quantum' | 'target' | 'interval' | 'memory', Range>>>
> = {
  fq_codel: {
    packets: packets(1),
    bytes: { from: 1, to: 2 ** 31 },
    quantum: { from: 256, to: 2 ** 20 },
    target: { from: 2, to: U32 },
    interval: { from: 2, to: U32 },
    memory: { from: 1, to: 2 ** 31 },
  },
  sfq: { packets: packets(2), quantum: { from: 256, to: 2 ** 20 } },
  codel: { packets: packets(1), target: { from: 2, to: U32 }, interval: { from: 2, to: U32 } },
  pfifo: { packets: packets(1), bytes: { from: 1, to: U32 } },
  bfifo: { packets: { from: 1, to: Math.floor(U32 / MTU_FRAME) }, bytes: { from: 1, to: U32 } },
  cake: { interval: { from: 1, to: U32 }, memory: { from: 1, to: 2 ** 31 } },
};

/** @throws CompileError for a figure of the queue that its kind does not hold */
export function checkQueue({ name, source, queue }: ResolvedClass, algorithm: string): void {
  const { limit } = queue;
  const figures = {
    packets: limit && 'packets' in limit ? limit.packets : undefined,
    bytes: limit && 'bytes' in limit ? limit.bytes : undefined,
    quantum: queue.quantum,
    target: queue.target,
    interval: queue.interval,
    memory: queue.memory,
  };
  for (const [figure, value] of Object.entries(figures)) {
    const range = RANGES[algorithm]?.[figure as keyof typeof figures];
    if (value === undefined || !range || (range.from <= value && value <= range.to)) {
      continue;
    }
    const key = figure === 'packets' || figure === 'bytes' ? 'limit' : figure;
    const unit = (amount: number) =>
      key === 'target' || key === 'interval'
        ? formatDuration(amount)
        : `${amount} ${figure === 'packets' ? 'packets' : 'B'}`;
    throw new CompileError(
      `${source}.queue.${key}`,
      `"${name}" asks for a ${key} of ${unit(value)}; ${algorithm} takes ${unit(range.from)} to ${unit(range.to)}.`
    );
  }
}

/** tc counts rates in whole bytes, and a full frame at less than this would be longer than tc can count (see below). */
const LEAST_RATE = 1000;
/** A burst is kept as time at the rate, in 32 bits of 64 ns. */
const LONGEST_BURST_SECONDS = 274;

/** @throws CompileError for a rate or a burst that the kernel cannot keep */
export function checkRates({ name, source, ceiling, burst }: ResolvedClass, rate: number): void {
  if (ceiling < LEAST_RATE) {
    throw new CompileError(
      source,
      `"${name}" may send ${formatRate(ceiling)}, which is less than this kernel shapes to: ${formatRate(LEAST_RATE)}.`
    );
  }
  if (burst === undefined) {
    return;
  }
  const most = Math.min(U32, Math.floor((rate / 8) * LONGEST_BURST_SECONDS));
  if (burst < 1 || burst > most) {
    throw new CompileError(
      `${source}.burst`,
      `"${name}" asks for a burst of ${burst} B; at ${formatRate(rate)} the kernel takes 1 to ${most} B.`
    );
  }
}

/** @throws CompileError for a link that is slower than the kernel shapes to */
export function checkBandwidth(bandwidth: number): void {
  if (bandwidth < LEAST_RATE) {
    throw new CompileError(
      'spec.bandwidth',
      `A link of ${formatRate(bandwidth)} is less than this kernel shapes to: ${formatRate(LEAST_RATE)}.`
    );
  }
}
