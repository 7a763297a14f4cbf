/** Trees that somebody else made, in the styles that are about: imported, judged, applied in their place, and compared. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { filterContent, importTree, type Allocation } from '../../backend/compile/tc/index.ts';
import { findingsOf } from '../../backend/policy/testing.ts';
import { readCounters, readTree, type Place } from '../../backend/target/index.ts';
import { frameOf, type FrameSpec } from './frames.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { Operator, policyOf } from './operator.ts';
import { policies } from './policies.ts';

const SEND = fileURLToPath(new URL('send-frames.pl', import.meta.url));
const linesOf = (name: string) =>
  readFileSync(new URL(`trees/${name}.tc`, import.meta.url), 'utf8').split('\n').filter((line) => /^\w/.test(line)); // prettier-ignore

const udp = { family: 4 as const, protocol: 17, sourcePort: 40000, destinationPort: 40001 };
const tcp = { family: 4 as const, protocol: 6, sourcePort: 40000, destinationPort: 40001 };

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
  cake: {
    whole: true,
    remarks: [
      /^qdisc cake 8001:: The policy does not say nat nat/,
      /^qdisc cake 8001:: The policy does not say acks ack-filter/,
      /^qdisc cake 8001:: The policy does not say framing raw/,
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

  it('of nothing but the kernel’s own queue has nothing to import, and says so', async () => {
    await attempt(['tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root']);
    const live = await readTree(place, DEVICE);
    const options = { name: 'p', capabilities: { qdiscs: ['htb', 'pfifo'], classifiers: ['u32'], kernel: '' } };
    expect(() => importTree(live, options)).toThrow(/the kernel’s own queue .* nothing to import/);
  });

  it('of ours becomes a policy that has nothing to change on the interface', { timeout: 300_000 }, async () => {
    const operator = await Operator.start();
    try {
      const property = fc.asyncProperty(policies(['auto', 'pfifo']), async (spec) => {
        const { allocation } = await operator.apply(place, policyOf(spec), { replaceForeign: true });
        const names = Object.entries((JSON.parse(allocation) as Allocation).classes);
        const imported = importTree(await readTree(place, DEVICE), {
          name: 'edge',
          capabilities: await operator.engine.capabilitiesOf(place),
          names: new Map(names.map(([path, minor]) => [minor, path.split('/').at(-1)!])),
        });
        expect(imported.remarks).toEqual([]);
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
  });
});
