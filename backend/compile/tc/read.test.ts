import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resolved } from '../../policy/testing.ts';
import { diff, sameTree } from './diff.ts';
import { isKernelDefault } from './model.ts';
import { read, ruleHolders, type Listing } from './read.ts';
import { BARE, compiled, FULL } from './testing.ts';

/** What `tc -d` of iproute2 6.1 printed: flower and foreign under Linux 7.2, u32 under Linux 6.18. */
function listing(name: string): Listing {
  const text = readFileSync(new URL(`listings/${name}.txt`, import.meta.url), 'utf8');
  const part = (title: string) => text.split(`=== ${title}\n`)[1]?.split('\n===')[0] ?? '';
  return {
    qdiscs: part('qdisc'),
    classes: part('class'),
    filters: { '': part('filter'), '1:12': part('filter 1:12') },
  };
}

/** The policy whose trees were listed. */
const policy = (queue: string) =>
  resolved(
    `apiVersion: clearpath/v1
kind: Policy
metadata: { name: listed }
spec:
  bandwidth: 100mbit
  classes:
    - { name: voice, match: [ { dscp: [ef] }, { dscp: [df], protocol: udp, destinationPorts: [16384-32767] } ], strict: true, guarantee: 10% }
    - { name: ping, match: [ { protocol: [1, icmpv6, 47] } ], guarantee: 12345678bit, ceiling: 50%, queue: { algorithm: pfifo, limit: 32KiB } }
    - name: sites
      match: [ { source: [10.1.0.0/17, '2001:db8::/33', '::ffff:192.0.2.1'], protocol: [tcp, sctp], ports: [80] } ]
      guarantee: 20%
      classes:
        - { name: a, match: [ { dscp: [af41], ipVersion: 6 } ], ${queue}burst: 60KiB }
        - { name: b, default: true, queue: { algorithm: pfifo }, priority: 6, share: 7 }
    - { name: rest, default: true, ceiling: 99.99% }
`,
    100e6
  );

describe('a tree of ours', () => {
  it.each([
    ['flower', FULL, 'queue: { algorithm: sfq }, '],
    ['u32', BARE, ''],
  ])('reads back from %s as what was compiled, exactly', (name, capabilities, queue) => {
    const live = read(listing(name));
    const { tree } = compiled(policy(queue), capabilities);
    expect(diff(live, tree, { device: 'd0' }).map(({ line }) => line)).toEqual([]);
    expect(live.inexact).toEqual([]);
    expect(live.filters).toEqual(tree.filters);
    expect(live.classes.map((item) => item.classid)).toEqual(['1:1', '1:10', '1:11', '1:12', '1:13', '1:14', '1:15']);
  });
  it('is told from one that differs in any object', () => {
    const { tree } = compiled(policy('queue: { algorithm: sfq }, '));
    const text = listing('flower');
    const changed = (from: string | RegExp, to: string) =>
      read({
        qdiscs: text.qdiscs.replace(from, to),
        classes: text.classes.replace(from, to),
        filters: Object.fromEntries(Object.entries(text.filters).map(([scope, of]) => [scope, of.replace(from, to)])),
      });
    expect(sameTree(changed('x', 'x'), tree)).toBe(true);
    for (const [from, to] of [
      ['default 0x15', 'default 0x14'],
      ['target 2ms', 'target 3ms'],
      ['limit 127p', 'limit 128p'],
      ['ecn drop', 'drop'],
      ['rate 20Mbit', 'rate 21Mbit'],
      ['prio 1 quantum', 'prio 2 quantum'],
      ['ceil 50Mbit', 'ceil 51Mbit'],
      ['burst 60Kb', 'burst 61Kb'],
      ['src_port 80', 'src_port 81'],
      ['classid 1:10', 'classid 1:11'],
      ['dst_port 16384-32767', 'dst_port 16384-32766'],
      ['ip_proto 2f', 'ip_proto 2e'],
      ['::ffff:192.0.2.1', '::ffff:192.0.2.2'],
      [/pref 16 /g, 'pref 17 '],
      ['parent 1:12 leaf 14', 'parent 1:1 leaf 14'],
    ] as const) {
      expect([from, sameTree(changed(from, to), tree)]).toEqual([from, false]);
    }
  });
  it('names its inner classes, whose rules are listed by themselves', () => {
    expect(
      ruleHolders(listing('flower'))
        .map(({ parent }) => parent)
        .sort()
    ).toEqual(['1:1', '1:12']);
  });
});

describe('a foreign tree', () => {
  it('is read as far as it goes, and everything that could not be written back is named', () => {
    const live = read(listing('foreign'));
    expect(live.inexact.sort()).toEqual([
      'class htb 8001:1 (overhead 24 mpu 84)',
      'class htb 8001:20 (linklayer atm)',
      'filter 8001: pref 1 u32 (police 0x1 rate 1Mbit burst 10Kb mtu 2Kb action drop overhead 0b linklayer ethernet)',
      'filter 8001: pref 5 u32 (a hash table)',
      'filter 8001: pref 6 basic (a classifier this version does not write)',
      'filter 8001: pref 6 basic (a classifier this version does not write)',
      'qdisc netem 20:',
    ]);
    expect(live.qdiscs.map(({ kind, handle, parent }) => `${kind} ${handle} ${parent}`)).toEqual([
      'htb 8001: root',
      'tbf 21: 8001:21',
      'netem 20: 8001:20',
    ]);
    expect(live.qdiscs[0]!.options).toEqual({ r2q: 5, default: 0x20, direct_qlen: 1000 });
    expect(live.filters.filter((filter) => filter.pref === 7)).toMatchObject([
      { keys: ['match u32 0x00110000 0x00ff0000 at 8', 'match u32 0x00350000 0xffff0000 at 20'], classid: '8001:21' },
      { keys: ['match u32 0x00060000 0x00ff0000 at 8'], classid: '8001:20' },
    ]);
  });
  it('is the kernel’s own where it has no handle, whatever it is', () => {
    const of = (qdiscs: string) => read({ qdiscs, classes: '', filters: {} });
    for (const qdisc of [
      'noqueue 0: root refcnt 2',
      'fq_codel 0: root refcnt 2 limit 10240p flows 1024 quantum 1514 target 5ms interval 100ms memory_limit 32Mb ecn drop_batch 64',
      'pfifo_fast 0: root refcnt 2 bands 3 priomap 1 2 2 2',
    ]) {
      const live = of(`qdisc ${qdisc}`);
      expect([isKernelDefault(live), live.inexact]).toEqual([true, []]);
    }
    expect(isKernelDefault(of(''))).toBe(true);
    expect(
      of('qdisc mq 0: root\nqdisc fq_codel 0: parent :1 limit 1p\nqdisc htb 5: parent :2 r2q 10 default 0')
    ).toMatchObject({
      inexact: ['qdisc htb 5: (at :2 of the kernel’s default)'],
    });
  });
  it('leaves the hooks beside the root alone', () => {
    expect(
      read({
        qdiscs: 'qdisc clsact ffff: parent ffff:fff1 \nqdisc ingress ffff: parent ffff:fff1 ----------------',
        classes: '',
        filters: {},
      })
    ).toEqual({
      qdiscs: [],
      classes: [],
      filters: [],
      inexact: [],
    });
  });
  it.each(['qdisc', 'class htb', 'filter', 'filter parent 1:', 'class', 'qdisc htb', 'garbage \x1b[0m'])(
    'does not fall over a listing that is cut: %j',
    (line) => expect(() => read({ qdiscs: line, classes: line, filters: { '': line } })).not.toThrow()
  );
});
