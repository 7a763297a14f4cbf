/** What thousands of rules cost a packet that the last of them takes. */
import { bucketingOf, largest } from './hash-table.ts';
import type { Filter } from './model.ts';

/** Looks that thousands of rules may cost; each is a look-up in one table, whatever it holds. */
const MOST_LOOKS = 16;
/** Rules of a bucket of u32, which are gone through, that count as a look: 16 of them took 0.1 to 0.2 µs (Linux 6.18). */
const RULES_OF_A_LOOK = 8;
/** Rules of one place, below which nobody notices. */
const MANY_RULES = 1000;

/** Fields and masks of a rule, without its values: flower keeps a table for each. */
const maskOf = ({ keys }: Pick<Filter, 'keys'>): string =>
  keys.map((key) => `${key.slice(0, key.indexOf(' '))}/${key.split('/')[1] ?? ''}`).join(' ');

function looksOf(rules: ReadonlyArray<Omit<Filter, 'pref' | 'handle'>>): number {
  if (rules[0]!.kind !== 'u32') {
    return new Set(rules.map(maskOf)).size;
  }
  const by = bucketingOf(rules);
  return by ? 1 + Math.ceil(largest(rules, by) / RULES_OF_A_LOOK) : rules.length;
}

/** @param slots rules that share a preference, without their places */
export function looksNote(slots: ReadonlyArray<ReadonlyArray<{ value: Omit<Filter, 'pref' | 'handle'> }>>): string[] {
  const places = Map.groupBy(
    slots.map((slot) => slot.map(({ value }) => value)),
    ([first]) => `${first!.parent} ${first!.chain ?? 0}`
  );
  return [...places.values()].flatMap((there): string[] => {
    // A frame is looked up in the preferences of its own protocol and in those of all.
    const protocols = [...new Set(there.map(([first]) => first!.protocol))];
    const costs = protocols.map((protocol) => {
      const met = there.filter(([first]) => first!.protocol === protocol || first!.protocol === 'all');
      const looks = met.reduce((sum, rules) => sum + looksOf(rules), 0);
      return { looks, rules: met.reduce((sum, rules) => sum + rules.length, 0) };
    });
    const worst = costs.reduce((a, b) => (b.looks > a.looks ? b : a));
    return worst.rules < MANY_RULES || worst.looks <= MOST_LOOKS
      ? []
      : [`${worst.rules} rules stand at ${there[0]![0]!.parent}, and a packet of the last costs ${worst.looks} looks: one for each mask of flower, one for each rule of u32 outside of hash tables. More than ${MOST_LOOKS} add up; fewer lengths of prefixes, fewer overlaps of classes, and a kernel with flower make it less.`]; // prettier-ignore
  });
}
