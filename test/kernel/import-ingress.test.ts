/** What an interface receives, as another hand shaped or policed it, imported and applied in its place. */
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { filterContent, sideName } from '../../backend/compile/tc/index.ts';
import { importPolicy } from '../../backend/deploy/index.ts';
import { findingsOf, specOf } from '../../backend/policy/testing.ts';
import { readCounters, readTree, type Place } from '../../backend/target/index.ts';
import { frameOf, type FrameSpec } from './frames.ts';
import { KERNELS, onEach, WHOLE } from './kernel.ts';
import { DEVICE } from './network.ts';
import { actingPolicies, policies } from './policies.ts';
import { BRANCH_EDGE, Operator, policyOf, TENANT } from './operator.ts';

const SEND = fileURLToPath(new URL('send-frames.pl', import.meta.url));
const RECEIVED = sideName(DEVICE, 'ingress');
const HOOK = `filter add dev ${DEVICE} parent ffff:`;

const udp = { family: 4 as const, protocol: 17, sourcePort: 40000, destinationPort: 40001 };
/** As scripts for home routers make it. */
const ON_IFB = [
  'qdisc add dev ifb4wan0 root handle 1: htb default 12',
  'class add dev ifb4wan0 parent 1: classid 1:1 htb rate 40mbit burst 40k cburst 40k',
  'class add dev ifb4wan0 parent 1:1 classid 1:11 htb rate 4mbit ceil 20mbit burst 20k cburst 20k prio 1',
  'class add dev ifb4wan0 parent 1:1 classid 1:12 htb rate 20mbit ceil 40mbit burst 40k cburst 40k prio 2',
  'filter add dev ifb4wan0 parent 1: protocol ip pref 1 u32 match ip dport 5060 0xffff flowid 1:11',
  'filter add dev ifb4wan0 parent 1: protocol ip pref 2 u32 match ip protocol 1 0xff flowid 1:11',
];
const EVERYTHING = 'protocol all pref 10 u32 match u32 0 0 flowid 1:1';

