/** Device identities: minors of classes, handles of queues and preferences of rules, given once to a class path or a rule and kept. */
import { ROOT_CLASS_MINOR } from './model.ts';

import { bucketIn, inBucket } from './hash-table.ts';

export interface Allocation {
  /** class path → minor */
  classes: Record<string, number>;
  /**
   * Rule key → preference, which orders the rules of one parent, and which of the rules of that preference it is. No two
   * parents or chains of one interface share a preference: the kernel lists u32 rules of one preference at every parent
   * that has one (cls_u32, u32_walk), and which belongs where is lost.
   */
  filters: Record<string, RulePlace>;
  /** Minor of the link's class, where it is another than ROOT_CLASS_MINOR: that of a tree that was here before us */
  link?: number;
  /** Class path → major of its queue's handle, where that is another than the class's minor: likewise. No class has it as its minor. */
  queues?: Record<string, number>;
  /** Major of the handle of PRIO, ETS or DRR below the link's shaper, where it was given by another hand. No class has it as its minor. */
  bands?: number;
}
export type RulePlace = readonly [pref: number, handle: number];
export const emptyAllocation = (): Allocation => ({ classes: {}, filters: {} });

export const FIRST_MINOR = 0x10;
/** Above it the kernel gives handles of its own. */
export const LAST_MINOR = 0x7fff;
const PREF_STEP = 16;
const LAST_PREF = 0xffff;
/** Rules that one interface holds: each may need a preference of its own. */
export const MAX_RULES = LAST_PREF - 1;
/** Each preference is a hash table of u32, of which one qdisc has so many (cls_u32, gen_new_htid). */
export const MAX_U32_RULES = 0x7ff;

export class AllocationError extends Error {}

export const linkMinor = ({ link = ROOT_CLASS_MINOR }: Allocation): number => link;
/** Major of the handle that the queue of a class has, or would have. */
export const queueMajor = ({ classes, queues = {} }: Allocation, path: string): number =>
  (Object.hasOwn(queues, path) ? queues[path] : undefined) ?? classes[path]!;

/** @param root major of the root's handle, which no queue may have */
export function allocateClasses(allocation: Allocation, paths: readonly string[], root = ROOT_CLASS_MINOR): Allocation {
  const classes = { ...allocation.classes };
  const { bands = root } = allocation;
  const taken = [root, bands, linkMinor(allocation), ...Object.values(allocation.queues ?? {})];
  let used = new Set([...taken, ...Object.values(classes)]);
  let next = FIRST_MINOR;
  for (const path of paths) {
    // By own keys only: "constructor" is a good name for a class.
    if (Object.hasOwn(classes, path)) {
      continue;
    }
    while (used.has(next)) {
      next++;
    }
    if (next > LAST_MINOR) {
      // Identities of classes that are gone are kept only as long as there is room.
      const wanted = new Set(paths);
      for (const old of Object.keys(classes)) {
        if (!wanted.has(old)) {
          delete classes[old];
        }
      }
      used = new Set([...taken, ...Object.values(classes)]);
      next = FIRST_MINOR;
      while (used.has(next)) {
        next++;
      }
      if (next > LAST_MINOR) {
        throw new AllocationError(`More than ${LAST_MINOR - FIRST_MINOR + 1} classes on one interface.`);
      }
    }
    classes[path] = next;
    used.add(next);
  }
  return { ...allocation, classes };
}

/** Indices of a longest strictly increasing run, so that as many rules as possible keep their place. */
function longestIncreasing(values: ReadonlyArray<number | undefined>): Set<number> {
  const tails: number[] = [];
  const previous: number[] = [];
  values.forEach((value, index) => {
    if (value === undefined) {
      return;
    }
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[tails[middle]!]! < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    previous[index] = low > 0 ? tails[low - 1]! : -1;
    tails[low] = index;
  });
  const kept = new Set<number>();
  for (let at = tails.length > 0 ? tails[tails.length - 1]! : -1; at >= 0; at = previous[at]!) {
    kept.add(at);
  }
  return kept;
}

