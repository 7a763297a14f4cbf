/**
 * What the classes of a policy keep of the tree that it was imported from: minors, handles of queues, places of rules. With
 * them the first apply changes that tree where it stands. Nothing is stored in between: the tree, imported again, says which
 * of its classes is which of the policy's.
 */
import { parseDocuments } from '../../../policy/document.ts';
import { asWritten, flatten, type ResolvedClass, type ResolvedPolicy } from '../../../policy/resolve.ts';
import { FIRST_MINOR, LAST_MINOR, type Allocation, type RulePlace } from '../allocation.ts';
import { isOurs, placeIn } from '../hash-table.ts';
import { major, rootOf, type Capabilities, type Filter, type LiveTree } from '../model.ts';
import { ruleKey } from '../rules.ts';
import { bandsIn } from './adapt.ts';
import { minorOf } from './classes.ts';
import { ImportError, type Hook } from './model.ts';
import { importTree } from './tree.ts';

const number = (handle: string) => parseInt(major(handle), 16);

/** The tree as classes, each with its classid where it has one. */
function imported(
  live: LiveTree,
  capabilities: Capabilities,
  leaving: Hook
): { classes: ResolvedClass[]; ids: Map<string, string> } {
  const { source, paths } = importTree(live, { name: 'imported', capabilities, leaving });
  // As it would be read: in the same form as the policy.
  const [parsed] = parseDocuments(source).documents;
  const classes = parsed?.document.kind === 'Policy' ? asWritten(parsed.document.spec, 0) : [];
  return { classes, ids: new Map([...paths].map(([classid, path]) => [path, classid])) };
}

/** Which class is which: by name, or, where that was changed, by what it takes. @returns paths, theirs first */
function pairs(theirs: readonly ResolvedClass[], own: readonly ResolvedClass[]): Array<[string, string]> {
  const names = new Set(theirs.map(({ name }) => name));
  const takes = (item: ResolvedClass) => JSON.stringify([item.default, item.match]);
  return theirs.flatMap((item) => {
    const same =
      own.find(({ name }) => name === item.name) ??
      own.find((other) => !names.has(other.name) && takes(other) === takes(item));
    return same ? [[item.path, same.path], ...pairs(item.classes, same.classes)] : [];
  });
}

/**
 * Handles of queues that are other than the minors of their classes.
 * @param above handles of what the queues stand below
 */
function queuesOf(
  minors: Readonly<Record<string, number>>,
  live: ReadonlyMap<string, number>,
  above: readonly number[]
): Record<string, number> {
  const classes = new Set(Object.values(minors));
  const kept = new Map([...live].filter(([path, handle]) => handle !== minors[path] && !classes.has(handle)));
  const taken = new Set([...above, ...classes, ...kept.values()]);
  for (const [path, minor] of Object.entries(minors)) {
    const fits = minor <= LAST_MINOR && !above.includes(minor);
    if (!kept.has(path) && live.get(path) !== minor && !fits) {
      let free = FIRST_MINOR;
      while (taken.has(free)) {
        free++;
      }
      kept.set(path, free);
      taken.add(free);
    }
  }
  return Object.fromEntries(kept);
}

/** @param pathOf the class that a rule leads to from where ours would stand */
function placesOf(
  filters: readonly Filter[],
  pathOf: (filter: Filter) => string | undefined
): Record<string, RulePlace> {
  const alike = Map.groupBy(filters, ({ parent, chain = 0, pref }) => `${parent} ${chain} ${pref}`);
  return Object.fromEntries(
    [...alike.values()].flatMap((slot) =>
      slot.flatMap((filter): Array<[string, RulePlace]> => {
        const path = pathOf(filter);
        const { kind, pref, handle = 1, chain } = filter;
        // Several rules of u32 in one preference, of which the kernel gave the numbers, are none of ours.
        const kept = path !== undefined && !chain && (kind === 'flower' || slot.length === 1 || isOurs(handle));
        const place = kind === 'flower' ? handle : slot.length === 1 ? 1 : placeIn(handle);
        return kept ? [[ruleKey(path, filter), [pref, place]]] : [];
      })
    )
  );
}

const NO_HOOK: Hook = { filters: [], inexact: [] };

/**
 * @param live a tree of another hand
 * @param leaving rules that packets pass before they come to it
 * @returns what the policy keeps of it; undefined where it is no policy made of this tree, with nothing added or nothing taken away
 */
export function identitiesIn(
  live: LiveTree,
  policy: ResolvedPolicy,
  capabilities: Capabilities,
  leaving = NO_HOOK
): Allocation | undefined {
  const root = rootOf(live);
  const bands = root && bandsIn(live)?.root;
  const shaping = live.classes.filter(({ classid }) => major(classid) === major(root?.handle ?? ''));
  const [link, ...others] = shaping.filter(({ parent }) => parent === 'root');
  const noLink = bands ? bands === root : link && (others.length > 0 || shaping.length === 1);
  // What has no link above it comes to stand below one.
  if (!root || noLink || live.inexact.length > 0) {
    return undefined;
  }
  let theirs: ReturnType<typeof imported>;
  try {
    theirs = imported(live, capabilities, leaving);
  } catch (error) {
    if (error instanceof ImportError) {
      return undefined;
    }
    throw error;
  }
  const found = pairs(theirs.classes, policy.classes);
  if (![theirs.classes, policy.classes].some((classes) => flatten(classes).length === found.length)) {
    return undefined;
  }
  const known = new Map(live.classes.map((item) => [item.classid, item]));
  const handles = new Map(live.qdiscs.map(({ parent, handle }) => [parent, number(handle)]));
  const paths = new Map<string, string>();
  const classes: Record<string, number> = {};
  const queues = new Map<string, number>();
  for (const [theirPath, path] of found) {
    const classid = theirs.ids.get(theirPath) ?? '';
    const queue = handles.get(classid);
    // A band, and the class around one queue, are none here: the queue has the identity.
    const minor = known.has(classid) ? minorOf(classid) : queue;
    if (minor !== undefined) {
      paths.set(classid, path);
      classes[path] = minor;
    }
    if (queue !== undefined) {
      queues.set(path, queue);
    }
  }
  const holderOf = (classid: string) => {
    const parent = known.get(classid)?.parent;
    return bands?.handle ?? (parent === link?.classid ? root.handle : parent);
  };
  const pathOf = ({ parent, classid }: Filter) => (parent === holderOf(classid) ? paths.get(classid) : undefined);
  return {
    classes,
    filters: placesOf(live.filters, pathOf),
    ...(link && { link: minorOf(link.classid) }),
    queues: queuesOf(
      classes,
      queues,
      [root, ...(bands ? [bands] : [])].map(({ handle }) => number(handle))
    ),
    ...(bands && { bands: number(bands.handle) }),
  };
}
