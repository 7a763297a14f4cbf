import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds, type Packet } from './classify.ts';
import { DIMENSIONS, feasible, meet, present, regionOf, subtract, type Box, type Dimension } from './regions.ts';
import { common, unite, without, type Span, type Spans } from './spans.ts';
import { anyClauses, frames, somePacket } from './testing-packets.ts';

const has = (spans: Spans, value: number | bigint) => spans.some(([from, below]) => from <= value && value < below);
const address = (bytes: readonly number[]) => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
const octet = (mark: number | undefined, i: number) => (mark === undefined ? undefined : (mark >>> (24 - 8 * i)) & 255);
const valuesOf = (packet: Packet): Partial<Record<Dimension, number | bigint | undefined>> => ({
  dscp: packet.dscp, protocol: packet.protocol, sourcePort: packet.sourcePort, destinationPort: packet.destinationPort,
  tcpFlags: packet.tcpFlags, etherType: packet.etherType, vlan: packet.vlan,
  ...(packet.source && { source: address(packet.source), destination: address(packet.destination!) }),
  sourceMac: packet.sourceMac && address(packet.sourceMac),
  destinationMac: packet.destinationMac && address(packet.destinationMac),
  inputInterface: undefined,
  length: packet.length ?? 1000,
  vlanPriority: packet.vlan === undefined ? undefined : (packet.vlanPriority ?? 0),
  ...Object.fromEntries([0, 1, 2, 3].flatMap((i) => [[`fwmark${i}`, octet(packet.fwmark ?? 0, i)], [`connmark${i}`, octet(packet.connmark, i)]])),
}); // prettier-ignore
/** Whether a packet is in a box, by its fields one by one. */
const inBox = (box: Box, packet: Packet) => {
  const values = valuesOf(packet);
  const beyond = (dimension: Dimension) => present(4, dimension).at(-1)![1];
  return (
    box.family === (packet.family ?? 0) &&
    DIMENSIONS.every((dimension) => !box[dimension] || has(box[dimension], values[dimension] ?? beyond(dimension)))
  );
};
const inSome = (boxes: readonly Box[], packet: Packet) => boxes.some((box) => inBox(box, packet));

const spans = fc
  .array(fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 8 })), { maxLength: 5 })
  .map((list) => unite(list.map(([from, size]): Span => [from, from + size])));

describe('sets of numbers', () => {
  it('hold what both, or one without the other, hold', () => {
    fc.assert(
      fc.property(spans, spans, fc.nat(40), (a, b, value) => {
        expect(has(common(a, b), value)).toBe(has(a, value) && has(b, value));
        expect(has(without(a, b), value)).toBe(has(a, value) && !has(b, value));
      })
    );
  });
  it('are sorted and apart', () => {
    fc.assert(
      fc.property(spans, spans, (a, b) =>
        [a, common(a, b), without(a, b)].every((set) =>
          set.every(([from, below], i) => from < below && (i === 0 || set[i - 1]![1] <= from))
        )
      )
    );
  });
});

describe('the region of a clause', () => {
  it('holds exactly the packets that the clause holds for, whatever it asks and negates', () => {
    fc.assert(
      fc.property(anyClauses, frames, (clause, packet) => {
        const region = regionOf(clause);
        fc.pre(region !== undefined);
        expect(inSome(region, packet)).toBe(holds(clause, packet));
      }),
      { numRuns: 1500 }
    );
  });
  it('is of packets that there are', () => {
    fc.assert(
      fc.property(anyClauses, (clause) => {
        for (const box of regionOf(clause) ?? []) {
          expect(feasible(box)).toBe(true);
          expect(holds(clause, somePacket(box))).toBe(true);
        }
      }),
      { numRuns: 500 }
    );
  });
  it('is not followed where lists of marks make it thousands of boxes', () => {
    const fwmark = Array.from({ length: 1024 }, (_, i) => ({ value: i << 8, mask: 0xffff_ffff }));
    expect(regionOf({ not: { fwmark } } as never)).toBeUndefined();
  });
});

describe('two boxes', () => {
  const boxes = anyClauses.map((clause) => regionOf(clause)?.[0]).filter((box) => box !== undefined); // prettier-ignore
  it('share what is in both, and what is taken out is in neither piece', () => {
    fc.assert(
      fc.property(boxes, boxes, frames, (a, b, packet) => {
        const shared = meet(a, b);
        expect(shared ? inBox(shared, packet) : false).toBe(inBox(a, packet) && inBox(b, packet));
        expect(subtract(a, b).filter((piece) => inBox(piece, packet)).length).toBe(Number(inBox(a, packet) && !inBox(b, packet))); // prettier-ignore
      }),
      { numRuns: 1500 }
    );
  });
});
