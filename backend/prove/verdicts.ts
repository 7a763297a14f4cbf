/** What was measured against what the policy promises: plain data in, one result for each promise out. */
import { dscpName, flatten, formatRate, type ResolvedClass, type ResolvedPolicy } from '../policy/index.ts';
import { entitlement, leavesOf } from './entitlement.ts';
import { LONGEST_FRAME } from './frame.ts';
import type { Phase } from './phases.ts';
import type { PromiseResult } from './report.ts';

/** One leaf in one phase; rates in bit/s at layer 2. */
export interface LeafMeasurement {
  /** What was really sent to it */
  offered: number;
  arrived: number;
  /** Packets that were sent and never arrived, of how many */
  lost: number;
  sent: number;
  /** milliseconds, one way */
  latency: { p50: number; p95: number; p99: number; max: number } | undefined;
  dscp: number[];
}
export interface Doubt {
  part: number;
  why: string;
}
export interface Measurement {
  phase: Phase;
  leaves: ReadonlyMap<string, LeafMeasurement>;
  /** How this machine disturbed it, if it did: for which part of the window, and in words */
  doubt: Doubt | undefined;
}

/** Guarantees are held within 5 %, ceilings are not passed by more than 2 %. */
const SHORT = 0.05;
const OVER = 0.02;
/** Sharing: within a tenth of what a class is owed, or a hundredth of the link where that is more. */
const SHARED = 0.1;
const SHARED_LINK = 0.01;
/** A class is judged by its ceiling only when it was offered at least this much of it. */
const DRIVEN = 1.5;
/** What a pause of the machine may cost, in lengths of the pause: queues and buckets have to recover. */
const COST_OF_PAUSE = 3;
/** What this machine's own timers add, milliseconds. */
const TIMER_MS = 1;

export interface Circumstances {
  /** Why no packet was found for a leaf, by path */
  unreached?: ReadonlyMap<string, string>;
  /** Whether what the policy is built with shares what is left over as the language says; otherwise that is no promise. */
  sharesAsStated?: boolean;
}

export function verdicts(
  policy: ResolvedPolicy,
  measurements: readonly Measurement[],
  { unreached = new Map(), sharesAsStated = true }: Circumstances = {}
): PromiseResult[] {
  const all = measurements.find(({ phase }) => phase.kind === 'all');
  const strict = measurements.find(({ phase }) => phase.kind === 'strict');
  const classes = flatten(policy.classes);
  const judge = new Judge(policy, measurements, unreached);
  return [
    judge.ceiling('', policy.bandwidth, 'The link'),
    ...classes.flatMap((item) => [
      ...(item.guarantee > 0 ? [judge.guarantee(item, all)] : []),
      judge.ceiling(item.path, item.ceiling, `"${item.path}"`),
    ]),
    ...leavesOf(policy.classes).flatMap((leaf) => [
      judge.reach(leaf),
      ...(leaf.mark?.dscp === undefined ? [] : [judge.mark(leaf, leaf.mark.dscp, all)]),
      ...(leaf.strict ? [judge.latency(leaf, strict), judge.loss(leaf, strict)] : []),
    ]),
    ...(sharesAsStated ? measurements : [])
      .filter(({ phase }) => phase.kind === 'all' || phase.kind === 'idle')
      .map((each) => judge.sharing(each)),
  ];
}

class Judge {
  private readonly policy: ResolvedPolicy;
  private readonly measurements: readonly Measurement[];
  private readonly unreached: ReadonlyMap<string, string>;
  constructor(policy: ResolvedPolicy, measurements: readonly Measurement[], unreached: ReadonlyMap<string, string>) {
    this.policy = policy;
    this.measurements = measurements;
    this.unreached = unreached;
  }

  guarantee(item: ResolvedClass, all: Measurement | undefined): PromiseResult {
    const leaves = under(this.policy, item.path);
    return this.least(
      {
        kind: 'guarantee', class: item.path, unit: 'bit/s', promised: item.guarantee,
        says: `While every class is full, "${item.path}" gets at least ${formatRate(item.guarantee)}.`,
      },
      all, leaves, (1 - SHORT) * item.guarantee - this.granularity(leaves, all)
    ); // prettier-ignore
  }

  reach(leaf: ResolvedClass): PromiseResult {
    // With one leaf the phase of all is the phase of one.
    const alone =
      this.measurements.find(({ phase }) => phase.kind === 'alone' && phase.subject === leaf.path) ??
      (leavesOf(this.policy.classes).length === 1 ? this.measurements[0] : undefined);
    return this.least(
      {
        kind: 'reach', class: leaf.path, unit: 'bit/s', promised: leaf.ceiling,
        says: `While every other class is idle, "${leaf.path}" may use ${formatRate(leaf.ceiling)}.`,
      },
      alone, [leaf], (1 - SHORT) * leaf.ceiling - this.granularity([leaf], alone)
    ); // prettier-ignore
  }

