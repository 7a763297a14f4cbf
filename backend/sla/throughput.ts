/** Verdicts on throughput: what a class sent of its guarantee, judged only while it had more to send. */
import type { ObjectiveTerm } from './objective.ts';
import { covered, isFull, NEEDED_COVERAGE, notMeasured, type Judgement, type Span } from './verdict.ts';
import { counted, formatCount, formatPercent, formatWindow } from './words.ts';

/** One reading of a class's counters against the one before it. */
export type CounterSecond = {
  /** Bits sent, layer 2. */
  bits: number;
  /** Length of the interval: a second, more where readings were missed. */
  ms: number;
  /** Backlog at its end or drops within it: the class had more to send than it was given. */
  demand: boolean;
};

export type CounterWindow = Span & {
  /** Readings that a full window holds: one a second. */
  expected: number;
  seconds: readonly CounterSecond[];
  /** bit/s */
  guarantee: number;
  /** bit/s */
  ceiling: number;
  trouble: string | null;
};

/** Share of the seconds with demand below which a rate says what was asked for, not what could be had. */
export const NEEDED_DEMAND = 0.9;

export function judgeThroughput(term: ObjectiveTerm, window: CounterWindow): Judgement {
  const { seconds, expected, guarantee } = window;
  const length = formatWindow(term.windowMs);
  if (guarantee <= 0) {
    return notMeasured(
      'The class has no guarantee to hold its rate against. Give it one, or remove the throughput objective.'
    );
  }
  const bits = seconds.reduce((sum, s) => sum + s.bits, 0);
  const ms = seconds.reduce((sum, s) => sum + s.ms, 0);
  const value = ms > 0 ? ((bits * 1000) / ms / guarantee) * 100 : null;
  const evidence = { value, samples: seconds.length, expected, coverage: covered(seconds.length, expected) };
  if (value === null) {
    return {
      ...evidence,
      verdict: 'no-data',
      reason: `No counters of this class in the last ${length}.${window.trouble ? ` ${window.trouble}` : ''}`,
    };
  }
  const demand = seconds.filter((s) => s.demand).length;
  const shown = `${formatPercent(value)} of the guarantee`;
  const limit = formatPercent(term.threshold);
  const full = Math.max(expected, seconds.length);
  // The best the rest of the window can bring: every second that is still to come at the class's highest rate.
  const toCome = Math.max(0, term.windowMs - ms);
  const best =
    ((bits + (toCome / 1000) * Math.max(window.ceiling, guarantee)) /
      (Math.max(ms, term.windowMs) / 1000) /
      guarantee) *
    100;
  if (demand >= NEEDED_DEMAND * full && best < term.threshold) {
    return {
      ...evidence,
      verdict: 'violated',
      reason: `${shown}, below ${limit}, with demand in ${formatCount(demand)} of ${counted(seconds.length, 'second')}.`,
    };
  }
  if (!isFull(window)) {
    const watched = Math.max(0, Math.floor((window.to - window.watchedFrom) / 1000));
    return {
      ...evidence,
      verdict: 'insufficient',
      reason: `Watched for ${watched} s only, a verdict needs the full ${length}; ${shown} so far.`,
    };
  }
  if (evidence.coverage < NEEDED_COVERAGE) {
    const lack = `${formatCount(seconds.length)} of ${counted(expected, 'expected reading')} in the last ${length}: below the ${formatPercent(NEEDED_COVERAGE * 100)} a verdict needs.`;
    return { ...evidence, verdict: 'insufficient', reason: `${lack}${window.trouble ? ` ${window.trouble}` : ''}` };
  }
  if (demand < NEEDED_DEMAND * seconds.length) {
    const reason = `No demand: backlog or drops in ${formatCount(demand)} of ${counted(seconds.length, 'second')}, ${formatPercent(NEEDED_DEMAND * 100)} are needed for the rate (${shown}) to say what could be had.`;
    return { ...evidence, verdict: 'insufficient', reason };
  }
  const basis = `with demand in ${formatCount(demand)} of ${counted(seconds.length, 'second')}`;
  return value < term.threshold
    ? { ...evidence, verdict: 'violated', reason: `${shown}, below ${limit}, ${basis}.` }
    : { ...evidence, verdict: 'compliant', reason: `${shown}, at least ${limit}, ${basis}.` };
}
