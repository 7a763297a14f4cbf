import { describe, expect, it } from 'vitest';
import { diff } from './diff.ts';
import { needsNewRoot } from './diff-tree.ts';
import { linkRate, parseTree, type LiveTree, type TcTree } from './model.ts';
import { read, ruleHolders } from './read.ts';
import { render } from './render.ts';

const live = (qdiscs: string[], classes: string[] = [], filters: Record<string, string> = {}): LiveTree =>
  read({ qdiscs: qdiscs.join('\n'), classes: classes.join('\n'), filters });
const built = (tree: TcTree) => diff({ qdiscs: [], classes: [], filters: [] }, tree, { device: 'd0' }).map(({ line }) => line); // prettier-ignore
const lines = (from: TcTree, to: TcTree) => diff(from, to, { device: 'd0' }).map(({ line }) => line);

/** As `tc -d qdisc show` prints them (iproute2 6.1; ets by its source), and as tc takes them. */
const SHOWN: Array<[string[], string]> = [
  [['qdisc hfsc 1: root refcnt 2 default 12 '], 'hfsc default 0x12'],
  [['qdisc prio 1: root refcnt 2 bands 2 priomap 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 0'], 'prio bands 2 priomap 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 0'],
  [['qdisc ets 1: root refcnt 2 bands 4 strict 2 quanta 3000 1514 priomap 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3'], 'ets bands 4 strict 2 quanta 3000 1514 priomap 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3'],
  [['qdisc ets 1: root refcnt 2 bands 2 strict 2 priomap 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1'], 'ets bands 2 strict 2 priomap 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1'],
  [['qdisc tbf 1: root refcnt 3 rate 10Mbit burst 10Kb/1 mpu 0b lat 50ms linklayer ethernet '], 'tbf rate 10mbit burst 10240b latency 50000us'],
  [['qdisc codel 1: root refcnt 2 limit 1000p target 5ms interval 100ms '], 'codel limit 1000 target 5000us interval 100000us noecn'],
  [['qdisc cake 1: root refcnt 2 bandwidth 19Mbit diffserv4 triple-isolate nonat nowash no-ack-filter split-gso rtt 100ms noatm overhead 18 mpu 64 '],
    'cake bandwidth 19mbit diffserv4 triple-isolate nonat nowash no-ack-filter split-gso rtt 100000us noatm overhead 18 mpu 64'],
  [['qdisc cake 1: root refcnt 2 bandwidth unlimited besteffort flows nat wash ingress ack-filter split-gso rtt 50ms raw overhead 0 memlimit 4Mb '],
    'cake unlimited besteffort flows nat wash ingress ack-filter split-gso rtt 50000us raw overhead 0 memlimit 4194304'],
  [['qdisc hfsc 1: root refcnt 2 default 10 ', ' linklayer atm overhead 8 mpu 64 mtu 2047 tsize 512 '], 'stab linklayer atm overhead 8 mpu 64 hfsc default 0x10'],
  [['qdisc hfsc 1: root refcnt 2 default 10 ', ' overhead -4 '], 'stab overhead -4 hfsc default 0x10'],
]; // prettier-ignore

describe('a qdisc', () => {
  it.each(SHOWN)('reads back as it is written: %s', (shown, written) => {
    const tree = live(shown);
    expect(tree.inexact).toEqual([]);
    expect(built(tree)).toEqual([`qdisc add dev d0 root handle 1: ${written}`]);
  });
  it('that shows a word of a newer kernel is named, and so is a size table of another size', () => {
    expect(live(['qdisc codel 1: root limit 10p ce_threshold 1ms']).inexact).toEqual(['qdisc codel 1: (ce_threshold)']);
    expect(live(['qdisc tbf 1: root rate 1Mbit burst 10Kb mpu 64b lat 50ms linklayer ethernet']).inexact).toEqual(['qdisc tbf 1: (mpu 64)']); // prettier-ignore
    expect(live(['qdisc drr 1: root', ' overhead 4 mpu 64 mtu 9000 tsize 512']).inexact).toEqual(['qdisc drr 1: (overhead 4 mpu 64 mtu 9000 tsize 512)']); // prettier-ignore
  });
  it('named red is said to be shown in part', () => {
    expect(live(['qdisc red 1: root limit 400000b min 30000b max 90000b ecn ewma 5 probability 0.02 Scell_log 15']).inexact).toEqual(
      ['qdisc red 1: (the packet size and rate its average was made for)']
    ); // prettier-ignore
  });
});

