/** Judgement of matches: clauses that nothing satisfies, and clauses that an earlier class hides. */
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import { PORT_PROTOCOLS, type PortRange, type Prefix } from './quantities.ts';
import type { ResolvedClass } from './resolve.ts';
import type { Clause } from './schema.ts';

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

/** Why no packet can satisfy the clause, or undefined. */
function impossible(clause: Clause): string | undefined {
  if (families(clause).length === 0) {
    return 'it asks for IPv4 and IPv6 in one packet';
  }
  if (hasPorts(clause) && clause.protocol && !clause.protocol.some((p) => PORT_PROTOCOLS.includes(p.number))) {
    return 'it asks for ports of a protocol that has none';
  }
  return undefined;
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

/** Whether every packet of `inner` satisfies `outer` too; false when that cannot be shown condition by condition. */
export function covers(outer: Clause, inner: Clause): boolean {
  const subset = <T>(
    o: readonly T[] | undefined,
    i: readonly T[] | undefined,
    within: (item: T, all: readonly T[]) => boolean
  ) => o === undefined || (i !== undefined && i.every((item) => within(item, o)));
  const known = new Set([
    'dscp',
    'protocol',
    'source',
    'destination',
    'sourcePorts',
    'destinationPorts',
    'ports',
    'ipVersion',
  ]);
  if (Object.entries(outer).some(([key, value]) => value !== undefined && !known.has(key))) {
    return false;
  }
  return (
    subset(outer.dscp, inner.dscp, (d, all) => all.includes(d)) &&
    subset(outer.protocol, inner.protocol, (p, all) => all.some((o) => o.number === p.number)) &&
    subset(outer.source, inner.source, withinPrefix) &&
    subset(outer.destination, inner.destination, withinPrefix) &&
    subset(outer.sourcePorts, inner.sourcePorts, withinPorts) &&
    subset(outer.destinationPorts, inner.destinationPorts, withinPorts) &&
    subset(outer.ports, inner.ports, withinPorts) &&
    (outer.ipVersion === undefined || families(inner).every((family) => family === outer.ipVersion))
  );
}

/** One level after another: order is that of the document, the first class whose match holds takes the packet. */
export function judgeMatches(classes: readonly ResolvedClass[]): Finding[] {
  const findings: Finding[] = [];
  const earlier: Array<{ name: string; clause: Clause }> = [];
  for (const item of classes) {
    item.match.forEach((clause, index) => {
      const path = `${item.source}.match[${index}]`;
      const why = impossible(clause);
      if (why) {
        findings.push(finding('CP-MATCH-IMPOSSIBLE', path, `No packet can satisfy this clause: ${why}.`));
        return;
      }
      const hider = earlier.find((e) => e.name !== item.name && covers(e.clause, clause));
      if (hider) {
        findings.push(
          finding(
            'CP-MATCH-HIDDEN',
            path,
            `"${hider.name}" stands earlier and takes every packet of this clause, so none reaches "${item.name}".`,
            `Move "${item.name}" before "${hider.name}", or narrow the earlier match.`
          )
        );
      }
      earlier.push({ name: item.name, clause });
    });
    findings.push(...judgeMatches(item.classes));
  }
  return findings;
}