/** As it was kept before rules shared preferences, the place was a preference alone. */
function placeIn(known: Readonly<Record<string, RulePlace | number>>, key: string): RulePlace | undefined {
  const place = Object.hasOwn(known, key) ? known[key] : undefined;
  return typeof place === 'number' ? [place, 1] : place;
}

/** For each preference wanted, the one that most of its rules had; of several that want the same, the one with most gets it. */
function hadBefore(known: Readonly<Record<string, RulePlace>>, slots: ReadonlyArray<readonly string[]>): Array<number | undefined> {
  const best = slots.map((keys) => {
    const votes = new Map<number, number>();
    let winner: { pref: number; count: number } | undefined;
    for (const key of keys) {
      const pref = placeIn(known, key)?.[0];
      if (pref !== undefined) {
        const count = (votes.get(pref) ?? 0) + 1;
        votes.set(pref, count);
        winner = !winner || count > winner.count ? { pref, count } : winner;
      }
    }
    return winner;
  });
  const most = new Map<number, number>();
  best.forEach((winner, index) => {
    if (winner && winner.count > (best[most.get(winner.pref) ?? -1]?.count ?? 0)) {
      most.set(winner.pref, index);
    }
  });
  return best.map((winner, index) => (winner && most.get(winner.pref) === index ? winner.pref : undefined));
} // prettier-ignore

/** Strictly increasing: preferences that keep their order stay, one that moved or is new gets a free one between its neighbours. */
function preferences(known: ReadonlyArray<number | undefined>): number[] {
  const kept = longestIncreasing(known);
  const result: number[] = [];
  let before = 0;
  for (let index = 0; index < known.length;) {
    if (kept.has(index)) {
      before = result[index] = known[index]!;
      index++;
      continue;
    }
    let end = index;
    while (end < known.length && !kept.has(end)) {
      end++;
    }
    const after = end < known.length ? known[end]! : Math.min(LAST_PREF, before + PREF_STEP * (end - index + 1));
    const count = end - index;
    if (after - before <= count) {
      return renumbered(known.length);
    }
    for (let i = 0; i < count; i++) {
      result[index + i] = before + Math.floor(((after - before) * (i + 1)) / (count + 1));
    }
    before = result[end - 1]!;
    index = end;
  }
  return result;
}

/**
 * @param slots keys of the rules that share a preference, in their order
 * @param bucketOf of rules in a hash table, by slot and place in it: there the handle holds the bucket
 * @returns the place of each rule, as it was where that is possible.
 */
export function allocateFilters(
  known: Readonly<Record<string, RulePlace>>,
  slots: ReadonlyArray<readonly string[]>,
  bucketOf: (slot: number, at: number) => number | undefined = () => undefined
): Record<string, RulePlace> {
  const prefs = preferences(hadBefore(known, slots));
  const result: Array<readonly [string, RulePlace]> = [];
  slots.forEach((keys, index) => {
    const pref = prefs[index]!;
    const fits = ([was, handle]: RulePlace, bucket: number | undefined) =>
      was === pref && (bucket === undefined || bucketIn(handle) === bucket);
    const stays = keys.map((key, at) => {
      const place = placeIn(known, key);
      return place && fits(place, bucketOf(index, at)) ? place : undefined;
    });
    const taken = new Set(stays.map((place) => place?.[1]));
    const next = new Map<number, number>();
    keys.forEach((key, at) => {
      const place = stays[at];
      if (place) {
        result.push([key, place]);
        return;
      }
      const bucket = bucketOf(index, at) ?? 0;
      let number = next.get(bucket) ?? 1;
      while (taken.has(inBucket(bucket, number))) {
        number++;
      }
      next.set(bucket, number + 1);
      result.push([key, [pref, inBucket(bucket, number)]]);
    });
  });
  return Object.fromEntries(result);
}

function renumbered(count: number): number[] {
  const step = Math.min(PREF_STEP, Math.floor(LAST_PREF / (count + 1)));
  if (step < 1) {
    throw new AllocationError(`More than ${LAST_PREF} preferences of rules on one interface.`);
  }
  return Array.from({ length: count }, (_, index) => (index + 1) * step);
}
