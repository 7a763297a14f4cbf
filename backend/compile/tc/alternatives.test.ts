import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds, type Packet } from '../../policy/classify.ts';
import { judgeMatches } from '../../policy/judge-matches.ts';
import { parsePrefix, type PortRange, type Prefix } from '../../policy/quantities.ts';
import type { ResolvedClass } from '../../policy/resolve.ts';
import type { Clause } from '../../policy/schema.ts';
import { clauses, ipPackets } from '../../policy/testing-packets.ts';
import { alternatives, alternativesAtMost, describeAlternative, type Alternative } from './alternatives.ts';
import { flowerRule } from './flower.ts';
import { portBlocks, u32Rules } from './u32.ts';

type IpPacket = Packet & { family: 4 | 6 };

/** The packet's IP header (RFC 791, RFC 8200) without options, and the first word behind it. */
function header(packet: IpPacket): DataView {
  const four = packet.family === 4;
  const view = new DataView(new ArrayBuffer(four ? 24 : 44));
  const tos = (packet.dscp ?? 0) << 2;
  view.setUint32(0, four ? 0x45000000 | (tos << 16) : (0x60000000 | (tos << 20)) >>> 0);
  view.setUint8(four ? 9 : 6, packet.protocol ?? 0);
  packet.source?.forEach((byte, i) => view.setUint8((four ? 12 : 8) + i, byte));
  packet.destination?.forEach((byte, i) => view.setUint8((four ? 16 : 24) + i, byte));
  view.setUint16(four ? 20 : 40, packet.sourcePort ?? 53);
  view.setUint16(four ? 22 : 42, packet.destinationPort ?? 53);
  return view;
}

/** What u32 does with one rule: every 32-bit word of the packet under its mask is the value. */
const u32Holds = (keys: readonly string[], packet: DataView): boolean =>
  keys.every((key) => {
    const [, value, mask, at] = /^match u32 0x([0-9a-f]{8}) 0x([0-9a-f]{8}) at (\d+)$/.exec(key)!;
    const word = Number(at) + 4 <= packet.byteLength ? packet.getUint32(Number(at)) : NaN;
    return !Number.isNaN(word) && (word & parseInt(mask!, 16)) >>> 0 === parseInt(value!, 16);
  });

const inRange = (text: string, port: number | undefined) => {
  const [from, to = from] = text.split('-').map(Number);
  return port !== undefined && from! <= port && port <= to!;
};
const inPrefix = (text: string, packet: IpPacket, address: readonly number[] | undefined) =>
  holds({ source: [parsePrefix(text) as Prefix] }, { ...packet, source: address ?? [] });

/** What flower does with one rule; the frame's own type stands in the filter's protocol. */
const flowerHolds = (keys: readonly string[], packet: IpPacket): boolean =>
  keys.every((text) => {
    const [key, value = ''] = text.split(' ');
    switch (key) {
      case 'vlan_ethtype':
        return value === (packet.family === 4 ? 'ip' : 'ipv6');
      case 'ip_proto':
        return packet.protocol === ({ tcp: 6, udp: 17, sctp: 132 }[value] ?? parseInt(value, 16));
      case 'ip_tos':
        return (packet.dscp ?? 0) << 2 === parseInt(value, 16);
      case 'src_ip':
        return inPrefix(value, packet, packet.source);
      case 'dst_ip':
        return inPrefix(value, packet, packet.destination);
      case 'src_port':
        return inRange(value, packet.sourcePort);
      case 'dst_port':
        return inRange(value, packet.destinationPort);
      default:
        throw new Error(text);
    }
  });

const u32Rule = (alternative: Alternative, tagged: boolean, packet: IpPacket) =>
  u32Rules(alternative, tagged).some((keys) => u32Holds(keys, header(packet)));

/** A packet that has what one alternative asks for, so that agreeing is more than saying no twice. */
const meeting = (clause: Clause, packet: IpPacket, pick: number): IpPacket => {
  const all = alternatives(clause);
  const one = all[pick % Math.max(1, all.length)];
  if (!one) {
    return packet;
  }
  const address = (prefix: Prefix | undefined, given: readonly number[] | undefined) =>
    prefix ? prefix.bytes : given?.length === (one.family === 4 ? 4 : 16) ? given : Array<number>(one.family === 4 ? 4 : 16).fill(10);
  const protocol = one.protocol ?? packet.protocol ?? 17;
  const ports = [6, 17, 132].includes(protocol)
    ? { sourcePort: one.sourcePorts?.from ?? packet.sourcePort ?? 1, destinationPort: one.destinationPorts?.to ?? packet.destinationPort ?? 1 }
    : {};
  const { dscp } = one;
  return { family: one.family, dscp: dscp ?? packet.dscp ?? 0, protocol, ...ports, source: address(one.source, packet.source), destination: address(one.destination, packet.destination) };
}; // prettier-ignore

const cases = fc
  .tuple(clauses, ipPackets, fc.nat(), fc.boolean())
  .map(([clause, packet, pick, meet]) => ({ clause, packet: meet ? meeting(clause, packet, pick) : packet }));

