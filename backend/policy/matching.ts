/** What clauses say of packets: which IP versions they leave, why nothing satisfies one, which covers which. */
import { boxes, TooManyBoxes } from './boxes.ts';
import { PORT_PROTOCOLS, type PortRange, type Prefix, type Protocol } from './quantities.ts';
import type { Clause } from './schema.ts';
import type { Mac, Masked } from './selectors.ts';

/** IP versions that a clause leaves possible. */
export function families(clause: Clause): Array<4 | 6> {
  const of = (prefixes: readonly Prefix[] | undefined) => (family: number) =>
    !prefixes || prefixes.some((p) => p.family === family);
  return ([4, 6] as const).filter(
    (family) =>
      (clause.ipVersion === undefined || clause.ipVersion === family) &&
      of(clause.source)(family) &&
      of(clause.destination)(family) &&
      (!clause.protocol || clause.protocol.some((p) => !p.family || p.family === family))
  );
}

export const hasPorts = (clause: Clause): boolean =>
  Boolean(clause.ports ?? clause.sourcePorts ?? clause.destinationPorts);

const meet = (a: readonly PortRange[], b: readonly PortRange[]) =>
  a.some((x) => b.some((y) => x.from <= y.to && y.from <= x.to));

/** Whether `ports` can hold on the side of the source or of the destination, beside what is asked of both. */
function portsMeet({ ports, sourcePorts, destinationPorts }: Clause): boolean {
  return !ports || !sourcePorts || !destinationPorts || meet(ports, sourcePorts) || meet(ports, destinationPorts);
}

function isEmpty(clause: Clause): boolean {
  try {
    return boxes(clause).next().done === true;
  } catch (error) {
    if (error instanceof TooManyBoxes) {
      return false;
    }
    throw error;
  }
}

/** Why no packet can satisfy the clause, or undefined. */
export function impossible(clause: Clause): string | undefined {
  if (families(clause).length === 0) {
    return 'it asks for IPv4 and IPv6 in one packet';
  }
  if (hasPorts(clause) && clause.protocol && !clause.protocol.some((p) => PORT_PROTOCOLS.includes(p.number))) {
    return 'it asks for ports of a protocol that has none';
  }
  if (!portsMeet(clause)) {
    return 'its ports are neither among its source ports nor among its destination ports';
  }
  return isEmpty(clause) ? 'its conditions exclude each other' : undefined;
}

const withinPorts = (inner: PortRange, outer: readonly PortRange[]) =>
  outer.some((o) => o.from <= inner.from && inner.to <= o.to);
const withinPrefix = (inner: Prefix, outer: readonly Prefix[]) =>
  outer.some((o) => {
    const mask = (byte: number, i: number) => byte & (0xff00 >> Math.min(8, Math.max(0, o.length - 8 * i))) & 0xff;
    return (
      o.family === inner.family &&
      o.length <= inner.length &&
      o.bytes.every((byte, i) => byte === mask(inner.bytes[i]!, i))
    );
  });

/** A name such as icmp belongs to one IP version; its number alone does not. */
const withinProtocol = (inner: Protocol, outer: Protocol, clause: Clause) =>
  outer.number === inner.number &&
  (!outer.family ||
    families(clause).every((family) => family === outer.family || (inner.family && inner.family !== family)));

const withinMark = (inner: Masked, outer: readonly Masked[]) =>
  outer.some((o) => (o.mask & ~inner.mask) === 0 && ((inner.value ^ o.value) & o.mask) === 0);
const withinMac = (inner: Mac, outer: readonly Mac[]) =>
  outer.some((o) => o.length <= inner.length && o.bytes.every((byte, i) => byte === (inner.bytes[i]! & leading(o.length, i)))); // prettier-ignore
/** Whether only IP packets satisfy it, by what it asks for outside of `not`. */
const isIp = (clause: Clause) =>
  Boolean(clause.ipVersion ?? clause.dscp ?? clause.protocol ?? clause.source ?? clause.destination ?? clause.tcpFlags ?? clause.length) || hasPorts(clause); // prettier-ignore
const leading = (length: number, i: number) => (0xff00 >> Math.min(8, Math.max(0, length - 8 * i))) & 0xff;
const equal = <T>(inner: T, outer: readonly T[]) => outer.includes(inner);

/** Whether every packet of `inner` satisfies `outer` too; false when that cannot be shown condition by condition. */
export function covers(outer: Clause, inner: Clause): boolean {
  const subset = <T>(
    o: readonly T[] | undefined,
    i: readonly T[] | undefined,
    within: (item: T, all: readonly T[]) => boolean
  ) => o === undefined || (i !== undefined && i.every((item) => within(item, o)));
  // Of what is negated only the same words are known to cover.
  if (outer.not && JSON.stringify(outer.not) !== JSON.stringify(inner.not)) {
    return false;
  }
  return (
    subset(outer.dscp, inner.dscp, (d, all) => all.includes(d)) &&
    subset(outer.protocol, inner.protocol, (p, all) => all.some((o) => withinProtocol(p, o, inner))) &&
    subset(outer.source, inner.source, withinPrefix) &&
    subset(outer.destination, inner.destination, withinPrefix) &&
    subset(outer.sourcePorts, inner.sourcePorts, withinPorts) &&
    subset(outer.destinationPorts, inner.destinationPorts, withinPorts) &&
    subset(outer.ports, inner.ports, withinPorts) &&
    subset(outer.vlan, inner.vlan, equal) &&
    subset(outer.vlanPriority, inner.vlanPriority, equal) &&
    subset(outer.etherType, inner.etherType, equal) &&
    subset(outer.inputInterface, inner.inputInterface, equal) &&
    subset(outer.application, inner.application, equal) &&
    subset(outer.sourceMac, inner.sourceMac, withinMac) &&
    subset(outer.destinationMac, inner.destinationMac, withinMac) &&
    subset(outer.fwmark, inner.fwmark, withinMark) &&
    subset(outer.connmark, inner.connmark, withinMark) &&
    subset(outer.tcpFlags, inner.tcpFlags, withinMark) &&
    subset(outer.length, inner.length, withinPorts) &&
    (outer.ipVersion === undefined || (isIp(inner) && families(inner).every((family) => family === outer.ipVersion)))
  );
}
