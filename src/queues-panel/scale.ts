/** The rates that a bar's length stands for. */
import type { Queue } from './queues.ts';

/** Right end of a scale: the highest ceiling, or the highest rate where no ceiling is known. Never 0. */
export function endOf(queues: ReadonlyArray<Pick<Queue, 'rate' | 'guarantee' | 'ceiling'>>): number {
  return Math.max(
    1,
    ...queues.map(({ rate, guarantee, ceiling }) => Math.max(rate ?? 0, guarantee ?? 0, ceiling ?? 0))
  );
}

/** At most `most` round figures from 0 on, not beyond `end`. */
export function ticks(end: number, most: number): number[] {
  const rough = end / Math.max(1, most - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}

/** In percent of the bar, kept inside it. */
export const percentOf = (value: number, end: number) => Math.max(0, Math.min(100, (value / end) * 100));
