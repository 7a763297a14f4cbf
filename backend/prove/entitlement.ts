/** What each leaf is owed when given amounts are offered: truths 1 to 3 as a computation, in each way that schedulers share. */
import { fairRates } from '../compile/tc/index.ts';
import { flatten, type ResolvedClass, type ResolvedPolicy, type Sharing } from '../policy/index.ts';
import { passes, staysHere } from './passage.ts';

/** bit/s by path of leaf */
export type Rates = ReadonlyMap<string, number>;

export const leavesOf = (classes: readonly ResolvedClass[]): ResolvedClass[] =>
  flatten(classes).filter((item) => item.classes.length === 0);

/** Below a millionth of any rate that is stated: nothing more to give. */
const NOTHING = 1e-3;

/** What of an offer the scheduler sees and may send. */
const demandOf = (leaf: ResolvedClass, offered: Rates): number =>
  staysHere(leaf) ? Math.min(offered.get(leaf.path) ?? 0, leaf.ceiling, passes(leaf)) : 0;

/** @param sharing of the scheduler; of `own` only the sum is right */
export function entitlement(policy: ResolvedPolicy, offered: Rates, sharing: Sharing = 'stated'): Rates {
  switch (sharing) {
    case 'weights':
      return asStated({ ...policy, classes: weighted(policy) }, offered);
    case 'levels':
      return byLevels(policy, offered);
    case 'stated':
    case 'own':
      return asStated(policy, offered);
  }
}

/** Weights that include the guarantees: one round of turns by priority. */
function weighted({ classes, bandwidth }: ResolvedPolicy): ResolvedClass[] {
  const rates = new Map(
    [...new Set(classes.map((item) => item.priority))].flatMap((priority) => [
      ...fairRates(classes.filter((item) => item.priority === priority), bandwidth),
    ])
  ); // prettier-ignore
  return classes.map((item) => ({ ...item, guarantee: 0, share: rates.get(item)! }));
}

/** Every level by its weights, as far as each class and those below it can take it. */
function byLevels(policy: ResolvedPolicy, offered: Rates): Rates {
  const given = new Map<string, number>();
  const most = (item: ResolvedClass): number =>
    item.classes.length === 0
      ? demandOf(item, offered)
      : Math.min(item.ceiling, item.classes.reduce((sum, child) => sum + most(child), 0)); // prettier-ignore
  const give = (classes: readonly ResolvedClass[], amount: number, whole: number) => {
    const rates = fairRates(classes, whole);
    const weights = classes.map((item) => Math.min(item.ceiling, rates.get(item)!));
    const parts = divided(amount, weights, classes.map(most)); // prettier-ignore
    for (const [index, item] of classes.entries()) {
      given.set(item.path, parts[index]!);
      give(item.classes, parts[index]!, weights[index]!);
    }
  };
  give(policy.classes, policy.bandwidth, policy.bandwidth);
  return new Map(leavesOf(policy.classes).map(({ path }) => [path, given.get(path)!]));
}

/** An amount by weights, up to the most that each takes. */
function divided(amount: number, weights: readonly number[], most: readonly number[]): number[] {
  const parts = weights.map(() => 0);
  for (let left = amount; left > NOTHING;) {
    const open = [...parts.keys()].filter((i) => most[i]! - parts[i]! > NOTHING);
    if (open.length === 0) {
      break;
    }
    const total = open.reduce((sum, i) => sum + weights[i]!, 0);
    const step = Math.min(left / total, ...open.map((i) => (most[i]! - parts[i]!) / weights[i]!));
    open.forEach((i) => (parts[i]! += step * weights[i]!));
    left -= step * total;
  }
  return parts;
}

/**
 * Guarantees first, those of inner classes for their own children; then what is left over, highest priority first, then by
 * share, up to every ceiling above.
 */
function asStated(policy: ResolvedPolicy, offered: Rates): Rates {
  const given = new Map<string, number>();
  const demand = (leaf: ResolvedClass) => demandOf(leaf, offered);
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
