/** Trees that somebody else made, in the styles that are about: imported, judged, applied in their place, and compared. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { filterContent, importTree, type Allocation, type TcTree } from '../../backend/compile/tc/index.ts';
import { findingsOf } from '../../backend/policy/testing.ts';
import { readCounters, readTree, type Place } from '../../backend/target/index.ts';
import { caught, tosOf } from './capture.ts';
import { frameOf, type FrameSpec } from './frames.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { Operator, policyOf } from './operator.ts';
import { actingPolicies, policies, restoringPolicies } from './policies.ts';

const SEND = fileURLToPath(new URL('send-frames.pl', import.meta.url));
const linesOf = (name: string) =>
  readFileSync(new URL(`trees/${name}.tc`, import.meta.url), 'utf8').split('\n').filter((line) => /^\w/.test(line)); // prettier-ignore

const udp = { family: 4 as const, protocol: 17, sourcePort: 40000, destinationPort: 40001 };
const tcp = { family: 4 as const, protocol: 6, sourcePort: 40000, destinationPort: 40001 };

const CLASSFUL = { qdiscs: ['htb', 'pfifo'], classifiers: ['u32'], kernel: '' };

interface HandMade {
  /** Needs more than every kernel has */
  whole?: boolean;
  /** What is said of it, one after the other */
  remarks: RegExp[];
  /** What is sent, and the class that the tree gives it to; none for what passes all of them */
  frames: Array<[FrameSpec, string | undefined]>;
  /** The same frames where the policy says otherwise, by path */
  otherwise?: Record<number, string>;
}

