/**
 * Clauses as regions of what a frame may hold, so that they can be intersected and subtracted: whether several earlier
 * clauses together hide one, which packets two of them share, which packets change their class.
 */
import { clausesOf } from './applications.ts';
import { ETHER_TYPE } from './boxes.ts';
import { PORT_PROTOCOLS, type PortRange, type Prefix } from './quantities.ts';
import type { Clause } from './schema.ts';
import type { Mac, Masked } from './selectors.ts';
import { common, meeting, unite, without, type Bound, type Span, type Spans } from './spans.ts';

/** IPv4, IPv6, and what is neither. */
export const FAMILIES = [4, 6, 0] as const;
export type Family = (typeof FAMILIES)[number];

/** Marks by octet, the highest first: whatever their masks, a set of spans holds what is left of one. */
const FWMARK = ['fwmark0', 'fwmark1', 'fwmark2', 'fwmark3'] as const;
const CONNMARK = ['connmark0', 'connmark1', 'connmark2', 'connmark3'] as const;

/** From 0 to below what; of an interface the letters of its name as one number. */
const SIZES = {
  dscp: 64, protocol: 256, sourcePort: 65_536, destinationPort: 65_536, source: 0, destination: 0, length: 65_536, tcpFlags: 256,
  etherType: 65_536, vlan: 4096, vlanPriority: 8, sourceMac: 2 ** 48, destinationMac: 2 ** 48, inputInterface: 1n << 120n,
  fwmark0: 256, fwmark1: 256, fwmark2: 256, fwmark3: 256, connmark0: 256, connmark1: 256, connmark2: 256, connmark3: 256,
} as const; // prettier-ignore
export type Dimension = keyof typeof SIZES;
export const DIMENSIONS = Object.keys(SIZES) as Dimension[];
/** Fields that no packet of an IP version, or no packet at all, is without. */
const ALWAYS = new Set<Dimension>(['dscp', 'protocol', 'source', 'destination', 'length', ...FWMARK]);

/** Packets of one family whose every field is in its set; a field that is not named holds anything, or is not there. */
export type Box = { readonly family: Family } & Readonly<Partial<Record<Dimension, Spans>>>;

const after = (value: Bound): Bound => (typeof value === 'bigint' ? value + 1n : value + 1);
/** A field's values in packets that have it. */
export function present(family: Family, dimension: Dimension): Spans {
  switch (dimension) {
    case 'source':
    case 'destination':
      return [[0, 1n << (family === 4 ? 32n : 128n)]];
    case 'length':
      // Of an IPv6 packet the header's 40 bytes, and what it says follows.
      return family === 4 ? [[20, 65_536]] : [[40, 65_576]];
    case 'etherType':
      return without([[0, 65_536]], [one(ETHER_TYPE[4]), one(ETHER_TYPE[6])]);
    default:
      return [[0, SIZES[dimension]]];
  }
}
/** Beyond the last value: the packet has none. */
const absent = (dimension: Dimension): Span => [SIZES[dimension], after(SIZES[dimension])];
const whole = (family: Family, dimension: Dimension): Spans =>
  ALWAYS.has(dimension) ? present(family, dimension) : unite([...present(family, dimension), absent(dimension)]);
function one(value: number): Span {
  return [value, value + 1];
}

const PORTED = unite(PORT_PROTOCOLS.map(one));
const TCP: Spans = [one(6)];
const spansOf = (box: Box, dimension: Dimension): Spans => box[dimension] ?? whole(box.family, dimension);
const has = (box: Box, dimension: Dimension) =>
  !box[dimension] || meeting(box[dimension], present(box.family, dimension));
const lacks = (box: Box, dimension: Dimension) => !box[dimension] || meeting(box[dimension], [absent(dimension)]);

/** Whether there is such a packet: both ports or none, and only of a protocol that has them; a whole tag or none. */
export function feasible(box: Box): boolean {
  const all = (dimensions: readonly Dimension[]) =>
    dimensions.every((dimension) => has(box, dimension)) || dimensions.every((dimension) => lacks(box, dimension));
  const flagged = !lacks(box, 'tcpFlags');
  const protocols = spansOf(box, 'protocol');
  const ported = has(box, 'sourcePort') && has(box, 'destinationPort') && meeting(protocols, flagged ? TCP : PORTED);
  const portless = lacks(box, 'sourcePort') && lacks(box, 'destinationPort') && !flagged;
  return (box.family === 0 || ported || portless) && all(['vlan', 'vlanPriority']) && all(CONNMARK);
}

function namedBy(box: Box): Dimension[] {
  const names: Dimension[] = [];
  for (const key in box) {
    if (key !== 'family') {
      names.push(key as Dimension);
    }
  }
  return names;
}

