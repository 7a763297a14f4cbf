/** What verdicts are made from: the policy, what was measured, and what excuses a figure. */
import { formatRate, type ResolvedClass, type ResolvedPolicy, type Sharing } from '../policy/index.ts';
import { leavesOf } from './entitlement.ts';
import { LONGEST_FRAME } from './frame.ts';
import type { Measurement } from './measurement.ts';
import { countedBytes, policedAbove, TABLE_STEP } from './passage.ts';
import type { Phase, PhaseKind } from './phases.ts';
import type { PromiseResult } from './report.ts';

/** Guarantees are held within 5 %, ceilings are not passed by more than 2 %. */
export const SHORT = 0.05;
export const OVER = 0.02;
/** A class is judged by its ceiling only when it was offered at least this much of it. */
const DRIVEN = 1.5;
/** What a pause of the machine may cost, in lengths of the pause: queues and buckets have to recover. */
const COST_OF_PAUSE = 3;

export type Figure = 'arrived' | 'offered';
/** A promise before it is judged. */
export type Stated = Pick<PromiseResult, 'kind' | 'class' | 'says' | 'unit' | 'promised'>;

/** The part of a rate whose absence the machine may have caused. */
export const excuse = ({ doubt }: Measurement): number => COST_OF_PAUSE * (doubt?.part ?? 0);

export const under = (policy: ResolvedPolicy, path: string): ResolvedClass[] =>
  leavesOf(policy.classes).filter((leaf) => path === '' || leaf.path === path || leaf.path.startsWith(`${path}/`));
export const sum = (leaves: readonly ResolvedClass[], { leaves: measured }: Measurement, figure: Figure): number =>
  leaves.reduce((total, { path }) => total + (measured.get(path)?.[figure] ?? 0), 0);

export class Evidence {
  readonly policy: ResolvedPolicy;
  readonly measurements: readonly Measurement[];
  readonly sharing: Sharing;
  private readonly unreached: ReadonlyMap<string, string>;
  readonly queues: boolean;
  readonly countsPtm: boolean;
  private readonly catchesUp: boolean;
  constructor(
    policy: ResolvedPolicy,
    measurements: readonly Measurement[],
    { unreached = new Map(), sharing = 'stated', queues = true, countsPtm = false, catchesUp = false }: Circumstances
  ) {
    this.policy = policy;
    this.measurements = measurements;
    this.unreached = unreached;
    this.sharing = sharing;
    this.queues = queues;
    this.countsPtm = countsPtm;
    this.catchesUp = catchesUp;
  }

  /** @param subject where there is one for each leaf */
  of(kind: PhaseKind, subject?: string): Measurement | undefined {
    return this.measurements.find(({ phase }) => phase.kind === kind && (!subject || phase.subject === subject));
  }

  leaf(path: string): ResolvedClass | undefined {
    return leavesOf(this.policy.classes).find((item) => item.path === path);
  }

  /** At least so much arrived of these leaves together. */
  least(stated: Stated, measurement: Measurement | undefined, leaves: readonly ResolvedClass[], bound: number): PromiseResult {
    const base = { ...stated, bound: Math.max(0, bound), side: 'at-least' } as const;
    if (!measurement || !leaves.some(({ path }) => measurement.leaves.has(path))) {
      return { ...base, measured: null, verdict: 'not-judged', reason: this.whyNothing(leaves) };
    }
    const measured = sum(leaves, measurement, 'arrived');
    if (measured >= bound) {
      return { ...base, measured, verdict: 'held', reason: null };
    }
    const offered = sum(leaves, measurement, 'offered');
    const excused = measured >= (1 - excuse(measurement)) * bound;
    const reason =
      (excused ? measurement.doubt?.why : undefined) ??
      (offered < DRIVEN * stated.promised ? this.whyNotDriven(leaves) : undefined) ??
      this.whyPoliced(leaves);
    return reason
      ? { ...base, measured, verdict: 'not-judged', reason }
      : { ...base, measured, verdict: 'broken', reason: `It was offered ${formatRate(offered)}.` };
  } // prettier-ignore

