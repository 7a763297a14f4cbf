/** What another order of classes changes: where two could take the same packet, the earlier has it. */
import { families, hasPorts } from './matching.ts';
import { PORT_PROTOCOLS, type PortRange, type Prefix } from './quantities.ts';
import type { Clause, TrafficClass } from './schema.ts';

const portsMeet = (a: readonly PortRange[], b: readonly PortRange[]) =>
  a.some((x) => b.some((y) => x.from <= y.to && y.from <= x.to));

const prefixesMeet = (a: readonly Prefix[], b: readonly Prefix[]) =>
  a.some((x) =>
    b.some((y) => {
      const length = Math.min(x.length, y.length);
      const mask = (i: number) => (0xff00 >> Math.min(8, Math.max(0, length - 8 * i))) & 0xff;
      return x.family === y.family && x.bytes.every((byte, i) => (byte & mask(i)) === (y.bytes[i]! & mask(i)));
    })
  );

/** `ports` holds on either side: it is kept from doing so only where both sides are fixed elsewhere. */
const eitherMeets = (either: Clause, fixed: Clause) =>
  !either.ports ||
  !fixed.sourcePorts ||
  !fixed.destinationPorts ||
  portsMeet(either.ports, fixed.sourcePorts) ||
  portsMeet(either.ports, fixed.destinationPorts);

/** @returns false only where no packet can satisfy both clauses */
export function mayMeet(a: Clause, b: Clause): boolean {
  const meet = <T>(x: readonly T[] | undefined, y: readonly T[] | undefined, both: (x: readonly T[], y: readonly T[]) => boolean) =>
    !x || !y || both(x, y); // prettier-ignore
  const carriesPorts = (clause: Clause) => !clause.protocol || clause.protocol.some(({ number }) => PORT_PROTOCOLS.includes(number)); // prettier-ignore
  return (
    families(a).some((family) => families(b).includes(family)) &&
    meet(a.dscp, b.dscp, (x, y) => x.some((value) => y.includes(value))) &&
    meet(a.protocol, b.protocol, (x, y) =>
      x.some((one) => y.some((two) => one.number === two.number && (!one.family || !two.family || one.family === two.family)))
    ) &&
    meet(a.source, b.source, prefixesMeet) &&
    meet(a.destination, b.destination, prefixesMeet) &&
    meet(a.sourcePorts, b.sourcePorts, portsMeet) &&
    meet(a.destinationPorts, b.destinationPorts, portsMeet) &&
    eitherMeets(a, b) &&
    eitherMeets(b, a) &&
    (!hasPorts(a) || carriesPorts(b)) &&
    (!hasPorts(b) || carriesPorts(a))
  ); // prettier-ignore
}

const classesMeet = (a: TrafficClass, b: TrafficClass) =>
  (a.match ?? []).some((one) => (b.match ?? []).some((two) => mayMeet(one, two)));

export interface Move {
  /** It stands before the other now, and had stood behind it. */
  first: string;
  second: string;
}

/** Pairs of one level that stand the other way round, and could take the same packet before or now. */
export function moves(before: readonly TrafficClass[], after: readonly TrafficClass[]): Move[] {
  const was = new Map(before.map((item, index) => [item.name, { item, index }]));
  const kept = after.filter(({ name }) => was.has(name));
  return kept.flatMap((first, at) =>
    kept.slice(at + 1).flatMap((second): Move[] => {
      const [a, b] = [was.get(first.name)!, was.get(second.name)!];
      const matters = a.index > b.index && (classesMeet(first, second) || classesMeet(a.item, b.item));
      return matters ? [{ first: first.name, second: second.name }] : [];
    })
  );
}
