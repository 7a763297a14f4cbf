/** The packets that a search goes through: for each field the values at and beside the edges that the policy draws. */
import { clausesOf, PORT_PROTOCOLS, type Clause, type LengthRange, type Masked, type Packet } from '../policy/index.ts';
import {
  DESTINATION_MAC,
  EXPERIMENTAL_ETHER_TYPE,
  LONGEST_PACKET,
  shortestPacket,
  SOURCE_MAC,
  TCP_ACK,
} from './frame.ts';

export type Field = Exclude<keyof Packet, 'family'>;
/** Values that are still possible, the plainest first; a field that is not there the packet does not have. */
export interface Space {
  family: 4 | 6 | undefined;
  fields: Readonly<Partial<Record<Field, readonly unknown[]>>>;
}

/** What each condition looks at beside the IP version; `not` and `application` are made of others. */
export const READS: Readonly<Record<Exclude<keyof Clause, 'not' | 'application'>, readonly Field[]>> = {
  ipVersion: [],
  dscp: ['dscp'],
  protocol: ['protocol'],
  source: ['source'],
  destination: ['destination'],
  sourcePorts: ['sourcePort'],
  destinationPorts: ['destinationPort'],
  ports: ['sourcePort', 'destinationPort'],
  vlan: ['vlan'],
  vlanPriority: ['vlanPriority'],
  sourceMac: ['sourceMac'],
  destinationMac: ['destinationMac'],
  fwmark: ['fwmark'],
  connmark: ['connmark'],
  length: ['length'],
  etherType: ['etherType'],
  inputInterface: ['inputInterface'],
  tcpFlags: ['tcpFlags'],
};

/** What a packet may have that not every proof can give it, with the reason. */
export const UNSENT: ReadonlyArray<{ field: Field; why: string }> = [
  { field: 'connmark', why: 'what a proof sends of tracked connections is UDP without a tag, where the kernel has act_ct' },
  { field: 'inputInterface', why: 'what a link receives came in by that link alone, whatever its name' },
  { field: 'length', why: `a proof sends packets of ${shortestPacket({ family: 4 })} to ${LONGEST_PACKET} bytes` },
]; // prettier-ignore

/** IPv6 would read these as headers of its own (RFC 8200, section 4.1; RFC 4302). */
const EXTENSIONS = [0, 43, 44, 51, 60, 135, 139, 140];
/** For experiments (RFC 3692): no classifier looks into it. */
const PLAIN_PROTOCOL = 253;
/** For documentation (RFC 5737, RFC 3849). */
const PLAIN_ADDRESSES = {
  4: { source: [192, 0, 2, 1], destination: [198, 51, 100, 1] },
  6: { source: documentation(1), destination: documentation(2) },
};
function documentation(last: number): number[] {
  return [0x20, 0x01, 0x0d, 0xb8, ...Array<number>(11).fill(0), last];
}
const PLAIN_VLAN = 100;
/** Marks that are combined of those that the policy names, at most. */
const MOST_MARKS = 1024;

const upTo = (count: number) => Array.from({ length: count }, (_, value) => value);
const unique = <T>(values: readonly T[]) => [...new Map(values.map((value) => [String(value), value])).values()];

/** Every clause that is said somewhere, also within `not` and by the name of an application. */
export const everyClause = (clauses: readonly Clause[]): Clause[] =>
  clauses.flatMap((clause) => [
    clause,
    ...everyClause(clause.not ? [clause.not] : []),
    ...(clause.application ?? []).flatMap((name): Clause[] => clausesOf(name)),
  ]);

/**
 * @param clauses all that the policy says, as `everyClause` has them
 * @param beyond what is to be varied beside what every proof can send: fields of UNSENT
 */
export function spacesOf(clauses: readonly Clause[], beyond: ReadonlySet<Field> = new Set()): Space[] {
  const says = (key: keyof Clause) => clauses.some((clause) => clause[key] !== undefined);
  const marks = (key: 'fwmark' | 'connmark') => marksBeside(clauses.flatMap((clause) => clause[key] ?? []));
  const beside = {
    sourceMac: [SOURCE_MAC, ...clauses.flatMap((clause) => clause.sourceMac ?? []).flatMap(edges)],
    destinationMac: [DESTINATION_MAC, ...clauses.flatMap((clause) => clause.destinationMac ?? []).flatMap(edges)],
    ...(says('fwmark') && { fwmark: marks('fwmark') }),
    ...(beyond.has('connmark') && { connmark: marks('connmark') }),
  }; // prettier-ignore
  const tag = {
    vlan: unique([...clauses.flatMap((clause) => clause.vlan ?? []), PLAIN_VLAN, PLAIN_VLAN + 1]),
    vlanPriority: upTo(8),
  };
  const otherTypes = clauses.flatMap((clause) => clause.etherType ?? []).filter((type) => type !== 0x0800 && type !== 0x86dd); // prettier-ignore
  const plain: Space[] = [
    ...([4, 6] as const).flatMap((family) => internet(family, clauses, says('length'), beyond.has('length'))),
    { family: undefined, fields: { etherType: unique([EXPERIMENTAL_ETHER_TYPE, ...otherTypes]) } },
  ].map(({ family, fields }) => ({ family, fields: { ...fields, ...beside } }));
  const inputInterface = unique(clauses.flatMap((clause) => clause.inputInterface ?? []));
  const tagged = says('vlan') || says('vlanPriority') ? withAlso(plain, tag) : [];
  const entered = beyond.has('inputInterface') && says('inputInterface') ? withAlso([...plain, ...tagged], { inputInterface }) : []; // prettier-ignore
  return [...plain, ...tagged, ...entered];
}