describe('the rules of a clause', () => {
  it.each([
    ['u32', (alternative: Alternative, packet: IpPacket) => u32Rule(alternative, false, packet)],
    ['u32 on tagged frames', (alternative: Alternative, packet: IpPacket) => u32Rule(alternative, true, packet)],
    ['flower', (alternative: Alternative, packet: IpPacket) => flowerHolds(flowerRule(alternative, false), packet)],
    [
      'flower on tagged frames',
      (alternative: Alternative, packet: IpPacket) => flowerHolds(flowerRule(alternative, true), packet),
    ],
  ])('take in %s exactly the packets that satisfy it', (name, rule) => {
    let held = 0;
    fc.assert(
      fc.property(cases, ({ clause, packet }) => {
        const expected = holds(clause, packet);
        held += Number(expected);
        // An untagged frame is of one IP version by its type; of a tagged one the rule itself has to know.
        const seen = alternatives(clause).filter((item) => name.includes('tagged') || item.family === packet.family);
        return seen.some((item) => rule(item, packet)) === expected;
      }),
      { numRuns: 700 }
    );
    expect(held).toBeGreaterThan(150);
  });
  it('are none exactly for a clause that is judged impossible', () => {
    const judged = (clause: Clause) =>
      judgeMatches([
        { name: 'a', source: 'x', match: [clause], classes: [] as ResolvedClass[] } as unknown as ResolvedClass,
      ]).length > 0;
    fc.assert(
      fc.property(clauses, (clause) => (alternatives(clause).length === 0) === judged(clause)),
      { numRuns: 1000 }
    );
  });
  it('are no more than were counted before making them', () => {
    fc.assert(fc.property(clauses, (clause) => alternatives(clause).length <= alternativesAtMost(clause)));
    const thousand = Array.from({ length: 1024 }, (_, i) => ({ from: i + 1, to: i + 1 }));
    expect(alternativesAtMost({ ports: thousand, sourcePorts: thousand, destinationPorts: thousand })).toBe(
      2 * 3 * 2 * 1024 ** 3
    );
  });
  it('with ports take no fragment and no header with options', () => {
    const [rule] = u32Rules({ family: 4, protocol: 17, destinationPorts: { from: 53, to: 53 } }, false);
    const packet: IpPacket = {
      family: 4,
      dscp: 0,
      protocol: 17,
      sourcePort: 1,
      destinationPort: 53,
      source: [1, 1, 1, 1],
      destination: [2, 2, 2, 2],
    };
    const changed = (change: (view: DataView) => void) => {
      const view = header(packet);
      change(view);
      return u32Holds(rule!, view);
    };
    expect(changed(() => undefined)).toBe(true);
    expect(changed((view) => view.setUint16(6, 0x4000))).toBe(true); // do not fragment
    expect(changed((view) => view.setUint16(6, 0x0001))).toBe(false); // a later fragment
    expect(changed((view) => view.setUint16(6, 0x2000))).toBe(false); // a first fragment
    expect(changed((view) => view.setUint8(0, 0x46))).toBe(false); // options
  });
});

describe('ports in blocks', () => {
  const range: fc.Arbitrary<PortRange> = fc
    .tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 1, max: 65_535 }))
    .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
  it('are the range, once each, in at most 30 blocks', () => {
    fc.assert(
      fc.property(range, (given) => {
        const blocks = portBlocks(given);
        const sizes = blocks.map(({ mask }) => 0x10000 - mask);
        return (
          blocks.length <= 30 &&
          blocks.every(({ value, mask }) => (value & mask) === value) &&
          blocks[0]!.value === given.from &&
          blocks.every(({ value }, i) => i === 0 || value === blocks[i - 1]!.value + sizes[i - 1]!) &&
          blocks.at(-1)!.value + sizes.at(-1)! - 1 === given.to
        );
      })
    );
  });
  it('are as few as they can be where the range is one block', () => {
    expect(portBlocks({ from: 16_384, to: 32_767 })).toEqual([{ value: 0x4000, mask: 0xc000 }]);
    expect(portBlocks({ from: 1, to: 65_535 })).toHaveLength(16);
    expect(portBlocks({ from: 65_535, to: 65_535 })).toEqual([{ value: 0xffff, mask: 0xffff }]);
  });
});

describe('flower keys', () => {
  it('stand in the order that tc needs, protocols as numbers where tc knows the name in one IP version only', () => {
    const ends = { sourcePorts: { from: 1, to: 2 }, destinationPorts: { from: 80, to: 80 } };
    expect(
      flowerRule(
        {
          family: 6,
          dscp: 46,
          protocol: 6,
          ...ends,
          source: parsePrefix('2001:db8::/32') as Prefix,
          destination: parsePrefix('::/0') as Prefix,
        },
        true
      )
    ).toEqual([
      'vlan_ethtype ipv6',
      'ip_proto tcp',
      'ip_tos 0xb8/0xfc',
      'src_ip 2001:db8::/32',
      'src_port 1-2',
      'dst_port 80',
    ]);
    expect(flowerRule({ family: 6, protocol: 1 }, false)).toEqual(['ip_proto 0x1']);
    expect(flowerRule({ family: 4 }, false)).toEqual([]);
  });
});

it('says an alternative in words', () => {
  expect(
    describeAlternative({ family: 4, dscp: 46, protocol: 17, destinationPorts: { from: 16_384, to: 32_767 } })
  ).toBe('DSCP EF · IPv4 · UDP · to port 16384-32767');
});