/** What both hold, or undefined when they share no packet. */
export function meet(a: Box, b: Box): Box | undefined {
  if (!touches(a, b)) {
    return undefined;
  }
  const both: Partial<Record<Dimension, Spans>> = {};
  for (const dimension of namedBy(b)) {
    both[dimension] = a[dimension] ? common(a[dimension], b[dimension]!) : b[dimension]!;
  }
  const shared: Box = { ...a, ...both };
  return feasible(shared) ? shared : undefined;
}

/** Whether both hold some packet. */
export function touches(a: Box, b: Box): boolean {
  for (const key in b) {
    const dimension = key as keyof Box;
    if (dimension === 'family' ? a.family !== b.family : a[dimension] && !meeting(a[dimension], b[dimension]!)) {
      return false;
    }
  }
  return true;
}

/** What is in `box` and not in `other`, as boxes that share nothing. */
export function subtract(box: Box, other: Box): Box[] {
  if (!touches(box, other)) {
    return [box];
  }
  const pieces: Box[] = [];
  let rest = box;
  for (const dimension of namedBy(other)) {
    const [own, taken] = [spansOf(rest, dimension), other[dimension]!];
    const outside = without(own, taken);
    if (outside.length > 0) {
      pieces.push({ ...rest, [dimension]: outside });
      rest = { ...rest, [dimension]: common(own, taken) };
    }
  }
  return pieces.filter(feasible);
}

/** First port that systems give to the client's end of a conversation (RFC 6335 section 6 says 49,152, Linux begins here). */
const FIRST_CLIENT_PORT = 32_768;
/** Whether the ports of all its packets are those of servers. */
export const serverEnds = (box: Box): boolean =>
  [...spansOf(box, 'sourcePort'), ...spansOf(box, 'destinationPort')].every(([, below]) => below <= FIRST_CLIENT_PORT);

/**
 * Whether some conversation has packets that both hold. From BGP's port to SIP's none goes: each is the server's end,
 * and the other end is a client's. Where one rule itself names both ends, it is taken at its word.
 */
export const meetInPractice = (a: Box, b: Box): boolean => {
  const both = meet(a, b);
  return both !== undefined && (!serverEnds(both) || serverEnds(a) || serverEnds(b));
};

/** More boxes than a clause is followed in: lists of marks and what is negated multiply. */
const MOST_BOXES = 3000;
class TooMany extends Error {}

type Values = Partial<Record<Dimension, Spans>>;
type Bound4 = readonly [Dimension, Dimension, Dimension, Dimension];
const IP = [4, 6] as const;

const ofPorts = (ranges: readonly PortRange[]): Spans => unite(ranges.map(({ from, to }): Span => [from, to + 1]));
const ofNumbers = (values: readonly number[]): Spans => unite(values.map(one));
function leading({ bytes, length }: Prefix | Mac): Span {
  const from = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return [from, from + (1n << BigInt(8 * bytes.length - length))];
}
const ofName = (name: string): Span => {
  const number = [...name].reduce((sum, letter) => (sum << 8n) | BigInt(letter.charCodeAt(0)), 0n);
  return [number, number + 1n];
};
const octets = ({ value, mask }: Masked): Spans =>
  unite(Array.from({ length: 256 }, (_, octet) => octet).flatMap((octet) => ((octet & mask) === value ? [one(octet)] : []))); // prettier-ignore

/** Marks that differ in their lowest octet alone are one region. */
function ofMarks(marks: readonly Masked[], dimensions: Bound4, rest: Values): Values[] {
  const groups = Map.groupBy(marks, ({ value, mask }) => `${value >>> 8}/${mask >>> 8}`);
  return [...groups.values()].map((group) => {
    const values: Values = { ...rest };
    dimensions.slice(0, 3).forEach((dimension, i) => {
      const octet = (number: number) => (number >>> (24 - 8 * i)) & 255;
      const [{ value, mask }] = group as [Masked];
      if (octet(mask) > 0) {
        values[dimension] = octets({ value: octet(value), mask: octet(mask) });
      }
    });
    const low = unite(group.flatMap(({ value, mask }) => octets({ value: value & 255, mask: mask & 255 })));
    return low.length === 1 && low[0]![1] === 256 && low[0]![0] === 0 ? values : { ...values, [dimensions[3]]: low };
  });
}

