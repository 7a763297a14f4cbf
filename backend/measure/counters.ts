/** Class counters of tc, read once a second, as rates. What the kernel counts starts anew with a new tree, and a reading may come late or not at all. */
import type { ClassSample } from '../api/contract.ts';
import type { CounterSecond } from '../sla/throughput.ts';

/** One class as tc counts it, totals since the class was made. */
export type ClassCounters = {
  classid: string;
  bytes: number;
  packets: number;
  drops: number;
  overlimits: number;
  backlogBytes: number;
  backlogPackets: number;
};
export type CounterReading = { classes: readonly ClassCounters[] };

/** Reads the counters of one binding's interface; a rejection's message is shown to the operator. */
export type CounterSource = (of: {
  tenant: string;
  binding: string;
  interface: string;
  prefix: readonly string[];
}) => Promise<CounterReading>;

/** What happened in a class between two readings. */
export type CounterStep = CounterSecond & {
  /** Monotonic time of the later reading. */
  at: number;
  bytes: number;
  packets: number;
  drops: number;
  overlimits: number;
  dropsTotal: number;
  backlogBytes: number;
  backlogPackets: number;
};

type Reading = { at: number; counters: ClassCounters };

/**
 * @param before null for a first reading, which only sets the base
 * @returns null without a base. After a reset (any total below the one before) what is counted now happened since; what the old tree counted last is lost.
 */
export function counterStep(before: Reading | null, now: Reading): CounterStep | null {
  const ms = before ? now.at - before.at : 0;
  if (!before || ms <= 0) {
    return null;
  }
  const { counters } = now;
  const totals = ['bytes', 'packets', 'drops', 'overlimits'] as const;
  const reset = totals.some((key) => counters[key] < before.counters[key]);
  const since = (key: (typeof totals)[number]) => (reset ? counters[key] : counters[key] - before.counters[key]);
  const drops = since('drops');
  return {
    at: now.at,
    ms,
    bytes: since('bytes'),
    bits: since('bytes') * 8,
    packets: since('packets'),
    drops,
    overlimits: since('overlimits'),
    dropsTotal: counters.drops,
    backlogBytes: counters.backlogBytes,
    backlogPackets: counters.backlogPackets,
    demand: drops > 0 || counters.backlogPackets > 0 || counters.backlogBytes > 0,
  };
}

/** As the page shows it: a second's rate, also where the step was longer. */
export const classSample = (
  step: CounterStep,
  of: Pick<ClassSample, 'at' | 'binding' | 'trafficClass' | 'guarantee' | 'ceiling'>
): ClassSample => ({
  ...of,
  rate: Math.round((step.bits * 1_000) / step.ms),
  packetRate: Math.round((step.packets * 1_000) / step.ms),
  drops: step.drops,
  dropsTotal: step.dropsTotal,
  backlogBytes: step.backlogBytes,
  backlogPackets: step.backlogPackets,
});

const KEPT_STEPS = 15 * 60;

/** The last quarter of an hour of one class. */
export class CounterTrack {
  #before: Reading | null = null;
  #steps: CounterStep[] = [];
  #samples: ClassSample[] = [];
  #watchedFrom = Infinity;

  /** When the first reading was taken: monotonic, Infinity before it. */
  get watchedFrom(): number {
    return this.#watchedFrom;
  }

  get samples(): readonly ClassSample[] {
    return this.#samples;
  }

  /** @param counters null when the class is not on the interface */
  read(at: number, counters: ClassCounters | null): CounterStep | null {
    if (!counters) {
      this.#before = null;
      return null;
    }
    const step = counterStep(this.#before, { at, counters });
    this.#before = { at, counters };
    this.#watchedFrom = Math.min(this.#watchedFrom, at);
    if (step) {
      this.#steps.push(step);
      this.#steps.splice(0, this.#steps.length - KEPT_STEPS);
    }
    return step;
  }

  keep(sample: ClassSample): void {
    this.#samples.push(sample);
    this.#samples.splice(0, this.#samples.length - KEPT_STEPS);
  }

  /** Another guarantee or another class of the kernel: a window across the two would say nothing about either. */
  restart(at: number): void {
    this.#before = null;
    this.#steps = [];
    this.#watchedFrom = at;
  }

  /** Steps that ended in (from, to]. */
  window(from: number, to: number): CounterStep[] {
    return this.#steps.filter((s) => s.at > from && s.at <= to);
  }
}