const HFSC = live(
  ['qdisc hfsc 1: root refcnt 2 default 11 ', 'qdisc pfifo 10: parent 1:10 limit 5p'],
  [
    'class hfsc 1: root ',
    'class hfsc 1:1 parent 1: ls m1 0bit d 0us m2 19Mbit ul m1 0bit d 0us m2 19Mbit ',
    'class hfsc 1:10 parent 1:1 leaf 10: rt m1 6056Kbit d 2ms m2 1900Kbit ',
    'class hfsc 1:11 parent 1:1 sc m1 0bit d 0us m2 1Mbit ul m1 0bit d 0us m2 9Mbit ',
  ]
);
const with11 = (part: object): TcTree => ({
  ...HFSC,
  classes: HFSC.classes.map((item) => (item.classid === '1:11' ? { ...item, ...part } : item)),
});

describe('classes of HFSC', () => {
  it('read back as they are written', () => {
    expect(HFSC.inexact).toEqual([]);
    expect(built(HFSC)).toEqual([
      'qdisc add dev d0 root handle 1: hfsc default 0x11',
      'class add dev d0 parent 1: classid 1:1 hfsc ls m2 19mbit ul m2 19mbit',
      'class add dev d0 parent 1:1 classid 1:10 hfsc rt m1 6056kbit d 2000us m2 1900kbit',
      'qdisc add dev d0 parent 1:10 handle 10: pfifo limit 5',
      'class add dev d0 parent 1:1 classid 1:11 hfsc rt m2 1mbit ls m2 1mbit ul m2 9mbit',
    ]);
  });
  it('change in place, but for a curve that goes', () => {
    const slower = { rt: { m1: 0, d: 0, m2: 500_000 } };
    expect(lines(HFSC, with11(slower))).toEqual(['class change dev d0 parent 1:1 classid 1:11 hfsc rt m2 500kbit ls m2 1mbit ul m2 9mbit']); // prettier-ignore
    expect(needsNewRoot(HFSC, with11(slower))).toBeUndefined();
    expect(needsNewRoot(HFSC, with11({ ul: undefined }))).toBe('class 1:11 would have to lose its ceiling');
  });
  it('have another default in place, once that class is there', () => {
    const next: TcTree = {
      ...HFSC,
      qdiscs: HFSC.qdiscs.map((qdisc) => (qdisc.parent === 'root' ? { ...qdisc, options: { default: 0x12 } } : qdisc)),
      classes: [
        ...HFSC.classes.slice(0, 2),
        { kind: 'hfsc', classid: '1:12', parent: '1:1', ls: { m1: 0, d: 0, m2: 8000 } },
      ],
    };
    expect(lines(HFSC, next)).toEqual([
      'class add dev d0 parent 1:1 classid 1:12 hfsc ls m2 8kbit',
      'qdisc change dev d0 root handle 1: hfsc default 0x12',
      'class del dev d0 classid 1:11',
    ]);
  });
});

const drr = (first: string, handle = 'f'): LiveTree =>
  live(
    [
      'qdisc htb 1: root refcnt 2 r2q 10 default 0x1 direct_packets_stat 0 ver 3.17 direct_qlen 1000',
      `qdisc drr ${handle}: parent 1:1 `,
      `qdisc pfifo 10: parent ${handle}:10 limit 5p`,
    ],
    [
      'class htb 1:1 root leaf f: prio 0 quantum 125000 rate 10Mbit ceil 10Mbit linklayer ethernet burst 3026b/1 mpu 0b cburst 3026b/1 mpu 0b level 0 ',
      `class drr ${handle}:10 root leaf 10: quantum ${first} `,
      `class drr ${handle}:11 root quantum 300000b `,
    ],
    {
      [`${handle}:`]: `filter protocol all pref 9 u32 chain 0 \nfilter protocol all pref 9 u32 chain 0 fh 800: ht divisor 1 \nfilter protocol all pref 9 u32 chain 0 fh 800::800 order 2048 key ht 800 bkt 0 *flowid ${handle}:11 not_in_hw \n  match 00000000/00000000 at 0`,
    }
  );

