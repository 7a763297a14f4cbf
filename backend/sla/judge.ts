/**
 * Verdicts on what probe packets found. A sliding window may turn *violated* early, as soon as the rest of it could not change that, and never *compliant*
 * early. Lost packets lack from the coverage of latency and jitter; only loss judges them. Without samples nothing is claimed.
 */
import { CONFIDENCE, fewestLosses, fewestPackets, showsAbove, showsAtMost } from './binomial.ts';
import type { ObjectiveTerm } from './objective.ts';
import { allowedAbove, percentile } from './percentile.ts';
import { covered, isFull, NEEDED_COVERAGE, type Judgement, type Span } from './verdict.ts';
import { counted, formatCount, formatPercent, formatValue, formatWindow } from './words.ts';

export type ProbeWindow = Span & {
  /** Packets that the probe sends in a full window: its length times its rate. */
  expected: number;
  received: number;
  lost: number;
  /** The term's metric for each reply, in microseconds; for loss not looked at. */
  values: readonly number[];
  /** What keeps the probe from measuring, in its own words, where something does. */
  trouble: string | null;
};

export const judgeProbe = (term: ObjectiveTerm, window: ProbeWindow): Judgement =>
  term.metric === 'loss' ? judgeLoss(term, window) : judgePercentile(term, window);

function judgePercentile(term: ObjectiveTerm, window: ProbeWindow): Judgement {
  const { values, expected } = window;
  const percent = term.percent ?? 100;
  const value = percentile(values, percent);
  const evidence = { value, samples: values.length, expected, coverage: covered(values.length, expected) };
  if (value === null) {
    return { ...evidence, verdict: 'no-data', reason: silence(term, window) };
  }
  const above = values.reduce((n, v) => (v > term.threshold ? n + 1 : n), 0);
  const allowed = allowedAbove(percent, Math.max(expected, values.length));
  const name = percent === 100 ? 'The maximum' : `P${percent}`;
  const limit = formatValue(term.unit, term.threshold);
  const shown = formatValue(term.unit, value);
  const length = formatWindow(term.windowMs);
  if (above > allowed) {
    const reason = isFull(window)
      ? `${name} is ${shown}, above ${limit}: ${formatCount(above)} of ${counted(values.length, 'sample')} in the last ${length} are higher.`
      : `${counted(above, 'sample')} above ${limit}, where ${name === 'The maximum' ? 'the maximum' : name} allows ${formatCount(allowed)} in the ${length}: the rest cannot change that.`;
    return { ...evidence, verdict: 'violated', reason };
  }
  const lack = lacking(term, window, values.length, `${name} is ${shown} so far`);
  if (lack) {
    return { ...evidence, verdict: 'insufficient', reason: lack };
  }
  const basis = `(${formatCount(values.length)} of ${counted(expected, 'expected sample')} in the last ${length})`;
  return value > term.threshold
    ? { ...evidence, verdict: 'violated', reason: `${name} is ${shown}, above ${limit} ${basis}.` }
    : { ...evidence, verdict: 'compliant', reason: `${name} is ${shown}, within ${limit} ${basis}.` };
}

function judgeLoss(term: ObjectiveTerm, window: ProbeWindow): Judgement {
  const { received, lost, expected } = window;
  const sent = received + lost;
  const evidence = {
    value: sent === 0 ? null : (100 * lost) / sent,
    samples: sent,
    expected,
    coverage: covered(sent, expected),
  };
  if (sent === 0) {
    return { ...evidence, verdict: 'no-data', reason: silence(term, window) };
  }
  const p = term.threshold / 100;
  const full = Math.max(expected, sent);
  const limit = formatValue(term.unit, term.threshold);
  const found = `${formatCount(lost)} of ${counted(sent, 'packet')} lost (${formatPercent(evidence.value ?? 0)})`;
  if (showsAbove(lost, full, p)) {
    const enough = `${formatCount(fewestLosses(full, p))} in the ${formatWindow(term.windowMs)} would already show more than ${limit}`;
    return { ...evidence, verdict: 'violated', reason: `${found}: ${enough}.` };
  }
  const lack = lacking(term, window, sent, found);
  if (lack) {
    return { ...evidence, verdict: 'insufficient', reason: lack };
  }
  const confidence = formatPercent(CONFIDENCE * 100);
  // No number of packets proves "none is ever lost": with a threshold of 0 the window itself is judged.
  if (p === 0 || showsAtMost(lost, sent, p)) {
    return {
      ...evidence,
      verdict: 'compliant',
      reason: `${found}, at most ${limit}${p === 0 ? '' : ` with ${confidence} confidence`}.`,
    };
  }
  const fewest = fewestPackets(p);
  const reason =
    sent < fewest
      ? `${found}: ${limit} takes ${counted(fewest, 'packet')} without a loss to show; lengthen the window or raise the probe's rate.`
      : `${found}: too close to ${limit} to say with ${confidence} confidence on which side it is.`;
  return { ...evidence, verdict: 'insufficient', reason };
}

/** Why a window that is not violated cannot be called compliant yet, or null when it can be judged. */
function lacking(term: ObjectiveTerm, window: ProbeWindow, samples: number, found: string): string | null {
  const length = formatWindow(term.windowMs);
  if (!isFull(window)) {
    const watched = Math.max(0, Math.floor((window.to - window.watchedFrom) / 1000));
    return `Watched for ${watched} s only, a verdict needs the full ${length}; ${lower(found)}.`;
  }
  const coverage = covered(samples, window.expected);
  if (coverage >= NEEDED_COVERAGE) {
    return null;
  }
  const lost = term.metric === 'loss' || window.lost === 0 ? '' : `, ${formatCount(window.lost)} lost`;
  const why = window.trouble ? ` ${window.trouble}` : '';
  return (
    `${formatCount(samples)} of ${counted(window.expected, 'expected sample')} in the last ${length}${lost}: ` +
    `coverage ${formatPercent(Math.floor(coverage * 1000) / 10)}, below the ${formatPercent(NEEDED_COVERAGE * 100)} a verdict needs; ${lower(found)}.${why}`
  );
}

function silence(term: ObjectiveTerm, window: ProbeWindow): string {
  const lost = window.lost > 0 ? ` (${counted(window.lost, 'packet')} lost)` : '';
  return `No replies in the last ${formatWindow(term.windowMs)}${lost}.${window.trouble ? ` ${window.trouble}` : ''}`;
}

/** "The maximum" inside a sentence; "P95" stays. */
const lower = (text: string): string => (text.startsWith('The ') ? `t${text.slice(1)}` : text);
