/** What is kept with a packet's connection decides its class: real connections, their marks, and the counters of the classes. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sideName, type Allocation } from '../../backend/compile/tc/index.ts';
import { classify, restored } from '../../backend/policy/index.ts';
import { readCounters, type Place } from '../../backend/target/index.ts';
import { caught, tosOf } from './capture.ts';
import { frameOf, packetOf, type FrameSpec } from './frames.ts';
import { onEach, TRACKING } from './kernel.ts';
import { DEVICE } from './network.ts';
import { intentOf, Operator, policyOf, TENANT } from './operator.ts';

const SEND = fileURLToPath(new URL('send-frames.pl', import.meta.url));
const RECEIVED = sideName(DEVICE, 'ingress');

/** Marks of connections by the port that they go to; 7999 is of none. */
const MARKS: Readonly<Record<number, number>> = { 7001: 0x85, 7002: 0x2e, 7003: 0, 7004: 0xae };
const UNTRACKED = 7999;

type Way = 'out' | 'in';
const spec = (way: Way, family: 4 | 6, port: number, more: Partial<FrameSpec> = {}): FrameSpec => {
  const [here, there] = family === 4 ? [[192, 0, 2, 1], [198, 51, 100, 1]] : [[0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 1], [0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 2]]; // prettier-ignore
  const connmark = MARKS[port];
  return {
    family,
    protocol: 17,
    ...(connmark === undefined ? {} : { connmark }),
    ...(way === 'out'
      ? { source: here!, destination: there!, sourcePort: 4000, destinationPort: port }
      : { source: there!, destination: here!, sourcePort: port, destinationPort: 4000 }),
    ...more,
  };
};
const everyFlow = (way: Way): FrameSpec[] =>
  ([4, 6] as const).flatMap((family) => [...Object.keys(MARKS).map(Number), UNTRACKED].map((port) => spec(way, family, port))); // prettier-ignore

const SEEN = (match: unknown[]) =>
  policyOf({
    bandwidth: '50mbit',
    classes: [
      { name: 'one', match, guarantee: '5mbit' },
      { name: 'state', match: [{ connmark: '0x80/0x80' }], guarantee: '5mbit' },
      { name: 'sized', match: [{ length: '0-20' }], guarantee: '1mbit' },
      { name: 'rest', default: true, guarantee: '5mbit' },
    ],
  });

/** By DSCP alone, which none of the frames has: the marks keep 5, 46 and, without the state, 46 again. */
const RESTORED = (restoreDscp: unknown, more: object = {}) =>
  policyOf({
    bandwidth: '50mbit',
    restoreDscp,
    classes: [
      { name: 'voice', match: [{ dscp: 'ef' }], guarantee: '5mbit' },
      { name: 'five', match: [{ dscp: 5 }], guarantee: '5mbit' },
      { name: 'rest', default: true, guarantee: '5mbit' },
    ],
    ...more,
  });
const STATED = { mask: 0x3f, state: 0x80 };

