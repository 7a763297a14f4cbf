/** What is driven through a twin, one phase after another, so that each promise is put to the test. */
import type { ResolvedClass, ResolvedPolicy } from '../policy/index.ts';
import { leavesOf, type Rates } from './entitlement.ts';
import { LONGEST_FRAME, SHORTEST_FRAME } from './frame.ts';

/**
 * `all`: every class at once, above its ceiling. `strict`: the same, but strict classes inside their rate.
 * `idle`: every class but one. `alone`: one class by itself.
 */
export type PhaseKind = 'all' | 'strict' | 'idle' | 'alone';

export interface Phase {
  kind: PhaseKind;
  /** The leaf that is idle or alone */
  subject: string | undefined;
  /** bit/s by path of leaf */
  offered: Rates;
  /** bytes by path of leaf */
  lengths: ReadonlyMap<string, number>;
  warmupMs: number;
  windowMs: number;
}

/** What a class is offered, in parts of its ceiling: half as much again, and some for a sender that is late at times. */
export const OVERDRIVE = 1.6;
/** Strict classes inside their rate: what arrives unevenly stays inside it as well. */
const INSIDE = 0.8;
const WARMUP_MS = 1000;
/** More than this no burst is waited for. */
const LONGEST_WARMUP_MS = 10_000;
/** Of a strict class inside its rate; enough for the 99th percentile. */
const PROBES_PER_SECOND = 1000;
/** Frames of a class in the shortest window, so that one more or less is inside the tolerance. */
const FRAMES = 100;
const WINDOW_MS: Readonly<Record<PhaseKind, number>> = { all: 10_000, strict: 5000, idle: 2000, alone: 2000 };

/** Until what a class may send at once above its rate has been sent. */
function warmup(leaves: readonly ResolvedClass[]): number {
  const spent = leaves.map(({ burst = 0, guarantee, ceiling }) => (2 * 8 * burst * 1000) / (guarantee || ceiling));
  return Math.min(LONGEST_WARMUP_MS, WARMUP_MS + Math.ceil(Math.max(0, ...spent)));
}

function lengthOf(leaf: ResolvedClass, bits: number): number {
  const bytes = Math.floor((bits * (WINDOW_MS.alone / 1000)) / (8 * FRAMES));
  return Math.min(LONGEST_FRAME, Math.max(SHORTEST_FRAME, leaf.queue.quantum ?? 0, bytes));
}

function probeLength(leaf: ResolvedClass): number {
  const bytes = Math.ceil((INSIDE * leaf.guarantee) / (8 * PROBES_PER_SECOND));
  return Math.min(LONGEST_FRAME, Math.max(SHORTEST_FRAME, bytes));
}

/** @param leaves those that packets were found for */
export function phasesOf(policy: ResolvedPolicy, leaves = leavesOf(policy.classes)): Phase[] {
  const lengths = new Map(leaves.map((leaf) => [leaf.path, lengthOf(leaf, leaf.guarantee || leaf.ceiling)]));
  const above = new Map(leaves.map((leaf) => [leaf.path, OVERDRIVE * leaf.ceiling]));
  const phase = (kind: PhaseKind, subject: string | undefined, offered: Rates, own = lengths): Phase => ({
    kind, subject, offered, lengths: own, warmupMs: warmup(leaves), windowMs: WINDOW_MS[kind],
  }); // prettier-ignore
  const strict = leaves.filter((leaf) => leaf.strict);
  const inside = new Map([...above, ...strict.map((leaf) => [leaf.path, INSIDE * leaf.guarantee] as const)]);
  const probes = new Map([...lengths, ...strict.map((leaf) => [leaf.path, probeLength(leaf)] as const)]);
  const others = leaves.length > 1 ? leaves : [];
  return [
    phase('all', undefined, above),
    ...(strict.length > 0 ? [phase('strict', undefined, inside, probes)] : []),
    ...others.map(({ path }) => phase('idle', path, new Map([...above].filter(([other]) => other !== path)))),
    ...others.map(({ path }) => phase('alone', path, new Map([[path, above.get(path)!]]))),
  ];
}

/** How long the phases take, in milliseconds, when none is repeated. */
export const durationOf = (phases: readonly Phase[]): number =>
  phases.reduce((sum, { warmupMs, windowMs }) => sum + warmupMs + windowMs, 0);
