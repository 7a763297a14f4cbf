/** Many interfaces of one network, read in as few processes as one: the processes are what reading costs. */
import { createHash } from 'node:crypto';
import { ruleHolders, read, sideOf, type LiveTree, type RuleHolder } from '../compile/tc/index.ts';
import { linkOf, mayOffload, readLink, type Link, type LinkListing } from './link.ts';
import { blocksOf, filtersOf, linesOf, rulesAfterEach, rulesAtLines, show } from './listing.ts';
import { inside, withNamespace, type Place } from './place.ts';
import { ProgramMissing, run } from './run.ts';
import { readTree } from './tree.ts';

/** What came of each of several, or why nothing did, in their order. */
export type Outcomes<T> = Array<PromiseSettledResult<T>>;

/** One after another, so that several are no crowd of processes; what fails fails for its own. */
export async function oneByOne<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => R | Promise<R>
): Promise<Outcomes<R>> {
  const outcomes: Outcomes<R> = [];
  for (const item of items) {
    try {
      const result = work(item, outcomes.length);
      // Thousands that need not wait do not.
      outcomes.push({ status: 'fulfilled', value: result instanceof Promise ? await result : result });
    } catch (reason) {
      outcomes.push({ status: 'rejected', reason });
    }
  }
  return outcomes;
}

/** Goes on with what succeeded; what failed stays as it is, in its place. */
export async function onward<T, R>(
  outcomes: Outcomes<T>,
  work: (values: T[]) => Promise<Outcomes<R>>
): Promise<Outcomes<R>> {
  const values = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const next = (values.length > 0 ? await work(values) : []).values();
  return outcomes.map((outcome) => (outcome.status === 'fulfilled' ? next.next().value! : outcome));
}

/** @throws what it failed with */
export function valueOf<T>(outcome: PromiseSettledResult<T>): T {
  if (outcome.status === 'rejected') {
    throw outcome.reason;
  }
  return outcome.value;
}

/**
 * Whether each interface offloads segmentation. Without ethtool it is assumed of all, since that is the default.
 * @returns undefined where the kernel (before Linux 5.6) cannot list the features of all
 */
async function offloading(place: Place): Promise<((device: string) => boolean | undefined) | undefined> {
  try {
    const { status, stdout } = await run(inside(place, ['ethtool', '-k', '*']), { timeoutMs: 30_000 });
    const parts = stdout.split(/^Features for (\S+):$/m).slice(1);
    const known = new Map(parts.flatMap((part, i) => (i % 2 === 0 ? [[part, mayOffload(parts[i + 1] ?? '')]] : [])));
    return status === 0 ? (device) => known.get(device) : undefined;
  } catch {
    return () => true;
  }
}

/** As readLink for each. */
export async function readLinks(place: Place, devices: readonly string[]): Promise<Outcomes<Link>> {
  const alone = (device: string) => readLink(place, device);
  // Each side of an interface has features of its own, which only a look at that one tells.
  const plain = devices.every((device) => sideOf(device).direction === 'egress');
  const all =
    plain && devices.length > 1 ? await run(withNamespace(place, 'ip', ['-j', '-d', 'link', 'show'])) : undefined;
  const offloaded = all?.status === 0 ? await offloading(place) : undefined;
  if (!all || !offloaded) {
    return oneByOne(devices, alone);
  }
  const links = new Map((JSON.parse(all.stdout) as LinkListing[]).map((link) => [link.ifname, link]));
  return oneByOne(devices, async (device) => {
    const link = links.get(device);
    const large = offloaded(device);
    return link && large !== undefined ? linkOf(place, link, large) : alone(device);
  });
}

/** Where the next line begins that starts with `word`; -1 when there is none. */
const lineFrom = (text: string, word: string, from: number): number =>
  text.startsWith(word, from) ? from : text.indexOf(`\n${word}`, from) + 1 || -1;

/** Listings of `class show` and `filter show` in turns: a class after a rule begins the next interface. */
function turns(text: string): string[] {
  const parts: string[] = [];
  for (let start = 0; start >= 0;) {
    const rules = lineFrom(text, 'filter ', start);
    const next = rules < 0 ? -1 : lineFrom(text, 'class ', rules);
    parts.push(next < 0 ? text.slice(start) : text.slice(start, next));
    start = next;
  }
  return parts;
}

/** What an interface's queues are, by its name: the listing of all, divided and without the names. */
function queuesOf(listing: string): Map<string, string> {
  const queues = new Map<string, string>();
  for (const block of blocksOf(listing, 'qdisc')) {
    const at = block.indexOf(' dev ');
    const end = block.indexOf(' ', at + 5);
    const device = block.slice(at + 5, end);
    const others = queues.get(device);
    queues.set(device, `${others === undefined ? '' : `${others}\n`}${block.slice(0, at)}${block.slice(end)}`);
  }
  return queues;
}

/** Interfaces whose listings are held in memory at a time: a dozen kilobytes each */
export const LISTED_AT_ONCE = 500;

const digest = (texts: readonly string[]): string => {
  const hash = createHash('sha256');
  texts.forEach((text) => hash.update(`${text.length} ${text}`));
  return hash.digest('base64');
};

