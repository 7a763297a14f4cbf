/** Rules of one class as the clauses that an operator would write: the way back from their boxes. */
import { blocks as blocksOf, outsideRanges } from '../../../policy/boxes.ts';
import { PORT_PROTOCOLS, type PortRange, type Prefix, type Protocol } from '../../../policy/quantities.ts';
import type { Clause } from '../../../policy/schema.ts';
import type { Family, Rule } from './model.ts';
import { MORE, type More, type MoreKey } from './more.ts';

/** Rules that differ in one thing only are one box with a list; `undefined` is any. */
interface Box {
  blocks: boolean;
  tags: readonly boolean[];
  /** undefined of every frame, IP or not */
  family: Family | undefined;
  more: More;
  dscp: readonly number[] | undefined;
  protocol: readonly number[] | undefined;
  sourcePorts: readonly PortRange[] | undefined;
  destinationPorts: readonly PortRange[] | undefined;
  source: readonly Prefix[] | undefined;
  destination: readonly Prefix[] | undefined;
}
type Side = keyof Box;

const one = <T>(value: T | undefined): readonly T[] | undefined => (value === undefined ? undefined : [value]);

const boxOf = (rule: Rule): Box => ({
  blocks: rule.kind === 'u32',
  // A clause on the tag sees tagged frames alone as well.
  tags: rule.tagged === undefined || rule.more?.vlan || rule.more?.vlanPriority ? [false, true] : [rule.tagged],
  family: rule.family,
  more: rule.more ?? {},
  dscp: rule.dscp,
  protocol: rule.protocol,
  sourcePorts: one(rule.sourcePorts),
  destinationPorts: one(rule.destinationPorts),
  source: one(rule.source),
  destination: one(rule.destination),
});

const text = (value: unknown) => JSON.stringify(value) ?? '';

/** Merges boxes that agree in everything but one side. Exact: the union of such boxes is a box. */
function mergeAlong(boxes: readonly Box[], side: Exclude<Side, 'blocks' | 'family' | 'more'>): Box[] {
  const groups = new Map<string, Box>();
  for (const box of boxes) {
    // What is any on this side stays apart: a list beside it would be lost in it.
    const key = text({ ...box, [side]: box[side] === undefined ? 'any' : 'some' });
    const there = groups.get(key);
    const values = (there?.[side] ?? []) as unknown[];
    const seen = new Set(values.map(text));
    const added = ((box[side] ?? []) as unknown[]).filter((value) => !seen.has(text(value)));
    groups.set(key, there ? { ...there, [side]: there[side] && [...values, ...added] } : box);
  }
  return [...groups.values()];
}

/** The same for a condition beyond those. */
function mergeMore(boxes: readonly Box[], key: MoreKey): Box[] {
  const groups = new Map<string, Box>();
  for (const box of boxes) {
    const { [key]: list, ...others } = box.more;
    const group = text({ ...box, more: MORE.map((name) => others[name as keyof typeof others]), some: list !== undefined });
    const there = groups.get(group);
    const values = (there?.more[key] ?? []) as unknown[];
    const seen = new Set(values.map(text));
    const added = ((list ?? []) as unknown[]).filter((value) => !seen.has(text(value)));
    groups.set(group, there ? { ...there, more: list ? { ...there.more, [key]: [...values, ...added] } : there.more } : box);
  }
  return [...groups.values()];
} // prettier-ignore

/** From the innermost of what a clause multiplies outwards. */
const SIDES = ['tags', 'destination', 'source', 'destinationPorts', 'sourcePorts', 'protocol', 'dscp'] as const;

function merged(boxes: readonly Box[]): Box[] {
  let now = [...boxes];
  for (;;) {
    const next = SIDES.reduce(mergeAlong, MORE.reduce(mergeMore, now));
    if (next.length === now.length) {
      return next;
    }
    now = next;
  }
}

/** Blocks that are what a range would be cut into are that range again. */
function ranges(list: readonly PortRange[]): PortRange[] {
  const result: PortRange[] = [];
  for (let at = 0; at < list.length;) {
    let end = at + 1;
    for (let to = at + 1; to <= list.length; to++) {
      const whole = { from: list[at]!.from, to: list[to - 1]!.to };
      const blocks = whole.from <= whole.to ? blocksOf(whole) : [];
      const same = blocks.length === to - at && blocks.every(({ value }, i) => Number(value) === list[at + i]!.from);
      if (same && blocks.every(({ value, mask }, i) => Number(value + (0xffffn ^ mask)) === list[at + i]!.to)) {
        end = to;
      }
    }
    result.push({ from: list[at]!.from, to: list[end - 1]!.to });
    at = end;
  }
  return result;
}

