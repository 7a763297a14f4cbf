/** Many interfaces of one network, read in as few processes as one: the processes are what reading costs. */
import { ruleHolders, read, type LiveTree } from '../compile/tc/index.ts';
import {
  blocksOf,
  filtersOf,
  linesOf,
  linkOf,
  mayOffload,
  readLink,
  readTree,
  rulesAfterEach,
  rulesAtLines,
  show,
  type Link,
  type LinkListing,
} from './linux.ts';
import { inside, withNamespace, type Place } from './place.ts';
import { ProgramMissing, run } from './run.ts';

/** What came of each of several, or why nothing did, in their order. */
export type Outcomes<T> = Array<PromiseSettledResult<T>>;

/** One after another, so that several are no crowd of processes; what fails fails for its own. */
export async function oneByOne<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => R | Promise<R>
): Promise<Outcomes<R>> {
  const outcomes: Outcomes<R> = [];
  for (const [index, item] of items.entries()) {
    outcomes.push(...(await Promise.allSettled([(async () => work(item, index))()])));
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
  const all = devices.length > 1 ? await run(withNamespace(place, 'ip', ['-j', '-d', 'link', 'show'])) : undefined;
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

/** Listings of `class show` and `filter show` in turns: a class after a rule begins the next interface. */
function turns(text: string): string[] {
  const parts: string[][] = [];
  let rules = true;
  for (const line of text.split('\n')) {
    if (line.startsWith('class ') && rules) {
      parts.push([]);
      rules = false;
    }
    rules ||= line.startsWith('filter ');
    if (parts.length === 0) {
      parts.push([]);
    }
    parts.at(-1)!.push(line);
  }
  return parts.map((lines) => lines.join('\n'));
}

/** The rules at inner classes and inner qdiscs, in the order of `scopes`. */
async function rulesAt(
  place: Place,
  scopes: ReadonlyArray<{ device: string; parent: string }>
): Promise<string[] | undefined> {
  if (scopes.length === 0) {
    return [];
  }
  const text = await show(
    place,
    scopes.flatMap(({ device, parent }) => rulesAtLines(device, parent))
  );
  const parts = rulesAfterEach(text);
  return parts.length === scopes.length ? parts : undefined;
}

/**
 * tc names the interface of a qdisc and of nothing else. Listings of several are told apart only when each has classes
 * and rules, so that they come in turns.
 * @returns undefined when they do not. @throws when one of them cannot be read
 */
async function readTogether(place: Place, devices: readonly string[]): Promise<LiveTree[] | undefined> {
  // Before anything that names an interface: tc would remember it and leave out the names.
  const queues = Map.groupBy(
    blocksOf(await show(place, ['qdisc show']), 'qdisc'),
    (block) => / dev (\S+)/.exec(block)?.[1]
  );
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
  const shaped = devices.filter((device) =>
    queues.get(device)?.some((line) => / root /.test(line) && !/^qdisc \S+ 0: /.test(line))
  );
  const text =
    shaped.length > 0
      ? await show(
          place,
          shaped.flatMap((device) => [`class show dev ${device}`, `filter show dev ${device}`])
        )
      : '';
  // Fewer than there are interfaces as soon as one has no classes or no rules: those before and after it run together.
  const parts = turns(text);
  if (shaped.length > 0 && parts.length !== shaped.length) {
    return undefined;
  }
  const classes = new Map(shaped.map((device, index) => [device, linesOf(parts[index]!, 'class')]));
  const listed = (device: string) => ({
    qdiscs: (queues.get(device) ?? []).join('\n'),
    classes: classes.get(device) ?? '',
  });
  const scopes = shaped.flatMap((device) => ruleHolders(listed(device)).map((parent) => ({ device, parent })));
  const inner = await rulesAt(place, scopes);
  if (!inner) {
    return undefined;
  }
  const rules = new Map<string, Record<string, string>>(
    shaped.map((device, index) => [device, { '': filtersOf(parts[index]!) }])
  );
  scopes.forEach(({ device, parent }, index) => {
    rules.get(device)![parent] = inner[index]!;
  });
  return devices.map((device) => read({ ...listed(device), filters: rules.get(device) ?? {} }));
}

/** As readTree for each. */
export async function readTrees(place: Place, devices: readonly string[]): Promise<Outcomes<LiveTree>> {
  if (devices.length < 2) {
    return oneByOne(devices, (device) => readTree(place, device));
  }
  const together = await readTogether(place, devices).catch((error: unknown) => {
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
  return [...(await readTrees(place, devices.slice(0, middle))), ...(await readTrees(place, devices.slice(middle)))];
}
