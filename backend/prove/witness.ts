/**
 * A packet for a class: one that the reference classifier puts there. A condition looks at one field (`ports` at one of
 * two), so a field needs only the values at and beside the edges that the policy draws; what no combination of them
 * reaches, no packet does.
 */
import {
  classify,
  clausesOf,
  restored,
  truthOf,
  type Clause,
  type Packet,
  type ResolvedClass,
  type ResolvedPolicy,
  type Truth,
} from '../policy/index.ts';
import { isTrackable, keeping } from './tracked.ts';
import { everyClause, READS, spacesOf, trackable, UNSENT, type Field, type Space } from './space.ts';

export type Witness = { packet: Packet } | { none: string };

/** `sure`: a clause is to have this truth; otherwise it is only not to have the other, so that a field may be missing. */
interface Wish {
  truth: boolean;
  sure: boolean;
}
const HOLDS: Wish = { truth: true, sure: true };
/** Does not hold: false, or about something that the packet does not have. */
const MISSES: Wish = { truth: false, sure: false };
const granted = (found: Truth, { truth, sure }: Wish) => (sure ? found === truth : found !== !truth);

interface Task {
  clause: Clause;
  wish: Wish;
}

const MOST_STEPS = 200_000;

/** What can be sent beside packets of the host's own. */
export interface Means {
  /** Packets of tracked connections */
  tracks?: boolean;
  /** Packets that came in by another interface */
  enters?: boolean;
}

/** @param path of a leaf of the judged policy */
export function witness(
  { classes, restoreDscp }: Pick<ResolvedPolicy, 'classes' | 'restoreDscp'>,
  path: string,
  { tracks = false, enters = false }: Means = {}
): Witness {
  const clauses = everyClause(allClauses(classes));
  const budget = { left: MOST_STEPS };
  // What is restored is sent as that: with another DSCP than its connection keeps.
  const ways = (packet: Packet) =>
    restoreDscp && tracks && isTrackable(packet) ? [keeping(packet, restoreDscp), packet] : [packet];
  const takes = (packet: Packet) => classify(classes, restored(packet, restoreDscp)).path === path;
  const find = (spaces: readonly Space[]) =>
    firstOf(classes, path, spaces, (packet) => ways(packet).find(takes), budget);
  // Of no connection where that will do.
  const sendable = new Set<Field>(enters ? ['inputInterface'] : []);
  const packet = find(spacesOf(clauses, sendable)) ?? (tracks ? find(trackable(clauses, sendable)) : undefined);
  if (packet) {
    return { packet };
  }
  for (const { field, why } of UNSENT.filter((each) => clauses.some((clause) => clause[each.field as keyof Clause]))) {
    if (find(spacesOf(clauses, new Set([...sendable, field])))) {
      return { none: `no packet can be sent with the ${field} that it takes: ${why}` };
    }
  }
  return {
    none:
      budget.left > 0
        ? 'no packet belongs to it: what its match names is taken by classes before it'
        : 'no packet of it was found; its matches and those before it are too many to go through',
  };
}

function firstOf(
  classes: readonly ResolvedClass[],
  path: string,
  spaces: readonly Space[],
  taken: (packet: Packet) => Packet | undefined,
  budget: { left: number }
): Packet | undefined {
  for (const tasks of waysTo(classes, path)) {
    for (const space of spaces) {
      const found = search(tasks, 0, space, budget);
      const packet = found && taken(found);
      if (packet) {
        return packet;
      }
    }
  }
  return undefined;
}

const allClauses = (classes: readonly ResolvedClass[]): Clause[] =>
  classes.flatMap((item) => [...item.match, ...allClauses(item.classes)]);

