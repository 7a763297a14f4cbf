/**
 * What another hand changed on an interface since it was read back, in the words of the policy; and, where the language
 * can say it, the place and value of the document that would make it the policy's own.
 */
import {
  classDifferences, filterContent, isKernelDefault, LINK_CHAIN, linkMinor, qdiscDifferences, renderActions, rootOf,
  type Allocation, type Filter, type HtbClass, type Ingress, type LiveTree, type Qdisc, type TcClass, type TcTree,
} from '../compile/tc/index.ts'; // prettier-ignore
import { formatDuration, formatRate } from '../policy/quantities.ts';
import type { PolicyDocument, TrafficClass } from '../policy/schema.ts';
import { rateText } from '../policy/write.ts';
import { bucketDrift } from './drift-police.ts';
import { restoredAdvice, restoredDrift } from './drift-restored.ts';

export interface Drifted {
  /** Policy path, e.g. spec.classes[1].ceiling; '' where the document has no place for it */
  path: string;
  /** A sentence, e.g. "video’s ceiling: 11.4 Mbit/s in force, 5 Mbit/s live, changed by hand." */
  words: string;
  /** As the document would say what is live; undefined where it cannot be adopted as a figure */
  value: string | number | boolean | undefined;
  /** Why not, and what to do instead */
  unsayable?: string;
}

/** Where classes stand in the document: path of names → e.g. spec.classes[1]; '' is the link itself. */
export type Places = ReadonlyMap<string, string>;

/** Of every class of a document, and of the link. */
export function placesOf(document: PolicyDocument | undefined): Places {
  const below = (items: readonly TrafficClass[] | undefined, path: string, place: string): Array<[string, string]> =>
    (items ?? []).flatMap((item, index): Array<[string, string]> => {
      const [own, at] = [`${path}${item.name}`, `${place}.classes[${index}]`];
      return [[own, at], ...below(item.classes, `${own}/`, at)];
    });
  return new Map([['', 'spec'], ...below(document?.spec.classes, '', 'spec')]);
}

export interface Figure {
  /** As a person calls it, e.g. "ceiling" */
  what: string;
  /** Below the class in the document, '' where there is no such key */
  key: string;
  inForce: string;
  live: string;
  value?: string | number | boolean | undefined;
}

/** @param identities as the deployment in force gave them */
export function driftOf(inForce: TcTree, live: LiveTree, identities: Allocation, places: Places): Drifted[] {
  const names = new Map(Object.entries(identities.classes).map(([path, minor]) => [minor.toString(16), path]));
  const nameOf = (id: string) => {
    const minor = id.slice(id.indexOf(':') + 1);
    return minor === linkMinor(identities).toString(16) || minor === '' ? '' : names.get(minor);
  };
  const said = (id: string, sentence: string, unsayable: string): Drifted => ({
    path: places.get(nameOf(id) ?? id) ?? '',
    words: `${called(nameOf(id), id)}: ${sentence}.`,
    value: undefined,
    unsayable,
  });
  const [was, is] = [rootOf(inForce), rootOf(live)];
  const rules = (then: readonly Filter[], now: readonly Filter[]): Drifted[] => {
    const buckets = bucketDrift(then, now, identities.filters);
    return [
      ...buckets.changed.flatMap(({ owner, figures: list }) => list.map((each) => inWords(each, called(owner, owner), places.get(owner)))),
      ...ruleDrift(buckets.inForce, buckets.live, said),
    ];
  }; // prettier-ignore
  const arrival = !inForce.ingress ? [] : inForce.ingress.ifb ? arrivalDrift(inForce.ingress, live) : policeDrift(inForce.ingress, live, rules); // prettier-ignore
  if (isKernelDefault(live) && !isKernelDefault(inForce)) {
    return [{ path: 'spec', words: `The whole tree is gone: ${is?.kind ?? 'no queue'} is there, as after a restart or when the interface was made anew.`, value: undefined, unsayable: 'There is nothing to adopt. Apply the policy again, or roll it back.' }]; // prettier-ignore
  }
  if (was?.kind !== is?.kind || was?.handle !== is?.handle) {
    return [{ path: 'spec', words: `Another tree stands there: ${is?.kind} ${is?.handle} in place of ${was?.kind} ${was?.handle}.`, value: undefined, unsayable: 'Import the interface: that makes a policy of another tree.' }]; // prettier-ignore
  }
  const drifted: Drifted[] = [];
  const figures = (id: string, list: readonly Figure[]) =>
    drifted.push(...list.map((figure) => inWords(figure, called(nameOf(id), id), places.get(nameOf(id) ?? id))));

  const liveClasses = new Map(live.classes.map((item) => [item.classid, item]));
  const liveQueues = new Map(live.qdiscs.map((item) => [item.parent, item]));
  for (const item of inForce.classes) {
    const now = liveClasses.get(item.classid);
    if (!now) {
      drifted.push(
        said(
          item.classid,
          'the class is gone, deleted by hand',
          'Remove the class from the document where it should stay away.'
        )
      );
    } else if (now.parent !== item.parent || now.kind !== item.kind) {
      drifted.push(
        said(
          item.classid,
          'the class stands elsewhere in the tree, moved by hand',
          'Move the class in the document where it should stay there.'
        )
      );
    } else {
      figures(item.classid, classFigures(item, now));
    }
  }
  const known = new Set(inForce.classes.map((item) => item.classid));
  drifted.push(
    ...live.classes.filter((item) => !known.has(item.classid)).map((item) => extra(`class ${item.classid}`))
  );
  for (const queue of inForce.qdiscs) {
    figures(queue.parent === 'root' ? ':' : queue.parent, queueFigures(queue, liveQueues.get(queue.parent)));
  }
  drifted.push(...rules(inForce.filters, live.filters));
  drifted.push(...[...new Set(live.inexact)].map((what) => extra(what)));
  return [...arrival, ...drifted];
}