  ceiling(path: string, ceiling: number, name: string): PromiseResult {
    const leaves = under(this.policy, path);
    const says = `${name} never carries more than ${formatRate(ceiling)}.`;
    const base = { kind: 'ceiling', class: path, unit: 'bit/s', promised: ceiling, says, side: 'at-most' } as const;
    let worst: { arrived: number; bound: number; phase: Phase } | undefined;
    let driven = false;
    for (const measurement of this.measurements) {
      const arrived = sum(leaves, measurement, 'arrived');
      const bound = (1 + OVER) * ceiling + this.granularity(leaves, measurement);
      driven ||= sum(leaves, measurement, 'offered') >= DRIVEN * ceiling;
      if (!worst || arrived / bound > worst.arrived / worst.bound) {
        worst = { arrived, bound, phase: measurement.phase };
      }
    }
    if (!worst) {
      return { ...base, bound: ceiling, measured: null, verdict: 'not-judged', reason: this.whyNothing(leaves) };
    }
    const { arrived: measured, bound } = worst;
    if (measured > bound) {
      return { ...base, bound, measured, verdict: 'broken', reason: `Passed ${inWords(worst.phase)}.` };
    }
    return driven
      ? { ...base, bound, measured, verdict: 'held', reason: null }
      : { ...base, bound, measured, verdict: 'not-judged', reason: this.whyNotDriven(leaves) };
  }

  /**
   * A strict class waits for what was already committed of others: what the link may send at once, and a frame of each
   * other leaf; and for its own frame before.
   */
  latency(leaf: ResolvedClass, strict: Measurement | undefined): PromiseResult {
    const { bandwidth, classes } = this.policy;
    const atOnce = Math.max(2 * LONGEST_FRAME, (bandwidth * 200e-6) / 8);
    const committed = ((atOnce + leavesOf(classes).length * LONGEST_FRAME) * 8 * 1e3) / bandwidth;
    const bound = committed + TIMER_MS;
    const base = {
      kind: 'latency', class: leaf.path, unit: 'ms', promised: committed, bound, side: 'at-most',
      says: `Inside its rate, "${leaf.path}" waits only for what the link has already begun to send of others (99 % of its packets).`,
    } as const; // prettier-ignore
    const measured = strict?.leaves.get(leaf.path)?.latency?.p99 ?? null;
    return this.most(base, strict, leaf, measured);
  }

  loss(leaf: ResolvedClass, strict: Measurement | undefined): PromiseResult {
    const own = strict?.leaves.get(leaf.path);
    const base = {
      kind: 'loss', class: leaf.path, unit: '%', promised: 0, bound: 0, side: 'at-most',
      says: `Inside its rate, "${leaf.path}" loses nothing while every other class is full.`,
    } as const; // prettier-ignore
    return this.most(base, strict, leaf, own && own.sent > 0 ? (100 * own.lost) / own.sent : null);
  }

  /** Every packet that arrived has the new code point. */
  mark(leaf: ResolvedClass, dscp: number, all: Measurement | undefined): PromiseResult {
    const seen = all?.leaves.get(leaf.path)?.dscp;
    const says = `Every packet of "${leaf.path}" leaves with DSCP ${dscpName(dscp)}.`;
    const base = {
      kind: 'mark',
      class: leaf.path,
      unit: '%',
      promised: 100,
      bound: 100,
      side: 'at-least',
      says,
    } as const;
    if (!seen || seen.length === 0) {
      return { ...base, measured: null, verdict: 'not-judged', reason: this.whyNothing([leaf]) };
    }
    const others = seen.filter((each) => each !== dscp);
    return others.length === 0
      ? { ...base, measured: 100, verdict: 'held', reason: null }
      : { ...base, measured: 0, verdict: 'broken', reason: `Seen: ${seen.map(dscpName).join(', ')}.` };
  }

