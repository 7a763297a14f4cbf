/** Device identities: minors of classes and preferences of rules, given once to a class path or a rule and kept. */

export interface Allocation {
  /** class path → minor */
  classes: Record<string, number>;
  /**
   * Rule key → preference, which orders the rules of one parent. No two rules of one interface share one, whatever their
   * parents: the kernel lists u32 rules of one preference at every parent (cls_u32, u32_walk), and which belongs where is lost.
   */
  filters: Record<string, number>;
}
export const emptyAllocation = (): Allocation => ({ classes: {}, filters: {} });

const FIRST_MINOR = 0x10;
const LAST_MINOR = 0x7fff; // above it the kernel gives handles of its own
const PREF_STEP = 16;
const LAST_PREF = 0xffff;
/** Rules that one interface holds: each has a preference of its own. */
export const MAX_RULES = LAST_PREF - 1;
/** Each preference is a hash table of u32, of which one qdisc has so many (cls_u32, gen_new_htid). */
export const MAX_U32_RULES = 0x7ff;

export class AllocationError extends Error {}

export function allocateClasses(allocation: Allocation, paths: readonly string[]): Allocation {
  const classes = { ...allocation.classes };
  let used = new Set(Object.values(classes));
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
      used = new Set(Object.values(classes));
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

/**
 * Preferences for the rules of one interface, strictly increasing in the order given. Rules that keep their order keep
 * their preference; one that moved or is new gets a free one between its neighbours.
 */
export function allocateFilters(
  known: Readonly<Record<string, number>>,
  keys: readonly string[]
): Record<string, number> {
  const kept = longestIncreasing(keys.map((key) => known[key]));
  const result: Record<string, number> = {};
  let before = 0;
  for (let index = 0; index < keys.length;) {
    if (kept.has(index)) {
      before = result[keys[index]!] = known[keys[index]!]!;
      index++;
      continue;
    }
    let end = index;
    while (end < keys.length && !kept.has(end)) {
      end++;
    }
    const after = end < keys.length ? known[keys[end]!]! : Math.min(LAST_PREF, before + PREF_STEP * (end - index + 1));
    const count = end - index;
    if (after - before <= count) {
      return renumber(keys);
    }
    for (let i = 0; i < count; i++) {
      result[keys[index + i]!] = before + Math.floor(((after - before) * (i + 1)) / (count + 1));
    }
    before = result[keys[end - 1]!]!;
    index = end;
  }
  return result;
}

function renumber(keys: readonly string[]): Record<string, number> {
  const step = Math.min(PREF_STEP, Math.floor(LAST_PREF / (keys.length + 1)));
  if (step < 1) {
    throw new AllocationError(`More than ${LAST_PREF} rules on one interface.`);
  }
  return Object.fromEntries(keys.map((key, index) => [key, (index + 1) * step]));
}