onEach(KERNELS, 'what an interface receives by another hand', ({ kernel, network, place: placeOf, attempt, sh }) => {
  const found = async (hook: readonly string[], work: (operator: Operator, place: Place, name: string) => Promise<void>) => {
    const operator = await Operator.start();
    try {
      const name = await network.make();
      await sh('ip', '-n', name, 'link', 'add', 'ifb4wan0', 'type', 'ifb');
      await sh('ip', '-n', name, 'link', 'set', 'ifb4wan0', 'up');
      await network.tc(name, ...ON_IFB, `qdisc add dev ${DEVICE} ingress`, ...hook);
      await work(operator, placeOf(name), name);
    } finally {
      await operator.stop();
    }
  }; // prettier-ignore
  const imported = (operator: Operator, place: Place) => importPolicy(operator.engine, TENANT, place, RECEIVED);
  const counted = async (place: Place, name: string, side: string, frames: readonly FrameSpec[]) => {
    const before = new Map((await readCounters(place, side)).map((item) => [item.classid, item.packets]));
    const lines = frames.map((frame) => `${frameOf(frame)}\n`).join('');
    expect(await attempt(['ip', 'netns', 'exec', name, 'perl', SEND, 'far0'], lines)).toMatchObject({ status: 0 });
    const inner = new Set((await readTree(place, side)).classes.map(({ parent }) => parent));
    return (await readCounters(place, side)).flatMap(({ classid, packets }) => (inner.has(classid) ? [] : packets - (before.get(classid) ?? 0))).filter(Boolean).sort(); // prettier-ignore
  };

  it('is a policy of the tree on the device that it goes through, and stays in its classes when that is applied', async () => {
    await found([`${HOOK} ${EVERYTHING} action mirred egress redirect dev ifb4wan0`], async (operator, place, name) => {
      const { source, direction, live, remarks, owner } = await imported(operator, place);
      expect([direction, owner, live]).toEqual(['ingress', 'foreign', 'htb 1:, 3 classes, 2 rules on ifb4wan0, by 1 rule on what it receives']); // prettier-ignore
      expect(remarks.map(({ kind, object, message }) => `${kind} ${object}: ${message}`)).toContainEqual(expect.stringMatching(/^notice device ifb4wan0: It carries the tree for what wan0 receives\. Bind the policy with direction: ingress/)); // prettier-ignore
      expect(remarks.filter(({ object }) => object.startsWith('filter'))).toHaveLength(1);
      expect(findingsOf(source).filter(({ severity }) => severity === 'error')).toEqual([]);
      const frames = [{ ...udp, destinationPort: 5060 }, { family: 4 as const, protocol: 1 }, { ...udp, destinationPort: 5060 }, udp]; // prettier-ignore
      expect(await counted(place, name, 'ifb4wan0', frames)).toEqual([1, 3]);
      await operator.apply(place, source, { replaceForeign: true }, RECEIVED);
      expect(await operator.lines(place, source, RECEIVED)).toEqual([]);
      expect(await counted(place, name, RECEIVED, frames)).toEqual([1, 3]);
    });
  });

  it('is, where it is ours, a policy that has nothing to change', async () => {
    await found([], async (operator, place) => {
      await operator.apply(place, BRANCH_EDGE, {}, RECEIVED);
      const { source, remarks, owner, direction, name } = await imported(operator, place);
      expect([owner, direction, name]).toEqual(['clearpath', 'ingress', 'branch-edge']);
      expect(remarks).toEqual([]);
      expect((await operator.lines(place, source, RECEIVED)).filter((line) => !line.startsWith('filter '))).toEqual([]);
    });
  });

  const rulesAt = async (place: Place) => (await readTree(place, RECEIVED)).ingress!.rules.map(filterContent).sort();
  it.runIf(kernel === WHOLE[0])('is, where rules of ours police it at the hook, a policy that says the same', async () => {
    await found([], async (operator, place) => {
      const source = policyOf({
        bandwidth: '8mbit',
        scheduler: 'police',
        link: { overhead: 4 },
        restoreDscp: { mask: '0xfc000000', state: '0x01000000' },
        classes: [
          { name: 'voice', match: [{ dscp: ['ef'] }], ceiling: '500kbit', burst: '6KiB', mark: { dscp: 'cs5' } },
          { name: 'known', match: [{ connmark: '0x10/0xf0' }], police: { rate: '1mbit', burst: '20KiB', exceed: { dscp: 'af12' } } },
          {
            name: 'office',
            match: [{ dscp: ['af31', 'af32'] }],
            ceiling: '3mbit',
            police: { rate: '2mbit', burst: '20KiB' },
            classes: [
              { name: 'desks', match: [{ dscp: ['af31'] }], ceiling: '2mbit', police: { rate: '1mbit', burst: '20KiB', peakRate: '1500kbit', peakBurst: '30KiB' } },
              { name: 'guests', default: true, redirect: 'far0' },
            ],
          },
          { name: 'rest', default: true, police: { rate: '4mbit', burst: '100KiB' } },
        ],
      }); // prettier-ignore
      await operator.apply(place, source, {}, RECEIVED);
      const own = await imported(operator, place);
      expect([own.owner, own.name, own.live, own.remarks]).toEqual(['clearpath', 'edge', expect.stringMatching(/^\d+ rules on what it receives$/), []]);
      expect(specOf(own.source)).toEqual(specOf(source));
      expect(await operator.lines(place, own.source, RECEIVED)).toEqual([]);
      // Without the journal a bucket below the link's is taken for a ceiling, which it is as well.
      const stranger = await Operator.start();
      try {
        const theirs = await imported(stranger, place);
        expect([theirs.owner, theirs.remarks.map(({ object }) => object)]).toEqual(['foreign', [`hook of ${DEVICE}`]]);
        const before = await rulesAt(place);
        await stranger.apply(place, theirs.source, { replaceForeign: true }, RECEIVED);
        expect((await rulesAt(place)).length).toBe(before.length);
        expect(await stranger.lines(place, theirs.source, RECEIVED)).toEqual([]);
      } finally {
        await stranger.stop();
      }
    });
  }); // prettier-ignore

  /** A rule that is made anew has the roundest burst that the kernel does not tell from its own. */
  const withoutBursts = (rule: string) => rule.replaceAll(/ burst \d+b/g, '');
  it.runIf(kernel === WHOLE[0])('of random policies that police at the hook is one that has nothing to change there', { timeout: 300_000 }, async () => {
    await found([], async (operator, place) => {
      const property = fc.asyncProperty(actingPolicies(policies(['auto'], [], ['police'])), async (spec) => {
        await operator.apply(place, policyOf(spec), { replaceForeign: true }, RECEIVED);
        const own = await imported(operator, place);
        const many = own.remarks.length > 0 && (await rulesAt(place)).length > 1000;
        expect(own.remarks.map(({ message }) => message)).toEqual(many ? [expect.stringMatching(/^More than 1000 rules /)] : []);
        const before = (await rulesAt(place)).map(withoutBursts);
        await operator.apply(place, own.source, {}, RECEIVED);
        expect((await rulesAt(place)).map(withoutBursts)).toEqual(before);
      });
      await fc.assert(property, { numRuns: 6, endOnFailure: true });
    });
  }); // prettier-ignore

  it('is nothing to import where nothing acts on it, or where it goes several ways', async () => {
    await found([], async (operator, place, name) => {
      await expect(imported(operator, place)).rejects.toMatchObject({ code: 'CP-NOTHING-TO-IMPORT', message: expect.stringMatching(/^wan0 \(ingress\): Nothing acts on what wan0 receives/) }); // prettier-ignore
      const to = (match: string, device: string, pref: number) => `${HOOK} protocol ip pref ${pref} u32 match ip protocol ${match} 0xff action mirred egress redirect dev ${device}`; // prettier-ignore
      await network.tc(name, to('6', 'ifb4wan0', 1), to('17', 'far0', 2));
      await expect(imported(operator, place)).rejects.toThrow(/goes through several devices \(ifb4wan0, far0\)/);
    });
  });

  it.runIf(kernel === WHOLE[0])('names what stands beside the way to the device', async () => {
    const hook = [
      `${HOOK} protocol ip pref 5 u32 match ip protocol 47 0xff action drop`,
      `${HOOK} protocol ip pref 6 u32 match ip dport 25 0xffff police rate 1mbit burst 20k mtu 64k drop flowid :1`,
      `${HOOK} protocol ip pref 10 u32 match u32 0 0 action connmark action mirred egress redirect dev ifb4wan0`,
    ];
    await found(hook, async (operator, place) => {
      const { remarks } = await imported(operator, place);
      const ofHook = remarks.filter(({ object }) => object.includes('ingress:'));
      expect(ofHook.map(({ object, message }) => `${object}: ${message}`)).toEqual([
        expect.stringMatching(/^filter ingress: pref 5: It drops its packets/),
        expect.stringMatching(/^filter ingress: pref 6: It acts on packets before they go through ifb4wan0/),
        expect.stringMatching(/^filter ingress: pref 6, filter 1: pref 1: It looked for ports/),
        expect.stringMatching(/^filter ingress: pref 10: Of what wan0 receives they send some through ifb4wan0/),
      ]);
    });
  });

  it.runIf(kernel === WHOLE[0])('keeps what is ours of connections: their DSCP restored and their marks', async () => {
    await found([], async (operator, place) => {
      const classes = [{ name: 'marked', match: [{ connmark: '0x10/0xf0' }], guarantee: '1mbit' }, { name: 'rest', default: true }];
      const policy = policyOf({ bandwidth: '8mbit', restoreDscp: { mask: '0xfc000000', state: '0x01000000' }, classes });
      await operator.apply(place, policy, {}, RECEIVED);
      const { source, remarks } = await imported(operator, place);
      expect(remarks).toEqual([]);
      expect(specOf(source).restoreDscp).toEqual(specOf(policy).restoreDscp);
      expect(await operator.lines(place, source, RECEIVED)).toEqual([]);
    });
  }); // prettier-ignore

  const RESTORING: Array<[string, string[], object | undefined, RegExp?]> = [
    ['on the way to the device', ['protocol all pref 10 matchall action ctinfo dscp 0x3f 0x40 action mirred egress redirect dev ifb4wan0'], { mask: 0x3f, state: 0x40 }],
    ['by a rule of its own', ['protocol all pref 1 matchall action ctinfo dscp 0xfc000000 continue', `${EVERYTHING} action mirred egress redirect dev ifb4wan0`], { mask: 0xfc000000 }],
    ['of some of the packets', ['protocol ip pref 5 flower ip_proto udp action ctinfo dscp 0x3f 0x40 action mirred egress redirect dev ifb4wan0', `${EVERYTHING} action mirred egress redirect dev ifb4wan0`], undefined, /^It restores the DSCP that the packet’s connection keeps; the policy says that of all packets/],
  ]; // prettier-ignore
  it.runIf(kernel === WHOLE[0]).each(RESTORING)('restores the DSCP of connections as the hook did: %s', async (_what, rules, restored, said) => {
    await found(rules.map((rule) => `${HOOK} ${rule}`), async (operator, place) => {
      const { source, remarks } = await imported(operator, place);
      expect(specOf(source).restoreDscp).toEqual(restored);
      expect(remarks.filter(({ message }) => message.includes('DSCP')).map(({ message }) => message)).toEqual(said ? [expect.stringMatching(said)] : []);
      await operator.apply(place, source, { replaceForeign: true }, RECEIVED);
      expect(await operator.lines(place, source, RECEIVED)).toEqual([]);
    });
  }); // prettier-ignore

  it.runIf(kernel === WHOLE[0])('is told apart by the marks of connections, where those are copied to the packets', async () => {
    const lines = [
      `${HOOK} ${EVERYTHING} action connmark action mirred egress redirect dev ifb4wan0`,
      'filter add dev ifb4wan0 parent 1: protocol ip pref 3 handle 0x5 fw classid 1:11',
    ];
    await found(lines, async (operator, place) => {
      const { source } = await imported(operator, place);
      expect(specOf(source).classes![0]!.match).toContainEqual({ connmark: [{ value: 5, mask: 2 ** 32 - 1 }], ipVersion: 4 });
      await operator.apply(place, source, { replaceForeign: true }, RECEIVED);
      const own = await imported(operator, place);
      expect(own.remarks).toEqual([]);
      expect(specOf(own.source).classes!.map(({ match }) => match)).toEqual(specOf(source).classes!.map(({ match }) => match));
      expect((await operator.lines(place, own.source, RECEIVED)).filter((line) => !line.startsWith('filter '))).toEqual([]);
    });
  }); // prettier-ignore

  const POLICED: Array<[string, string[], object, RegExp[]]> = [
    [
      'everything, which is the bandwidth',
      [`${HOOK} protocol all pref 1 matchall action police rate 5mbit burst 100k mtu 64k drop`],
      { bandwidth: { bits: 5e6 }, classes: [{ name: 'default', default: true }] },
      [/^filter ingress: pref 1: It lets 102400 B pass at once; the policy has its rate as the bandwidth, and computes 131072 B/],
    ],
    [
      'everything, counted with the header of the frame and as we compute it',
      [`${HOOK} protocol all pref 1 matchall action police rate 5mbit burst 131072b mtu 64k overhead 14 drop`],
      { bandwidth: { bits: 5e6 }, classes: [{ name: 'default', default: true }] },
      [],
    ],
    [
      'some, in the old words, without a bandwidth of its own',
      [`${HOOK} protocol ip prio 50 u32 match ip src 192.0.2.0/24 police rate 1mbit burst 10k drop flowid :1`],
      { classes: [{ match: [{ source: [{ text: '192.0.2.0/24' }] }], police: { rate: { bits: 1e6 }, burst: 10240 } }, { default: true }] },
      [/^interface wan0: It says no speed of its own/, /^filter ingress: pref 50: Packets above its mtu of 2048 B/],
    ],
    [
      'some, after others that pass, and with one bucket of two rules',
      [
        `${HOOK} protocol ip pref 1 flower ip_proto tcp dst_port 22 action pass`,
        `${HOOK} protocol ip pref 2 flower ip_proto udp action police rate 2mbit burst 30k mtu 64k conform-exceed drop/pipe index 9`,
        `${HOOK} protocol ip pref 3 flower ip_proto sctp action police index 9`,
        `${HOOK} protocol all pref 4 matchall action police rate 8mbit burst 100k mtu 64k drop`,
      ],
      {
        classes: [
          { name: 'ssh', match: [{ destinationPorts: [{ from: 22, to: 22 }] }] },
          { match: [{ protocol: [{ number: 17 }, { number: 132 }] }], police: { rate: { bits: 2e6 }, burst: 30720 } },
          { default: true, police: { rate: { bits: 8e6 }, burst: 102400 } },
        ],
      },
      [/^interface wan0: It says no speed/],
    ],
  ]; // prettier-ignore
  it.runIf(kernel === WHOLE[0]).each(POLICED)(
    'is a policy of classes that police: %s',
    async (_what, hook, spec, said) => {
      await found(hook, async (operator, place) => {
        const { source, remarks, live } = await imported(operator, place);
        expect(live).toMatch(/^\d rules? on what it receives$/);
        const words = remarks.map(({ object, message }) => `${object}: ${message}`);
        expect(words).toEqual(
          [...said, /^hook of wan0: .* direction: ingress/].map((pattern) => expect.stringMatching(pattern))
        );
        expect(specOf(source)).toMatchObject({ scheduler: 'police', ...spec });
        const judged = findingsOf(source).filter(
          ({ severity, code }) => severity === 'error' && code !== 'CP-BANDWIDTH-UNKNOWN'
        );
        expect(judged).toEqual([]);
        // In its place it reads back as the same; without a bandwidth there is none for the link.
        const whole = specOf(source).bandwidth ? source : source.replace('spec:\n', 'spec:\n  bandwidth: 100mbit\n');
        await operator.apply(place, whole, { replaceForeign: true }, RECEIVED);
        const own = await imported(operator, place);
        expect([own.remarks, specOf(own.source)]).toEqual([[], specOf(whole)]);
        // Its police counted packets without the header of their frame, unless it was told to.
        const counted = hook.some((line) => line.includes('overhead 14')) ? undefined : { overhead: -14 };
        expect(specOf(source).link).toEqual(counted);
      });
    }
  );
});