  /** Each leaf gets what the language says of this phase; the result tells the one that is farthest from it. */
  sharing(measurement: Measurement): PromiseResult {
    const { phase } = measurement;
    const owed = entitlement(this.policy, phase.offered);
    const lines = [...measurement.leaves].map(([path, { arrived }]) => {
      const wanted = owed.get(path)!;
      const tolerance =
        Math.max(SHARED * wanted, SHARED_LINK * this.policy.bandwidth) + this.granularityOf(path, measurement);
      return { path, wanted, arrived, off: Math.abs(arrived - wanted) / tolerance, tolerance };
    });
    const worst = lines.reduce<(typeof lines)[number] | undefined>(
      (found, line) => (!found || line.off > found.off ? line : found),
      undefined
    );
    const says = phase.subject
      ? `While "${phase.subject}" is idle, the others take what it leaves by priority, then by share.`
      : 'While every class is full, what no guarantee takes goes by priority, then by share.';
    const base = { kind: 'sharing', class: phase.subject ?? '', unit: 'bit/s', says } as const;
    if (!worst) {
      return { ...base, promised: 0, bound: 0, side: 'at-least', measured: null, verdict: 'not-judged', reason: this.whyNothing(leavesOf(this.policy.classes)) }; // prettier-ignore
    }
    const short = worst.arrived < worst.wanted;
    const figures = {
      promised: worst.wanted,
      bound: short ? worst.wanted - worst.tolerance : worst.wanted + worst.tolerance,
      side: short ? ('at-least' as const) : ('at-most' as const),
      measured: worst.arrived,
    };
    const table = lines
      .map(({ path, arrived, wanted }) => `${path} ${formatRate(arrived)} of ${formatRate(wanted)}`)
      .join(', ');
    if (worst.off <= 1) {
      return {
        ...base,
        ...figures,
        verdict: 'held',
        reason: `Farthest from what it is owed: ${worst.path}. ${table}.`,
      };
    }
    const excused = worst.tolerance + excuse(measurement) * worst.wanted;
    return Math.abs(worst.arrived - worst.wanted) <= excused
      ? { ...base, ...figures, verdict: 'not-judged', reason: measurement.doubt!.why }
      : { ...base, ...figures, verdict: 'broken', reason: `${table}.` };
  }

  private least(
    promise: Pick<PromiseResult, 'kind' | 'class' | 'says' | 'unit' | 'promised'>,
    measurement: Measurement | undefined,
    leaves: readonly ResolvedClass[],
    bound: number
  ): PromiseResult {
    const base = { ...promise, bound: Math.max(0, bound), side: 'at-least' } as const;
    if (!measurement || !leaves.some(({ path }) => measurement.leaves.has(path))) {
      return { ...base, measured: null, verdict: 'not-judged', reason: this.whyNothing(leaves) };
    }
    const measured = sum(leaves, measurement, 'arrived');
    if (measured >= bound) {
      return { ...base, measured, verdict: 'held', reason: null };
    }
    const offered = sum(leaves, measurement, 'offered');
    const excused = measured >= (1 - excuse(measurement)) * bound;
    const notDriven = offered < DRIVEN * promise.promised ? this.whyNotDriven(leaves) : undefined;
    const reason = (excused ? measurement.doubt?.why : undefined) ?? notDriven;
    return reason
      ? { ...base, measured, verdict: 'not-judged', reason }
      : { ...base, measured, verdict: 'broken', reason: `It was offered ${formatRate(offered)}.` };
  }

  private most(
    base: Omit<PromiseResult, 'measured' | 'verdict' | 'reason'>,
    measurement: Measurement | undefined,
    leaf: ResolvedClass,
    measured: number | null
  ): PromiseResult {
    if (measured === null) {
      return { ...base, measured, verdict: 'not-judged', reason: this.whyNothing([leaf]) };
    }
    if (measured <= base.bound) {
      return { ...base, measured, verdict: 'held', reason: null };
    }
    const doubt = measurement?.doubt?.why ?? null;
    return { ...base, measured, verdict: doubt ? 'not-judged' : 'broken', reason: doubt };
  }

  /** bit/s that two frames more or less in the window make. */
  private granularityOf(path: string, { phase }: Measurement): number {
    return (2 * (phase.lengths.get(path) ?? LONGEST_FRAME) * 8 * 1e3) / phase.windowMs;
  }
  private granularity(leaves: readonly ResolvedClass[], measurement: Measurement | undefined): number {
    return measurement ? Math.max(0, ...leaves.map(({ path }) => this.granularityOf(path, measurement))) : 0;
  }

  private whyNothing(leaves: readonly ResolvedClass[]): string {
    const found = leaves.find(({ path }) => this.unreached.has(path));
    return found ? `Nothing was sent to "${found.path}": ${this.unreached.get(found.path)}.` : 'Nothing was measured.';
  }
  private whyNotDriven(leaves: readonly ResolvedClass[]): string {
    return leaves.some(({ path }) => this.unreached.has(path))
      ? this.whyNothing(leaves)
      : 'This machine did not send as much as that takes.';
  }
}

/** The part of a rate whose absence the machine may have caused. */
const excuse = ({ doubt }: Measurement): number => COST_OF_PAUSE * (doubt?.part ?? 0);

const under = (policy: ResolvedPolicy, path: string) =>
  leavesOf(policy.classes).filter((leaf) => path === '' || leaf.path === path || leaf.path.startsWith(`${path}/`));
const sum = (leaves: readonly ResolvedClass[], { leaves: measured }: Measurement, figure: 'arrived' | 'offered') =>
  leaves.reduce((total, { path }) => total + (measured.get(path)?.[figure] ?? 0), 0);

function inWords({ kind, subject }: Phase): string {
  switch (kind) {
    case 'all':
      return 'while every class was full';
    case 'strict':
      return 'while strict classes were inside their rate and all others full';
    case 'idle':
      return `while "${subject}" was idle and all others full`;
    case 'alone':
      return `while "${subject}" alone was full`;
  }
}