/** A box of one family, or of both where all else is said alike of them. */
interface Draft extends Omit<Box, 'protocol' | 'blocks'> {
  protocol: readonly Protocol[] | undefined;
  ports?: readonly PortRange[];
}

/** How many there are. */
const CODE_POINTS = 64;
const NUMBERS = 256;

const ZERO: PortRange = { from: 0, to: 0 };
const AFTER_ZERO: PortRange = { from: 1, to: 65_535 };
const SIDES_OF_PORTS = ['sourcePorts', 'destinationPorts'] as const;
const holdsZero = (list: readonly PortRange[] | undefined): boolean => list?.some(({ from }) => from === 0) ?? false;

/** Names of protocols that belong to one IP version. */
const ONLY: Readonly<Record<number, 4 | 6>> = { 1: 4, 2: 4, 58: 6 };

function draftOf({ family, protocol, blocks, ...box }: Box): Draft {
  const ported = box.sourcePorts ?? box.destinationPorts;
  const every =
    ported &&
    PORT_PROTOCOLS.every((number) => protocol?.includes(number)) &&
    protocol?.length === PORT_PROTOCOLS.length;
  const fold = (list: readonly PortRange[] | undefined) => list && (blocks ? ranges(list) : list);
  const { length, ...more } = box.more;
  return {
    ...box,
    more: length ? { ...more, length: blocks ? ranges(length) : length } : more,
    dscp: box.dscp?.length === CODE_POINTS ? undefined : box.dscp,
    sourcePorts: fold(box.sourcePorts),
    destinationPorts: fold(box.destinationPorts),
    family,
    protocol: every
      ? undefined
      : protocol?.map((number) => (ONLY[number] === family ? { number, family } : { number })),
  };
}

/** `ports` asks for either side. */
function eitherSide(drafts: readonly Draft[]): Draft[] {
  const result: Draft[] = [];
  for (const draft of drafts) {
    const { sourcePorts, destinationPorts, ...rest } = draft;
    const one = sourcePorts && destinationPorts ? undefined : (sourcePorts ?? destinationPorts);
    const list = holdsZero(one) ? undefined : one;
    const other = list && result.findIndex((item) => {
      const { sourcePorts: from, destinationPorts: to, ports, ...others } = item;
      const mirrored = sourcePorts ? !from && text(to) === text(list) : !to && text(from) === text(list);
      return !ports && mirrored && text(others) === text(rest);
    }); // prettier-ignore
    if (list && other !== undefined && other >= 0) {
      result[other] = { ...rest, sourcePorts: undefined, destinationPorts: undefined, ports: list };
    } else {
      result.push(draft);
    }
  }
  return result;
}

/** What both protocols' lists say together, or undefined where a clause could not say it. */
function bothProtocols(four: Draft['protocol'], six: Draft['protocol']): Draft['protocol'] | 'apart' {
  if (!four || !six) {
    return four === six ? undefined : 'apart';
  }
  const has = (list: readonly Protocol[], number: number) => list.some((item) => item.number === number);
  const shared = (item: Protocol, other: readonly Protocol[]) =>
    has(other, item.number) ? { number: item.number } : item;
  const all = [...four.map((item) => shared(item, six)), ...six.filter((item) => !has(four, item.number))];
  return all.every((item) => item.family ?? (has(four, item.number) && has(six, item.number))) ? all : 'apart';
}

/** IPv4 and IPv6 in one clause, where everything but addresses is said alike of both. */
function bothFamilies(drafts: readonly Draft[]): Draft[] {
  const sixes = drafts.filter((draft) => draft.family === 6);
  const taken = new Set<Draft>();
  const pairs = drafts.map((four): Draft => {
    // A clause of no condition at all does not exist: both versions are two clauses then.
    const says =
      Object.keys(four.more).length > 0 ||
      Object.entries(four).some(([key, value]) => !['family', 'tags', 'more'].includes(key) && value !== undefined);
    if (four.family !== 4 || !says) {
      return four;
    }
    const like = ({ source, destination, protocol: _, family: __, ...rest }: Draft) =>
      text({ ...rest, source: source !== undefined, destination: destination !== undefined });
    const six = sixes.find(
      (item) => !taken.has(item) && like(item) === like(four) && bothProtocols(four.protocol, item.protocol) !== 'apart'
    );
    if (!six) {
      return four;
    }
    taken.add(six);
    const both = (side: 'source' | 'destination') => four[side] && [...four[side], ...six[side]!];
    const protocol = bothProtocols(four.protocol, six.protocol) as Draft['protocol'];
    return { ...four, family: undefined, protocol, source: both('source'), destination: both('destination') };
  });
  return pairs.filter((draft) => !taken.has(draft));
}

