import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds, type Packet } from './classify.ts';
import { DIMENSIONS, meet, possible, regionOf, subtract, type Box } from './regions.ts';
import { common, unite, without, type Span, type Spans } from './spans.ts';
import { clauses, ipPackets } from './testing-packets.ts';

const has = (spans: Spans, value: number | bigint) => spans.some(([from, below]) => from <= value && value < below);
const address = (bytes: readonly number[]) => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
/** Whether a packet is in a box, by its fields one by one. */
const inBox = (box: Box, packet: Packet) =>
  box.family === packet.family &&
  [packet.dscp!, packet.protocol!, packet.sourcePort ?? 65_536, packet.destinationPort ?? 65_536, address(packet.source!), address(packet.destination!)]
    .every((value, i) => has(box[DIMENSIONS[i]!], value)); // prettier-ignore
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
  it('holds exactly the packets that the clause holds for', () => {
    fc.assert(
      fc.property(clauses, ipPackets, (clause, packet) => {
        const region = regionOf(clause)!;
        expect(inSome(region, packet)).toBe(holds(clause, packet));
        expect(inSome(possible(region), packet)).toBe(holds(clause, packet));
      }),
      { numRuns: 3000 }
    );
  });
  it('is not said of a clause with a condition that is no field here', () => {
    expect(regionOf({ dscp: [46], vlan: 5 } as never)).toBeUndefined();
  });
});

describe('two boxes', () => {
  const boxes = clauses.map((clause) => regionOf(clause)!).filter((region) => region.length > 0).map((region) => region[0]!); // prettier-ignore
  it('share what is in both, and what is taken out is in neither piece', () => {
    fc.assert(
      fc.property(boxes, boxes, ipPackets, (a, b, packet) => {
        const shared = meet(a, b);
        expect(shared ? inBox(shared, packet) : false).toBe(inBox(a, packet) && inBox(b, packet));
        expect(subtract(a, b).filter((piece) => inBox(piece, packet)).length).toBe(Number(inBox(a, packet) && !inBox(b, packet))); // prettier-ignore
      }),
      { numRuns: 2000 }
    );
  });
});
