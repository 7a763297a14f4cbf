/** Another order of classes, where it changes which of two takes a packet: the earlier has it. */
import type { Reclassification } from './reclassify.ts';
import type { TrafficClass } from './schema.ts';

export interface Move {
  /** It stands before the other now, and had stood behind it. */
  first: string;
  second: string;
}

/**
 * Pairs of one level that stand the other way round.
 * @param of path of names of what holds the classes
 * @param traffic what goes to another class: a pair that takes nothing from one another is no news
 */
export function moves(
  before: readonly TrafficClass[],
  after: readonly TrafficClass[],
  of: string,
  traffic: readonly Reclassification[]
): Move[] {
  if (traffic.length === 0) {
    return [];
  }
  const was = new Map(before.map(({ name }, index) => [name, index]));
  const within = (leaf: string | null, name: string) => {
    const path = of ? `${of}/${name}` : name;
    return leaf === path || leaf?.startsWith(`${path}/`);
  };
  const kept = after.filter(({ name, default: last }) => was.has(name) && !last);
  return kept.flatMap((first, at) =>
    kept.slice(at + 1).flatMap((second): Move[] => {
      const swapped = was.get(first.name)! > was.get(second.name)!;
      const matters = swapped && traffic.some(({ from, to }) => within(from, second.name) && within(to, first.name));
      return matters ? [{ first: first.name, second: second.name }] : [];
    })
  );
}