/** A clause has one `not`, and of two conditions in it either would do. */
interface Negating extends Draft {
  not?: Clause;
}

/** No range of a policy holds port 0, so that a list with it is what is outside of the others. */
function withoutZero(draft: Draft): Negating[] {
  const { sourcePorts, destinationPorts } = draft;
  const [side, other] = SIDES_OF_PORTS.filter((name) => holdsZero(draft[name]));
  if (!side) {
    return [draft];
  }
  const left = outsideRanges(draft[side]!);
  const none = { ...draft, sourcePorts: undefined, destinationPorts: undefined };
  if (left.length > 0 && !other) {
    return [{ ...none, ...(side === 'sourcePorts' ? { destinationPorts } : { sourcePorts }), not: { [side]: left } }];
  }
  if (left.length > 0 && text(left) === text(outsideRanges(draft[other!]!))) {
    return [{ ...none, not: { ports: left } }];
  }
  // Port 0 by itself, and what a range can say.
  const cut = other && text(left) === text([AFTER_ZERO]) ? other : side;
  const rest = outsideRanges([...outsideRanges(draft[cut]!), ZERO]);
  return [...(rest.length > 0 ? [rest] : []), [ZERO]].flatMap((list) => withoutZero({ ...draft, [cut]: list }));
}

/** More than half of a field is told by what it is not. */
function shorter(draft: Negating): Negating {
  const { dscp, protocol, family, not } = draft;
  const left = (list: readonly number[], count: number) =>
    Array.from({ length: count }, (_, value) => value).filter((value) => !list.includes(value));
  if (!not && dscp && dscp.length > CODE_POINTS / 2) {
    return { ...draft, dscp: undefined, not: { dscp: left(dscp, CODE_POINTS) } };
  }
  const any = protocol?.every((item) => !item.family || item.family === family);
  if (!not && any && protocol!.length > NUMBERS / 2 && protocol!.length < NUMBERS) {
    const numbers = left(protocol!.map(({ number }) => number), NUMBERS); // prettier-ignore
    return { ...draft, protocol: undefined, not: { protocol: numbers.map((number) => ({ number })) } };
  }
  return draft;
}

function clauseOf(draft: Negating): Clause {
  const { family, more, dscp, protocol, sourcePorts, destinationPorts, ports, source, destination, not } = draft;
  // An address says its IP version by itself, and so do protocols that only one of them has.
  const said = source ?? destination ?? (protocol?.every((item) => item.family) ? protocol : undefined);
  const clause = {
    dscp,
    protocol,
    sourcePorts,
    destinationPorts,
    ports,
    source,
    destination,
    // What is not IP is told by its type.
    ipVersion: said || family === 0 ? undefined : family,
    ...more,
    not,
  };
  return Object.fromEntries(Object.entries(clause).filter(([, value]) => value !== undefined)) as Clause;
}

export interface Folded {
  clauses: Clause[];
  /** Rules that see plain frames only, or tagged ones only: the clauses are wider. */
  plainOnly: boolean;
  taggedOnly: boolean;
}

/** @param rules that have conditions; @returns clauses whose union they are, in the order in which they first appear. */
export function foldRules(rules: readonly Rule[]): Folded {
  const boxes = merged(rules.map(boxOf));
  const only = (tagged: boolean) => boxes.some(({ tags }) => tags.every((tag) => tag === tagged));
  const untagged = merged(boxes.map((box) => ({ ...box, tags: [false, true] })));
  const drafts = bothFamilies(eitherSide(untagged.map(draftOf)));
  return {
    clauses: drafts.flatMap(withoutZero).map(shorter).map(clauseOf),
    plainOnly: only(false),
    taggedOnly: only(true),
  };
}
