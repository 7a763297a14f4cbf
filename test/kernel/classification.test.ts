/** The compiled rules put a packet where the document says: real frames, and the counters of the classes. */
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile, diff, type Allocation } from '../../backend/compile/tc/index.ts';
import {
  classify,
  flatten,
  type Clause,
  type Mac,
  type PortRange,
  type Prefix,
  type ResolvedPolicy,
} from '../../backend/policy/index.ts';
import { applyBatch, readCounters, type Place } from '../../backend/target/index.ts';
import { frameOf, packetOf, type FrameSpec } from './frames.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { intentOf, Operator, policyOf, TENANT } from './operator.ts';
import { longPolicies, OWN_CONDITIONS, policies, UNTRACKED } from './policies.ts';

const SEND = fileURLToPath(new URL('send-frames.pl', import.meta.url));
/** Ids of the VLANs that tagged frames leave by */
const VLANS = [5, 7, 100];
const RUNS = Number(process.env.CLEARPATH_RUNS ?? 0);

const EDGE = policyOf({
  bandwidth: '100mbit',
  classes: [
    {
      name: 'voice',
      match: [{ dscp: ['ef'] }, { dscp: ['df'], protocol: 'udp', destinationPorts: ['16384-32767'] }],
      strict: true,
      guarantee: '10mbit',
    },
    { name: 'web', match: [{ ports: [443] }], guarantee: '10mbit' },
    { name: 'branch', match: [{ source: ['203.0.113.0/24', '2001:db8:1::/48'] }], guarantee: '10mbit' },
    {
      name: 'video',
      match: [{ dscp: ['af41', 'af42'] }],
      guarantee: '20mbit',
      classes: [
        { name: 'film', match: [{ protocol: 'udp' }], guarantee: '10mbit' },
        { name: 'slides', default: true },
      ],
    },
    {
      name: 'default',
      default: true,
      guarantee: '10mbit',
      classes: [
        { name: 'bulk', match: [{ dscp: ['le'] }], guarantee: '1mbit' },
        { name: 'rest', default: true },
      ],
    },
  ],
});

const udp = { protocol: 17, sourcePort: 40000, destinationPort: 40001 };
const rtp = { protocol: 17, sourcePort: 40000, destinationPort: 16384 };
const https = { protocol: 6, sourcePort: 443, destinationPort: 50000 };
const outside = { source: [203, 0, 113, 9] };

/** What is sent, and the class that an operator would expect of it. */
const FRAMES: Record<string, [FrameSpec, string]> = {
  'IPv4 with DSCP EF': [{ family: 4, dscp: 46, ...udp }, 'voice'],
  'IPv6 with DSCP EF': [{ family: 6, dscp: 46, ...udp }, 'voice'],
  'a tagged frame with DSCP EF': [{ family: 4, dscp: 46, vlan: 100, ...udp }, 'voice'],
  'a tagged IPv6 frame with DSCP EF': [{ family: 6, dscp: 46, vlan: 100, ...udp }, 'voice'],
  'UDP to the first port of a range': [{ family: 4, ...rtp }, 'voice'],
  'UDP to the last port of a range, IPv6, tagged': [{ family: 6, vlan: 7, ...rtp, destinationPort: 32767 }, 'voice'],
  'UDP to the port after the range': [{ family: 4, ...rtp, destinationPort: 32768 }, 'default/rest'],
  'the right port with the wrong DSCP': [{ family: 4, dscp: 8, ...rtp }, 'default/rest'],
  'TCP from port 443': [{ family: 4, ...https }, 'web'],
  'TCP to port 443 over IPv6': [{ family: 6, protocol: 6, sourcePort: 50000, destinationPort: 443 }, 'web'],
  'UDP to port 443': [{ family: 4, ...udp, destinationPort: 443 }, 'web'],
  'SCTP to port 443': [{ family: 4, protocol: 132, sourcePort: 1, destinationPort: 443 }, 'web'],
  'a protocol whose first bytes look like port 443': [
    { family: 4, protocol: 89, destinationPort: 443 },
    'default/rest',
  ],
  'a source within a prefix': [{ family: 4, ...udp, ...outside }, 'branch'],
  'an IPv6 source within a prefix': [
    { family: 6, ...udp, source: [0x20, 1, 0xd, 0xb8, 0, 1, ...Array<number>(9).fill(0), 5] },
    'branch',
  ],
  'an IPv6 source beside a prefix': [
    { family: 6, ...udp, source: [0x20, 1, 0xd, 0xb8, 0, 2, ...Array<number>(9).fill(0), 5] },
    'default/rest',
  ],
  'ECN bits beside the DSCP': [{ family: 4, dscp: 46, ecn: 3, ...udp }, 'voice'],
  'a child by protocol': [{ family: 4, dscp: 34, ...udp }, 'video/film'],
  'what matches a parent and none of its children': [
    { family: 6, dscp: 36, protocol: 6, sourcePort: 9, destinationPort: 9 },
    'video/slides',
  ],
  'a child of the default class': [{ family: 4, dscp: 1, ...udp }, 'default/bulk'],
  'a tagged child of the default class': [{ family: 6, dscp: 1, vlan: 5, ...udp }, 'default/bulk'],
  'what nothing matches': [{ family: 4, dscp: 63, protocol: 47 }, 'default/rest'],
  ARP: [{}, 'default/rest'],
  'tagged ARP': [{ vlan: 7 }, 'default/rest'],
  'a first fragment, which goes where the rest of its packet goes': [
    { family: 4, ...https, fragment: 'first' },
    'default/rest',
  ],
  'a later fragment of it': [{ family: 4, ...https, fragment: 'later' }, 'default/rest'],
  'a fragment, by its DSCP': [{ family: 4, dscp: 46, ...udp, fragment: 'later' }, 'voice'],
  'a fragment, by its protocol': [{ family: 4, dscp: 34, ...udp, fragment: 'later' }, 'video/film'],
};

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

