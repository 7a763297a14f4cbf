import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify, holds } from './classify.ts';
import type { Finding } from './finding.ts';
import { judgeMatches } from './judge-matches.ts';
import { regionOf, subtract } from './regions.ts';
import type { ResolvedClass } from './resolve.ts';
import type { Clause } from './schema.ts';
import { clauses, packets, somePacket } from './testing-packets.ts';
import { classesText, findingsOf, placesOf, resolved } from './testing.ts';

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const DEFAULT = '{name: rest, default: true}';
const said = (...classes: string[]) =>
  findingsOf(classesText(...classes)).filter(({ code }) => /MATCH|CLASS/.test(code));
const codes = (...classes: string[]) => placesOf(said(...classes));

describe('clauses that several earlier ones hide together', () => {
  it('are named with all who do', () => {
    const found = said(
      '{name: v4, match: [{ipVersion: 4, dscp: ef}]}',
      '{name: other, match: [{dscp: le}]}',
      '{name: v6, match: [{ipVersion: 6, dscp: [ef, va]}]}',
      '{name: voice, match: [{dscp: ef}]}',
      DEFAULT
    );
    expect(found.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'CP-MATCH-HIDDEN: "v4" and "v6" stand earlier and together take every packet of this clause, so none reaches "voice".',
      expect.stringMatching(/^CP-CLASS-UNREACHABLE: No packet reaches "voice"/),
    ]);
  });
  it('are found across ports, prefixes and protocols', () => {
    expect(codes('{name: a, match: [{protocol: udp, destinationPorts: [1-1000]}]}', '{name: b, match: [{protocol: udp, destinationPorts: [1001-2000]}]}', '{name: c, match: [{protocol: udp, destinationPorts: [500-1500]}, {dscp: ef}]}', DEFAULT)).toContain('CP-MATCH-HIDDEN 7 spec.classes[2].match[0]');
    expect(codes('{name: a, match: [{source: 10.0.0.0/9}]}', '{name: b, match: [{source: 10.128.0.0/9}]}', '{name: c, match: [{source: 10.0.0.0/8, dscp: ef}]}', DEFAULT)).toContain('CP-MATCH-HIDDEN 7 spec.classes[2].match[0]');
    // Later fragments have no ports.
    expect(codes('{name: a, match: [{protocol: udp, ports: [1-65535]}]}', '{name: b, match: [{protocol: udp}]}', DEFAULT)).toEqual([]);
  }); // prettier-ignore
});

describe('a class inside another', () => {
  const inside = (parent: string, child: string, ...before: string[]) => codes(...before, `{name: p, match: [${parent}], classes: [{name: a, match: [${child}]}, {name: b, default: true}]}`, DEFAULT); // prettier-ignore
  it('is told when its parent never gets what it matches', () => {
    expect(inside('{protocol: tcp}', '{protocol: udp}')).toEqual([
      'CP-MATCH-OUTSIDE 5 spec.classes[0].classes[0].match[0]',
      'CP-CLASS-UNREACHABLE 5 spec.classes[0].classes[0]',
    ]);
    expect(inside('{protocol: tcp}', '{ports: 443}')).toEqual([]);
    expect(inside('{source: 10.0.0.0/8}', '{source: 10.1.0.0/16}')).toEqual([]);
  });
  it('is told when the classes before its parent take what it matches', () => {
    expect(inside('{protocol: tcp}', '{dscp: ef}', '{name: voice, match: [{dscp: [ef, va]}]}')).toContain('CP-MATCH-HIDDEN 6 spec.classes[1].classes[0].match[0]'); // prettier-ignore
  });
  it('gets in a default class what no other of that level takes, wherever that stands', () => {
    const text = ['{name: p, default: true, classes: [{name: a, match: [{dscp: ef}]}, {name: b, default: true}]}', '{name: voice, match: [{dscp: [ef, va]}]}']; // prettier-ignore
    expect(codes(...text)).toContain('CP-MATCH-HIDDEN 5 spec.classes[0].classes[0].match[0]');
  });
});

