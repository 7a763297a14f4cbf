/** What another hand changes on a real interface is said object by object, in the words of the policy. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseTree } from '../../backend/compile/tc/index.ts';
import { adopt, judgeSource, placesOf } from '../../backend/deploy/index.ts';
import { specOf } from '../../backend/policy/testing.ts';
import type { Place } from '../../backend/target/index.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { BRANCH_EDGE, Operator, policyOf, TENANT } from './operator.ts';

const PLACES = placesOf(judgeSource(BRANCH_EDGE).document);

onEach(KERNELS, 'drift', ({ kernel, network, place: placeOf }) => {
  let operator: Operator;
  let place: Place;
  let name: string;
  beforeEach(async () => {
    operator = await Operator.start();
    name = await network.make();
    place = placeOf(name);
  });
  afterEach(async () => operator?.stop());
  const drift = () => operator.engine.drift(TENANT, place, DEVICE, PLACES);
  const byHand = (...lines: string[]) => network.tc(name, ...lines.map((line) => line.replaceAll('DEV', DEVICE)));
  /** `class show` knows what the class is; what is not named in a change goes to tc's defaults. */
  const VIDEO = 'class change dev DEV parent 1:1 classid 1:11 htb rate 5700kbit ceil 5mbit burst 3028b cburst 3028b prio 2 quantum 1514'; // prettier-ignore

  it('is nothing before, and nothing right after a deployment', async () => {
    expect(await drift()).toBeUndefined();
    await operator.apply(place, BRANCH_EDGE);
    expect(await drift()).toEqual([]);
  });

  it('names each figure of a class at its place, with what is in force and what is live', async () => {
    await operator.apply(place, BRANCH_EDGE);
    await byHand(VIDEO.replace('prio 2', 'prio 4').replace('rate 5700kbit', 'rate 3mbit'));
    expect(await drift()).toEqual([
      { path: 'spec.classes[1].guarantee', words: 'video’s guarantee: 5.7 Mbit/s in force, 3 Mbit/s live, changed by hand.', value: '3mbit' },
      { path: 'spec.classes[1].ceiling', words: 'video’s ceiling: 11.4 Mbit/s in force, 5 Mbit/s live, changed by hand.', value: '5mbit' },
      { path: 'spec.classes[1].priority', words: 'video’s priority: 5 in force, 3 live, changed by hand.', value: 3 },
    ]); // prettier-ignore
    await byHand(VIDEO.replace('ceil 5mbit', 'ceil 11400kbit').replace('burst 3028b', 'burst 20000b'));
    expect(await drift()).toMatchObject([{ path: 'spec.classes[1].burst', words: expect.stringMatching(/^video’s burst: 30\d\d B in force, [12]\d{4} B live/) as string }]); // prettier-ignore
  });

  it('names the link, queues, rules and classes that came or went', async () => {
    await operator.apply(place, BRANCH_EDGE);
    await byHand(
      'class change dev DEV parent 1: classid 1:1 htb rate 18mbit ceil 19mbit burst 3028b cburst 3028b quantum 1514',
      'qdisc del dev DEV parent 1:12',
      'qdisc add dev DEV parent 1:12 handle 12: bfifo limit 30000b',
      'filter del dev DEV parent 1: protocol ip pref 16',
      'class add dev DEV parent 1:1 classid 1:99 htb rate 1mbit',
      'filter add dev DEV parent 1: protocol all pref 9000 bpf bytecode "1,6 0 0 0" flowid 1:11'
    );
    const words = (await drift())!.map((item) => `${item.path} ${item.words}`);
    expect(words.slice(0, 3)).toEqual([
      'spec.bandwidth the link’s rate: 19 Mbit/s in force, 18 Mbit/s live, changed by hand.',
      ' class 1:99: added or changed by hand, which the policy cannot say.',
      expect.stringMatching(/^spec\.classes\[2\] control’s queue: \S+ in force, bfifo live, changed by hand\.$/),
    ]);
    // Rules that exclude each other share a preference, and go with it.
    expect(words.slice(3, -1).length).toBeGreaterThan(0);
    for (const word of words.slice(3, -1)) {
      expect(word).toMatch(/^spec\.classes\[\d\] \w+: a rule is gone, deleted or changed by hand \(ip pref 16 /);
    }
    expect(words.at(-1)).toContain('9000 bpf');
  });

  it.runIf(kernel.whole)(
    'names bits of a restored DSCP at their place, to be adopted, and says why others are not',
    async () => {
      const policy = policyOf({ bandwidth: '8mbit', restoreDscp: { mask: '0xfc000000', state: '0x01000000' } });
      const { after } = await operator.apply(place, policy);
      const { parent, pref } = parseTree(after).filters.find(({ classid }) => classid === '')!;
      const restore = (dscp: string) => byHand(`filter replace dev DEV parent ${parent} protocol all pref ${pref} handle 0x1 flower action ctinfo dscp ${dscp} continue`); // prettier-ignore
      const changed = () => operator.engine.drift(TENANT, place, DEVICE, placesOf(judgeSource(policy).document));
      await restore('0x3f 0x40');
      const drifted = (await changed())!;
      expect(drifted.map(({ path, words }) => `${path} ${words}`)).toEqual([
        'spec.restoreDscp.mask bits of the connection’s mark that become the DSCP: 0xfc000000 in force, 0x3f live, changed by hand.',
        'spec.restoreDscp.state bits of the connection’s mark that say whether it keeps a DSCP: 0x1000000 in force, 0x40 live, changed by hand.',
      ]);
      const { source, left } = adopt(policy, 'edge', drifted);
      expect(left).toEqual([]);
      expect(specOf(source).restoreDscp).toEqual({ mask: 0x3f, state: 0x40 });
      expect(await operator.lines(place, source)).toEqual([]);

      await restore('0xfc000000');
      const kept = adopt(policy, 'edge', (await changed())!);
      expect([kept.adopted, kept.left.map(({ reason }) => reason)]).toEqual([
        [],
        ['Remove state from restoreDscp in the document where the DSCP should be restored always.'],
      ]);
      await byHand(`filter del dev DEV parent ${parent} protocol all pref ${pref}`);
      expect(adopt(policy, 'edge', (await changed())!).left.map(({ reason }) => reason)).toEqual([
        'Change or remove restoreDscp in the document where it should stay so.',
      ]);
    }
  );

  it('says at once that the tree is gone, or another one', async () => {
    await operator.apply(place, BRANCH_EDGE);
    await byHand('qdisc del dev DEV root');
    expect(await drift()).toMatchObject([{ path: 'spec', words: expect.stringContaining('The whole tree is gone') as string }]); // prettier-ignore
    await byHand('qdisc add dev DEV root handle 7: tbf rate 20mbit burst 32k latency 800ms');
    expect(await drift()).toMatchObject([{ path: 'spec', words: 'Another tree stands there: tbf 7: in place of htb 1:.' }]); // prettier-ignore
  });
});