/** Whole numbers below `most`, the same for the same seed (mulberry32). */
function randomFrom(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
  };
}

const PROTOCOLS = [6, 17, 132, 1, 58, 47, 89, 115, 255];

/** An address within, or one bit beside. */
function near({ bytes, length }: Mac, next: (most: number) => number): number[] {
  const inside = bytes.map((byte, i) => byte | (next(256) & (0xff >> Math.min(8, Math.max(0, length - 8 * i)))));
  if (next(4) === 0) {
    inside[(length - 1) >> 3]! ^= 0x80 >> ((length - 1) & 7);
  }
  // Never a group's: those the kernel answers itself.
  return inside;
}

/** A frame that satisfies one of the clauses, or misses it by one field. */
function frameNear(clauses: readonly Clause[], next: (most: number) => number): FrameSpec {
  const pick = <T>(list: readonly T[]): T => list[next(list.length)]!;
  const whole: Clause = clauses.length > 0 ? pick(clauses) : {};
  // What is negated is as near as what is asked for.
  const clause: Clause = { ...whole, ...(next(2) === 0 ? whole.not : {}) };
  const prefixes = [...(clause.source ?? []), ...(clause.destination ?? [])];
  const family =
    clause.ipVersion ??
    clause.protocol?.find((item) => item.family)?.family ??
    (prefixes.length > 0 ? pick(prefixes).family : pick([4, 6] as const));
  const named = clause.protocol?.map((item) => item.number).filter((number) => number !== 0);
  const hasPorts = clause.ports ?? clause.sourcePorts ?? clause.destinationPorts;
  const spec: FrameSpec = {
    family,
    dscp: clause.dscp ? pick(clause.dscp) : next(64),
    protocol: named && named.length > 0 ? pick(named) : pick(hasPorts ? [6, 17, 132] : PROTOCOLS),
  };
  const port = (ranges: readonly PortRange[] | undefined) => {
    if (!ranges) {
      return pick([9, 80, 443, 5060, 20000]);
    }
    const { from, to } = pick(ranges);
    return pick([from, to, Math.min(65535, to + 1), Math.max(1, from - 1), from + next(to - from + 1)]);
  };
  const [one, other] =
    next(2) === 0 ? (['sourcePort', 'destinationPort'] as const) : (['destinationPort', 'sourcePort'] as const);
  spec.sourcePort = port(clause.sourcePorts);
  spec.destinationPort = port(clause.destinationPorts);
  if (clause.ports) {
    spec[one] = port(clause.ports);
    spec[other] = next(2) === 0 ? spec[other]! : port(clause.ports);
  }
  const address = (list: readonly Prefix[] | undefined) => {
    const own = list?.filter((prefix) => prefix.family === family) ?? [];
    const bytes = Array.from({ length: family === 4 ? 4 : 16 }, () => next(256));
    if (own.length === 0) {
      return bytes;
    }
    const prefix = pick(own);
    const inside = bytes.map((byte, i) => {
      const mask = (0xff00 >> Math.min(8, Math.max(0, prefix.length - 8 * i))) & 0xff;
      return prefix.bytes[i]! | (byte & ~mask & 0xff);
    });
    if (next(4) === 0 && prefix.length > 0) {
      const bit = prefix.length - 1;
      inside[bit >> 3]! ^= 0x80 >> (bit & 7);
    }
    return inside;
  };
  spec.source = address(clause.source);
  spec.destination = address(clause.destination);
  const frame: Partial<FrameSpec> = {
    ...(clause.sourceMac ? { sourceMac: near(pick(clause.sourceMac), next) } : {}),
    ...(clause.destinationMac ? { destinationMac: near(pick(clause.destinationMac), next) } : {}),
    ...(clause.fwmark ? { fwmark: (pick(clause.fwmark).value ^ (next(4) === 0 ? 1 << next(16) : 0)) >>> 0 } : {}),
    ...(clause.vlan || clause.vlanPriority ? { vlan: pick(clause.vlan ?? VLANS), vlanPriority: pick(clause.vlanPriority ?? [next(8)]) } : {}),
  }; // prettier-ignore
  Object.assign(spec, frame);
  if (clause.tcpFlags) {
    Object.assign(spec, { protocol: 6, tcpFlags: pick([pick(clause.tcpFlags).value, next(64)]) });
  }
  if (clause.length) {
    const { from, to } = pick(clause.length);
    spec.payload = Math.max(0, Math.min(1400, pick([from, to, to + 1, from - 1]) - (family === 4 ? 28 : 48)));
  }
  const types = [...(clause.etherType ?? []), 0x0806, 0x88cc].filter((type) => type !== 0x0800 && type !== 0x86dd);
  if (clause.etherType && next(2) === 0) {
    return { ...frame, etherType: pick(types) };
  }
  switch (next(12)) {
    case 0:
      spec.dscp = next(64);
      break;
    case 1:
      spec.protocol = pick(PROTOCOLS);
      break;
    case 2:
      return frame;
    case 3:
      if (family === 4) {
        spec.fragment = 'later';
      }
      break;
    default:
  }
  if (next(4) === 0) {
    spec.vlan = pick(VLANS);
  }
  return spec;
}
