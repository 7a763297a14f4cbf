import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxes } from '../../policy/boxes.ts';
import { holds, type Packet } from '../../policy/classify.ts';
import { judgeMatches } from '../../policy/judge-matches.ts';
import type { ResolvedClass } from '../../policy/resolve.ts';
import type { Clause } from '../../policy/schema.ts';
import { specOf, classesText } from '../../policy/testing.ts';
import { clauses, ipPackets } from '../../policy/testing-packets.ts';
import { flowerRules } from './flower.ts';
import { u32Rules } from './u32.ts';
import { describeBox } from './words.ts';

type IpPacket = Packet & { family: 4 | 6 };
const clause = (text: string): Clause => specOf(classesText(`{name: a, match: [${text}]}`)).classes![0]!.match![0]!;

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

describe('the words of u32', () => {
  it.each([false, true])('take exactly the packets that satisfy a clause (tagged: %s)', (tagged) => {
    fc.assert(
      fc.property(clauses, ipPackets, (said, packet) => {
        // An untagged frame is of one IP version by its type; of a tagged one the rule itself has to know.
        const type = BigInt(packet.family === 4 ? 0x0800 : 0x86dd);
        const seen = [...boxes(said)].filter((box) => tagged || !box.etherType || box.etherType.value === type);
        const taken = seen.some((box) => u32Rules(box, tagged)!.some((keys) => u32Holds(keys, header(packet))));
        return taken === holds(said, packet);
      }),
      { numRuns: 200 }
    );
  });
  it('with ports take no fragment and no header with options', () => {
    const [box] = boxes(clause('{protocol: udp, destinationPorts: 53, ipVersion: 4}'));
    const [rule] = u32Rules(box!, false)!;
    const packet: IpPacket = { family: 4, protocol: 17, sourcePort: 1, destinationPort: 53, source: [1, 1, 1, 1], destination: [2, 2, 2, 2] }; // prettier-ignore
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
  it('lie before the header for MAC addresses, and say marks and interfaces by their own keys', () => {
    const [box] = boxes(clause("{sourceMac: '02:00:00:00:00:01', fwmark: 0x10/0xf0, inputInterface: lan0}"));
    expect(u32Rules(box!, false)).toEqual([
      ['match u32 0x02000000 0xffffffff at -8', 'match u32 0x00010000 0xffff0000 at -4', 'match mark 0x00000010 0x000000f0', 'indev lan0'],
    ]); // prettier-ignore
  });
});

describe('flower keys', () => {
  const rules = (text: string, tagged = false, cut = false) =>
    [...boxes(clause(text))].flatMap((box) => flowerRules(box, tagged, cut)!);
  it('stand in the order that tc needs, protocols as numbers where tc knows the name in one IP version only', () => {
    expect(
      rules("{dscp: ef, protocol: tcp, sourcePorts: 1-2, destinationPorts: 80, source: '2001:db8::/32', ipVersion: 6}", true)
    ).toEqual([['vlan_ethtype ipv6', 'ip_proto tcp', 'ip_tos 0xb8/0xfc', 'src_ip 2001:db8::/32', 'src_port 1-2', 'dst_port 80']]); // prettier-ignore
    expect(rules('{protocol: 1, ipVersion: 6}')).toEqual([['ip_proto 0x1']]);
    expect(rules('{ipVersion: 4}')).toEqual([[]]);
  });
  it('of a field that flower compares whole are one for each value that is left', () => {
    expect(rules('{ipVersion: 4, not: {protocol: tcp}}')).toHaveLength(255);
    expect(rules('{not: {vlan: 5}}', true)).toHaveLength(4095);
  });
  it('ask for no fragment where zero is among the ports or flags', () => {
    const [first] = rules('{protocol: udp, ipVersion: 4, not: {sourcePorts: 80-65535}}');
    expect(first).toEqual(['ip_proto udp', 'ip_flags nofrag', 'src_port 0x0/0xffc0']);
  });
  it('say many ranges as blocks, which the kernel looks up', () => {
    expect(rules('{protocol: udp, ipVersion: 4, destinationPorts: 5000-5009}', false, true)).toEqual([
      ['ip_proto udp', 'dst_port 0x1388/0xfff8'],
      ['ip_proto udp', 'dst_port 0x1390/0xfffe'],
    ]);
  });
});

it('no rules are left exactly of a clause that is judged impossible', () => {
  const judged = (said: Clause) =>
    judgeMatches([{ name: 'a', source: 'x', match: [said], classes: [] as ResolvedClass[] } as unknown as ResolvedClass]).length > 0; // prettier-ignore
  fc.assert(
    fc.property(clauses, (said) => boxes(said).next().done === judged(said)),
    { numRuns: 500 }
  );
});

it('a rule in words', () => {
  const words = (text: string) => describeBox(boxes(clause(text)).next().value as never);
  expect(words('{dscp: ef, ipVersion: 4, protocol: udp, destinationPorts: 16384-32767}')).toBe('DSCP EF · IPv4 · UDP · to port 16384-32767'); // prettier-ignore
  expect(words("{not: {dscp: ef}}")).toBe('DSCP DF to 31 · IPv4'); // prettier-ignore
  expect(words("{vlan: 5, sourceMac: '02:00:5e:00:00:00/24', fwmark: 0x10/0xf0}")).toBe('VLAN 5 · from MAC 02:00:5e:00:00:00/24 · mark 0x10/0xf0'); // prettier-ignore
});
