/**
 * A clause as boxes: conjunctions of one value under a mask, or one range, for each field of a frame. What a classifier
 * of the kernel can be asked is a box, and so are what remains of a field when values are taken out of it (`not`).
 */
import { clausesOf } from './applications.ts';
import { PORT_PROTOCOLS, type PortRange, type Prefix } from './quantities.ts';
import type { Clause } from './schema.ts';
import type { Mac, Masked } from './selectors.ts';

/** Bits of fields by name, and how wide the field is. */
export const FIELD_BITS = {
  etherType: 16, vlan: 12, vlanPriority: 3, sourceMac: 48, destinationMac: 48, fwmark: 32, connmark: 32, dscp: 6, protocol: 8,
  source4: 32, destination4: 32, source6: 128, destination6: 128, tcpFlags: 8,
} as const; // prettier-ignore
export type BitField = keyof typeof FIELD_BITS;
export const BIT_FIELDS = Object.keys(FIELD_BITS) as BitField[];
export const RANGE_FIELDS = ['sourcePort', 'destinationPort', 'length'] as const;
export type RangeField = (typeof RANGE_FIELDS)[number];
/** A value under a mask */
export interface Bits {
  value: bigint;
  mask: bigint;
}
export type Box = Partial<Record<BitField, Bits>> &
  Partial<Record<RangeField, PortRange>> & {
    /** Only tagged frames; without it, tagged or not */
    tagged?: true;
    inputInterface?: string;
  };

const U16 = 0xffff;
export const ETHER_TYPE = { 4: 0x0800, 6: 0x86dd } as const;

const isRange = (field: string): field is RangeField => (RANGE_FIELDS as readonly string[]).includes(field);
const isBits = (field: string): field is BitField => field in FIELD_BITS;

/** The part that two boxes share, or undefined. */
export function meet(a: Box, b: Box): Box | undefined {
  const both: Box = { ...a, ...b };
  for (const field in b) {
    if (isBits(field)) {
      const [x, y] = [a[field], b[field]!];
      if (x) {
        if ((x.value ^ y.value) & x.mask & y.mask) {
          return undefined;
        }
        both[field] = { value: x.value | y.value, mask: x.mask | y.mask };
      }
    } else if (isRange(field)) {
      const [x, y] = [a[field], b[field]!];
      if (x) {
        const range = { from: Math.max(x.from, y.from), to: Math.min(x.to, y.to) };
        if (range.from > range.to) {
          return undefined;
        }
        both[field] = range;
      }
    }
  }
  return a.inputInterface && b.inputInterface && a.inputInterface !== b.inputInterface ? undefined : both;
}

/** More than any interface holds rules. */
const MOST_BOXES = 100_000;
/** Combinations that are tried: lists of a clause multiply, and those that exclude each other are no boxes. */
const MOST_TRIED = 300_000;
/** A clause that nobody could hold: no memory and no time for all of it. */
export class TooManyBoxes extends Error {}

function upTo(some: Iterable<Box>): Box[] {
  const list: Box[] = [];
  for (const box of some) {
    if (list.push(box) > MOST_BOXES) {
      throw new TooManyBoxes();
    }
  }
  return list;
}

const ANY: Bits = { value: 0n, mask: 0n };
const byValue = (a: Bits, b: Bits) => Number(a.value - b.value) || Number(a.mask - b.mask);
/** What of a field is outside of all these, disjoint and whatever their order: each bit of a mask costs at most one. */
function outside(width: number, taken: readonly Bits[]): Bits[] {
  return taken.toSorted(byValue).reduce<Bits[]>(
    (left, { value, mask }) =>
      left.flatMap((part) => {
        if ((part.value ^ value) & part.mask & mask) {
          return [part];
        }
        const rest: Bits[] = [];
        let { value: kept, mask: known } = part;
        for (let bit = 1n << BigInt(width - 1); bit > 0n; bit >>= 1n) {
          if (mask & bit && !(known & bit)) {
            rest.push({ value: kept | (~value & bit), mask: known | bit });
            kept |= value & bit;
            known |= bit;
          }
        }
        if (left.length + rest.length > MOST_BOXES) {
          throw new TooManyBoxes();
        }
        return rest;
      }),
    [ANY]
  );
}

/** What of a field of 16 bits is outside of all these. */
export function outsideRanges(taken: readonly PortRange[]): PortRange[] {
  const left: PortRange[] = [];
  let from = 0;
  for (const range of [...taken].sort((a, b) => a.from - b.from)) {
    if (range.from > from) {
      left.push({ from, to: range.from - 1 });
    }
    from = Math.max(from, range.to + 1);
  }
  return from > U16 ? left : [...left, { from, to: U16 }];
}

/** A range as the fewest aligned blocks: at most 30 of 16 bits. */
export function blocks({ from, to }: PortRange): Bits[] {
  const result: Bits[] = [];
  for (let at = from; at <= to;) {
    let size = 1;
    while (at % (size * 2) === 0 && at + size * 2 - 1 <= to) {
      size *= 2;
    }
    result.push({ value: BigInt(at), mask: BigInt(U16 & ~(size - 1)) });
    at += size;
  }
  return result;
}

const exactly = (field: BitField, value: number): Bits => ({ value: BigInt(value), mask: (1n << BigInt(FIELD_BITS[field])) - 1n }); // prettier-ignore
const masked = ({ value, mask }: Masked): Bits => ({ value: BigInt(value), mask: BigInt(mask) });
function leading({ bytes, length }: Prefix | Mac): Bits {
  const width = BigInt(bytes.length * 8);
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { value, mask: ((1n << BigInt(length)) - 1n) << (width - BigInt(length)) };
}