describe('classes that share packets', () => {
  it('are told which of them takes those', () => {
    const found = said('{name: voice, match: [{dscp: ef}]}', '{name: web, match: [{protocol: tcp, ports: 443}]}', DEFAULT); // prettier-ignore
    expect(found.map(({ message }) => message)).toEqual([
      '"web" shares packets with classes that stand earlier and take them: what is DSCP EF as well as TCP · port 443 goes to "voice".',
    ]);
  });
  it('are no news where only a packet between two servers would be in both', () => {
    const bgp = '{name: control, match: [{protocol: tcp, ports: 179}]}';
    expect(codes(bgp, '{name: calls, match: [{protocol: tcp, ports: 5060}]}', DEFAULT)).toEqual([]);
    expect(codes(bgp, '{name: high, match: [{protocol: tcp, ports: 40000-50000}]}', DEFAULT)).toEqual(['CP-MATCH-OVERLAP 6 spec.classes[1].match']); // prettier-ignore
    expect(codes(bgp, '{name: both, match: [{protocol: tcp, sourcePorts: 179-180, destinationPorts: 5060}]}', DEFAULT)).toEqual(['CP-MATCH-OVERLAP 6 spec.classes[1].match']); // prettier-ignore
  });
  it('are no news where the earlier one is an exception of the later one', () => {
    expect(codes('{name: ssh, match: [{protocol: tcp, ports: 22}]}', '{name: tcp, match: [{protocol: tcp}]}', DEFAULT)).toEqual([]); // prettier-ignore
  });
});

const item = (match: Clause[], i: number, more: Partial<ResolvedClass> = {}): ResolvedClass => ({
  path: `c${i}`, name: `c${i}`, source: `spec.classes[${i}]`, match, default: false, strict: false, priority: 3, guarantee: 0, ceiling: 1e6, share: 1,
  burst: undefined, queue: {}, objective: undefined, classes: [], ...more,
}); // prettier-ignore

describe('what is said of matches', () => {
  const levels = fc.array(fc.array(clauses, { minLength: 1, maxLength: 2 }), { minLength: 2, maxLength: 5 });
  /** The classes before one, with the clause that a finding is about. */
  const about = (level: readonly ResolvedClass[], { path }: Finding) => {
    const [place, clause] = path.match(/\d+/g)!.map(Number) as [number, number];
    return { earlier: level.slice(0, place), clause: level[place]!.match[clause]! };
  };
  it('is that a clause is hidden only when every packet of it goes to an earlier class', () => {
    let hidden = 0;
    fc.assert(
      fc.property(levels, fc.array(packets, { minLength: 20, maxLength: 20 }), (matches, some) => {
        const level = [...matches.map((match, i) => item(match, i)), item([], matches.length, { default: true })];
        for (const one of judgeMatches(level).filter(({ code }) => code === 'CP-MATCH-HIDDEN')) {
          hidden++;
          const { earlier, clause } = about(level, one);
          const taken = (packet: (typeof some)[number]) => earlier.some(({ match }) => match.some((other) => holds(other, packet))); // prettier-ignore
          expect(some.every((packet) => !holds(clause, packet) || taken(packet))).toBe(true);
        }
      }),
      { numRuns: 1000 }
    );
    expect(hidden).toBeGreaterThan(20);
  });
  it('holds for a packet that two classes share: it is in both', () => {
    fc.assert(
      fc.property(clauses, clauses, packets, (a, b, packet) => {
        const client = Math.max(packet.sourcePort ?? 65_535, packet.destinationPort ?? 65_535) >= 32_768;
        const shared = client && holds(a, packet) && holds(b, packet);
        const level = [item([a], 0), item([b], 1), item([], 2, { default: true })];
        const told = judgeMatches(level).some(({ code }) => code === 'CP-MATCH-OVERLAP' || code === 'CP-MATCH-HIDDEN');
        const exception = judgeMatches([item([b], 0), item([a], 1), item([], 2, { default: true })]).some(({ code }) => code === 'CP-MATCH-HIDDEN'); // prettier-ignore
        expect(!shared || told || exception).toBe(true);
      }),
      { numRuns: 2000 }
    );
  });
});