const withAlso = (spaces: readonly Space[], also: Space['fields']): Space[] =>
  spaces.map(({ family, fields }) => ({ family, fields: { ...fields, ...also } }));

/** Packets of connections, where clauses look at their marks. */
export const trackable = (clauses: readonly Clause[], beyond: ReadonlySet<Field>): Space[] =>
  clauses.some(({ connmark }) => connmark)
    ? spacesOf(clauses, new Set([...beyond, 'connmark'])).filter(({ family, fields }) => family && fields.protocol?.[0] === 17 && !fields.vlan)
    : []; // prettier-ignore

function internet(family: 4 | 6, clauses: readonly Clause[], sized: boolean, anyLength: boolean): Space[] {
  const ports = unique(
    clauses
      .flatMap((clause) => [...(clause.ports ?? []), ...(clause.sourcePorts ?? []), ...(clause.destinationPorts ?? [])])
      .flatMap(({ from, to }) => [from, to, from - 1, to + 1])
      .filter((port) => port >= 1 && port <= 65_535)
  );
  const lengths = clauses.flatMap((clause) => clause.length ?? []);
  const side = (name: 'source' | 'destination') => [
    PLAIN_ADDRESSES[family][name],
    ...clauses.flatMap((clause) => clause[name] ?? []).filter((prefix) => prefix.family === family).flatMap(edges),
  ]; // prettier-ignore
  const addresses = { dscp: upTo(64), source: side('source'), destination: side('destination') };
  const transport = { sourcePort: [40_000, ...ports], destinationPort: [40_001, ...ports] };
  const withLength = (protocol: number): Space['fields'] =>
    sized ? { length: lengthsBeside(lengths, anyLength ? 0 : shortestPacket({ family, protocol }), anyLength ? 65_535 : LONGEST_PACKET) } : {}; // prettier-ignore
  const last = family === 6 ? EXTENSIONS : [];
  const rest = upTo(256).filter((value) => !PORT_PROTOCOLS.includes(value) && !last.includes(value));
  const tcpFlags = unique([TCP_ACK, ...upTo(256)]);
  return [
    { family, fields: { protocol: [17], ...transport, ...addresses, ...withLength(17) } },
    { family, fields: { protocol: [6], ...transport, ...addresses, ...withLength(6), tcpFlags } },
    { family, fields: { protocol: [132], ...transport, ...addresses, ...withLength(132) } },
    { family, fields: { protocol: [PLAIN_PROTOCOL, ...rest, ...last], ...addresses, ...withLength(PLAIN_PROTOCOL) } },
  ];
}

/** The longest first: fewer packets make the same rate. */
function lengthsBeside(ranges: readonly LengthRange[], shortest: number, longest: number): number[] {
  const all = [LONGEST_PACKET, shortest, longest, ...ranges.flatMap(({ from, to }) => [from - 1, from, to, to + 1])];
  return unique(all.filter((length) => length >= shortest && length <= longest)).sort(
    (a, b) => Number(a > LONGEST_PACKET) - Number(b > LONGEST_PACKET) || b - a
  );
}

/**
 * Bits that every mask takes or leaves together are one part of a mark: each part has every value that is named for it,
 * and one that is not.
 */
function marksBeside(named: readonly Masked[]): number[] {
  const parts = new Map<string, number>();
  for (let bit = 0; bit < 32; bit++) {
    const masks = named.map(({ mask }) => (mask >>> bit) & 1).join('');
    if (masks.includes('1')) {
      parts.set(masks, ((parts.get(masks) ?? 0) | (1 << bit)) >>> 0);
    }
  }
  return [...parts.values()].reduce<number[]>((marks, part) => {
    const values = unique([0, ...named.filter(({ mask }) => mask & part).map(({ value }) => (value & part) >>> 0)]);
    const other = submasks(part, values.length + 1).filter((value) => !values.includes(value));
    return marks.flatMap((mark) => [...values, ...other].map((value) => (mark | value) >>> 0)).slice(0, MOST_MARKS);
  }, [0]); // prettier-ignore
}

/** The first so many values that have bits of a mask alone. */
function submasks(mask: number, count: number): number[] {
  const found: number[] = [];
  for (let value = 0; found.length < count;) {
    found.push(value);
    value = ((value - mask) & mask) >>> 0;
    if (value === 0) {
      break;
    }
  }
  return found;
}

/** First and last address under a prefix, and their neighbours outside. */
function edges({ bytes, length }: { bytes: readonly number[]; length: number }): number[][] {
  const last = bytes.map((byte, i) => byte | (0xff >> Math.min(8, Math.max(0, length - 8 * i))));
  return [[...bytes], last, step(bytes, -1), step(last, 1)];
}

/** The next or the previous address, round the end. */
function step(address: readonly number[], by: 1 | -1): number[] {
  const next = [...address];
  for (let i = next.length - 1; i >= 0; i--) {
    next[i] = (next[i]! + by) & 0xff;
    if (next[i] !== (by === 1 ? 0 : 0xff)) {
      break;
    }
  }
  return next;
}
