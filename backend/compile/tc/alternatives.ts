/** A clause as the simple rules a kernel classifier has: one protocol, one DSCP, one port range, one prefix each. */
import { families, hasPorts } from '../../policy/matching.ts';
import { describeClause } from '../../policy/outline.ts';
import { PORT_PROTOCOLS, type PortRange, type Prefix } from '../../policy/quantities.ts';
import type { Clause } from '../../policy/schema.ts';

export interface Alternative {
  family: 4 | 6;
  dscp?: number | undefined;
  protocol?: number | undefined;
  sourcePorts?: PortRange | undefined;
  destinationPorts?: PortRange | undefined;
  source?: Prefix | undefined;
  destination?: Prefix | undefined;
}

const orNone = <T>(list: readonly T[] | undefined): ReadonlyArray<T | undefined> => list ?? [undefined];
const overlap = (a: PortRange, b: PortRange): PortRange | undefined => {
  const from = Math.max(a.from, b.from);
  const to = Math.min(a.to, b.to);
  return from <= to ? { from, to } : undefined;
};

interface Ports {
  sourcePorts?: PortRange | undefined;
  destinationPorts?: PortRange | undefined;
}

/** `ports` holds on either side: one alternative for each, together with what the clause asks of that side anyway. */
function portAlternatives(clause: Clause): Ports[] {
  const plain = orNone(clause.sourcePorts).flatMap((sourcePorts) =>
    orNone(clause.destinationPorts).map((destinationPorts) => ({ sourcePorts, destinationPorts }))
  );
  if (!clause.ports) {
    return plain;
  }
  return plain.flatMap((side) =>
    clause.ports!.flatMap((range): Ports[] => {
      const source = side.sourcePorts ? overlap(side.sourcePorts, range) : range;
      const destination = side.destinationPorts ? overlap(side.destinationPorts, range) : range;
      return [
        ...(source ? [{ sourcePorts: source, destinationPorts: side.destinationPorts }] : []),
        ...(destination ? [{ sourcePorts: side.sourcePorts, destinationPorts: destination }] : []),
      ];
    })
  );
}

function protocolsOf(clause: Clause, family: 4 | 6): ReadonlyArray<number | undefined> {
  const named = clause.protocol?.filter((p) => !p.family || p.family === family).map((p) => p.number);
  if (!hasPorts(clause)) {
    return orNone(named);
  }
  return (named ?? [...PORT_PROTOCOLS]).filter((number) => PORT_PROTOCOLS.includes(number));
}

/** How many alternatives a clause has at most, without making them: lists multiply. */
export function alternativesAtMost(clause: Clause): number {
  const size = (list: readonly unknown[] | undefined) => Math.max(1, list?.length ?? 1);
  const protocols = clause.protocol ? clause.protocol.length : hasPorts(clause) ? PORT_PROTOCOLS.length : 1;
  const ports = size(clause.sourcePorts) * size(clause.destinationPorts) * (clause.ports ? 2 * clause.ports.length : 1);
  const addresses = ([4, 6] as const).map((family) => {
    const of = (list: readonly Prefix[] | undefined) => size(list?.filter((prefix) => prefix.family === family));
    return of(clause.source) * of(clause.destination);
  });
  return size(clause.dscp) * protocols * ports * (addresses[0]! + addresses[1]!);
}

/** @returns the alternatives whose union is the clause, in a stable order, each once. */
export function alternatives(clause: Clause): Alternative[] {
  const prefixes = (list: readonly Prefix[] | undefined, family: number) =>
    orNone(list?.filter((prefix) => prefix.family === family));
  return families(clause).flatMap((family) =>
    orNone(clause.dscp).flatMap((dscp) =>
      protocolsOf(clause, family).flatMap((protocol) =>
        portAlternatives(clause).flatMap((ports) =>
          prefixes(clause.source, family).flatMap((source) =>
            prefixes(clause.destination, family).map((destination) => ({
              family,
              dscp,
              protocol,
              ...ports,
              source,
              destination,
            }))
          )
        )
      )
    )
  );
}

/** One rule in words: "IPv4 · UDP · to port 16384-32767". */
export function describeAlternative({
  family,
  dscp,
  protocol,
  sourcePorts,
  destinationPorts,
  source,
  destination,
}: Alternative): string {
  return describeClause({
    ipVersion: family,
    dscp: dscp === undefined ? undefined : [dscp],
    protocol: protocol === undefined ? undefined : [{ number: protocol }],
    sourcePorts: sourcePorts && [sourcePorts],
    destinationPorts: destinationPorts && [destinationPorts],
    source: source && [source],
    destination: destination && [destination],
  });
}
