import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocuments } from '../../../policy/document.ts';
import type { Clause } from '../../../policy/schema.ts';
import { clauses } from '../../../policy/testing-packets.ts';
import { boxes, type Box } from '../../../policy/boxes.ts';
import { flowerRules } from '../flower.ts';
import type { Filter } from '../model.ts';
import { u32Rules } from '../u32.ts';
import { foldRules } from './fold.ts';
import { recogniseRules } from './rules.ts';

const kinds = {
  flower: (box: Box, tagged: boolean) => flowerRules(box, tagged, false)!,
  u32: (box: Box, tagged: boolean) => u32Rules(box, tagged)!,
} as const;

/** The rules of a clause as the compiler writes them. */
const rulesOf = (clause: Clause, kind: keyof typeof kinds): Filter[] => {
  const all = [...boxes(clause)].flatMap((item) =>
    [false, true].flatMap((tagged) =>
      kinds[kind](item, tagged).map((keys) => ({
        parent: '1:', protocol: tagged ? '802.1Q' : item.etherType!.value === 0x0800n ? 'ip' : 'ipv6', pref: 0, kind, keys, classid: '1:10',
      }))
    )
  ); // prettier-ignore
  const once = new Map(all.map((filter) => [`${filter.protocol} ${filter.keys.join(' ')}`, filter]));
  return [...once.values()].map((filter, index) => ({ ...filter, pref: index + 1 }));
};
const recognised = (filters: readonly Filter[]) => {
  const remarks: unknown[] = [];
  const rules = recogniseRules(filters, (item) => remarks.push(item)).get('1:') ?? [];
  return { rules, remarks };
};
const keysOf = (filters: readonly Filter[]) =>
  filters.map(({ protocol, keys }) => `${protocol} ${keys.join(' ')}`).sort();
const few = clauses.filter((clause) => Object.values(clause).some(Boolean) && [...boxes(clause)].length <= 200);

describe('rules as clauses', () => {
  it.each(['flower', 'u32'] as const)('are compiled to the same %s rules again', (kind) => {
    fc.assert(
      fc.property(few, (clause) => {
        const filters = rulesOf(clause, kind);
        fc.pre(filters.length > 0 && filters.length <= 2000);
        const { rules, remarks } = recognised(filters);
        expect(remarks).toEqual([]);
        const folded = foldRules(rules);
        expect(folded).toMatchObject({ plainOnly: false, taggedOnly: false });
        const again = folded.clauses.flatMap((item) => rulesOf(item, kind));
        expect([...new Set(keysOf(again))]).toEqual(keysOf(filters));
      })
    );
  });

  it.each<[string, string]>([
    ['a list of code points', '{dscp: [ef, va]}'],
    ['a range of ports, without a protocol', '{destinationPorts: [16384-32767]}'],
    ['ports of either side', '{protocol: [tcp], ports: [22, 5060]}'],
    ['a protocol of one IP version', '{protocol: [icmp, icmpv6]}'],
    ['prefixes of both IP versions', '{source: [192.0.2.0/24, 2001:db8::/32], dscp: [cs1]}'],
    ['IPv4 alone', '{ipVersion: 4, protocol: [udp]}'],
    [
      'code points and ports that are not meant',
      '{dscp: [ef, af41], protocol: [udp], not: {destinationPorts: [53, 5060-5069]}}',
    ],
    ['all code points but some', '{not: {dscp: [cs1, ef, 63]}}'],
    ['ports of neither side', '{not: {ports: [53, 16384-32767]}}'],
    [
      'lists that multiply',
      '{dscp: [df], protocol: [udp, tcp], sourcePorts: [1000-1999, 53], destinationPorts: [80, 443]}',
    ],
  ])('are the clause that was written: %s', (_what, text) => {
    const source = `{apiVersion: clearpath/v1, kind: Policy, metadata: {name: p}, spec: {classes: [{name: a, match: [${text}]}]}}`;
    const { document } = parseDocuments(source).documents[0]!;
    const clause = document.kind === 'Policy' ? document.spec.classes![0]!.match![0]! : {};
    for (const kind of ['flower', 'u32'] as const) {
      expect(foldRules(recognised(rulesOf(clause, kind)).rules).clauses, kind).toEqual([clause]);
    }
  });

  const foreign = (kind: Filter['kind'], ...keys: string[]) =>
    recognised([{ parent: '1:', protocol: 'ip', pref: 1, kind, keys, classid: '1:10' }]);

  it.each([
    ['flower', foreign('flower', 'ip_tos 0xa0/0xe0')],
    ['u32', foreign('u32', 'match u32 0x00a00000 0x00e00000 at 0')],
  ] as const)('are the code points that an IP precedence stands for: %s', (_kind, { rules, remarks }) => {
    expect(remarks).toEqual([]);
    expect(foldRules(rules).clauses).toEqual([{ ipVersion: 4, dscp: [40, 41, 42, 43, 44, 45, 46, 47] }]);
  });

  it('say port 0, which no range holds, by what it is not', () => {
    const port0 = foreign('flower', 'ip_proto udp', 'src_port 0x0/0xffff', 'dst_port 0x0/0xf000');
    expect(foldRules(port0.rules).clauses).toEqual([
      { ipVersion: 4, protocol: [{ number: 17 }], destinationPorts: [{ from: 1, to: 4095 }], not: { sourcePorts: [{ from: 1, to: 65_535 }] } },
      { ipVersion: 4, protocol: [{ number: 17 }], not: { ports: [{ from: 1, to: 65_535 }] } },
    ]); // prettier-ignore
  });

  it('ask for no ECN bits', () => {
    expect(foreign('u32', 'match u32 0x00030000 0x00030000 at 0').remarks).toMatchObject([
      { message: expect.stringMatching(/it asks for ECN bits, which are no condition/) },
    ]);
  });
});
