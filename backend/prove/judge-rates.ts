/** Promises of rates, and of how long strict packets wait. */
import { flatten, formatRate, type ResolvedClass } from '../policy/index.ts';
import { leavesOf } from './entitlement.ts';
import { SHORT, under, type Evidence } from './evidence.ts';
import { LONGEST_FRAME } from './frame.ts';
import type { Measurement } from './measurement.ts';
import { passes, staysHere } from './passage.ts';
import type { PromiseResult } from './report.ts';

/** What this machine's own timers add, milliseconds. */
const TIMER_MS = 1;

const leastOf = (evidence: Evidence, rate: number, leaves: readonly ResolvedClass[], measurement: Measurement | undefined) =>
  (1 - SHORT - evidence.tableStep(leaves, measurement)) * rate - evidence.granularity(leaves, measurement); // prettier-ignore

export function guarantee(evidence: Evidence, item: ResolvedClass): PromiseResult {
  const leaves = under(evidence.policy, item.path);
  const all = evidence.of('all');
  const promised = Math.min(item.guarantee, passes(item));
  return evidence.least(
    {
      kind: 'guarantee', class: item.path, unit: 'bit/s', promised,
      says: `While every class is full, "${item.path}" gets at least ${formatRate(promised)}.`,
    },
    all, leaves, leastOf(evidence, promised, leaves, all)
  ); // prettier-ignore
}

export function reach(evidence: Evidence, leaf: ResolvedClass): PromiseResult {
  // With one leaf the phase of all is the phase of one.
  const one = leavesOf(evidence.policy.classes).filter(staysHere).length === 1;
  const alone = evidence.of(one ? 'all' : 'alone', one ? undefined : leaf.path);
  const promised = Math.min(leaf.ceiling, passes(leaf));
  return evidence.least(
    {
      kind: 'reach', class: leaf.path, unit: 'bit/s', promised,
      says: `While every other class is idle, "${leaf.path}" may use ${formatRate(promised)}.`,
    },
    alone, [leaf], leastOf(evidence, promised, [leaf], alone)
  ); // prettier-ignore
}

/** @param path of a class; empty for the link */
export function ceiling(evidence: Evidence, path: string, promised: number): PromiseResult {
  const says = `${path ? `"${path}"` : 'The link'} never carries more than ${formatRate(promised)}.`;
  return evidence.never({ kind: 'ceiling', class: path, unit: 'bit/s', promised, says }, under(evidence.policy, path));
}

/**
 * A strict class waits for what was already committed of others: what the link may send at once, and a frame of each
 * other leaf; and for its own frame before.
 */
export function latency(evidence: Evidence, leaf: ResolvedClass): PromiseResult {
  const { bandwidth, classes } = evidence.policy;
  const strict = evidence.of('strict');
  const atOnce = Math.max(2 * LONGEST_FRAME, (bandwidth * 200e-6) / 8);
  const committed = ((atOnce + leavesOf(classes).length * LONGEST_FRAME) * 8 * 1e3) / bandwidth;
  const bound = committed + TIMER_MS;
  const base = {
    kind: 'latency', class: leaf.path, unit: 'ms', promised: committed, bound, side: 'at-most',
    says: `Inside its rate, "${leaf.path}" waits only for what the link has already begun to send of others (99 % of its packets).`,
  } as const; // prettier-ignore
  return most(evidence, base, strict, leaf, strict?.leaves.get(leaf.path)?.latency?.p99 ?? null);
}

export function loss(evidence: Evidence, leaf: ResolvedClass): PromiseResult {
  const strict = evidence.of('strict');
  const own = strict?.leaves.get(leaf.path);
  const base = {
    kind: 'loss', class: leaf.path, unit: '%', promised: 0, bound: 0, side: 'at-most',
    says: `Inside its rate, "${leaf.path}" loses nothing while every other class is full.`,
  } as const; // prettier-ignore
  return most(evidence, base, strict, leaf, own && own.sent > 0 ? (100 * own.lost) / own.sent : null);
}

function most(
  evidence: Evidence,
  base: Omit<PromiseResult, 'measured' | 'verdict' | 'reason'>,
  measurement: Measurement | undefined,
  leaf: ResolvedClass,
  measured: number | null
): PromiseResult {
  if (measured === null) {
    return { ...base, measured, verdict: 'not-judged', reason: evidence.whyNothing([leaf]) };
  }
  if (measured <= base.bound) {
    return { ...base, measured, verdict: 'held', reason: null };
  }
  const doubt = measurement?.doubt?.why ?? evidence.whyPoliced([leaf]) ?? null;
  return { ...base, measured, verdict: doubt ? 'not-judged' : 'broken', reason: doubt };
}

/** Guarantees and ceilings of all classes that are queued here, and of the link. */
export const rates = (evidence: Evidence): PromiseResult[] => [
  ceiling(evidence, '', evidence.policy.bandwidth),
  ...flatten(evidence.policy.classes)
    .filter((item) => under(evidence.policy, item.path).some(staysHere))
    .flatMap((item) => [
      ...(item.guarantee > 0 ? [guarantee(evidence, item)] : []),
      ceiling(evidence, item.path, item.ceiling),
    ]),
];