/** What a packet has to satisfy and to miss, for each choice of one clause at every level down to the class. */
function* waysTo(classes: readonly ResolvedClass[], path: string): Generator<Task[]> {
  const index = classes.findIndex((item) => item.path === path || path.startsWith(`${item.path}/`));
  const item = classes[index];
  if (!item) {
    yield [];
    return;
  }
  const others = item.default ? classes.filter((each) => each !== item) : classes.slice(0, index);
  const missed = others.flatMap((other) => other.match.map((clause): Task => ({ clause, wish: MISSES })));
  const choices: Task[][] = item.default ? [[]] : item.match.map((clause) => [{ clause, wish: HOLDS }]);
  for (const choice of choices) {
    for (const below of waysTo(item.classes, path)) {
      // What is wanted first: it leaves the fewest values to go through.
      yield [...choice, ...below, ...missed].sort((a, b) => Number(b.wish.truth) - Number(a.wish.truth));
    }
  }
}

function search(tasks: readonly Task[], from: number, space: Space, budget: { left: number }): Packet | undefined {
  const task = tasks[from];
  if (!task) {
    return plainest(space);
  }
  for (const narrowed of narrow(task.clause, task.wish, space)) {
    if (budget.left-- <= 0) {
      return undefined;
    }
    const packet = search(tasks, from + 1, narrowed, budget);
    if (packet) {
      return packet;
    }
  }
  return undefined;
}

type Narrow = (space: Space) => Space[];
/** Every one of them is to be granted. */
const every = (parts: readonly Narrow[], space: Space): Space[] =>
  parts.reduce<Space[]>((spaces, part) => spaces.flatMap(part), [space]);

/** One of them is enough: the widest first, and nothing else where one leaves everything as it is. */
function some(parts: readonly Narrow[], space: Space): Space[] {
  const found: Space[] = [];
  for (const part of parts) {
    const narrowed = part(space);
    if (narrowed.includes(space)) {
      return [space];
    }
    found.push(...narrowed);
  }
  return found
    .map((each) => ({ each, kept: keptOf(each, space) }))
    .sort((a, b) => b.kept - a.kept)
    .map(({ each }) => each);
}

const keptOf = ({ fields }: Space, before: Space): number =>
  Math.min(...(Object.keys(fields) as Field[]).map((field) => fields[field]!.length / before.fields[field]!.length));

/** The narrower spaces in which a clause is as wished: it holds when all its conditions do, and fails when one does. */
function narrow(clause: Clause, wish: Wish, space: Space): Space[] {
  const keys = (Object.keys(clause) as Array<keyof Clause>).filter((key) => clause[key] !== undefined);
  const parts = keys.map((key) => (each: Space) => narrowCondition(clause, key, wish, each));
  return (wish.truth ? every : some)(parts, space);
}

function narrowCondition(clause: Clause, key: keyof Clause, wish: Wish, space: Space): Space[] {
  if (key === 'not') {
    return narrow(clause.not!, { ...wish, truth: !wish.truth }, space);
  }
  if (key === 'application') {
    const parts = clause.application!.flatMap(clausesOf).map((item) => (each: Space) => narrow(item, wish, each));
    return (wish.truth ? some : every)(parts, space);
  }
  const fields = READS[key].filter((field) => space.fields[field]);
  const rest = plainest(space);
  if (fields.length === 0) {
    return granted(truthOf({ [key]: clause[key] }, rest), wish) ? [space] : [];
  }
  const parts = fields.map((field) => {
    // Either port satisfies `ports`: each is asked by itself.
    const own = key === 'ports' ? (`${field as 'sourcePort' | 'destinationPort'}s` as const) : key;
    const condition: Clause = { [own]: clause[key] };
    return (each: Space): Space[] => {
      const before = each.fields[field]!;
      const values = before.filter((value) => granted(truthOf(condition, { ...rest, [field]: value }), wish));
      return values.length === before.length
        ? [each]
        : values.length > 0
          ? [{ ...each, fields: { ...each.fields, [field]: values } }]
          : [];
    };
  });
  return (wish.truth ? some : every)(parts, space);
}

/** The plainest packet of a space; what the kind of packet alone decides is the same for all of them. */
const plainest = ({ family, fields }: Space): Packet => ({
  ...(family && { family }),
  ...(Object.fromEntries(Object.entries(fields).map(([field, values]) => [field, values[0]])) as Packet),
});
