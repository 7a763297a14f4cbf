/** What is driven through a twin, one phase after another, so that each promise is put to the test. */
import type { ResolvedClass, ResolvedPolicy } from '../policy/index.ts';
import { leavesOf, type Rates } from './entitlement.ts';
import { LONGEST_FRAME, SHORTEST_FRAME } from './frame.ts';
import { countedBytes, passes, staysHere } from './passage.ts';

/**
 * `all`: every class at once, above its ceiling. `strict`: the same, but strict classes inside their rate.
 * `idle`: every class but one. `alone`: one class by itself. `police`: one class by itself, above the rate of its police and
 * below its ceiling. `wire`: one class by itself in small packets, of which the wire takes more than their frames.
 */
export type PhaseKind = 'all' | 'strict' | 'idle' | 'alone' | 'police' | 'wire';

export interface Phase {
  kind: PhaseKind;
  /** The leaf that is idle, or that is alone */
  subject: string | undefined;
  /** bit/s by path of leaf, as the policy counts them */
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
/** More than this no burst is waited for. */
const LONGEST_WARMUP_MS = 10_000;
/** Of a strict class inside its rate; enough for the 99th percentile. */
const PROBES_PER_SECOND = 1000;
/** Frames of a class in the shortest window, so that one more or less is inside the tolerance. */
const FRAMES = 100;
/** How long phases are, milliseconds. */
export interface Times {
  warmupMs: number;
  windowMs: Readonly<Record<PhaseKind, number>>;
}
const TIMES: Times = {
  warmupMs: 1000,
  windowMs: { all: 10_000, strict: 5000, idle: 2000, alone: 2000, police: 2000, wire: 2000 },
};
/** For tests: everything at once for as long as a proof takes, the rest as short as it can be told. */
export const SHORT_TIMES: Times = {
  warmupMs: 500,
  windowMs: { all: 10_000, strict: 2000, idle: 1500, alone: 1000, police: 1500, wire: 1000 },
};
/** For tests: where a promise is to be found broken, or beside tests that drive everything at once for longer. */
export const QUICK_TIMES: Times = { ...SHORT_TIMES, windowMs: { ...SHORT_TIMES.windowMs, all: 3000 } };
/** Of a class whose packets go to another interface, bit/s: it only shows that they do. */
const ELSEWHERE = 500_000;
/** What the wire takes more than the frames of the phase that shows it, in parts of them; less than the least shows nothing. */
const CLEAR_OVERHEAD = 0.06;
const LEAST_OVERHEAD = 0.03;
/** Of its ceiling; packets are many where they are small. */
const WIRE_DRIVE = 1.15;

/** Until what a class may send at once above its rate has been sent. */
function warmup(leaves: readonly ResolvedClass[], warmupMs: number): number {
  const spent = leaves.flatMap((leaf) => [
    (2 * 8 * (leaf.burst ?? 0) * 1000) / (leaf.guarantee || leaf.ceiling),
    ...(leaf.police ? [policeBurst(leaf)] : []),
  ]);
  return Math.min(LONGEST_WARMUP_MS, warmupMs + Math.ceil(Math.max(0, ...spent)));
}

/** Largest burst that is computed for a police at any rate of which it is more than 50 ms, bytes (twice 64 KiB). */
const LARGEST_BURST = 131_072;
/** milliseconds until what police lets pass at once has passed, where the class alone is above its ceiling */
function policeBurst({ police, ceiling }: ResolvedClass): number {
  const { rate, burst, peak } = police!;
  const buckets = [{ rate, burst }, ...(peak ? [peak] : [])];
  return Math.max(
    ...buckets.map((bucket) => {
      const bits = 8 * (bucket.burst ?? Math.max(LARGEST_BURST, (bucket.rate / 8) * 0.05));
      return (1000 * bits) / Math.max(0.1 * bucket.rate, OVERDRIVE * ceiling - bucket.rate);
    })
  );
}

function lengthOf(leaf: ResolvedClass, bits: number): number {
  const bytes = Math.floor((bits * (TIMES.windowMs.alone / 1000)) / (8 * FRAMES));
  return Math.min(LONGEST_FRAME, Math.max(SHORTEST_FRAME, leaf.queue.quantum ?? 0, bytes));
}

/** A rate that a strict class is to lose nothing at, bit/s */
const inside = (leaf: ResolvedClass) => INSIDE * Math.min(leaf.guarantee, passes(leaf));

function probeLength(leaf: ResolvedClass): number {
  const bytes = Math.ceil(inside(leaf) / (8 * PROBES_PER_SECOND));
  return Math.min(LONGEST_FRAME, Math.max(SHORTEST_FRAME, bytes));
}

/** Above what police lets through or marks, and as far below the ceiling as that leaves; undefined where it leaves nothing. */
export function policeDrive(leaf: ResolvedClass): number | undefined {
  const highest = leaf.police?.peak?.rate ?? leaf.police?.rate;
  const offer = highest && Math.min(2 * highest, 0.9 * leaf.ceiling);
  return offer && offer > 1.1 * highest ? offer : undefined;
}
/** Police that marks what is too much: what it lets through says nothing, what the packets bear does. */
const remarks = ({ police }: ResolvedClass) => typeof police?.exceed === 'object';

/** The longest frame of which the wire takes clearly more or less than its bytes, or the shortest where that shows enough. */
export function wireLength({ link }: ResolvedPolicy, countsPtm = false): number | undefined {
  const part = (length: number) => Math.abs(countedBytes(link, length, countsPtm) / length - 1);
  for (let length = LONGEST_FRAME; length > SHORTEST_FRAME; length--) {
    if (part(length) >= CLEAR_OVERHEAD) {
      return length;
    }
  }
  return part(SHORTEST_FRAME) >= LEAST_OVERHEAD ? SHORTEST_FRAME : undefined;
}

export interface Ground {
  /** Those that packets were found for */
  leaves?: readonly ResolvedClass[];
  /** bytes of the frames of leaves that only packets of one length reach, by path */
  fixed?: ReadonlyMap<string, number>;
  /** The discipline counts PTM's 65 bytes for 64 */
  countsPtm?: boolean;
  times?: Times;
}

export function phasesOf(policy: ResolvedPolicy, ground: Ground = {}): Phase[] {
  const {
    leaves = leavesOf(policy.classes),
    fixed = new Map<string, number>(),
    countsPtm = false,
    times = TIMES,
  } = ground;
  const { warmupMs, windowMs } = times;
  const here = leaves.filter(staysHere);
  const lengths = new Map(
    leaves.map((leaf) => [leaf.path, fixed.get(leaf.path) ?? lengthOf(leaf, leaf.guarantee || leaf.ceiling)])
  );
  const offers = here.map((leaf) => [leaf.path, OVERDRIVE * leaf.ceiling] as const);
  const above = new Map(offers);
  const elsewhere = leaves.filter((leaf) => !staysHere(leaf)).map((leaf) => [leaf.path, Math.min(ELSEWHERE, OVERDRIVE * leaf.ceiling)] as const); // prettier-ignore
  const phase = (kind: PhaseKind, subject: string | undefined, offered: Rates, own: Phase['lengths'] = lengths): Phase => ({
    kind, subject, offered, lengths: own, warmupMs: warmup(leaves, warmupMs), windowMs: windowMs[kind],
  }); // prettier-ignore
  const strict = here.filter((leaf) => leaf.strict);
  const calm = new Map([...above, ...strict.map((leaf) => [leaf.path, inside(leaf)] as const)]);
  const probes = new Map([...lengths, ...strict.map((leaf) => [leaf.path, fixed.get(leaf.path) ?? probeLength(leaf)] as const)]); // prettier-ignore
  const others = here.length > 1 ? here : [];
  const small = wireLength(policy, countsPtm);
  const wired = here.filter((leaf) => !fixed.has(leaf.path) && passes(leaf) >= leaf.ceiling).sort((a, b) => b.ceiling - a.ceiling)[0]; // prettier-ignore
  return [
    phase('all', undefined, new Map([...offers, ...elsewhere])),
    ...(strict.length > 0 ? [phase('strict', undefined, calm, probes)] : []),
    ...others.map(({ path }) => phase('idle', path, new Map(offers.filter(([other]) => other !== path)))),
    ...others.map(({ path }) => phase('alone', path, new Map([[path, above.get(path)!]]))),
    ...here.filter(remarks).flatMap((leaf) => {
      const offer = policeDrive(leaf);
      return offer ? [phase('police', leaf.path, new Map([[leaf.path, offer]]))] : [];
    }),
    ...(policy.link && small && wired
      ? [phase('wire', wired.path, new Map([[wired.path, WIRE_DRIVE * wired.ceiling]]), new Map([[wired.path, small]]))]
      : []),
  ];
}

/** How long the phases take, in milliseconds, when none is repeated. */
export const durationOf = (phases: readonly Phase[]): number =>
  phases.reduce((sum, { warmupMs, windowMs }) => sum + warmupMs + windowMs, 0);
