import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify, holds, probeDscp, type Packet } from './classify.ts';
import { covers, families } from './matching.ts';
import type { Clause } from './schema.ts';
import { allClauses, clauses, frames, packets } from './testing-packets.ts';
import { classesText, findingsOf, resolved, specOf } from './testing.ts';

const clause = (text: string): Clause => specOf(classesText(`{name: a, match: [${text}]}`)).classes![0]!.match![0]!;
const udp = (more: Partial<Packet> = {}): Packet => ({ family: 4, dscp: 0, protocol: 17, sourcePort: 40_000, destinationPort: 53, source: [192, 0, 2, 1], destination: [198, 51, 100, 1], ...more }); // prettier-ignore

describe('a clause', () => {
  it('holds when all its conditions do, and a list when any element does', () => {
    const both = clause('{dscp: [ef, af41], protocol: udp, destinationPorts: [53, 5000-6000]}');
    expect(holds(both, udp({ dscp: 46 }))).toBe(true);
    expect(holds(both, udp({ dscp: 34, destinationPort: 6000 }))).toBe(true);
    expect(holds(both, udp({ dscp: 0 }))).toBe(false);
    expect(holds(both, udp({ dscp: 46, protocol: 6 }))).toBe(false);
    expect(holds(both, udp({ dscp: 46, destinationPort: 54 }))).toBe(false);
  });
  it('finds ports on either side, of TCP, UDP and SCTP', () => {
    const ports = clause('{ports: [53]}');
    expect(holds(ports, udp({ sourcePort: 53, destinationPort: 1 }))).toBe(true);
    expect([6, 17, 132].every((protocol) => holds(ports, udp({ protocol })))).toBe(true);
    expect(holds(ports, udp({ protocol: 47 }))).toBe(false);
  });
  it('is false for a field that the packet does not have', () => {
    expect(holds(clause('{ports: 53}'), udp({ sourcePort: undefined, destinationPort: undefined }))).toBe(false);
    expect(holds(clause('{dscp: df}'), { family: undefined })).toBe(false);
    expect(holds(clause('{protocol: 0}'), { family: 4, dscp: 0 })).toBe(false);
  });
  it('knows the IP version by address, by ipVersion and by protocols of one version', () => {
    expect(families(clause('{dscp: ef}'))).toEqual([4, 6]);
    expect(families(clause('{source: 192.0.2.0/24}'))).toEqual([4]);
    expect(families(clause("{source: [192.0.2.0/24, '2001:db8::/32'], ipVersion: 6}"))).toEqual([6]);
    expect(families(clause('{protocol: icmpv6}'))).toEqual([6]);
    expect(holds(clause('{protocol: icmp}'), udp({ protocol: 1, family: 6 }))).toBe(false);
    expect(holds(clause('{protocol: 1}'), udp({ protocol: 1, family: 6 }))).toBe(true);
  });
});

describe('covering', () => {
  it.each([
    ['{dscp: [ef, va]}', '{dscp: ef, protocol: udp}', true],
    ['{dscp: ef}', '{dscp: [ef, va]}', false],
    ['{source: 192.0.2.0/24}', '{source: [192.0.2.128/25, 192.0.2.1]}', true],
    ['{source: 192.0.2.128/25}', '{source: 192.0.2.0/24}', false],
    ['{source: 192.0.2.0/24}', "{source: '2001:db8::/32'}", false],
    ['{ports: 1-100}', '{ports: [5, 90-100]}', true],
    ['{ports: 1-100}', '{destinationPorts: 5}', false],
    ['{ipVersion: 4}', '{destination: 192.0.2.1}', true],
    ['{ipVersion: 4}', '{dscp: ef}', false],
    ['{protocol: icmp}', '{protocol: 1}', false],
    ['{protocol: icmp}', '{protocol: 1, ipVersion: 4}', true],
    ['{protocol: 1}', '{protocol: icmp}', true],
  ])('%s covers %s: %s', (outer, inner, expected) => {
    expect(covers(clause(outer), clause(inner))).toBe(expected);
  });
  it('is never claimed of a clause that negates something else', () => {
    expect(covers({ dscp: [46], not: { vlan: [5] } }, { dscp: [46] })).toBe(false);
    expect(covers({ not: { vlan: [5] } }, { dscp: [46], not: { vlan: [5] } })).toBe(true);
  });
  it('means that no packet of the inner clause escapes the outer one', { timeout: 120_000 }, () => {
    let claimed = 0;
    // An inner clause that has the outer one's conditions, and others: the one that is often covered.
    const nested = fc.tuple(allClauses, allClauses).map(([outer, more]) => ({ outer, inner: { ...outer, ...more } }));
    const unrelated = fc.record({ outer: allClauses, inner: allClauses });
    fc.assert(
      fc.property(
        fc.oneof(nested, unrelated),
        fc.array(frames, { minLength: 5, maxLength: 5 }),
        ({ outer, inner }, some) => {
          if (!covers(outer, inner)) {
            return true;
          }
          claimed++;
          return some.every((packet) => !holds(inner, packet) || holds(outer, packet));
        }
      ),
      { numRuns: 2000 }
    );
    expect(claimed).toBeGreaterThan(200);
  });
  it('says that a clause is impossible only when no packet satisfies it', () => {
    const judged = (text: Clause) => families(text).length === 0;
    fc.assert(
      fc.property(clauses, packets, (given, packet) => !judged(given) || !holds(given, packet)),
      { numRuns: 1000 }
    );
  });
  it('looks at each level by itself, and not at a class’s own clauses', () => {
    const text = classesText(
      '{name: a, match: [{dscp: ef}, {dscp: ef, protocol: udp}], classes: [{name: b, match: [{dscp: ef}]}, {name: c, default: true}]}',
      '{name: d, default: true}'
    );
    expect(findingsOf(text).filter(({ code }) => code.startsWith('CP-MATCH'))).toEqual([]);
  });
});