const TREES: Record<string, HandMade> = {
  howto: {
    remarks: [
      /^filter 1: pref 1: It looked for ports in every protocol/,
      /^rules to 1:10, 1:20: They do not see VLAN-tagged frames/,
      /^classes 1:10, 1:20, 1:30: Their rates add up to 8.001 Mbit\/s, but there is 6 Mbit\/s/,
      /^class 1:10, class 1:20, class 1:30: Its burst \(15360 B\) and cburst \(1600 B\) differ/,
      /^class 1:10, class 1:20, class 1:30: It has no queue of its own/,
    ],
    frames: [
      [{ ...tcp, destinationPort: 80 }, '1:10'],
      [{ ...udp, destinationPort: 80 }, '1:10'],
      [{ ...tcp, sourcePort: 25 }, '1:20'],
      [{ ...tcp, sourcePort: 25, destinationPort: 80 }, '1:10'],
      [tcp, '1:30'],
      [{ family: 6, protocol: 6, sourcePort: 1, destinationPort: 80 }, '1:30'],
      [{}, '1:30'],
    ],
  },
  office: {
    remarks: [
      /^class 1:32: No rule that can be read sends anything there/,
      /^filter 1: pref 5: It looked for ports/,
      /^rules to 1:2, 1:20, 1:3, 1:30: They do not see VLAN/,
      /no queue of its own/,
      /^filter 1: pref 5: .* goes to no class in the tree and to "class-3\/class-3-default" in the policy/,
      /^qdisc htb 1:: It has no default: what no rule takes leaves the interface unshaped/,
    ],
    frames: [
      [{ ...udp, source: [10, 1, 2, 3], destinationPort: 5060 }, '1:20'],
      [{ ...tcp, source: [10, 1, 2, 3], destinationPort: 5060 }, '1:21'],
      [{ ...udp, source: [10, 2, 2, 3], destinationPort: 5060 }, '1:30'],
      [{ ...udp, source: [10, 2, 2, 3] }, '1:31'],
      [{ ...tcp, source: [10, 3, 2, 3], sourcePort: 22 }, undefined],
      [tcp, undefined],
      [{}, undefined],
    ],
    otherwise: { 4: 'class-3/class-3-default', 5: 'default', 6: 'default' },
  },
  tbf: {
    remarks: [
      /^qdisc tbf 1:: Its burst of \d+ B is computed by the policy/,
      /^qdisc tbf 1:: Its own queue is one for all/,
    ],
    frames: [],
  },
  mac: {
    remarks: [
      /^rules to 1:10, 1:20: They do not see VLAN/,
      /no queue of its own/,
      /^filter 1: pref 2, filter 1: pref 3: IPv4 · from MAC 02:00:5e:01:00:00\/32 · to MAC .* goes to 1:20 \(class-20\) in the tree and to "class-10"/,
    ],
    frames: [
      [{ ...tcp, sourceMac: [2, 0, 0x5e, 0, 0x53, 1] }, '1:10'],
      [{ ...udp, sourceMac: [2, 0, 0x5e, 0, 0x53, 1] }, '1:30'],
      [{ ...udp, sourceMac: [2, 0, 0x5e, 1, 7, 7] }, '1:20'],
      [{ ...udp, sourceMac: [2, 0, 0x5e, 2, 7, 7] }, '1:30'],
      [{ ...udp, destinationMac: [2, 0, 0x5e, 0, 0x53, 0x99] }, '1:10'],
      [{ destinationMac: [2, 0, 0x5e, 0, 0x53, 0x99] }, '1:10'],
      [{}, '1:20'],
      [{ ...udp, family: 6 }, '1:30'],
    ],
  },
  cake: {
    whole: true,
    remarks: [
      /^qdisc cake 8001:: The policy does not say nat nat/,
      /^qdisc cake 8001:: The policy does not say acks ack-filter/,
    ],
    frames: [],
  },
  wondershaper: {
    whole: true,
    remarks: [
      /^filter 1: pref 10: It asked for ECN bits as well/,
      /^filter 1: pref 16: It looked for ports/,
      /^rules to 1:10, 1:30: They do not see VLAN/,
      /^classes 1:10, 1:30, 1:20: Their rates add up to 1.89 Mbit\/s, but there is 700 kbit\/s/,
      /burst \(6144 B\) and cburst/,
    ],
    frames: [
      [{ ...tcp, dscp: 4 }, '1:10'],
      [{ family: 4, protocol: 1 }, '1:10'],
      [{ ...tcp, destination: [203, 0, 113, 9] }, '1:30'],
      [{ ...udp, sourcePort: 6881 }, '1:30'],
      [{ ...udp, dscp: 4, sourcePort: 6881 }, '1:10'],
      [tcp, '1:20'],
      [{ family: 6, protocol: 58 }, '1:20'],
      [{}, '1:20'],
    ],
  },
  sqm: {
    whole: true,
    remarks: [/^rules to 1:13, 1:11: They do not see VLAN/],
    frames: [
      [{ ...tcp, dscp: 8 }, '1:13'],
      [{ ...tcp, family: 6, dscp: 8 }, '1:13'],
      [{ ...udp, dscp: 46 }, '1:11'],
      [{ ...udp, family: 6, dscp: 48 }, '1:11'],
      [{ ...udp, destinationPort: 53 }, '1:11'],
      [{ ...udp, dscp: 8, destinationPort: 53 }, '1:13'],
      [{ ...udp, family: 6, destinationPort: 53 }, '1:12'],
      [tcp, '1:12'],
      [{}, '1:11'],
    ],
  },
  marks: {
    whole: true,
    remarks: [/^rules to 1:10, 1:30: They do not see VLAN/],
    frames: [
      [{ ...tcp, sourceMac: [2, 0, 0x5e, 0, 0x53, 1] }, '1:20'],
      [{ sourceMac: [2, 0, 0x5e, 0, 0x53, 1] }, '1:20'],
      [{ ...tcp, tcpFlags: 2, payload: 200 }, '1:30'],
      [{ ...tcp, tcpFlags: 18, payload: 200 }, '1:40'],
      [{ ...udp, payload: 20 }, '1:30'],
      [{ ...udp, payload: 200 }, '1:40'],
      [{ ...udp, family: 6 }, '1:40'],
      [{}, '1:30'],
    ],
  },
  hfsc: {
    whole: true,
    remarks: [
      /^qdisc red 30:: The policy does not say/,
      /^rules to 1:10, 1:20: They do not see VLAN/,
      /^classes 1:20, 1:30: What they take of what is left over/,
    ],
    frames: [],
  },
  prio: {
    whole: true,
    remarks: [/^rules to 2:1, 2:2: They do not see VLAN/, /^class 2:2: It has no queue of its own/],
    frames: [],
  },
  tcset: {
    whole: true,
    remarks: [
      /^qdisc netem 19cf:: The policy has nothing for it and gives 1a1a:b8 fq_codel instead/,
      /^filter 1a1a: pref 5: It looked for ports/,
      /^rules to 1a1a:b8: They do not see VLAN/,
      /^class 1a1a:1: Its burst is tc’s default/,
      /^class 1a1a:1: It has no queue of its own/,
      /^classes 1a1a:1, 1a1a:b8: They stand side by side at the root/,
    ],
    frames: [
      [{ ...tcp, destination: [198, 51, 100, 7], destinationPort: 8080 }, '1a1a:b8'],
      [{ ...tcp, destination: [198, 51, 101, 7], destinationPort: 8080 }, '1a1a:1'],
      [udp, '1a1a:1'],
    ],
  },
  actions: {
    whole: true,
    remarks: [
      /^filter 1: pref 7: It drops its packets, which no class of a policy does/,
      /^filter 1: pref 8: It does "skbedit priority 1:10 pipe", which the policy does not say/,
      /^filter 1: pref 11: It sends to far0 and names no class/,
      /^filter 1: pref 12: It writes DSCP CS5, and not all that goes to 1:60 is treated so/,
      /^filter 1: pref 9: It copies the mark of the packet’s connection/,
      /^filter 1: pref 5: It wrote the ECN bits as well/,
      /^filter 1: pref 3, filter 1: pref 4: Each of the 2 rules that go there has a bucket of its own, so that 4 Mbit\/s pass/,
      /^rules to .*: They do not see VLAN/,
      /burst is tc’s default/,
      /no queue of its own/,
      /^filter 1: pref 3, filter 1: pref 4: Packets above its mtu of 2048 B are too much/,
    ],
    frames: [
      [{ ...udp, destinationPort: 5060 }, '1:10'],
      [{ ...udp, family: 6, destinationPort: 5061 }, '1:10'],
      [{ ...tcp, source: [192, 168, 50, 9] }, '1:20'],
      [{ ...tcp, source: [192, 168, 51, 9] }, '1:20'],
      [{ ...tcp, sourcePort: 80 }, '1:30'],
      [{ ...tcp, source: [192, 168, 60, 7] }, '1:50'],
      [{ ...tcp, destinationPort: 22 }, '1:40'],
      [{ family: 4, protocol: 1 }, '1:40'],
      [{ family: 4, protocol: 47 }, '1:60'],
      [{ ...tcp, destinationPort: 25 }, undefined],
      [{ family: 4, protocol: 50 }, undefined],
      [{}, '1:40'],
    ],
    otherwise: { 9: 'default', 10: 'default' },
  },
  flower: {
    whole: true,
    remarks: [
      /^filter 1: pref 6: It sends to 1:20 by what the language does not say \(ip_ttl 1\)/,
      /^rules to 1:10, 1:20: They do not see VLAN/,
      /burst is tc’s default/,
      /no queue of its own/,
      /^filter 1: pref 12: It is never asked, since filter 1: pref 9 before it takes everything/,
    ],
    frames: [
      [{ ...udp, dscp: 46, destinationPort: 20000 }, '1:10'],
      [{ ...udp, family: 6, dscp: 46, destinationPort: 16384 }, '1:10'],
      [{ ...udp, dscp: 46, destinationPort: 32768 }, '1:30'],
      [{ ...tcp, destinationPort: 443 }, '1:20'],
      [{ ...tcp, source: [192, 0, 2, 9], destinationPort: 80 }, '1:20'],
      [{ ...tcp, source: [192, 0, 3, 9], destinationPort: 80 }, '1:30'],
      [{ family: 4, protocol: 132 }, '1:30'],
      [{}, '1:30'],
    ],
  },
};

