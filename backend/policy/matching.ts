/** Judgement of matches: clauses that nothing satisfies, and clauses that an earlier class hides. */
import { boxes, TooManyBoxes } from './boxes.ts';
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import { PORT_PROTOCOLS, type PortRange, type Prefix, type Protocol } from './quantities.ts';
import type { ResolvedClass } from './resolve.ts';
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
function impossible(clause: Clause): string | undefined {
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

/** Comparisons of one list's entry with another's; each clause is held against every earlier one, and judging must not hold others up. */
const MOST_COMPARED = 5_000_000;
const longest = (clause: Clause) =>
  Math.max(1, ...Object.values(clause).map((value) => (Array.isArray(value) ? value.length : 1)));

/** One level after another: order is that of the document, the first class whose match holds takes the packet. */
export function judgeMatches(classes: readonly ResolvedClass[]): Finding[] {
  let left = MOST_COMPARED;
  const level = (items: readonly ResolvedClass[]): Finding[] => {
    const earlier: Array<{ name: string; clause: Clause; length: number }> = [];
    return items.flatMap((item) => {
      const own = item.match.flatMap((clause, index): Finding[] => {
        const path = `${item.source}.match[${index}]`;
        const why = impossible(clause);
        if (why) {
          return [finding('CP-MATCH-IMPOSSIBLE', path, `No packet can satisfy this clause: ${why}.`)];
        }
        const length = longest(clause);
        const compared = left > 0 ? earlier : [];
        const hider = compared.find((other) => {
          left -= length * other.length;
          return left > 0 && other.name !== item.name && covers(other.clause, clause);
        });
        earlier.push({ name: item.name, clause, length });
        return hider ? [hidden(path, hider.name, item.name)] : [];
      });
      return [...own, ...level(item.classes)];
    });
  };
  return level(classes);
}

const hidden = (path: string, hider: string, name: string) =>
  finding(
    'CP-MATCH-HIDDEN',
    path,
    `"${hider}" stands earlier and takes every packet of this clause, so none reaches "${name}".`,
    `Move "${name}" before "${hider}", or narrow the earlier match.`
  );
