/** Class counters of tc, read once a second, as rates. What the kernel counts starts anew with a new tree, and a reading may come late or not at all. */
import type { ClassSample } from '../api/contract.ts';
import type { CounterSecond } from '../sla/throughput.ts';

export type Totals = { bytes: number; packets: number; drops: number; overlimits: number };
/** One class as tc counts it, totals since the class was made. */
export type ClassCounters = Totals & {
  classid: string;
  backlogBytes: number;
  backlogPackets: number;
  /** Where several rules count for the class: the totals are the sums of these, and each begins at zero by itself. */
  parts?: Readonly<Record<string, Totals>>;
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

const FIGURES = ['bytes', 'packets', 'drops', 'overlimits'] as const;
const NONE: Totals = { bytes: 0, packets: 0, drops: 0, overlimits: 0 };
const partsOf = ({ parts, bytes, packets, drops, overlimits }: ClassCounters) =>
  parts ?? { whole: { bytes, packets, drops, overlimits } };

/**
 * What happened between two readings. After a reset (any total below the one before) what is counted now happened since;
 * what the old tree, or the old rule, counted last is lost.
 * @param before undefined where all that is counted is new
 */
export function countedSince(before: ClassCounters | undefined, now: ClassCounters): Totals {
  const bases = before ? partsOf(before) : {};
  const sum = { ...NONE };
  for (const [key, totals] of Object.entries(partsOf(now))) {
    const base = bases[key] && FIGURES.every((figure) => totals[figure] >= bases[key]![figure]) ? bases[key] : NONE;
    FIGURES.forEach((figure) => (sum[figure] += totals[figure] - base[figure]));
  }
  return sum;
}

/**
 * @param before null for a first reading, which only sets the base
 * @returns null without a base
 */
export function counterStep(before: Reading | null, now: Reading): CounterStep | null {
  const ms = before ? now.at - before.at : 0;
  if (!before || ms <= 0) {
    return null;
  }
  const { counters } = now;
  const since = countedSince(before.counters, counters);
  return {
    at: now.at,
    ms,
    ...since,
    bits: since.bytes * 8,
    dropsTotal: counters.drops,
    backlogBytes: counters.backlogBytes,
    backlogPackets: counters.backlogPackets,
    demand: since.drops > 0 || counters.backlogPackets > 0 || counters.backlogBytes > 0,
  };
}

/** As the page shows it: a second's rate, also where the step was longer. */
export const classSample = (
  step: CounterStep,
  of: Pick<ClassSample, 'at' | 'binding' | 'trafficClass' | 'guarantee' | 'ceiling' | 'silentSeconds'>
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
  #silentMs = 0;

  /** When the first reading was taken: monotonic, Infinity before it. */
  get watchedFrom(): number {
    return this.#watchedFrom;
  }

  /**
   * For how long packets have waited without one being sent. Queues are emptied when their link goes down, so that it is
   * none then: what waits has come since.
   */
  get silentMs(): number {
    return this.#silentMs;
  }

  get samples(): readonly ClassSample[] {
    return this.#samples;
  }

  /** @param counters null when the class is not on the interface */
  read(at: number, counters: ClassCounters | null): CounterStep | null {
    if (!counters) {
      this.#before = null;
      this.#silentMs = 0;
      return null;
    }
    const step = counterStep(this.#before, { at, counters });
    this.#before = { at, counters };
    this.#watchedFrom = Math.min(this.#watchedFrom, at);
    this.#silentMs = step && step.backlogPackets > 0 && step.packets === 0 ? this.#silentMs + step.ms : 0;
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
    this.#silentMs = 0;
    this.#steps = [];
    this.#watchedFrom = at;
  }

  /** Steps that ended in (from, to]. */
  window(from: number, to: number): CounterStep[] {
    return this.#steps.filter((s) => s.at > from && s.at <= to);
  }
}