const FAMILIES = [4, 6] as const;
const ip = (family: 4 | 6): Box => ({ etherType: exactly('etherType', ETHER_TYPE[family]) });
const bitsOf = (presence: Box, field: BitField, values: readonly Bits[], negated: boolean): Box[] =>
  (negated ? outside(FIELD_BITS[field], values) : values).map((bits) =>
    bits.mask === 0n ? presence : { ...presence, [field]: bits }
  );
const rangesOf = (presence: Box, field: RangeField, ranges: readonly PortRange[], negated: boolean): Box[] =>
  (negated ? outsideRanges(ranges) : ranges).map((range) => ({ ...presence, [field]: range }));

/** Packets that have ports at all. */
const PORTED = FAMILIES.flatMap((family) =>
  PORT_PROTOCOLS.map((number): Box => ({ ...ip(family), protocol: exactly('protocol', number) }))
);
const TCP = PORTED.filter((box) => box.protocol!.value === 6n);

/** An IPv6 header says the length of what follows it. */
const payload = (ranges: readonly PortRange[]) =>
  ranges.filter((r) => r.to >= 40).map((r) => ({ from: Math.max(0, r.from - 40), to: r.to - 40 }));

/** Each condition of a clause as the boxes whose union it is, or, negated, what has the field and is in none of them. */
function conditions(clause: Clause, negated: boolean): Array<() => Iterable<Box>> {
  const when = <T>(condition: T | undefined, boxes: (condition: T) => Iterable<Box>): Array<() => Iterable<Box>> =>
    condition === undefined ? [] : [() => boxes(condition)];
  const exact = (field: BitField, presence: Box[]) => (list: readonly number[]) =>
    presence.flatMap((box) => bitsOf(box, field, list.map((value) => exactly(field, value)), negated)); // prettier-ignore
  const under = (field: BitField, presence: Box[]) => (list: readonly Masked[]) =>
    presence.flatMap((box) => bitsOf(box, field, list.map(masked), negated));
  const address = (side: 'source' | 'destination') => (list: readonly Prefix[]) =>
    FAMILIES.flatMap((family) =>
      bitsOf(ip(family), `${side}${family}`, list.filter((p) => p.family === family).map(leading), negated)
    );
  // What has ports has a protocol: of another one than is named, that condition says all there is to say.
  const named = clause.protocol?.map(({ number }) => BigInt(number));
  const ported = PORTED.filter((box) => !named || named.includes(box.protocol!.value));
  const port = (field: 'sourcePort' | 'destinationPort') => (list: readonly PortRange[]) =>
    ported.flatMap((box) => rangesOf(box, field, list, negated));
  return [
    ...when(clause.ipVersion, (version) => FAMILIES.filter((f) => (f === version) !== negated).map(ip)),
    ...when(clause.dscp, exact('dscp', FAMILIES.map(ip))),
    ...when(clause.protocol, (list) =>
      FAMILIES.flatMap((family) => {
        const numbers = list.filter((p) => !p.family || p.family === family);
        return bitsOf(ip(family), 'protocol', numbers.map((p) => exactly('protocol', p.number)), negated); // prettier-ignore
      })
    ),
    ...when(clause.sourcePorts, port('sourcePort')),
    ...when(clause.destinationPorts, port('destinationPort')),
    ...when(clause.ports, function* (list) {
      const [source, destination] = [port('sourcePort')(list), port('destinationPort')(list)];
      yield* negated ? combined([source, destination]) : [...source, ...destination];
    }),
    ...when(clause.source, address('source')),
    ...when(clause.destination, address('destination')),
    ...when(clause.length, (list) => [
      ...rangesOf(ip(4), 'length', list, negated),
      ...rangesOf(ip(6), 'length', payload(list), negated),
    ]),
    ...when(clause.tcpFlags, under('tcpFlags', TCP)),
    ...when(clause.etherType, exact('etherType', [{}])),
    ...when(clause.vlan, exact('vlan', [{ tagged: true }])),
    ...when(clause.vlanPriority, exact('vlanPriority', [{ tagged: true }])),
    ...when(clause.sourceMac, (list) => bitsOf({}, 'sourceMac', list.map(leading), negated)),
    ...when(clause.destinationMac, (list) => bitsOf({}, 'destinationMac', list.map(leading), negated)),
    ...when(clause.fwmark, under('fwmark', [{}])),
    ...when(clause.connmark, under('connmark', [{}])),
    ...when(clause.inputInterface, (list) => list.map((inputInterface) => ({ inputInterface }))),
    ...when(clause.application, function* (list) {
      const groups = list.flatMap(clausesOf);
      if (negated) {
        yield* combined(groups.map((group) => upTo(boxes(group, true))));
      } else {
        for (const group of groups) {
          yield* boxes(group);
        }
      }
    }),
    ...when(clause.not, (inner) => boxes(inner, !negated)),
  ];
}

/** What is in one of each: the parts that combinations share. */
function* combined(unions: ReadonlyArray<readonly Box[]>, so: Box = {}, tried = { count: 0 }): Generator<Box> {
  const [first, ...rest] = unions;
  if (!first) {
    yield so;
    return;
  }
  for (const box of first) {
    if (++tried.count > MOST_TRIED) {
      throw new TooManyBoxes();
    }
    const both = meet(so, box);
    if (both) {
      yield* combined(rest, both, tried);
    }
  }
}

/** @returns boxes whose union is the clause, in a stable order, as they are asked for. @throws TooManyBoxes */
export function* boxes(clause: Clause, negated = false): Generator<Box> {
  const parts = conditions(clause, negated);
  if (!negated) {
    yield* combined(parts.map((part) => upTo(part())));
    return;
  }
  for (const part of parts) {
    yield* part();
  }
}
