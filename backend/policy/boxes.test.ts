import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blocks, boxes, FIELD_BITS, meet, TooManyBoxes, type BitField, type Box } from './boxes.ts';
import { holds, type Packet } from './classify.ts';
import type { PortRange } from './quantities.ts';
import { allClauses, frames } from './testing-packets.ts';

const number = (bytes: readonly number[]) => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/** The fields of a frame as boxes name them. */
function fieldsOf(packet: Packet): Partial<Record<BitField, bigint>> {
  const { family, source, destination } = packet;
  const type = family === 4 ? 0x0800 : family === 6 ? 0x86dd : packet.etherType;
  const plain = (['vlan', 'fwmark', 'connmark', 'dscp', 'protocol', 'tcpFlags'] as const).flatMap((field) =>
    packet[field] === undefined ? [] : [[field, BigInt(packet[field])]]
  );
  return {
    ...Object.fromEntries(plain),
    ...(type === undefined ? {} : { etherType: BigInt(type) }),
    ...(packet.vlan === undefined ? {} : { vlanPriority: BigInt(packet.vlanPriority ?? 0) }),
    ...(packet.sourceMac ? { sourceMac: number(packet.sourceMac) } : {}),
    ...(packet.destinationMac ? { destinationMac: number(packet.destinationMac) } : {}),
    ...(source ? { [`source${family}`]: number(source) } : {}),
    ...(destination ? { [`destination${family}`]: number(destination) } : {}),
  };
}

function inBox(box: Box, packet: Packet): boolean {
  const fields = fieldsOf(packet);
  const length = packet.length === undefined ? undefined : packet.length - (packet.family === 6 ? 40 : 0);
  const inRange = (value: number | undefined, range: PortRange | undefined) =>
    !range || (value !== undefined && range.from <= value && value <= range.to);
  return (
    (!box.tagged || packet.vlan !== undefined) &&
    (!box.inputInterface || box.inputInterface === packet.inputInterface) &&
    inRange(packet.sourcePort, box.sourcePort) &&
    inRange(packet.destinationPort, box.destinationPort) &&
    inRange(length, box.length) &&
    (Object.keys(FIELD_BITS) as BitField[]).every((field) => {
      const bits = box[field];
      return !bits || (fields[field] !== undefined && (fields[field] & bits.mask) === bits.value);
    })
  );
}

describe('the boxes of a clause', () => {
  it('hold exactly the packets that satisfy it, whatever it negates', () => {
    let held = 0;
    fc.assert(
      fc.property(allClauses, fc.array(frames, { minLength: 10, maxLength: 10 }), (clause, some) => {
        const all = [...boxes(clause)];
        return some.every((packet) => {
          const expected = holds(clause, packet);
          held += Number(expected);
          return all.some((box) => inBox(box, packet)) === expected;
        });
      }),
      { numRuns: 120 }
    );
    expect(held).toBeGreaterThan(50);
  });
  it('of what is not one value are no more than the bits of the field', () => {
    expect([...boxes({ not: { source: [{ family: 4, bytes: [10, 0, 0, 0], length: 8, text: '' }] } })]).toHaveLength(9);
    expect([...boxes({ not: { dscp: [46] } })]).toHaveLength(2 * 6);
    expect([...boxes({ not: { sourcePorts: [{ from: 80, to: 80 }] } })]).toHaveLength(6 * 2);
  });
  it('are refused where lists multiply to more than any interface holds', () => {
    const ports = Array.from({ length: 1000 }, (_, i) => ({ from: 2 * i + 1, to: 2 * i + 1 }));
    expect(() => [...boxes({ not: { ports } })]).toThrow(TooManyBoxes);
    expect(() => [...boxes({ sourcePorts: ports, destinationPorts: ports })]).toThrow(TooManyBoxes);
  });
});

it('two boxes share what is in both', () => {
  fc.assert(
    fc.property(allClauses, allClauses, frames, (a, b, packet) => {
      const [one] = boxes(a);
      const [other] = boxes(b);
      const both = one && other && meet(one, other);
      return (
        !one || !other || (both !== undefined && inBox(both, packet)) === (inBox(one, packet) && inBox(other, packet))
      );
    }),
    { numRuns: 500 }
  );
});

describe('a range in blocks', () => {
  const range = fc
    .tuple(fc.integer({ min: 0, max: 65_535 }), fc.integer({ min: 0, max: 65_535 }))
    .map(([a, b]): PortRange => ({ from: Math.min(a, b), to: Math.max(a, b) }));
  it('is the range, once each, in at most 30 blocks', () => {
    fc.assert(
      fc.property(range, (given) => {
        const all = blocks(given).map(({ value, mask }) => ({ from: Number(value), size: 0x10000 - Number(mask) }));
        return (
          all.length <= 30 &&
          all[0]!.from === given.from &&
          all.every(({ from }, i) => i === 0 || from === all[i - 1]!.from + all[i - 1]!.size) &&
          all.at(-1)!.from + all.at(-1)!.size - 1 === given.to
        );
      })
    );
  });
  it('is as few as it can be where the range is one block', () => {
    expect(blocks({ from: 16_384, to: 32_767 })).toEqual([{ value: 0x4000n, mask: 0xc000n }]);
    expect(blocks({ from: 1, to: 65_535 })).toHaveLength(16);
    expect(blocks({ from: 0, to: 65_535 })).toEqual([{ value: 0n, mask: 0n }]);
  });
});