  /** In no phase did more arrive of these leaves together. @param driven what they must have been offered, in parts of it */
  never(stated: Stated, leaves: readonly ResolvedClass[], driven = DRIVEN): PromiseResult {
    const base = { ...stated, side: 'at-most' } as const;
    let worst: { arrived: number; bound: number; of: Measurement } | undefined;
    let enough = false;
    for (const measurement of this.measurements) {
      const arrived = sum(leaves, measurement, 'arrived');
      const bound = (1 + OVER) * stated.promised + this.granularity(leaves, measurement);
      enough ||= sum(leaves, measurement, 'offered') >= driven * stated.promised;
      if (!worst || arrived / bound > worst.arrived / worst.bound) {
        worst = { arrived, bound, of: measurement };
      }
    }
    if (!worst) {
      return { ...base, bound: stated.promised, measured: null, verdict: 'not-judged', reason: this.whyNothing(leaves) };
    }
    const { arrived: measured, bound } = worst;
    if (measured > bound) {
      const late = this.catchesUp && measured <= (1 + excuse(worst.of)) * bound ? worst.of.doubt?.why : undefined;
      return late
        ? { ...base, bound, measured, verdict: 'not-judged', reason: late }
        : { ...base, bound, measured, verdict: 'broken', reason: `Passed ${inWords(worst.of.phase)}.` };
    }
    return enough
      ? { ...base, bound, measured, verdict: 'held', reason: null }
      : { ...base, bound, measured, verdict: 'not-judged', reason: this.whyNotDriven(leaves) };
  } // prettier-ignore

  /** bit/s that two frames more or less in the window make. */
  granularityOf(path: string, { phase }: Measurement): number {
    return (2 * (phase.lengths.get(path) ?? LONGEST_FRAME) * 8 * 1e3) / phase.windowMs;
  }
  granularity(leaves: readonly ResolvedClass[], measurement: Measurement | undefined): number {
    return measurement ? Math.max(0, ...leaves.map(({ path }) => this.granularityOf(path, measurement))) : 0;
  }

  /** Part of a rate by which the kernel's table of sizes may count too much. */
  tableStep(leaves: readonly ResolvedClass[], measurement: Measurement | undefined): number {
    const { link } = this.policy;
    const steps = leaves.map(({ path }) => {
      const length = measurement?.phase.lengths.get(path);
      return length ? TABLE_STEP / countedBytes(link, length, this.countsPtm) : 0;
    });
    return link && (link.mpu > 0 || link.cell) ? Math.max(0, ...steps) : 0;
  }

  whyNothing(leaves: readonly ResolvedClass[]): string {
    const found = leaves.find(({ path }) => this.unreached.has(path));
    return found ? `Nothing was sent to "${found.path}": ${this.unreached.get(found.path)}.` : 'Nothing was measured.';
  }
  whyNotDriven(leaves: readonly ResolvedClass[]): string {
    return leaves.some(({ path }) => this.unreached.has(path))
      ? this.whyNothing(leaves)
      : 'This machine did not send as much as that takes.';
  }
  whyPoliced(leaves: readonly ResolvedClass[]): string | undefined {
    const [police] = leaves.flatMap(({ path }) => policedAbove(this.policy, path) ?? []);
    return police && `The police of "${police.path}" drops before its children are told apart: what each keeps is chance.`;
  } // prettier-ignore
}

/** What a scheduler does in its own way. */
export interface Manner {
  /** How it shares what is left over */
  sharing?: Sharing;
  /** Packets wait in queues: what the policy says of these is kept */
  queues?: boolean;
  countsPtm?: boolean;
  /** What a pause of the machine kept from being sent follows after it, above the rate */
  catchesUp?: boolean;
}
export interface Circumstances extends Manner {
  /** Why no packet was found for a leaf, by path */
  unreached?: ReadonlyMap<string, string>;
}

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
    case 'police':
      return `while "${subject}" alone was above the rate of its police`;
    case 'wire':
      return `while "${subject}" alone was full of small packets`;
  }
}
