/** Clauses of one class as fewer that hold for the same packets: what thousands of ports are compared through. */
import type { Clause } from './schema.ts';

type Key = keyof Clause;
interface Fold {
  clause: Clause;
  /** What it says by key, as text: equal texts say the same */
  said: ReadonlyMap<Key, string>;
  /** Places of the given clauses that it stands for */
  of: readonly number[];
}

const lists = (clause: Clause): Key[] => (Object.keys(clause) as Key[]).filter((key) => Array.isArray(clause[key]));
const besides = ({ said }: Fold, key: Key): string => [...said].map(([other, text]) => (other === key ? other : `${other}:${text}`)).join(); // prettier-ignore

/** A condition given a list holds when any element does: clauses that differ in one list are the clause with all elements. */
function joined(folds: readonly Fold[], key: Key): Fold {
  const [first] = folds as [Fold];
  if (folds.length === 1) {
    return first;
  }
  const values = folds.flatMap(({ clause }) => clause[key] as unknown[]);
  return {
    clause: { ...first.clause, [key]: values },
    said: new Map(first.said).set(key, folds.map(({ said }) => said.get(key)!).sort().join()),
    of: folds.flatMap((fold) => fold.of),
  }; // prettier-ignore
}

/** By the key that leaves the fewest, as long as one leaves fewer. */
function fold(folds: readonly Fold[]): readonly Fold[] {
  const keys = new Set(folds.flatMap(({ clause }) => lists(clause)));
  const ways = [...keys].map((key) => {
    const has = Map.groupBy(folds, ({ said }) => said.has(key));
    const alike = Map.groupBy(has.get(true) ?? [], (one) => besides(one, key));
    return { key, alike: [...alike.values()], others: has.get(false) ?? [] };
  });
  const best = ways.sort((a, b) => a.alike.length + a.others.length - b.alike.length - b.others.length)[0];
  return best && best.alike.length + best.others.length < folds.length
    ? fold([...best.alike.map((some) => joined(some, best.key)), ...best.others])
    : folds;
}

/** @returns clauses that together hold for what the given ones do, each with the places of those that it stands for */
export function folded(clauses: readonly Clause[]): Array<Pick<Fold, 'clause' | 'of'>> {
  const single = clauses.map((clause, place): Fold => {
    const said = Object.entries(clause).flatMap(([key, value]) => (value === undefined ? [] : [[key as Key, JSON.stringify(value)] as const])); // prettier-ignore
    return { clause, said: new Map(said.sort(([a], [b]) => (a < b ? -1 : 1))), of: [place] };
  });
  return [...fold(single)];
}