/** Each condition as boxes whose union it is; negated, what has the field and is in none of them. */
function conditions(clause: Clause, negated: boolean): Box[][] {
  const when = <T>(condition: T | undefined, region: (condition: T) => Box[]): Box[][] =>
    condition === undefined ? [] : [region(condition)];
  const of = (family: Family, dimension: Dimension, spans: Spans, rest: Values = {}): Box[] => {
    const left = negated ? without(present(family, dimension), spans) : spans;
    return left.length > 0 ? [{ family, ...rest, [dimension]: left }] : [];
  };
  /** Of values that not every family's packets have. */
  const possibly = (family: Family, dimension: Dimension, spans: Spans) => of(family, dimension, common(spans, present(family, dimension))); // prettier-ignore
  const field = (dimension: Dimension, families: readonly Family[], spans: Spans, rest?: Values) =>
    families.flatMap((family) => of(family, dimension, spans, rest));
  const address = (side: 'source' | 'destination') => (list: readonly Prefix[]) =>
    IP.flatMap((family) => of(family, side, unite(list.filter((p) => p.family === family).map(leading))));
  const [anySource, anyDestination] = [present(4, 'sourcePort'), present(4, 'destinationPort')];
  const ported: Values = { protocol: PORTED, sourcePort: anySource, destinationPort: anyDestination };
  const marks = (dimensions: Bound4, rest: Values) => (list: readonly Masked[]) =>
    FAMILIES.flatMap((family) => {
      const taken = ofMarks(list, dimensions, rest).map((values): Box => ({ family, ...values }));
      return negated ? taken.reduce((left, box) => bounded(left.flatMap((piece) => subtract(piece, box))), [{ family, ...rest }] as Box[]) : taken; // prettier-ignore
    });
  const tracked: Values = Object.fromEntries(CONNMARK.map((dimension) => [dimension, present(4, dimension)]));
  return [
    ...when(clause.ipVersion, (version) => IP.filter((family) => (family === version) !== negated).map((family) => ({ family }))), // prettier-ignore
    ...when(clause.dscp, (list) => field('dscp', IP, ofNumbers(list))),
    ...when(clause.protocol, (list) =>
      IP.flatMap((family) => {
        const own = list.filter((p) => !p.family || p.family === family);
        return of(family, 'protocol', ofNumbers(own.map(({ number }) => number)));
      })
    ),
    ...when(clause.sourcePorts, (list) => field('sourcePort', IP, ofPorts(list), ported)),
    ...when(clause.destinationPorts, (list) => field('destinationPort', IP, ofPorts(list), ported)),
    ...when(clause.ports, (list) => {
      const either = ofPorts(list);
      const neither = without(anySource, either);
      const both = (sourcePort: Spans, destinationPort: Spans): Box[] =>
        sourcePort.length > 0 && destinationPort.length > 0 ? IP.map((family) => ({ family, ...ported, sourcePort, destinationPort })) : []; // prettier-ignore
      return negated ? both(neither, neither) : [...both(either, anyDestination), ...both(neither, either)];
    }),
    ...when(clause.source, address('source')),
    ...when(clause.destination, address('destination')),
    ...when(clause.length, (list) => IP.flatMap((family) => possibly(family, 'length', ofPorts(list)))),
    ...when(clause.tcpFlags, (list) => field('tcpFlags', IP, unite(list.flatMap(octets)), { ...ported, protocol: TCP })), // prettier-ignore
    ...when(clause.etherType, (list) => [
      ...IP.filter((family) => list.includes(ETHER_TYPE[family]) !== negated).map((family): Box => ({ family })),
      ...possibly(0, 'etherType', ofNumbers(list)),
    ]),
    ...when(clause.vlan, (list) => field('vlan', FAMILIES, ofNumbers(list), { vlanPriority: [[0, 8]] })),
    ...when(clause.vlanPriority, (list) => field('vlanPriority', FAMILIES, ofNumbers(list), { vlan: [[0, 4096]] })),
    ...when(clause.sourceMac, (list) => field('sourceMac', FAMILIES, unite(list.map(leading)))),
    ...when(clause.destinationMac, (list) => field('destinationMac', FAMILIES, unite(list.map(leading)))),
    ...when(clause.fwmark, marks(FWMARK, {})),
    ...when(clause.connmark, marks(CONNMARK, tracked)),
    ...when(clause.inputInterface, (list) => field('inputInterface', FAMILIES, unite(list.map(ofName)))),
    ...when(clause.application, (list) => {
      const groups = list.flatMap(clausesOf).map((group) => region(group, negated));
      return negated ? inAll(groups) : groups.flat();
    }),
    ...when(clause.not, (inner) => region(inner, !negated)),
  ];
}
function bounded(list: Box[]): Box[] {
  if (list.length > MOST_BOXES) {
    throw new TooMany();
  }
  return list;
}
const inAll = (unions: readonly Box[][]): Box[] =>
  unions.reduce<Box[]>(
    (so, union) => bounded(so.flatMap((box) => union.flatMap((other) => meet(box, other) ?? []))),
    FAMILIES.map((family) => ({ family }))
  );
function region(clause: Clause, negated = false): Box[] {
  const parts = conditions(clause, negated);
  return negated ? bounded(parts.flat()) : inAll(parts);
}

/** @returns the packets of a clause; undefined where they are more boxes than is bearable. */
export function regionOf(clause: Clause): Box[] | undefined {
  try {
    return region(clause);
  } catch (error) {
    if (error instanceof TooMany) {
      return undefined;
    }
    throw error;
  }
}