/** Remembers what came of each text: hundreds of interfaces show few different ones. */
function remembered<R>(work: (text: string) => R): (text: string) => R {
  const known = new Map<string, R>();
  return (text) => {
    const found = known.get(text) ?? work(text);
    known.set(text, found);
    return found;
  };
}

/** The rules at inner classes and inner qdiscs, in the order of `scopes`. */
async function rulesAt(
  place: Place,
  scopes: ReadonlyArray<RuleHolder & { device: string }>
): Promise<string[] | undefined> {
  if (scopes.length === 0) {
    return [];
  }
  const text = await show(
    place,
    scopes.flatMap(({ device, ...holder }) => rulesAtLines(device, holder))
  );
  const parts = rulesAfterEach(text);
  return parts.length === scopes.length ? parts : undefined;
}

/**
 * tc names the interface of a qdisc and of nothing else. Listings of several are told apart only when each has classes
 * and rules, so that they come in turns.
 * @returns undefined when they do not. @throws when one of them cannot be read
 */
async function readTogether(place: Place, devices: readonly string[], atOnce: number): Promise<LiveTree[] | undefined> {
  // Before anything that names an interface: tc would remember it and leave out the names.
  const queues = queuesOf(await show(place, ['qdisc show']));
  const bare = devices.filter((device) => !queues.has(device));
  // An interface that is down shows no queue; one that does not exist makes this fail.
  if (
    bare.length > 0 &&
    (await show(
      place,
      bare.map((device) => `class show dev ${device}`)
    )) !== ''
  ) {
    return undefined;
  }
  // Classes and rules hang at a root of somebody's own, which has a handle.
  const hasOwnRoot = remembered((text) =>
    text.split('\n').some((line) => / root /.test(line) && !/^qdisc \S+ 0: /.test(line))
  );
  const shaped = devices.filter((device) => hasOwnRoot(queues.get(device) ?? ''));
  const classesIn = remembered((part) => linesOf(part, 'class'));
  const holdersIn = remembered((both) => {
    const [qdiscs = '', classes = ''] = both.split('\0');
    return ruleHolders({ qdiscs, classes });
  });
  // Equal texts are one tree, however many interfaces have it.
  const trees = new Map<string, LiveTree>();
  const treeOf = (device: string, part: string, rules: ReadonlyArray<{ parent: string; text: string }>): LiveTree => {
    const qdiscs = queues.get(device) ?? '';
    const key = digest([qdiscs, part, ...rules.flatMap(({ parent, text }) => [parent, text])]);
    const tree =
      trees.get(key) ??
      read({
        qdiscs,
        classes: classesIn(part),
        filters: { '': filtersOf(part), ...Object.fromEntries(rules.map(({ parent, text }) => [parent, text])) },
      });
    trees.set(key, tree);
    return tree;
  };
  const found = new Map<string, LiveTree>();
  for (let at = 0; at < shaped.length; at += atOnce) {
    const some = shaped.slice(at, at + atOnce);
    // Fewer than there are interfaces as soon as one has no classes or no rules: those before and after it run together.
    const parts = turns(
      await show(
        place,
        some.flatMap((device) => [`class show dev ${device}`, `filter show dev ${device}`])
      )
    );
    if (parts.length !== some.length) {
      return undefined;
    }
    const scopes = some.flatMap((device, index) =>
      holdersIn(`${queues.get(device) ?? ''}\0${classesIn(parts[index]!)}`).map((holder) => ({ device, ...holder }))
    );
    const inner = await rulesAt(place, scopes);
    if (!inner) {
      return undefined;
    }
    const rulesOf = Map.groupBy(
      scopes.map((scope, index) => ({ ...scope, text: inner[index]! })),
      ({ device }) => device
    );
    some.forEach((device, index) => found.set(device, treeOf(device, parts[index]!, rulesOf.get(device) ?? [])));
  }
  return devices.map((device) => found.get(device) ?? treeOf(device, '', []));
}

/**
 * As readTree for each side; those that carry the same share one tree, which nobody may change.
 * @param atOnce how many are listed at a time
 */
export async function readTrees(
  place: Place,
  sides: readonly string[],
  atOnce = LISTED_AT_ONCE
): Promise<Outcomes<LiveTree>> {
  const leaving = sides.filter((side) => sideOf(side).direction === 'egress');
  const read = (await readLeaving(place, leaving, atOnce)).values();
  const outcomes: Outcomes<LiveTree> = [];
  for (const side of sides) {
    const received = sideOf(side).direction === 'ingress';
    outcomes.push(...(received ? await oneByOne([side], () => readTree(place, side)) : [read.next().value!]));
  }
  return outcomes;
}

async function readLeaving(place: Place, devices: readonly string[], atOnce: number): Promise<Outcomes<LiveTree>> {
  if (devices.length < 2) {
    return oneByOne(devices, (device) => readTree(place, device));
  }
  const together = await readTogether(place, devices, atOnce).catch((error: unknown) => {
    if (error instanceof ProgramMissing) {
      throw error;
    }
    return undefined;
  });
  if (together) {
    return together.map((value) => ({ status: 'fulfilled', value }));
  }
  // Halved until the one that cannot be told apart, or cannot be read, stands alone.
  const middle = devices.length >> 1;
  return [
    ...(await readLeaving(place, devices.slice(0, middle), atOnce)),
    ...(await readLeaving(place, devices.slice(middle), atOnce)),
  ];
}