onEach(TRACKING, 'a packet of a tracked connection', ({ network, place: placeOf, attempt }) => {
  let operator: Operator;
  let name: string;
  let place: Place;
  let minors: Allocation['classes'] = {};
  beforeAll(async () => {
    operator = await Operator.start();
    name = await network.make();
    place = placeOf(name);
    // Another hand's rules track what leaves, as netfilter does on a router.
    const rule = (protocol: string, action: string) => `filter add dev ${DEVICE} egress protocol ${protocol} flower ip_proto udp ${action}`; // prettier-ignore
    await network.tc(
      name,
      `qdisc add dev ${DEVICE} clsact`,
      ...['ip', 'ipv6'].flatMap(
        (protocol) =>
        Object.entries(MARKS).map(([port, mark]) => rule(protocol, `dst_port ${port} action ct commit mark ${mark} pipe`)) // prettier-ignore
      )
    );
    await send(everyFlow('out'), DEVICE);
  });
  afterAll(async () => operator?.stop());

  const send = async (frames: readonly FrameSpec[], device: string) => {
    const { status, stderr } = await attempt(['ip', 'netns', 'exec', name, 'perl', SEND, device], frames.map((frame) => `${frameOf(frame)} mark=${frame.fwmark ?? 0}\n`).join('')); // prettier-ignore
    expect([status, stderr]).toEqual([0, '']);
  };
  const given = async (side: string): Promise<Record<string, number>> => {
    const counters = new Map((await readCounters(place, side)).map((item) => [item.classid.split(':')[1]!, item.packets + item.drops + item.backlogPackets])); // prettier-ignore
    return Object.fromEntries(Object.entries(minors).map(([path, minor]) => [path, counters.get(minor.toString(16)) ?? 0])); // prettier-ignore
  };
  const load = async (source: string, side: string) => {
    const row = await operator.apply(place, source, {}, side);
    minors = (JSON.parse(row.allocation) as Allocation).classes;
    expect(await operator.lines(place, source, side)).toEqual([]);
  };
  const expectClasses = async (source: string, side: string, frames: readonly FrameSpec[]) => {
    const { policy } = intentOf(place, source, side);
    const wanted: Record<string, number> = {};
    for (const { path } of frames.map((frame) =>
      classify(policy.classes, restored(packetOf(frame), policy.restoreDscp))
    )) {
      wanted[path] = (wanted[path] ?? 0) + 1;
    }
    // What arrives does not keep the kernel from forgetting a connection.
    await send(side === RECEIVED ? everyFlow('out') : [], DEVICE);
    const before = await given(side);
    await send(frames, side === RECEIVED ? 'far0' : DEVICE);
    await expect
      .poll(async () => {
        const after = await given(side);
        return Object.fromEntries(Object.keys(after).flatMap((path) => (after[path]! > before[path]! ? [[path, after[path]! - before[path]!]] : []))); // prettier-ignore
      })
      .toEqual(wanted);
  };

  describe('on its way out', () => {
    it.each([
      ['a whole mark', [{ connmark: 0x2e }]],
      ['bits of it', [{ connmark: '0xe/0xf' }]],
      ['no mark, which is not the same as no connection', [{ connmark: 0 }]],
      ['another mark', [{ not: { connmark: 0x2e } }]],
      ['a mark beside what is in the packet', [{ connmark: 0x2e, ipVersion: 6, destinationPorts: [7002] }]],
      ['its connection’s mark beside its own', [{ fwmark: 9 }, { connmark: 0x2e, not: { ipVersion: 4 } }]],
    ])('is told by %s', async (_, match) => {
      const source = SEEN(match);
      await load(source, DEVICE);
      await expectClasses(source, DEVICE, [...everyFlow('out'), spec('out', 4, 7001, { fwmark: 9 }), spec('out', 4, UNTRACKED, { fwmark: 9 })]); // prettier-ignore
    });

    it('gets back the DSCP that its connection keeps, and nothing else of it changes', async () => {
      const source = RESTORED(STATED);
      await load(source, DEVICE);
      await expectClasses(source, DEVICE, everyFlow('out'));
      const frames = ([4, 6] as const).flatMap((family) => [7004, 7002, UNTRACKED].map((port) => spec('out', family, port, { dscp: 10, ecn: 2 }))); // prettier-ignore
      const seen = await caught(attempt, name, frames);
      const [restored, kept] = [46, 10].map((dscp) => ({ tos: (dscp << 2) | 2, sound: true }));
      expect(seen.map(tosOf)).toEqual([restored, kept, kept, restored, kept, kept]);
    });
    it('gets it without a state bit too, as the document then says', async () => {
      const source = RESTORED({ mask: '0x3f' });
      await load(source, DEVICE);
      await expectClasses(
        source,
        DEVICE,
        everyFlow('out').map((frame) => ({ ...frame, dscp: 5 }))
      );
    });
    it.each(['hfsc', 'drr'])('gets it under %s', async (scheduler) => {
      const classes = [
        { name: 'voice', match: [{ dscp: 'ef' }] },
        { name: 'rest', default: true },
      ];
      const source = RESTORED(STATED, { scheduler, classes });
      await load(source, DEVICE);
      await expectClasses(source, DEVICE, everyFlow('out'));
    });
    it('gets it under CAKE, whose tins see it', async () => {
      const classes = [
        { name: 'voice', match: [{ dscp: [4, 'va', 'ef', 'cs6', 'cs7'] }] },
        { name: 'bulk', match: [{ dscp: ['le', 'cs1'] }] },
        { name: 'rest', default: true },
      ]; // prettier-ignore
      await load(RESTORED(STATED, { scheduler: 'cake', classes }), DEVICE);
      const tins = async () => /^ +pkts +(\d+) +(\d+) +(\d+)$/m.exec((await attempt(['tc', '-n', name, '-s', 'qdisc', 'show', 'dev', DEVICE])).stdout)!.slice(1).map(Number); // prettier-ignore
      const before = await tins();
      await send(everyFlow('out'), DEVICE);
      expect((await tins()).map((count, tin) => count - before[tin]!)).toEqual([0, 8, 2]);
    });
  });

  describe('as it arrives', () => {
    const tc = async (...argv: string[]) => (await attempt(['tc', '-n', name, ...argv])).stdout;

    it.each([
      ['a whole mark', [{ connmark: 0x2e }]],
      ['bits of it', [{ connmark: '0xe/0xf' }]],
      ['set bits and others that are not', [{ connmark: '0x20/0x20', not: { connmark: '0xae/0xff' } }]],
      ['a mark beside what is in the packet', [{ connmark: 0x2e, ipVersion: 6, length: '0-100' }]],
    ])('is told by %s', async (_, match) => {
      const source = SEEN(match);
      await load(source, RECEIVED);
      await expectClasses(source, RECEIVED, everyFlow('in'));
    });

    it('gets back the DSCP that its connection keeps, before its class is looked for', async () => {
      const source = RESTORED(STATED);
      await load(source, RECEIVED);
      await expectClasses(
        source,
        RECEIVED,
        everyFlow('in').map((frame) => ({ ...frame, dscp: 0 }))
      );
    });
    it('gets it back beside its connection’s mark', async () => {
      const both = { name: 'known', match: [{ dscp: 5, connmark: '0x80/0x80' }], guarantee: '1mbit' };
      const source = RESTORED(STATED, { classes: [both, { name: 'five', match: [{ dscp: 5 }] }, { name: 'rest', default: true }] });
      await load(source, RECEIVED);
      await expectClasses(source, RECEIVED, [...everyFlow('in'), spec('in', 4, UNTRACKED, { dscp: 5 })]);
    }); // prettier-ignore

    it('is not told by a mark that another device left on it', async () => {
      const source = SEEN([{ connmark: 0x2e }]);
      await load(source, RECEIVED);
      await expectClasses(
        source,
        RECEIVED,
        [7003, UNTRACKED].map((port) => spec('in', 4, port, { fwmark: 0x2e }))
      );
    });

    it('has its plan say which bits become its own mark, and a change of them is made in place', async () => {
      const narrow = SEEN([{ connmark: '0xe/0xf' }]);
      await load(narrow, RECEIVED);
      const wide = SEEN([{ connmark: '0x2e/0x3f' }]);
      const plan = await operator.plan(place, wide, RECEIVED);
      const rule = plan.operations.find(({ line }) => line.includes('ctinfo'))!;
      expect(rule.line).toMatch(/^filter replace dev cpi-wan0 .* flower action skbedit mark 0x0\/0xbf pipe action ctinfo cpmark 0xbf continue$/); // prettier-ignore
      expect(rule.path).toBe('spec.classes[0].match[0]');
      expect(plan.notes.join(' ')).toContain('0xbf');
      await operator.apply(place, wide, {}, RECEIVED);
      expect(await operator.lines(place, wide, RECEIVED)).toEqual([]);
      await operator.rollback(place, RECEIVED);
      expect(await operator.lines(place, narrow, RECEIVED)).toEqual([]);
    });

    it('has its plan say when what is restored changes, in place and back again', async () => {
      const before = RESTORED({ mask: 0x3f });
      await load(before, RECEIVED);
      const after = RESTORED(STATED);
      const plan = await operator.plan(place, after, RECEIVED);
      expect(plan.operations.map(({ line, path }) => [line, path])).toEqual([
        [expect.stringMatching(/^filter replace dev cpi-wan0 parent \w+: .* action ctinfo dscp 0x3f 0x80 continue$/), 'spec.restoreDscp'],
      ]); // prettier-ignore
      expect(plan.traffic).toEqual([expect.stringContaining('packets of tracked connections go to the class of another DSCP')]); // prettier-ignore
      await operator.apply(place, after, {}, RECEIVED);
      await expectClasses(after, RECEIVED, everyFlow('in'));
      await operator.rollback(place, RECEIVED);
      expect(await operator.lines(place, before, RECEIVED)).toEqual([]);
      await expectClasses(
        before,
        RECEIVED,
        everyFlow('in').map((frame) => ({ ...frame, dscp: 5 }))
      );
    });

    it('finds another hand’s restoring at the hook again after a rollback', async () => {
      const other = await network.make();
      await network.tc(
        other,
        `qdisc add dev ${DEVICE} clsact`,
        `filter add dev ${DEVICE} ingress protocol all pref 5 matchall action ctinfo dscp 0x3f 0x80 mirred egress mirror dev far0`
      );
      const there = placeOf(other);
      const listed = async () => (await attempt(['tc', '-n', other, 'filter', 'show', 'dev', DEVICE, 'ingress'])).stdout.replaceAll(/index \d+/g, ''); // prettier-ignore
      const before = await listed();
      expect(before).toContain('dscp 0x0000003f 0x00000080');
      const row = await operator.apply(there, RESTORED(STATED), {}, RECEIVED);
      expect(row.state).toBe('confirmed');
      expect(await listed()).not.toBe(before);
      await operator.rollback(there, RECEIVED);
      expect(await listed()).toBe(before);
    });

    it('is drifted when another hand takes the look-up away, and the next plan puts it back', async () => {
      const source = SEEN([{ connmark: 0x2e }]);
      await load(source, RECEIVED);
      const pref = /pref (\d+) flower chain 0 handle 0x1 \n[^f]*action order 1: skbedit/.exec(await tc('filter', 'show', 'dev', 'cpi-wan0', 'parent', '1:'))![1]!; // prettier-ignore
      await network.tc(name, `filter del dev cpi-wan0 parent 1: pref ${pref}`);
      const drifted = await operator.engine.drift(TENANT, place, RECEIVED, new Map([['', 'spec']]));
      expect(drifted!.map(({ words }) => words)).toEqual([
        expect.stringMatching(/^the link: a rule is gone, .* action ctinfo cpmark 0xffffffff continue\)/),
      ]);
      await load(source, RECEIVED);
      await expectClasses(source, RECEIVED, [spec('in', 4, 7002)]);
    });
  });
});
