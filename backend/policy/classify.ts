/** Which class a packet belongs to, by the document's own rules: the reference that compiled rules are held against. */
import { PORT_PROTOCOLS, type PortRange, type Prefix } from './quantities.ts';
import type { ResolvedClass } from './resolve.ts';
import type { Clause } from './schema.ts';

export interface Packet {
  /** undefined for a frame that is not IP */
  family?: 4 | 6;
  dscp?: number;
  protocol?: number;
  sourcePort?: number;
  destinationPort?: number;
  source?: readonly number[];
  destination?: readonly number[];
}

const inPorts = (port: number | undefined, ranges: readonly PortRange[]) =>
  port !== undefined && ranges.some((r) => r.from <= port && port <= r.to);
const inPrefix = (address: readonly number[] | undefined, family: number | undefined, prefixes: readonly Prefix[]) =>
  address !== undefined &&
  prefixes.some((prefix) => {
    const mask = (i: number) => (0xff00 >> Math.min(8, Math.max(0, prefix.length - 8 * i))) & 0xff;
    return prefix.family === family && prefix.bytes.every((byte, i) => byte === (address[i]! & mask(i)));
  });

/** A condition on a field the packet does not have is false. */
export function holds(clause: Clause, packet: Packet): boolean {
  const hasPorts = packet.protocol !== undefined && PORT_PROTOCOLS.includes(packet.protocol);
  const source = hasPorts ? packet.sourcePort : undefined;
  const destination = hasPorts ? packet.destinationPort : undefined;
  return (
    packet.family !== undefined &&
    (clause.ipVersion === undefined || clause.ipVersion === packet.family) &&
    (!clause.dscp || (packet.dscp !== undefined && clause.dscp.includes(packet.dscp))) &&
    (!clause.protocol ||
      clause.protocol.some((p) => p.number === packet.protocol && (!p.family || p.family === packet.family))) &&
    (!clause.sourcePorts || inPorts(source, clause.sourcePorts)) &&
    (!clause.destinationPorts || inPorts(destination, clause.destinationPorts)) &&
    (!clause.ports || inPorts(source, clause.ports) || inPorts(destination, clause.ports)) &&
    (!clause.source || inPrefix(packet.source, packet.family, clause.source)) &&
    (!clause.destination || inPrefix(packet.destination, packet.family, clause.destination))
  );
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
