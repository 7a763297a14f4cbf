/** What each leaf is owed when given amounts are offered: the language's truths 1 to 3 as a computation. */
import { flatten, type ResolvedClass, type ResolvedPolicy } from '../policy/index.ts';

/** bit/s by path of leaf */
export type Rates = ReadonlyMap<string, number>;

export const leavesOf = (classes: readonly ResolvedClass[]): ResolvedClass[] =>
  flatten(classes).filter((item) => item.classes.length === 0);

/** Below a millionth of any rate that is stated: nothing more to give. */
const NOTHING = 1e-3;

/**
 * Guarantees first, those of inner classes for their own children; then what is left over, highest priority first, then by
 * share, up to every ceiling above.
 */
export function entitlement(policy: ResolvedPolicy, offered: Rates): Rates {
  const given = new Map<string, number>();
  const demand = (leaf: ResolvedClass) => Math.min(offered.get(leaf.path) ?? 0, leaf.ceiling);
  const amount = (item: ResolvedClass): number =>
    item.classes.length > 0 ? item.classes.reduce((sum, child) => sum + amount(child), 0) : (given.get(item.path) ?? 0);
  for (const leaf of leavesOf(policy.classes)) {
    given.set(leaf.path, Math.min(demand(leaf), leaf.guarantee));
  }

  /** Room of the tightest class between a leaf and the link, and the classes that bound it. */
  const chains = new Map<string, ResolvedClass[]>();
  const walk = (items: readonly ResolvedClass[], above: ResolvedClass[]) => {
    for (const item of items) {
      chains.set(item.path, [...above, item]);
      walk(item.classes, [...above, item]);
    }
  };
  walk(policy.classes, []);

  const giveTo = (leaves: readonly ResolvedClass[], most: number): void => {
    let left = most;
    for (let priority = 7; priority >= 0; priority--) {
      const same = leaves.filter((leaf) => leaf.priority === priority);
      while (left > NOTHING) {
        const open = same.filter(
          (leaf) =>
            demand(leaf) - given.get(leaf.path)! > NOTHING &&
            chains.get(leaf.path)!.every((item) => item.ceiling - amount(item) > NOTHING)
        );
        if (open.length === 0) {
          break;
        }
        const step = evenStep(open, left, { demand, given, chains, amount });
        for (const leaf of open) {
          given.set(leaf.path, given.get(leaf.path)! + step * leaf.share);
        }
        left -= step * open.reduce((sum, leaf) => sum + leaf.share, 0);
      }
    }
  };
  // Children before parents: what an inner class is guaranteed goes to its own before anything is borrowed from above.
  for (const item of flatten(policy.classes).reverse()) {
    if (item.classes.length > 0) {
      giveTo(leavesOf(item.classes), item.guarantee - amount(item));
    }
  }
  giveTo(leavesOf(policy.classes), policy.bandwidth - policy.classes.reduce((sum, item) => sum + amount(item), 0));
  return given;
}

interface Standing {
  demand(leaf: ResolvedClass): number;
  given: Rates;
  chains: ReadonlyMap<string, readonly ResolvedClass[]>;
  amount(item: ResolvedClass): number;
}

/** The most that every open leaf can take per unit of its share until one of them, a class above, or what is left binds. */
function evenStep(open: readonly ResolvedClass[], left: number, { demand, given, chains, amount }: Standing): number {
  let step = left / open.reduce((sum, leaf) => sum + leaf.share, 0);
  const below = new Map<ResolvedClass, number>();
  for (const leaf of open) {
    step = Math.min(step, (demand(leaf) - given.get(leaf.path)!) / leaf.share);
    for (const item of chains.get(leaf.path)!) {
      below.set(item, (below.get(item) ?? 0) + leaf.share);
    }
  }
  for (const [item, shares] of below) {
    step = Math.min(step, (item.ceiling - amount(item)) / shares);
  }
  return step;
}