/** What no longer brings received packets to the tree. */
function arrivalDrift({ ifb, rules }: Ingress, { ingress }: LiveTree): Drifted[] {
  const said = (words: string): Drifted => ({ path: 'spec', words, value: undefined });
  const now = new Set((ingress?.rules ?? []).map(filterContent));
  const then = new Set(rules.map(filterContent));
  return [
    ...(rules.some((rule) => !now.has(filterContent(rule))) ? [said('What is received no longer goes through the tree, and nothing shapes it: the rule that sends it there is gone, deleted by hand.')] : []),
    ...(ifb?.up && ingress?.ifb?.up === false ? [said(`${ifb.name} is down, set so by hand: what is received is lost there.`)] : []),
    ...(ingress?.rules ?? []).filter((rule) => !then.has(filterContent(rule))).map(({ pref, kind }) => extra(`filter pref ${pref} ${kind} (on what is received)`)),
  ]; // prettier-ignore
}

/** Rules at the hook itself stand for classes: a rule belongs to the class that it leads to, or in whose chain it stands. */
function policeDrift({ rules }: Ingress, { ingress }: LiveTree, drift: (then: readonly Filter[], now: readonly Filter[]) => Drifted[]): Drifted[] {
  const live = ingress?.rules ?? [];
  if (rules.length > 0 && live.length === 0) {
    return [{ path: 'spec', words: 'Nothing polices what is received any more: all rules there are gone, as after a restart or when the interface was made anew.', value: undefined, unsayable: 'There is nothing to adopt. Apply the policy again, or roll it back.' }]; // prettier-ignore
  }
  const named = (filter: Filter): Filter => {
    const to = filter.actions?.find((action) => action.kind === 'goto')?.chain;
    const own = filter.keys.length > 0 || !filter.chain ? to : filter.chain;
    // Above all minors and what is added to them stands the link's.
    return { ...filter, classid: own === undefined || own >= LINK_CHAIN ? ':' : `:${(own & 0xffff).toString(16)}` };
  };
  return drift(rules.map(named), live.map(named));
} // prettier-ignore

const called = (name: string | undefined, id: string) => (name === '' ? 'the link' : (name ?? `class ${id}`));
const extra = (what: string): Drifted => ({
  path: '',
  words: `${what}: added or changed by hand, which the policy cannot say.`,
  value: undefined,
  unsayable: NO_WORDS,
});

const NO_WORDS = 'The document has no key that says this of it.';

function inWords({ what, key, inForce, live, value }: Figure, owner: string, place: string | undefined): Drifted {
  const path = place === undefined || key === '' ? (place ?? '') : place === 'spec' ? `spec.${key}` : `${place}.${key}`;
  return {
    path,
    words: `${owner}’s ${what}: ${inForce} in force, ${live} live, changed by hand.`,
    ...(place === undefined || key === '' || value === undefined
      ? { value: undefined, unsayable: place === undefined ? 'The document has no such class.' : NO_WORDS }
      : { value }),
  };
}

function classFigures(inForce: TcClass, live: TcClass): Figure[] {
  if (inForce.kind !== 'htb' || live.kind !== 'htb') {
    return classDifferences(live, inForce).map((words) => {
      const [, what = words, now = '', then = ''] = /^(.*?) (\S+ ?\S*) → (.*)$/.exec(words) ?? [];
      return { what, key: '', inForce: then, live: now };
    });
  }
  return htbFigures(inForce, live);
}

