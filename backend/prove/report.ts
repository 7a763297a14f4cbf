/** What a proof says: each promise of the policy, the figure that was measured, and whether it held. */

export const PROMISE_KINDS = [
  'guarantee', 'ceiling', 'reach', 'sharing', 'latency', 'loss', 'mark', 'fwmark', 'vlan-priority', 'ecn', 'police', 'conform', 'mirror',
  'redirect', 'overhead',
] as const; // prettier-ignore
export type PromiseKind = (typeof PROMISE_KINDS)[number];
export type PromiseVerdict = 'held' | 'broken' | 'not-judged';
/** `inconclusive`: nothing is broken, and something could not be judged. */
export type ProofVerdict = 'held' | 'broken' | 'inconclusive';

export interface PromiseResult {
  kind: PromiseKind;
  /** Path of the class; empty for the link */
  class: string;
  /** The promise as a sentence */
  says: string;
  unit: 'bit/s' | 'ms' | '%';
  /** As the policy states it */
  promised: number;
  /** What still counts as held, with the tolerance */
  bound: number;
  side: 'at-least' | 'at-most';
  measured: number | null;
  verdict: PromiseVerdict;
  /** What speaks against it, or why it was not judged */
  reason: string | null;
}

/** A leaf while everything was full. Rates in bit/s as the policy counts them, latency in milliseconds one way. */
export interface ClassFigures {
  class: string;
  guarantee: number;
  ceiling: number;
  offered: number | null;
  measured: number | null;
  latencyP99: number | null;
  /** Code points that its packets left with */
  dscp: number[];
}

export interface ProofReport {
  policy: string;
  kernel: string;
  /** bit/s of the policy's link */
  bandwidth: number;
  /** bit/s of the twin; less than `bandwidth` where this machine could not drive as much */
  provedAt: number;
  startedAt: number;
  /** milliseconds */
  took: number;
  verdict: ProofVerdict;
  promises: PromiseResult[];
  classes: ClassFigures[];
  notes: string[];
}

export function verdictOf(promises: readonly PromiseResult[]): ProofVerdict {
  if (promises.some((promise) => promise.verdict === 'broken')) {
    return 'broken';
  }
  return promises.length > 0 && promises.every((promise) => promise.verdict === 'held') ? 'held' : 'inconclusive';
}
