/** Rules of the kernel as conditions, with the class that they lead to and what they do on the way. */
import type { Filter } from '../model.ts';
import { inWords } from './acting.ts';
import { RECOGNISE, type Conditions } from './conditions.ts';
import { outcomeOf, type Doing, type Outcome } from './doing.ts';
import type { Remark, Rule } from './model.ts';
import { RESTORES_SOME } from './restored.ts';

/** By parent and number, in the order in which they are asked. */
function chainsOf(filters: readonly Filter[]): Map<string, Map<number, Filter[]>> {
  const chained = filters.filter(({ chain }) => chain).sort((a, b) => a.pref - b.pref);
  return new Map(
    [...Map.groupBy(chained, ({ parent }) => parent)].map(([parent, list]) => [parent, Map.groupBy(list, ({ chain }) => chain!)])
  );
} // prettier-ignore

const LATER = 'What it took goes to a later rule or to the default.';
const sentence = (text: string) => `${text[0]!.toUpperCase()}${text.slice(1)}.`;

/**
 * Where a rule leads and what it does on the way; undefined where it leads to no class, which is remarked on. One that only
 * copies the connection's mark for the rules after it leads nowhere: ''.
 */
function leadOf(
  filter: Filter,
  chains: ReadonlyMap<number, readonly Filter[]>,
  { family, tagged = false, more }: Conditions,
  object: string,
  remark: (item: Remark) => void
): Pick<Rule, 'classid' | 'doing'> | undefined {
  if (!filter.actions) {
    return { classid: filter.classid };
  }
  const families = family === undefined ? ([4, 6] as const) : [family];
  const outcomes = families.map((of) => outcomeOf(filter, chains, { family: of, tagged, vlan: more?.vlan?.[0] }));
  for (const what of new Set(outcomes.flatMap(({ unsaid }) => unsaid))) {
    remark({ kind: 'left-out', object, message: `It ${what}, which the policy does not say.` });
  }
  for (const what of new Set(outcomes.flatMap(({ nearly }) => nearly))) {
    remark({ kind: 'approximate', object, message: sentence(what) });
  }
  const [{ end }] = outcomes as [Outcome];
  const doing = Object.assign({}, ...outcomes.map((outcome) => outcome.doing).reverse()) as Doing;
  if (doing.restored && (end.kind !== 'class' || !end.classid)) {
    remark({ kind: 'left-out', object, message: RESTORES_SOME });
  }
  if (outcomes.some((outcome) => outcome.doing.dscp !== doing.dscp)) {
    remark({ kind: 'approximate', object, message: 'It writes the DSCP of one version of IP alone; the policy writes both.' }); // prettier-ignore
  }
  if (end.kind === 'next' && doing.connection !== undefined && inWords(doing) === '') {
    return { classid: '', doing };
  }
  if (end.kind !== 'class' || !end.classid) {
    const does = inWords(doing);
    const how = {
      class: 'names no class: write one with a match of your own',
      dropped: 'drops its packets, which no class of a policy does',
      next: 'leaves its packets to later rules, which the policy does not say',
    }[end.kind];
    remark({ kind: 'left-out', object, message: `It ${does ? `${does} and ` : ''}${how}. ${LATER}` });
    return undefined;
  }
  const does = inWords(doing) !== '' || doing.connection !== undefined || doing.restored !== undefined;
  return { classid: end.classid, ...(does && { doing }) };
}

/** A mark that is a copy of the connection's is that one. */
function ofConnection(conditions: Conditions, copied: number): Conditions {
  const { fwmark, ...more } = conditions.more ?? {};
  return fwmark?.every(({ mask }) => (mask & ~copied) === 0)
    ? { ...conditions, more: { ...more, connmark: fwmark } }
    : conditions;
}

/**
 * @param connection bits that are copied from the connection's mark to the packet's before the rules are asked
 * @returns the rules in the order in which the kernel asks them, by parent; those that are no conditions are remarked on
 */
export function recogniseRules(
  filters: readonly Filter[],
  remark: (item: Remark) => void,
  connection = 0
): Map<string, Rule[]> {
  let copied = connection;
  const byParent = new Map<string, Rule[]>();
  const chains = chainsOf(filters);
  // Stable: within one preference the kernel asks in the order in which it lists.
  for (const filter of [...filters].sort((a, b) => a.pref - b.pref)) {
    const object = `filter ${filter.parent} pref ${filter.pref}`;
    if (filter.chain) {
      continue;
    }
    if (filter.partial) {
      remark({ kind: 'left-out', object, message: `It sends to ${filter.classid || 'no class'} by what the language does not say (${filter.partial}). ${LATER}` }); // prettier-ignore
      continue;
    }
    const recognised = RECOGNISE[filter.kind](filter);
    if (!recognised) {
      continue;
    }
    if (typeof recognised === 'string') {
      remark({ kind: 'left-out', object, message: `It sends to ${filter.classid}, but ${recognised}. ${LATER}` }); // prettier-ignore
      continue;
    }
    for (const message of recognised.nearly) {
      remark({ kind: 'approximate', object, message: sentence(message) });
    }
    const led = leadOf(filter, chains.get(filter.parent) ?? new Map(), recognised.conditions, object, remark);
    if (!led) {
      continue;
    }
    if (led.classid === '') {
      copied = (copied | led.doing!.connection!) >>> 0;
      continue;
    }
    const rules = byParent.get(filter.parent) ?? [];
    byParent.set(filter.parent, rules);
    rules.push({ object, kind: filter.kind, ...led, ...ofConnection(recognised.conditions, copied) });
  }
  return byParent;
}

/** Whether a rule takes every frame. */
export const takesAll = ({ object: _, kind: __, classid: ___, doing: ____, ...conditions }: Rule): boolean =>
  Object.keys(conditions).length === 0;
