/** The compiled rules put a packet where the document says: real frames, and the counters of the classes. */
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile, diff, type Allocation } from '../../backend/compile/tc/index.ts';
import { classify, flatten, type ResolvedPolicy } from '../../backend/policy/index.ts';
import { applyBatch, readCounters, type Place } from '../../backend/target/index.ts';
import { EDGE, FRAMES, https, udp } from './edge.ts';
import { frameOf, packetOf, type FrameSpec } from './frames.ts';
import { KERNELS, onEach } from './kernel.ts';
import { frameNear, randomFrom, VLANS } from './near.ts';
import { DEVICE } from './network.ts';
import { intentOf, Operator, policyOf, TENANT } from './operator.ts';
import { longPolicies, OWN_CONDITIONS, policies, UNTRACKED } from './policies.ts';

const SEND = fileURLToPath(new URL('send-frames.pl', import.meta.url));
const RUNS = Number(process.env.CLEARPATH_RUNS ?? 0);

onEach(KERNELS, 'a packet', ({ kernel, network, place: placeOf, attempt, sh }) => {
  let operator: Operator;
  let place: Place;
  let minors: Allocation['classes'] = {};
  beforeAll(async () => {
    operator = await Operator.start();
    const name = await network.make();
    place = placeOf(name);
    if (kernel.whole) {
      for (const id of VLANS) {
        const priorities = [0, 1, 2, 3, 4, 5, 6, 7].map((number) => `${number}:${number}`);
        await sh('ip', '-n', name, 'link', 'add', 'link', DEVICE, 'name', `lan${id}`, 'type', 'vlan', 'id', String(id), 'egress-qos-map', ...priorities); // prettier-ignore
        await sh('ip', '-n', name, 'link', 'set', `lan${id}`, 'up');
      }
    }
  });
  afterAll(async () => operator?.stop());

  const sendOut = async (frames: readonly FrameSpec[], device: string) => {
    const lines = frames.map((frame) => `${frameOf(frame)} mark=${frame.fwmark ?? 0} priority=${frame.vlanPriority ?? 0}\n`).join(''); // prettier-ignore
    const { status, stderr } = await attempt(['ip', 'netns', 'exec', place.namespace!, 'perl', SEND, device], lines);
    if (status !== 0) {
      throw new Error(stderr);
    }
  };
  /**
   * Tagged frames leave through a VLAN interface on top of the shaped one where the kernel has such, as a router's do. Where
   * it has none they are sent as they are; flower, which looks for a tag of that kind elsewhere, is not there either.
   */
  const send = async (frames: readonly FrameSpec[]) => {
    const tagged = kernel.whole ? frames.filter((frame) => frame.vlan !== undefined) : [];
    const plain = frames.filter((frame) => !tagged.includes(frame));
    if (plain.length > 0) {
      await sendOut(plain, DEVICE);
    }
    if (tagged.length > 0) {
      for (const id of VLANS) {
        const own = tagged.filter(({ vlan }) => vlan === id).map(({ vlan: _, ...frame }) => frame);
        await (own.length > 0 ? sendOut(own, `lan${id}`) : undefined);
      }
    }
  };
  /** Packets that each leaf was given so far, by path. */
  const given = async (): Promise<Record<string, number>> => {
    const counters = new Map(
      (await readCounters(place, DEVICE)).map((item) => [
        item.classid.split(':')[1]!,
        item.packets + item.drops + item.backlogPackets,
      ])
    );
    return Object.fromEntries(
      Object.entries(minors).map(([path, minor]) => [path, counters.get(minor.toString(16)) ?? 0])
    );
  };
  const load = async (source: string): Promise<ResolvedPolicy> => {
    const done = await operator.apply(place, source);
    minors = (JSON.parse(done.allocation) as Allocation).classes;
    return intentOf(place, source).policy;
  };
  /** Which leaves took the frames, and how many each. */
  const taken = async (policy: ResolvedPolicy, frames: readonly FrameSpec[]) => {
    const leaves = flatten(policy.classes).filter((item) => item.classes.length === 0);
    const before = await given();
    await send(frames);
    const after = await given();
    return Object.fromEntries(
      leaves.map(({ path }) => [path, after[path]! - before[path]!]).filter(([, count]) => count !== 0)
    );
  };
  const expected = (policy: ResolvedPolicy, frames: readonly FrameSpec[]) => {
    const counts: Record<string, number> = {};
    for (const frame of frames) {
      const { path } = classify(policy.classes, packetOf(frame));
      counts[path] = (counts[path] ?? 0) + 1;
    }
    return counts;
  };

  describe('of each kind', () => {
    let policy: ResolvedPolicy;
    beforeAll(async () => {
      policy = await load(EDGE);
    });
    it.each(Object.entries(FRAMES))('goes to the class that the document says: %s', async (_name, [frame, path]) => {
      expect(classify(policy.classes, packetOf(frame)).path).toBe(path);
      expect(await taken(policy, [frame])).toEqual({ [path]: 1 });
    });

    it('is told by its ports behind IPv4 options and IPv6 extension headers, or the plan says that it is not', async () => {
      const frames: FrameSpec[] = [
        { family: 4, ...https, options: true },
        { family: 6, ...https, extension: true },
      ];
      const { notes } = await operator.plan(place, EDGE);
      expect(await taken(policy, frames)).toEqual(kernel.whole ? { web: 2 } : { 'default/rest': 2 });
      expect(notes.some((note) => note.includes('not seen behind'))).toBe(!kernel.whole);
    });

    it.skipIf(!kernel.whole)('goes to the same class by the rules of u32 and by those of flower', async () => {
      const { tree, allocation } = await operator.engine.live(TENANT, place, DEVICE);
      const found = await operator.engine.capabilitiesOf(place);
      const compiled = compile(policy, { ...found, classifiers: ['u32'] }, allocation);
      const lines = diff(tree, compiled.tree, { device: DEVICE }).map((operation) => operation.line);
      expect(await applyBatch(place, lines)).toEqual({ refusal: undefined });
      const frames = Object.values(FRAMES).map(([frame]) => frame);
      expect(await taken(policy, frames)).toEqual(expected(policy, frames));
      await operator.apply(place, EDGE);
      expect(await taken(policy, frames)).toEqual(expected(policy, frames));
    });
  });

  it('from port 0 and to it, which tc takes in one spelling only, is none of the other ports', async () => {
    const source = policyOf({
      bandwidth: '100mbit',
      classes: [
        { name: 'zero', match: [{ protocol: 'tcp', not: { ports: ['1-65535'] } }] },
        { name: 'rest', default: true },
      ],
    });
    const policy = await load(source);
    const zero: FrameSpec = { family: 4, protocol: 6, sourcePort: 0, destinationPort: 0 };
    expect(await taken(policy, [zero, { ...zero, sourcePort: 1 }, { ...zero, destinationPort: 5 }])).toEqual({ zero: 1, rest: 2 }); // prettier-ignore
    expect((await operator.plan(place, source)).operations).toEqual([]);
  });

  it.skipIf(!kernel.whole)('whose tag is in its data instead of beside it is seen by no rule of flower', async () => {
    const source = policyOf({
      bandwidth: '100mbit',
      classes: [
        { name: 'lan', match: [{ vlan: 5 }] },
        { name: 'voice', match: [{ dscp: ['ef'] }] },
        { name: 'rest', default: true },
      ],
    });
    const policy = await load(source);
    const frames = [5, 7].map((vlan): FrameSpec => ({ family: 4, dscp: 46, vlan, ...udp }));
    expect(await taken(policy, frames)).toEqual({ lan: 1, voice: 1 });
    const before = await given();
    await sendOut(frames, DEVICE);
    const after = await given();
    expect([after.lan, after.voice, after.rest]).toEqual([before.lan, before.voice, before.rest! + 2]);
  });

  it('of any kind goes to the class that the document says, whatever the policy', { timeout: 600_000 }, async () => {
    const runs = RUNS || (kernel.name === 'own' ? 25 : 8);
    const drawn = policies(['auto'], kernel.whole ? UNTRACKED : OWN_CONDITIONS);
    const property = fc.asyncProperty(
      fc.oneof({ weight: 2, arbitrary: drawn }, { weight: 1, arbitrary: longPolicies(drawn) }),
      fc.integer(),
      async (spec, seed) => {
        // Queues as they are by default: a short one would refuse what comes all at once.
        const source = policyOf(
          JSON.parse(JSON.stringify(spec, (key, value: unknown) => (key === 'queue' ? undefined : value)))
        );
        const policy = await load(source);
        const clauses = flatten(policy.classes).flatMap((item) => item.match);
        const random = randomFrom(seed);
        // Where the tag is part of the data, what stands before the header lies elsewhere.
        const inData = !kernel.whole && JSON.stringify(clauses).includes('Mac');
        const frames = Array.from({ length: 50 }, () => frameNear(clauses, random)).filter(
          (frame) => !(inData && frame.vlan !== undefined)
        );
        const wanted = expected(policy, frames);
        const counts = await taken(policy, frames);
        if (JSON.stringify(Object.entries(counts).sort()) !== JSON.stringify(Object.entries(wanted).sort())) {
          for (const frame of frames) {
            expect(await taken(policy, [frame]), JSON.stringify(frame)).toEqual(expected(policy, [frame]));
          }
        }
        expect(counts).toEqual(wanted);
      }
    );
    await fc.assert(property, { numRuns: runs, endOnFailure: true });
  });
});