onEach(KERNELS, 'a hand-made tree', ({ kernel, alone, network, place: placeOf, attempt }) => {
  let name: string;
  let place: Place;
  beforeAll(async () => {
    name = await network.make();
    place = placeOf(name);
  });
  const here = Object.entries(TREES).filter(([, { whole }]) => (kernel.whole ? alone || whole : !whole));

  const counts = async (): Promise<Map<string, number>> =>
    new Map(
      (await readCounters(place, DEVICE)).map((item) => [item.classid, item.packets + item.drops + item.backlogPackets])
    );
  /** How many of the frames each leaf took, by classid; those that passed all classes are in none. */
  const takenOf = async (frames: readonly FrameSpec[]): Promise<Record<string, number>> => {
    const inner = new Set((await readTree(place, DEVICE)).classes.map((item) => item.parent));
    const before = await counts();
    const lines = frames.map((frame) => `${frameOf(frame)}\n`).join('');
    const { status, stderr } = await attempt(['ip', 'netns', 'exec', name, 'perl', SEND, DEVICE], lines);
    expect(status, stderr).toBe(0);
    const taken = [...(await counts())].map(([id, count]) => [id, count - (before.get(id) ?? 0)] as const);
    return Object.fromEntries(taken.filter(([id, count]) => !inner.has(id) && count !== 0));
  };
  const tally = (ids: ReadonlyArray<string | undefined>) =>
    ids.reduce<Record<string, number>>((sum, id) => (id ? { ...sum, [id]: (sum[id] ?? 0) + 1 } : sum), {});

  const rules = async () => (await readTree(place, DEVICE)).filters.map(filterContent).sort();

  it.each(here)(
    'becomes a policy that gives packets to the same classes, or says which not: %s',
    async (tree, { remarks, frames, otherwise = {} }) => {
      const operator = await Operator.start();
      try {
        await attempt(['tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root']);
        await network.tc(name, ...linesOf(tree));
        // Only HTB's classes can be counted.
        const sent = frames.map(([frame]) => frame);
        expect(await takenOf(sent)).toEqual(tally(frames.map(([, classid]) => classid)));
        const capabilities = await operator.engine.capabilitiesOf(place);
        const live = await readTree(place, DEVICE);
        const imported = importTree(live, { name: tree, capabilities });
        expect(imported.remarks.map(({ object, message }) => `${object}: ${message}`)).toEqual(
          remarks.map((pattern) => expect.stringMatching(pattern))
        );
        await expect(imported.source).toMatchFileSnapshot(`trees/${tree}.${kernel.whole ? '' : 'bare.'}yaml`);
        // Warnings are what the judge thinks of a tree made by hand.
        expect(findingsOf(imported.source).filter(({ severity }) => severity === 'error')).toEqual([]);

        const { allocation } = await operator.apply(place, imported.source, { replaceForeign: true });
        expect(await operator.lines(place, imported.source)).toEqual([]);
        const minors = (JSON.parse(allocation) as Allocation).classes;
        const idOf = (path: string) => [...now.keys()].find((id) => id.endsWith(`:${minors[path]!.toString(16)}`))!;
        const now = new Map((await readTree(place, DEVICE)).classes.map((item) => [item.classid, item]));
        const paths = frames.map(([, classid], index) => otherwise[index] ?? imported.paths.get(classid!)!);
        expect(await takenOf(sent)).toEqual(tally(paths.map(idOf)));
        // Where nothing was scaled, each class has the figures that it had.
        const scaled = imported.remarks.some(({ message }) => message.includes('in the same proportion'));
        for (const item of live.classes) {
          const path = scaled ? undefined : imported.paths.get(item.classid);
          if (path && item.kind === 'htb') {
            expect(now.get(idOf(path))).toMatchObject({ rate: item.rate, ceil: item.ceil });
          }
        }
      } finally {
        await operator.stop();
      }
    }
  );

  it.runIf(kernel.whole)('does with packets on the wire what the tree did, where it says so', async () => {
    const operator = await Operator.start();
    try {
      await attempt(['tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root']);
      await network.tc(name, ...linesOf('actions'));
      // Of those that the policy treats alike: marked for both versions of IP, left alone, copied.
      const alike = [0, 1, 2, 4, 5, 6].map((index) => ({ ecn: 1, ...TREES.actions!.frames[index]![0] }));
      const seen = async () => [...(await caught(attempt, name, alike)), ...(await caught(attempt, name, alike, { from: DEVICE, at: DEVICE }))].sort(); // prettier-ignore
      const before = await seen();
      const marked = (frames: readonly string[]) =>
        frames.filter((frame) => tosOf(frame).tos === ((46 << 2) | 1)).length;
      expect(marked(before)).toBe(2);
      const capabilities = await operator.engine.capabilitiesOf(place);
      const imported = importTree(await readTree(place, DEVICE), { name: 'actions', capabilities });
      await operator.apply(place, imported.source, { replaceForeign: true });
      expect(await seen()).toEqual(before);
    } finally {
      await operator.stop();
    }
  });

  const FLOWER = 'filter add dev wan0 parent 1: protocol ip pref 1 flower ip_proto udp classid 1:10 action';
  /** Rules to one class, what the policy says that it does, and what is said of the rest. */
  const DOING: Array<[string, string[], object, RegExp?]> = [
    [
      'one bucket of two rules, once',
      [`${FLOWER} police rate 1mbit burst 10k mtu 64k conform-exceed drop/pipe index 7`, `${FLOWER.replace('udp', 'tcp')} police index 7`],
      { police: { rate: { bits: 1e6 }, burst: 10240 } },
    ],
    [
      'a peak in the same police',
      [`${FLOWER} police rate 1mbit burst 10k mtu 1600 peakrate 2mbit drop`],
      { police: { rate: { bits: 1e6 }, burst: 10240, peakRate: { bits: 2e6 }, peakBurst: 1600 } },
    ],
    ['asking again as dropping', [`${FLOWER} police rate 1mbit burst 10k mtu 64k`], { police: { rate: { bits: 1e6 } } }],
    ['a burst that holds no frame', [`${FLOWER} police rate 1mbit burst 1k mtu 64k drop`], { police: { rate: { bits: 1e6 } } }, /^No full frame fits into its burst of 1024 B/],
    ['what is too much left to others', [`${FLOWER} police rate 1mbit burst 10k conform-exceed continue/ok`], {}, /^It polices, and leaves what is too much to later rules/],
    ['a police that counts more', [`${FLOWER} police rate 1mbit burst 10k mtu 64k overhead 10 drop`], { police: { rate: { bits: 1e6 } } }, /^Its police counted 10 B more/],
    ['a police that counts cells', [`${FLOWER} police rate 1mbit burst 10k overhead 10 linklayer atm drop`], {}, /^It does "police 0x\w+ rate 1Mbit .* linklayer atm"/],
    ['DSCP by the old words', [`${FLOWER} pedit munge ip tos set 0x20 pipe action csum ip`], { mark: { dscp: 8 } }, /^It wrote the ECN bits/],
    ['DSCP in IPv6', [`${FLOWER.replace('protocol ip ', 'protocol ipv6 ')} pedit ex munge ip6 traffic_class set 0xb8 retain 0xfc`], { mark: { dscp: 46 } }],
    ['a mark under a mask', [`${FLOWER} skbedit mark 0x10/0xf0`], { mark: { fwmark: { value: 16, mask: 240 } } }],
    ['the priority of a VLAN', ['filter add dev wan0 parent 1: protocol 802.1Q pref 1 flower vlan_id 5 classid 1:10 action vlan modify id 5 priority 3'], { mark: { vlanPriority: 3 } }],
    ['another field of the header', [`${FLOWER} pedit ex munge ip ttl set 64`], {}, /^It does "pedit action pass keys 1 key #0 at ipv4\+8/],
  ]; // prettier-ignore
  it.runIf(kernel.whole).each(DOING)('says of a class what its rules do: %s', async (_what, rules, acting, said) => {
    await attempt(['tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root']);
    const classes = ['1:', '1:1', '1:1'].map((parent, index) => `class add dev wan0 parent ${parent} classid 1:${['1', '10', '20'][index]!} htb rate ${index === 0 ? 10 : 5}mbit burst 15k cburst 15k`); // prettier-ignore
    await network.tc(name, 'qdisc add dev wan0 root handle 1: htb default 20', ...classes, ...rules);
    const { spec, remarks } = importTree(await readTree(place, DEVICE), { name: 'p', capabilities: CLASSFUL });
    const { police, mark, redirect, mirror } = spec.classes![0]!;
    expect(JSON.parse(JSON.stringify({ police, mark, redirect, mirror }))).toMatchObject(acting);
    expect(Object.keys(JSON.parse(JSON.stringify({ police, mark, redirect, mirror })) as object)).toEqual(Object.keys(acting)); // prettier-ignore
    const ofRules = remarks.filter(({ object, kind }) => object.startsWith('filter') && kind !== 'notice');
    expect(ofRules.map(({ message }) => message)).toEqual(said ? [expect.stringMatching(said)] : []);
  });

  const FRAMINGS: Array<[string, object | undefined]> = [
    ['', undefined],
    ['raw', undefined],
    ['docsis', { overhead: 'docsis' }],
    ['ethernet', { overhead: 'ethernet' }],
    ['ethernet ether-vlan', { overhead: 'vlan' }],
    ['pppoe-ptm', { overhead: 'pppoe-ptm' }],
    ['pppoe-vcmux', { overhead: 'pppoe-vcmux' }],
    ['atm overhead 44', { overhead: 30, cell: 'atm' }],
    ['overhead 18 mpu 72', { overhead: 4, mpu: 72 }],
    ['noatm overhead 0', { overhead: -14 }],
  ];
  it.runIf(kernel.whole).each(FRAMINGS)(
    'counts with CAKE what the link adds as the tree did: %s',
    async (words, link) => {
      const operator = await Operator.start();
      try {
        await attempt(['tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root']);
        await network.tc(name, `qdisc add dev ${DEVICE} root handle 9: cake bandwidth 20mbit besteffort ${words}`);
        const live = await readTree(place, DEVICE);
        const imported = importTree(live, { name: 'p', capabilities: await operator.engine.capabilitiesOf(place) });
        expect(imported.remarks).toEqual([]);
        expect(imported.spec.link).toEqual(link);
        await operator.apply(place, imported.source, { replaceForeign: true });
        expect(await operator.lines(place, imported.source)).toEqual([]);
        expect((await readTree(place, DEVICE)).qdiscs[0]!.options).toEqual(live.qdiscs[0]!.options);
      } finally {
        await operator.stop();
      }
    }
  );

  it.runIf(kernel.whole)(
    'of RED alone keeps its figures, at the speed of the interface or below a shaper',
    async () => {
      const operator = await Operator.start();
      try {
        const capabilities = await operator.engine.capabilitiesOf(place);
        const red = 'red limit 400000 min 30000 max 90000 avpkt 1000 burst 55 ecn bandwidth 10Mbit probability 0.1';
        const figures = ({ qdiscs }: TcTree) => qdiscs.find(({ kind }) => kind === 'red')?.options;
        const shaped = ['qdisc add dev wan0 root handle 6: tbf rate 10mbit burst 15k latency 50ms', `qdisc add dev wan0 parent 6:1 handle 10: ${red}`]; // prettier-ignore
        for (const lines of [[`qdisc add dev wan0 root handle 5: ${red}`], shaped]) {
          await attempt(['tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root']);
          await network.tc(name, ...lines);
          const live = await readTree(place, DEVICE);
          const { spec, source } = importTree(live, { name: 'p', capabilities, speed: 10e6 });
          expect(spec.bandwidth).toEqual({ kind: 'absolute', bits: 10e6 });
          await operator.apply(place, source, { replaceForeign: true });
          const { ewma: _, Scell_log: __, ...kept } = figures(live)!;
          expect(figures(await readTree(place, DEVICE))).toMatchObject(kept);
        }
      } finally {
        await operator.stop();
      }
    }
  );

  it('of nothing but the kernel’s own queue has nothing to import, and says so', async () => {
    await attempt(['tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root']);
    const live = await readTree(place, DEVICE);
    expect(() => importTree(live, { name: 'p', capabilities: CLASSFUL })).toThrow(
      /the kernel’s own queue .* nothing to import/
    );
  });

  const ours: Array<[string, fc.Arbitrary<object>]> = [
    ['becomes', policies(['auto', 'pfifo'])],
    ...(kernel.whole ? [['whose classes act becomes', restoringPolicies(actingPolicies(policies(['auto', 'pfifo'], ['connmark'])))] as [string, fc.Arbitrary<object>]] : []),
  ]; // prettier-ignore
  it.each(ours)(
    'of ours %s a policy that has nothing to change on the interface',
    { timeout: 300_000 },
    async (_, specs) => {
      const operator = await Operator.start();
      try {
        const property = fc.asyncProperty(specs, async (spec) => {
          const { allocation } = await operator.apply(place, policyOf(spec), { replaceForeign: true });
          const names = Object.entries((JSON.parse(allocation) as Allocation).classes);
          const live = await readTree(place, DEVICE);
          const imported = importTree(live, {
            name: 'edge',
            capabilities: await operator.engine.capabilitiesOf(place),
            names: new Map(names.map(([path, minor]) => [minor, path.split('/').at(-1)!])),
          });
          // Of more than a thousand rules it is said that their order was not looked at, of fewer nothing.
          const told = imported.remarks.map(({ message }) => message);
          const many = told.length > 0 && live.filters.length > 1000;
          expect(told).toEqual(many ? [expect.stringMatching(/^More than 1000 rules /)] : []);
          // Rules of one class may stand in another order among themselves.
          const lines = await operator.lines(place, imported.source);
          expect(lines.filter((line) => !line.startsWith('filter '))).toEqual([]);
          const before = await rules();
          await operator.apply(place, imported.source);
          expect(await rules()).toEqual(before);
        });
        await fc.assert(property, { numRuns: kernel.name === 'own' ? 8 : 3, endOnFailure: true });
      } finally {
        await operator.stop();
      }
    }
  );
});
