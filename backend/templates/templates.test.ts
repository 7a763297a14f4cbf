import { describe, expect, it } from 'vitest';
import { classify, flatten, resolve, type Packet, type ResolvedPolicy } from '../policy/index.ts';
import { findingsOf, specOf } from '../policy/testing.ts';
import { listTemplates, readTemplate } from './index.ts';

const templates = listTemplates();
const policyOf = (source: string): ResolvedPolicy => {
  const spec = specOf(source);
  return resolve('p', spec, spec.bandwidth?.kind === 'absolute' ? spec.bandwidth.bits : 0);
};
const of = (name: string) => policyOf(templates.find((item) => item.name === name)!.source);

describe.each(templates)('the template $name', ({ name, source, purpose, assumes, change }) => {
  const policy = policyOf(source);
  const leaves = flatten(policy.classes).filter((item) => item.classes.length === 0);

  it('says for whom it is, what it assumes and what to change', () => {
    for (const said of [purpose, assumes, change]) {
      expect(said).toMatch(/^[A-Za-z].*[.)]$/);
    }
    expect(source).toContain(`\n  name: ${name}\n`);
  });
  it('is judged without an error or a warning', () => {
    expect(findingsOf(source).filter(({ severity }) => severity !== 'info')).toEqual([]);
  });
  it('promises no more than there is, and no more than a third to those who are served first', () => {
    const sum = (list: typeof policy.classes) => list.reduce((total, item) => total + item.guarantee, 0);
    expect(sum(policy.classes)).toBeLessThanOrEqual(policy.bandwidth);
    expect(sum(policy.classes)).toBeGreaterThanOrEqual(0.95 * policy.bandwidth);
    expect(sum(policy.classes.filter((item) => item.strict))).toBeLessThanOrEqual(policy.bandwidth / 3);
  });
  it('leaves no class without a guarantee', () => {
    expect(leaves.filter((item) => item.guarantee === 0)).toEqual([]);
  });
  it('protects what keeps the network up, in IPv4 and in IPv6', () => {
    const taking = (packet: Packet) => classify(policy.classes, packet);
    const bgp = { protocol: 6, sourcePort: 40000, destinationPort: 179, dscp: 48 };
    for (const family of [4, 6] as const) {
      const control = taking({ family, ...bgp });
      expect([control.strict, control.priority]).toEqual([false, 6]);
    }
  });
  it('treats IPv4 and IPv6 alike, whatever the mark and the port', () => {
    const ports = [22, 25, 53, 80, 123, 179, 443, 554, 1433, 3478, 5060, 6881, 16384, 40000];
    for (let dscp = 0; dscp < 64; dscp++) {
      for (const protocol of [6, 17, 89]) {
        for (const destinationPort of protocol === 89 ? [0] : ports) {
          const packet = { dscp, protocol, sourcePort: 40001, destinationPort };
          const [four, six] = ([4, 6] as const).map((family) => classify(policy.classes, { family, ...packet }).path);
          expect(six).toBe(four);
        }
      }
    }
  });
  it('serves what asks for less than best effort after best effort', () => {
    const le = classify(policy.classes, { family: 6, dscp: 1, protocol: 6 });
    const standard = classify(policy.classes, { family: 6, dscp: 0, protocol: 6, destinationPort: 443, sourcePort: 1 });
    expect(le.priority).toBeLessThan(standard.priority);
  });
});

const tcp = (port: number): Packet => ({ protocol: 6, sourcePort: 50000, destinationPort: port, dscp: 0 });
const udp = (port: number): Packet => ({ protocol: 17, sourcePort: 50000, destinationPort: port, dscp: 0 });
/** RFC 4594 (table 3) and RFC 8622 by code point, and the ports that its classes usually have. */
const SERVICES: ReadonlyArray<[string, number[], Packet[]]> = [
  ['network-control', [48, 56], [tcp(179), udp(3784), udp(4784), { protocol: 89, dscp: 0 }]],
  ['telephony', [46, 44], [udp(16384), udp(32767)]],
  ['signaling', [40], [udp(5060), tcp(5061), tcp(1720), tcp(2000)]],
  ['multimedia-conferencing', [34, 36, 38], [udp(3478), udp(3481)]],
  ['real-time-interactive', [32], []],
  ['multimedia-streaming', [26, 28, 30], [tcp(1935)]],
  ['broadcast-video', [24], [tcp(554)]],
  ['low-latency-data', [18, 20, 22], [tcp(1433), tcp(1521)]],
  ['oam', [16], [tcp(22), udp(161), udp(162), udp(514), udp(123)]],
  ['high-throughput-data', [10, 12, 14], [tcp(25), tcp(20), tcp(21)]],
  ['standard', [0, 2, 63], [tcp(443), udp(443), udp(16383), udp(32768)]],
  ['low-priority', [1, 8], [tcp(6881), udp(6889)]],
];

describe.each([
  ['rfc4594', {}],
  [
    'rfc4594-cisco',
    { 24: 'signaling', 40: 'broadcast-video', 8: 'scavenger', 1: 'scavenger' } as Record<number, string>,
  ],
] as const)('%s', (name, swapped: Record<number, string>) => {
  const { classes } = of(name);
  const rename = (path: string) => (name === 'rfc4594-cisco' && path === 'low-priority' ? 'scavenger' : path);
  it.each(SERVICES)('gives %s its code points and its usual ports', (path, codes, usual) => {
    for (const family of [4, 6] as const) {
      for (const dscp of codes) {
        expect([dscp, classify(classes, { family, dscp, protocol: 6 }).path]).toEqual([dscp, swapped[dscp] ?? path]);
      }
      for (const packet of usual) {
        expect(classify(classes, { family, ...packet }).path).toBe(rename(path));
        // A mark says more than a port.
        expect(classify(classes, { family, ...packet, dscp: 34 }).path).toBe('multimedia-conferencing');
      }
    }
  });
});

it('is not a template without its heading', () => {
  expect(() => readTemplate('edge', '# Edge\n# For: me.\n# Assumes: nothing.\nkind: Policy\n')).toThrow(
    /edge\.yaml .*"Change:"/
  );
});