function htbFigures(inForce: HtbClass, live: HtbClass): Figure[] {
  const link = inForce.parent === 'root';
  // Each word of the differences begins with what it is about.
  const differs = new Set(classDifferences(live, inForce).map((words) => words.replace(/ [\d(].*$/, '')));
  const rate = (what: string, key: string, of: (item: HtbClass) => number): Figure => ({
    what, key, inForce: formatRate(of(inForce)), live: formatRate(of(live)), value: rateText(of(live)),
  }); // prettier-ignore
  const bytes = (what: string, key: string, of: (item: HtbClass) => number): Figure => ({
    what, key, inForce: `${of(inForce)} B`, live: `${of(live)} B`, value: `${of(live)}B`,
  }); // prettier-ignore
  return [
    ...(differs.has('guarantee') ? [rate(link ? 'rate' : 'guarantee', link ? 'bandwidth' : 'guarantee', (item) => item.rate)] : []),
    ...(differs.has('ceiling') ? [rate('ceiling', link ? '' : 'ceiling', (item) => item.ceil)] : []),
    ...(differs.has('burst') ? [bytes('burst', link ? '' : 'burst', (item) => item.burst)] : []),
    ...(differs.has('ceiling burst') ? [bytes('burst at its ceiling', '', (item) => item.cburst)] : []),
    ...(differs.has('priority') ? [{ what: 'priority', key: live.prio === 0 ? '' : 'priority', inForce: String(7 - inForce.prio!), live: String(7 - live.prio!), value: 7 - live.prio! }] : []),
    ...(differs.has('share') ? [{ what: 'share (quantum)', key: '', inForce: `${inForce.quantum} B`, live: `${live.quantum} B` }] : []),
  ]; // prettier-ignore
}

/** Options of queues that the document has a key for, and how it writes them. */
const QUEUE_KEYS: Record<string, (value: number | boolean | string, kind: string) => [key: string, written: string | number | boolean]> = {
  limit: (value, kind) => ['limit', `${value}${kind === 'bfifo' || kind === 'red' ? 'B' : 'p'}`],
  target: (value) => ['target', `${value}us`],
  interval: (value) => ['interval', `${value}us`],
  quantum: (value) => ['quantum', `${value}B`],
  flows: (value) => ['flows', value],
  ecn: (value) => ['ecn', value],
  memory_limit: (value) => ['memory', `${value}B`],
}; // prettier-ignore

function queueFigures(inForce: Qdisc, live: Qdisc | undefined): Figure[] {
  const root = inForce.parent === 'root';
  if (live?.kind !== inForce.kind) {
    return [{ what: 'queue', key: '', inForce: inForce.kind, live: live?.kind ?? 'the kernel’s own' }];
  }
  const { fixed, changed } = qdiscDifferences(live, inForce);
  return [...fixed, ...changed].map((name): Figure => {
    const now = live.options[name];
    const written = now === undefined || root ? undefined : QUEUE_KEYS[name]?.(now, live.kind);
    return {
      what: `${root ? live.kind : 'queue'} ${name.replaceAll('_', ' ')}`,
      key: written ? `queue.${written[0]}` : '',
      inForce: optionText(name, inForce.options[name]),
      live: optionText(name, now),
      value: written?.[1],
    };
  });
}

const optionText = (name: string, value: Qdisc['options'][string] | undefined): string =>
  value === undefined
    ? 'unset'
    : typeof value === 'boolean'
      ? value
        ? 'on'
        : 'off'
      : /^(target|interval)$/.test(name)
        ? formatDuration(Number(value))
        : String(value);

const RULES = 'Say it in the match of the class, or import the interface to see it as conditions.';

function ruleDrift(
  inForce: readonly Filter[],
  live: readonly Filter[],
  said: (id: string, sentence: string, unsayable: string) => Drifted
): Drifted[] {
  const { drifted, then: wasThere, now: isThere } = restoredDrift(inForce, live);
  const slot = (filter: Filter) => `${filter.parent} ${filter.pref} ${filterContent(filter)}`;
  const [then, now] = [new Set(wasThere.map(slot)), new Set(isThere.map(slot))];
  // A rule that leads to no class is what it does.
  const text = ({ protocol, pref, kind, keys, classid, actions }: Filter) =>
    `${[protocol, 'pref', pref, kind, ...keys].join(' ')}${classid === '' ? renderActions(actions) : ''}`;
  return [
    ...drifted,
    ...wasThere.filter((item) => !now.has(slot(item))).map((item) => said(item.classid, `a rule is gone, deleted or changed by hand (${text(item)})`, restoredAdvice(item) ?? RULES)),
    ...isThere.filter((item) => !then.has(slot(item))).map((item) => said(item.classid, `a rule that the policy does not have, added by hand (${text(item)})`, restoredAdvice(item) ?? RULES)),
  ]; // prettier-ignore
}
