/**
 * Clauses as regions of what a header may hold, so that they can be intersected and subtracted: whether several earlier
 * clauses together hide one, and which packets two of them share.
 */
import { hasPorts } from './matching.ts';
import { PORT_PROTOCOLS, type PortRange, type Prefix } from './quantities.ts';
import type { Clause } from './schema.ts';
import { common, meeting, unite, without, type Span, type Spans } from './spans.ts';

export const DIMENSIONS = ['dscp', 'protocol', 'sourcePort', 'destinationPort', 'source', 'destination'] as const;
export type Dimension = (typeof DIMENSIONS)[number];
/** Packets of one IP version whose every field is in its set. */
export type Box = { readonly family: 4 | 6 } & Readonly<Record<Dimension, Spans>>;

const ANY_PORT: Spans = [[0, 65_536]];
/** Beyond the last port: the packet has none. */
const NO_PORT: Spans = [[65_536, 65_537]];
const PORTED = unite(PORT_PROTOCOLS.map((number): Span => [number, number + 1]));

const everything = (family: 4 | 6): Box => ({
  family,
  dscp: [[0, 64]],
  protocol: [[0, 256]],
  sourcePort: [[0, 65_537]],
  destinationPort: [[0, 65_537]],
  source: [[0, 1n << (family === 4 ? 32n : 128n)]],
  destination: [[0, 1n << (family === 4 ? 32n : 128n)]],
});

/** The two kinds of packets that there are: with both ports, of a protocol that has them; and with none, as later fragments. */
const feasible = (family: 4 | 6): Box[] => [
  { ...everything(family), protocol: PORTED, sourcePort: ANY_PORT, destinationPort: ANY_PORT },
  { ...everything(family), sourcePort: NO_PORT, destinationPort: NO_PORT },
];
const FEASIBLE = { 4: feasible(4), 6: feasible(6) };

/** What both hold, or undefined when they share no packet. */
export function meet(a: Box, b: Box): Box | undefined {
  if (a.family !== b.family) {
    return undefined;
  }
  const both: Partial<Record<Dimension, Spans>> = {};
  for (const dimension of DIMENSIONS) {
    const spans = common(a[dimension], b[dimension]);
    if (spans.length === 0) {
      return undefined;
    }
    both[dimension] = spans;
  }
  return { family: a.family, ...both } as Box;
}

/** Whether both hold some packet. */
export const touches = (a: Box, b: Box): boolean =>
  a.family === b.family && DIMENSIONS.every((dimension) => meeting(a[dimension], b[dimension]));

/** What is in `box` and not in `other`, as boxes that share nothing. */
export function subtract(box: Box, other: Box): Box[] {
  if (!touches(box, other)) {
    return [box];
  }
  const pieces: Box[] = [];
  let rest = box;
  for (const dimension of DIMENSIONS) {
    const outside = without(rest[dimension], other[dimension]);
    if (outside.length > 0) {
      pieces.push({ ...rest, [dimension]: outside });
    }
    rest = { ...rest, [dimension]: common(rest[dimension], other[dimension]) };
  }
  return pieces;
}

/** Only what a packet can be: no ports of a protocol that has none, no single port. */
export const possible = (boxes: readonly Box[]): Box[] =>
  boxes.flatMap((box) => FEASIBLE[box.family].flatMap((kind) => meet(box, kind) ?? []));

/** First port that systems give to the client's end of a conversation (RFC 6335 section 6 says 49,152, Linux begins here). */
const FIRST_CLIENT_PORT = 32_768;
const serverEnds = (box: Box): boolean =>
  [...box.sourcePort, ...box.destinationPort].every(([, below]) => below <= FIRST_CLIENT_PORT);

/**
 * Whether some conversation has packets that both hold. From BGP's port to SIP's none goes: each is the server's end,
 * and the other end is a client's. Where one rule itself names both ends, it is taken at its word.
 */
export const meetInPractice = (a: Box, b: Box): boolean => {
  const both = meet(a, b);
  return both !== undefined && (!serverEnds(both) || serverEnds(a) || serverEnds(b));
};

const ofPorts = (ranges: readonly PortRange[] | undefined): Spans =>
  ranges ? unite(ranges.map(({ from, to }): Span => [from, to + 1])) : ANY_PORT;

function ofPrefixes(prefixes: readonly Prefix[] | undefined, family: 4 | 6): Spans {
  if (!prefixes) {
    return everything(family).source;
  }
  return unite(
    prefixes
      .filter((prefix) => prefix.family === family)
      .map(({ bytes, length }): Span => {
        const from = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
        return [from, from + (1n << BigInt(8 * bytes.length - length))];
      })
  );
}

const KNOWN = new Set<string>(['dscp', 'protocol', 'source', 'destination', 'sourcePorts', 'destinationPorts', 'ports', 'ipVersion']); // prettier-ignore

/** @returns the packets of a clause; undefined where it has a condition that is not a field here. */
export function regionOf(clause: Clause): Box[] | undefined {
  if (Object.entries(clause).some(([key, value]) => value !== undefined && !KNOWN.has(key))) {
    return undefined;
  }
  return ([4, 6] as const).flatMap((family) => {
    if (clause.ipVersion !== undefined && clause.ipVersion !== family) {
      return [];
    }
    const all = everything(family);
    const numbers = clause.protocol?.filter((p) => !p.family || p.family === family).map(({ number }) => number);
    const protocol = numbers ? unite(numbers.map((number): Span => [number, number + 1])) : all.protocol;
    const base: Box = {
      ...all,
      dscp: clause.dscp ? unite(clause.dscp.map((value): Span => [value, value + 1])) : all.dscp,
      protocol,
      source: ofPrefixes(clause.source, family),
      destination: ofPrefixes(clause.destination, family),
    };
    if (!hasPorts(clause)) {
      return nonEmpty([base]);
    }
    const ported: Box = {
      ...base,
      protocol: common(protocol, PORTED),
      sourcePort: ofPorts(clause.sourcePorts),
      destinationPort: ofPorts(clause.destinationPorts),
    };
    if (!clause.ports) {
      return nonEmpty([ported]);
    }
    const either = ofPorts(clause.ports);
    return nonEmpty([
      { ...ported, sourcePort: common(ported.sourcePort, either) },
      {
        ...ported,
        sourcePort: without(ported.sourcePort, either),
        destinationPort: common(ported.destinationPort, either),
      },
    ]);
  });
}

const nonEmpty = (boxes: readonly Box[]): Box[] =>
  boxes.filter((box) => DIMENSIONS.every((dimension) => box[dimension].length > 0));