describe('what is said of clauses that differ in one list', () => {
  const port = fc.constantFrom(1, 2, 53, 5060, 40_000, 50_000);
  /** A condition, and the same for some ports: what is compared as one clause. */
  const alike = fc
    .tuple(clauses, fc.array(port, { minLength: 1, maxLength: 5 }), fc.constantFrom('ports' as const, 'sourcePorts' as const, 'destinationPorts' as const))
    .map(([clause, list, key]) => list.map((from): Clause => ({ ...clause, [key]: [{ from, to: from }] })));
  const levels = fc.array(fc.array(alike, { minLength: 1, maxLength: 3 }).map((some) => some.flat()), { minLength: 2, maxLength: 4 });
  const whole = (matches: Clause[][]) => [...matches.map((match, i) => item(match, i)), item([], matches.length, { default: true })];
  const places = (matches: Clause[][]) => judgeMatches(whole(matches)).map(({ code, path }) => `${code} ${path}`);

  it('is of each clause what packets bear out: hidden ones get none, the others some', () => {
    let hidden = 0;
    fc.assert(
      fc.property(levels, (matches) => {
        const found = places(matches);
        const regions = matches.map((match) => match.map((clause) => regionOf(clause)!));
        matches.forEach((match, place) => match.forEach((_, i) => {
          const path = `spec.classes[${place}].match[${i}]`;
          const taken = regions.slice(0, place).flat(2);
          const left = taken.reduce((boxes, other) => boxes.flatMap((box) => subtract(box, other)), regions[place]![i]!);
          const dead = found.includes(`CP-MATCH-HIDDEN ${path}`) || found.includes(`CP-MATCH-IMPOSSIBLE ${path}`);
          hidden += Number(dead);
          expect([path, dead]).toEqual([path, left.length === 0]);
          left.slice(0, 3).forEach((box) => expect(classify(whole(matches), somePacket(box)).name).toBe(`c${place}`));
        }));
      }),
      { numRuns: 200 }
    );
    expect(hidden).toBeGreaterThan(20);
  });
  it('is what is said where they stand in classes of their own', () => {
    let shared = 0;
    fc.assert(
      fc.property(levels, alike, (matches, last) => {
        const apart = matches.flat().map((clause) => [clause]);
        const of = (level: Clause[][]) => places([...level, last]).filter((one) => one.includes(`spec.classes[${level.length}]`)).map((one) => one.replace(`[${level.length}]`, ''));
        shared += Number(of(matches).some((one) => one.includes('OVERLAP')));
        expect(of(matches)).toEqual(of(apart));
      }),
      { numRuns: 200 }
    );
    expect(shared).toBeGreaterThan(20);
  });
  it('names the first of a class in the order of the document', () => {
    const found = said('{name: a, match: [{dscp: ef}, {ipVersion: 4, protocol: tcp}]}', '{name: b, match: [{sourcePorts: 50000}]}', DEFAULT);
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining('what is DSCP EF as well as')]);
  });
  it('is complete for hundreds of ports that meet as many', () => {
    const each = (key: string, from: number, length: string) => range(500).map((i) => `{protocol: udp, ${key}: ${from + 2 * i}, length: ${length}}`).join();
    const found = said(`{name: a, match: [${each('sourcePorts', 1, '0-300')}]}`, `{name: b, match: [${each('destinationPorts', 2, '100-200')}, {protocol: udp, sourcePorts: 7, length: 150}]}`, DEFAULT);
    expect(placesOf(found)).toEqual(['CP-MATCH-HIDDEN 6 spec.classes[1].match[500]']);
  });
}); // prettier-ignore

describe('thousands of rules', () => {
  const rules = (count: number, match: (i: number) => string) => resolved(classesText(...Array.from({ length: count }, (_, i) => `{name: c${i}, match: [${match(i)}]}`), DEFAULT)).classes; // prettier-ignore
  const timed = (classes: ResolvedClass[]) => {
    // Of the processor, not of the clock: others may be at work beside.
    const began = process.cpuUsage();
    const findings = judgeMatches(classes);
    return { findings, ms: process.cpuUsage(began).user / 1000 };
  };
  it.each([
    ['ports', (i: number) => `{protocol: udp, destinationPorts: ${i + 1}}`],
    ['addresses', (i: number) => `{destination: [10.0.${i >> 8}.${i & 255}, '2001:db8:${i.toString(16)}::/48']}`],
    ['code points and ports', (i: number) => `{dscp: ${i % 64}, sourcePorts: ${1 + (i >> 6)}}`],
  ])('of different %s are all compared in a moment', (_, match) => {
    const { findings, ms } = timed(rules(4000, match));
    expect(findings).toEqual([]);
    expect(ms).toBeLessThan(2000);
  });
  it('that one more takes together are named even so', () => {
    const match = (i: number) => (i < 3999 ? `{protocol: udp, destinationPorts: ${i + 1}}` : '{protocol: udp, destinationPorts: 7-3000}'); // prettier-ignore
    const { findings } = timed(rules(4000, match));
    expect(findings.map(({ code }) => code)).toEqual(['CP-MATCH-HIDDEN', 'CP-CLASS-UNREACHABLE']);
  });
  it('that all cut each other are compared as far as is bearable, and it is said from where not', () => {
    const cross = (i: number) => (i % 2 ? `{dscp: [${i % 64}, ${(i * 7) % 64}, ${(i * 5) % 63}]}` : `{destinationPorts: [${i + 1}-65535]}`);
    const { findings, ms } = timed(rules(6000, cross));
    expect(ms).toBeLessThan(4000);
    expect(findings.at(-1)).toMatchObject({ code: 'CP-MATCH-UNCHECKED', path: expect.stringMatching(/^spec\.classes\[\d+\]/) as string }); // prettier-ignore
  }); // prettier-ignore
});