describe('a qdisc at a class', () => {
  it('brings its own classes and rules, which are read and built after it', () => {
    expect(drr('1514b').inexact).toEqual([]);
    expect(built(drr('1514b')).slice(2)).toEqual([
      'qdisc add dev d0 parent 1:1 handle f: drr',
      'class add dev d0 parent f: classid f:10 drr quantum 1514b',
      'qdisc add dev d0 parent f:10 handle 10: pfifo limit 5',
      'class add dev d0 parent f: classid f:11 drr quantum 300000b',
      'filter add dev d0 parent f: protocol all pref 9 u32 match u32 0x00000000 0x00000000 at 0 flowid f:11',
    ]);
  });
  it('is asked for its rules by its handle, and a class with children by its id', () => {
    const qdiscs = 'qdisc htb 1: root refcnt 2\nqdisc drr f: parent 1:1 \nqdisc fq_codel 10: parent f:10 limit 5p\nqdisc ingress ffff: parent ffff:fff1'; // prettier-ignore
    const classes = 'class htb 1:1 root leaf f:\nclass drr f:10 root leaf 10:\nclass htb 1:5 parent 1:1';
    expect(ruleHolders({ qdiscs, classes })).toEqual([
      { parent: '1:1', classid: '1:1' },
      { parent: 'f:', classid: '1:1' },
    ]);
  });
  it('changes a quantum in place', () => {
    expect(lines(drr('1514b'), drr('3028b'))).toEqual(['class change dev d0 parent f: classid f:10 drr quantum 3028b']);
  });
  it('that is another goes with all that is below it, before anything takes its handles', () => {
    const steps = lines(drr('1514b'), drr('1514b', 'e'));
    expect(steps[0]).toBe('qdisc del dev d0 parent 1:1');
    expect(steps.slice(1)).toEqual(built(drr('1514b', 'e')).slice(2));
  });
});

const prio = (...queues: string[]): LiveTree =>
  live([
    `qdisc prio 1: root refcnt 2 bands ${queues.length} priomap ${Array.from({ length: 16 }, () => queues.length - 1).join(' ')}`,
    ...queues.map((handle, band) => `qdisc pfifo ${handle}: parent 1:${band + 1} limit 5p`),
  ]);

describe('bands', () => {
  it('are added before their queues', () => {
    expect(lines(prio('10'), prio('10', '11'))).toEqual([
      'qdisc change dev d0 root handle 1: prio bands 2 priomap 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1',
      'qdisc add dev d0 parent 1:2 handle 11: pfifo limit 5',
    ]);
  });
  it('that change places take their queues away first: a handle is given once', () => {
    expect(lines(prio('10', '11'), prio('11', '10'))).toEqual([
      'qdisc del dev d0 parent 1:1',
      'qdisc del dev d0 parent 1:2',
      'qdisc add dev d0 parent 1:1 handle 11: pfifo limit 5',
      'qdisc add dev d0 parent 1:2 handle 10: pfifo limit 5',
    ]);
  });
});

describe('a change of a root', () => {
  const tbf = (rate: string) => live([`qdisc tbf 1: root rate ${rate} burst 3027b/1 mpu 0b lat 50ms linklayer ethernet`, 'qdisc pfifo 10: parent 1:1 limit 64p']); // prettier-ignore
  const table = (tree: TcTree, overhead: number): TcTree => ({
    ...tree,
    qdiscs: tree.qdiscs.map((qdisc) =>
      qdisc.parent === 'root' ? { ...qdisc, stab: { cells: false, overhead, mpu: 84 } } : qdisc
    ),
  });
  it('of tbf gives the fifo below it its limit back', () => {
    expect(lines(tbf('10Mbit'), tbf('12Mbit'))).toEqual([
      expect.stringMatching(/^qdisc change dev d0 root handle 1: tbf rate 12mbit /),
      'qdisc change dev d0 parent 1:1 handle 10: pfifo limit 64',
    ]);
  });
  it('repeats its size table, and names no kind where the kernel takes no change of it', () => {
    expect(lines(table(HFSC, 24), table(HFSC, 28))).toEqual(['qdisc change dev d0 root handle 1: stab overhead 28 mpu 84 hfsc default 0x11']); // prettier-ignore
    expect(lines(drr('1514b'), table(drr('1514b'), 24))).toEqual(['qdisc change dev d0 root handle 1: stab overhead 24 mpu 84']); // prettier-ignore
    expect(lines(table(drr('1514b'), 24), drr('1514b'))).toEqual(['qdisc change dev d0 root handle 1:']);
  });
});

describe('a journalled tree', () => {
  it('of version 0.1 has classes of HTB', () => {
    const tree = drr('1514b');
    const old = { ...tree, classes: tree.classes.map(({ kind: _, ...item }) => item).slice(0, 1) };
    expect(parseTree(JSON.stringify(old)).classes).toEqual(tree.classes.slice(0, 1));
  });
  it('says what its link lets through', () => {
    expect([linkRate(drr('1514b')), linkRate(HFSC), linkRate(prio('10'))]).toEqual([10e6, 19e6, 0]);
    expect(render('del', { type: 'qdisc', value: HFSC.qdiscs[0]! }, 'd0')).toBe('qdisc del dev d0 root');
  });
});