describe('classification', () => {
  const tree = resolved(
    classesText(
      '{name: voice, match: [{dscp: ef}], classes: [{name: sip, match: [{ports: 5060}]}, {name: media, default: true}]}',
      '{name: video, match: [{dscp: [ef, af41]}]}',
      '{name: rest, default: true, classes: [{name: dns, match: [{ports: 53}]}, {name: other, default: true}]}'
    )
  ).classes;
  it('gives a packet to the first class that matches, and inside it to the first child, else to its default', () => {
    expect(classify(tree, udp({ dscp: 46, destinationPort: 5060 })).path).toBe('voice/sip');
    expect(classify(tree, udp({ dscp: 46 })).path).toBe('voice/media');
    expect(classify(tree, udp({ dscp: 34 })).path).toBe('video');
    expect(classify(tree, udp()).path).toBe('rest/dns');
    expect(classify(tree, {}).path).toBe('rest/other');
  });
  it('gives every packet to exactly one leaf', () => {
    fc.assert(fc.property(packets, (packet) => classify(tree, packet).classes.length === 0));
  });
});

describe('the mark of a probe', () => {
  const of = (path: string, ...classes: string[]) =>
    probeDscp(resolved(classesText(...classes)).classes, path, {
      family: 4,
      destination: [198, 51, 100, 1],
      destinationPort: 2112,
    });
  const voice = '{name: voice, match: [{dscp: [ef, va]}, {dscp: df, protocol: udp, destinationPorts: 16384-32767}]}';
  it('is a DSCP of the class that brings the probe into it', () => {
    expect(of('voice', voice, '{name: rest, default: true}')).toBe(46);
    expect(of('rest', voice, '{name: rest, default: true}')).toBe(0);
  });
  it('is not one that an earlier class takes', () => {
    expect(
      of('b', '{name: a, match: [{dscp: ef}]}', '{name: b, match: [{dscp: [ef, va]}]}', '{name: rest, default: true}')
    ).toBe(44);
  });
  it('is none for a class that no mark alone selects', () => {
    expect(
      of('a', '{name: a, match: [{dscp: ef, destinationPorts: 5060}]}', '{name: rest, default: true}')
    ).toBeUndefined();
    expect(of('rest', '{name: a, match: [{dscp: df}]}', '{name: rest, default: true}')).toBeUndefined();
  });
  it('knows a class from one whose name begins alike', () => {
    const alike = [
      '{name: voice, match: [{dscp: ef}]}',
      '{name: voice2, match: [{dscp: va}]}',
      '{name: rest, default: true}',
    ];
    expect([of('voice', ...alike), of('voice2', ...alike)]).toEqual([46, 44]);
  });
  it('reaches a parent through any of its children', () => {
    expect(
      of('a', '{name: a, match: [{dscp: ef}], classes: [{name: b, default: true}]}', '{name: rest, default: true}')
    ).toBe(46);
    expect(
      of('a/b', '{name: a, match: [{dscp: ef}], classes: [{name: b, default: true}]}', '{name: rest, default: true}')
    ).toBe(46);
  });
});
