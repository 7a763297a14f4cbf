/** Which class a packet belongs to, by the document's own rules: the reference that compiled rules are held against. */
import { clausesOf } from './applications.ts';
import { PORT_PROTOCOLS, type PortRange, type Prefix } from './quantities.ts';
import type { ResolvedClass } from './resolve.ts';
import type { Clause, RestoreDscp } from './schema.ts';
import type { Mac, Masked } from './selectors.ts';

export interface Packet {
  /** undefined for a frame that is not IP */
  family?: 4 | 6;
  dscp?: number;
  protocol?: number;
  sourcePort?: number;
  destinationPort?: number;
  source?: readonly number[];
  destination?: readonly number[];
  /** Bytes of the IP packet, header included */
  length?: number;
  /** undefined for a fragment, too */
  tcpFlags?: number;
  /** Of a frame that is not IP; inside the tag where it has one */
  etherType?: number;
  /** Of a tagged frame */
  vlan?: number;
  vlanPriority?: number;
  sourceMac?: readonly number[];
  destinationMac?: readonly number[];
  /** 0 unless something set it */
  fwmark?: number;
  /** Of the packet's connection, where it is tracked */
  connmark?: number;
  /** undefined for what the host itself sends */
  inputInterface?: string;
}

/** Undefined: the packet does not have the field. */
export type Truth = boolean | undefined;
const within = (value: number, ranges: readonly PortRange[]) => ranges.some((r) => r.from <= value && value <= r.to);
const inPrefix = (address: readonly number[], family: number, prefixes: readonly Prefix[]) =>
  prefixes.some((prefix) => prefix.family === family && startsWith(address, prefix));
function startsWith(bytes: readonly number[], { bytes: wanted, length }: { bytes: number[]; length: number }): boolean {
  const mask = (i: number) => (0xff00 >> Math.min(8, Math.max(0, length - 8 * i))) & 0xff;
  return wanted.every((byte, i) => byte === (bytes[i]! & mask(i)));
}
const underMask = (given: number, wanted: readonly Masked[]) =>
  wanted.some(({ value, mask }) => (given & mask) >>> 0 === value);
/** What is said of a field, where the packet has it. */
const of = <T>(field: T | undefined, said: (field: T) => boolean): Truth =>
  field === undefined ? undefined : said(field);

/** Each condition of a clause that says something of the packet. */
function truths(clause: Clause, packet: Packet): Truth[] {
  const { family } = packet;
  const hasPorts = packet.protocol !== undefined && PORT_PROTOCOLS.includes(packet.protocol);
  const source = hasPorts ? packet.sourcePort : undefined;
  const destination = hasPorts ? packet.destinationPort : undefined;
  const etherType = family === undefined ? packet.etherType : family === 4 ? 0x0800 : 0x86dd;
  const when = <T>(condition: T | undefined, said: (condition: T) => Truth): Truth[] =>
    condition === undefined ? [] : [said(condition)];
  return [
    ...when(clause.ipVersion, (version) => of(family, (own) => own === version)),
    ...when(clause.dscp, (list) => of(packet.dscp, (dscp) => list.includes(dscp))),
    ...when(clause.protocol, (list) =>
      of(packet.protocol, (number) => list.some((p) => p.number === number && (!p.family || p.family === family)))
    ),
    ...when(clause.sourcePorts, (list) => of(source, (port) => within(port, list))),
    ...when(clause.destinationPorts, (list) => of(destination, (port) => within(port, list))),
    ...when(clause.ports, (list) =>
      source === undefined || destination === undefined ? undefined : within(source, list) || within(destination, list)
    ),
    ...when(clause.source, (list) => of(packet.source, (address) => inPrefix(address, family!, list))),
    ...when(clause.destination, (list) => of(packet.destination, (address) => inPrefix(address, family!, list))),
    ...when(clause.length, (list) => of(packet.length, (length) => within(length, list))),
    ...when(clause.tcpFlags, (list) => of(packet.tcpFlags, (flags) => underMask(flags, list))),
    ...when(clause.etherType, (list) => of(etherType, (type) => list.includes(type))),
    ...when(clause.vlan, (list) => of(packet.vlan, (vlan) => list.includes(vlan))),
    ...when(clause.vlanPriority, (list) =>
      packet.vlan === undefined ? undefined : list.includes(packet.vlanPriority ?? 0)
    ),
    ...when(clause.sourceMac, (list) => of(packet.sourceMac, (mac) => list.some((item: Mac) => startsWith(mac, item)))),
    ...when(clause.destinationMac, (list) =>
      of(packet.destinationMac, (mac) => list.some((item: Mac) => startsWith(mac, item)))
    ),
    ...when(clause.fwmark, (list) => underMask(packet.fwmark ?? 0, list)),
    ...when(clause.connmark, (list) => of(packet.connmark, (mark) => underMask(mark, list))),
    ...when(clause.inputInterface, (list) => of(packet.inputInterface, (name) => list.includes(name))),
    ...when(clause.application, (list) => any(list.flatMap(clausesOf).map((item) => truthOf(item, packet)))),
    ...when(clause.not, (inner) => of(truthOf(inner, packet), (held) => !held)),
  ];
}

const any = (list: readonly Truth[]): Truth => list.includes(true) || (list.includes(undefined) ? undefined : false);
/** One that is false settles it, whatever the packet has not: `not` asks for one of its conditions to be false. */
export function truthOf(clause: Clause, packet: Packet): Truth {
  const all = truths(clause, packet);
  return all.includes(false) ? false : all.includes(undefined) ? undefined : true;
}

/** A condition on a field the packet does not have is false, negated or not. */
export const holds = (clause: Clause, packet: Packet): boolean => truthOf(clause, packet) === true;

/** The packet as its class is looked for: with the DSCP that the mark of its connection keeps, where the policy restores that. */
export function restored(packet: Packet, from: RestoreDscp | undefined): Packet {
  const { family, connmark } = packet;
  if (!from || family === undefined || connmark === undefined || (from.state && (connmark & from.state) === 0)) {
    return packet;
  }
  return { ...packet, dscp: ((connmark & from.mask) >>> 0) / (from.mask & -from.mask) };
}

/** @returns the leaf that takes the packet. The policy is judged: every level has a default. */
export function classify(classes: readonly ResolvedClass[], packet: Packet): ResolvedClass {
  const taken =
    classes.find((item) => item.match.some((clause) => holds(clause, packet))) ?? classes.find((item) => item.default)!;
  return taken.classes.length > 0 ? classify(taken.classes, packet) : taken;
}

/**
 * A mark that brings a UDP probe into a class.
 * @returns the DSCP, or undefined when no mark alone does it (the class is told by ports or addresses).
 */
export function probeDscp(classes: readonly ResolvedClass[], path: string, packet: Packet): number | undefined {
  const own = (list: readonly ResolvedClass[]): number[] =>
    list.flatMap((item) => [
      ...(path.startsWith(item.path) ? item.match.flatMap((clause) => clause.dscp ?? []) : []),
      ...own(item.classes),
    ]);
  return [...own(classes), 0].find((dscp) => {
    const leaf = classify(classes, { ...packet, dscp, protocol: 17 });
    return leaf.path === path || leaf.path.startsWith(`${path}/`);
  });
}
