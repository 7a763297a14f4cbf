/** Rules, desired minus live: a rule that stays keeps its place, and the new one stands before the old one goes. */
import { sameKeys, sameRule } from './actions.ts';
import { tableIn } from './hash-table.ts';
import type { Filter, TcObject } from './model.ts';
import type { Planner } from './operation.ts';

const slotOf = ({ parent, chain = 0, pref }: Filter) => `${parent} ${chain} ${pref}`;
/** Rules journalled before rules of flower had handles were the first of their preference. */
const placeOf = (filter: Filter) => `${slotOf(filter)} ${filter.handle ?? (filter.kind === 'flower' ? 1 : '')}`;

/** Rules by the preference that holds them: the kernel gives a preference to one protocol and one classifier. */
function bySlot(filters: readonly Filter[]): Map<string, Filter[]> {
  const slots = new Map<string, Filter[]>();
  for (const filter of filters) {
    const slot = slots.get(slotOf(filter));
    if (slot) {
      slot.push(filter);
    } else {
      slots.set(slotOf(filter), [filter]);
    }
  }
  return slots;
}

/** A preference with all its rules, as tc names it for deletion. */
const whole = (filters: readonly Filter[]): TcObject => ({
  type: 'filter',
  value: { ...filters[0]!, handle: undefined },
});

export function diffRules(planner: Planner, live: readonly Filter[], desired: readonly Filter[]): void {
  const present = bySlot(live);
  const wanted = bySlot(desired);
  const gone: TcObject[] = [];
  const stays = new Map<Filter, Filter>();
  for (const [slot, filters] of present) {
    const next = wanted.get(slot);
    if (!next) {
      gone.push(whole(filters));
      continue;
    }
    const { protocol, kind } = next[0]!;
    const fits = filters.every((value) => value.protocol === protocol && value.kind === kind);
    const places = new Map(next.map((filter) => [placeOf(filter), filter]));
    // Rules of u32 that the kernel numbered stand in their order.
    const there = (value: Filter, index: number) =>
      kind === 'u32' && value.handle === undefined ? next[index] : places.get(placeOf(value));
    const same =
      filters.length === next.length &&
      filters.every((value, index) => {
        const wanted = there(value, index);
        return wanted && sameRule(value, wanted);
      });
    // Rules of u32 have names of their own in a table alone.
    const named = kind === 'flower' || next.every(({ handle }) => tableIn(handle ?? 0) > 0);
    if (!fits || (!named && !same)) {
      // What is needed for another rule is freed first; otherwise the new rule stands before the old one goes.
      planner.push('del', whole(filters), 'rule replaced');
      continue;
    }
    const keys = new Set(next.map((filter) => filter.keys.join(' ')));
    filters.forEach((value, index) => {
      const wanted = there(value, index);
      if (wanted && sameKeys(value, wanted)) {
        stays.set(wanted, value);
      } else if (wanted || keys.has(value.keys.join(' '))) {
        planner.push('del', { type: 'filter', value }, 'rule replaced');
      } else {
        gone.push({ type: 'filter', value });
      }
    });
  }
  const order = new Order(live, desired, stays);
  for (const value of desired) {
    const before = stays.get(value);
    if (!before) {
      planner.push('add', { type: 'filter', value }, undefined, false, order.cameFrom(value));
    } else if (!sameRule(before, value)) {
      planner.push('replace', { type: 'filter', value }, 'what is done with the packets of the rule');
    }
  }
  // Those of a class that goes too: the kernel deletes no class that a rule points to.
  for (const object of gone) {
    planner.push('del', object, object.type === 'filter' && order.goesOn(object.value) ? 'rule moved: it stands elsewhere now' : 'rule no longer in the policy'); // prettier-ignore
  }
}

const selects = (filter: Filter) => `${filter.parent} ${filter.chain ?? 0} ${filter.protocol} ${filter.kind} ${filter.keys.join(' ')}`; // prettier-ignore

/** Rules that are taken away at one place and put at another: tc has no word for a move. */
class Order {
  private readonly gone: ReadonlyMap<string, Filter>;
  private readonly come: ReadonlySet<string>;
  private readonly slots: ReadonlyMap<string, Filter[]>;
  constructor(live: readonly Filter[], desired: readonly Filter[], stays: ReadonlyMap<Filter, Filter>) {
    const kept = new Set(stays.values());
    const leaves = live.filter((filter) => !kept.has(filter));
    this.gone = new Map(leaves.map((filter) => [selects(filter), filter]));
    this.come = new Set(desired.filter((filter) => !stays.has(filter)).map(selects));
    this.slots = bySlot(leaves);
  }
  /** What is said of a rule that stood elsewhere, or led to another class. */
  cameFrom(filter: Filter): string | undefined {
    const before = this.gone.get(selects(filter));
    return !before
      ? undefined
      : before.classid === filter.classid
        ? `moved from preference ${before.pref} to ${filter.pref}`
        : `led to ${before.classid} before: reclassified`;
  }
  /** Whether a rule, or each of a preference that goes as a whole, stands elsewhere afterwards. */
  goesOn(filter: Filter): boolean {
    const rules = filter.handle === undefined ? (this.slots.get(slotOf(filter)) ?? [filter]) : [filter];
    return rules.every((rule) => this.come.has(selects(rule)));
  }
}
