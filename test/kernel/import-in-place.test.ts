/** A tree of another hand and the policy imported from it: the first apply changes that tree where it stands. */
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import {
  classidOf, compile, diff, emptyAllocation, importTree, parseTree, queueMajor, type Allocation, type Capabilities,
} from '../../backend/compile/tc/index.ts'; // prettier-ignore
import { judgeSource, placesOf } from '../../backend/deploy/index.ts';
import { flatten } from '../../backend/policy/resolve.ts';
import { readTree, type Place } from '../../backend/target/index.ts';
import { linesOf } from './hand-made.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { ACTOR, intentOf, Operator, policyOf, TENANT } from './operator.ts';
import { policies } from './policies.ts';

const OTHERWISE = [
  `qdisc add dev ${DEVICE} root handle 7: htb default 30`,
  `class add dev ${DEVICE} parent 7: classid 7:fffe htb rate 20mbit burst 15k cburst 15k`,
  `class add dev ${DEVICE} parent 7:fffe classid 7:2 htb rate 5mbit ceil 20mbit prio 2 burst 15k cburst 15k`,
  `class add dev ${DEVICE} parent 7:fffe classid 7:30 htb rate 10mbit ceil 20mbit prio 4 burst 15k cburst 15k`,
  `qdisc add dev ${DEVICE} parent 7:2 handle 110: pfifo limit 20`,
  `filter add dev ${DEVICE} parent 7: protocol ip pref 3 u32 match ip protocol 17 0xff match ip dport 5060 0xffff flowid 7:2`,
];

/** Numbers of another hand: any minors and handles that the kernel takes and nothing else has. */
const numbers = fc
  .uniqueArray(fc.integer({ min: 2, max: 0xfffe }), { minLength: 60, maxLength: 60 })
  .map(([root, link, ...rest]) => ({ root: root!, link: link!, rest }));

onEach(KERNELS, 'a tree of another hand, imported', ({ kernel, network, place: placeOf, attempt }) => {
  let name: string;
  let place: Place;
  beforeAll(async () => {
    name = await network.make();
    place = placeOf(name);
  });
  const loaded = async (lines: readonly string[], work: (operator: Operator) => Promise<void>) => {
    const operator = await Operator.start();
    try {
      await attempt(['tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root']);
      await network.tc(name, ...lines);
      await work(operator);
    } finally {
      await operator.stop();
    }
  };
  const imported = async (operator: Operator) =>
    importTree(await readTree(place, DEVICE), { name: 'p', capabilities: await operator.engine.capabilitiesOf(place) });

  it('keeps every class, queue and number where the tree says what a policy would', { timeout: 300_000 }, async () => {
    let capabilities: Capabilities | undefined;
    await loaded([], async ({ engine }) => void (capabilities = await engine.capabilitiesOf(place)));
    const property = fc.asyncProperty(policies(['auto', 'pfifo']), numbers, async (drawn, { root, link, rest }) => {
      // A burst that passes in no time is taken for tc’s own, which nobody chose.
      const spec: unknown = JSON.parse(
        JSON.stringify(drawn, (key, value: unknown) => (key === 'burst' ? undefined : value))
      );
      const { policy } = intentOf(place, policyOf(spec));
      const paths = flatten(policy.classes).map(({ path }) => path);
      const theirs: Allocation = {
        ...emptyAllocation(),
        link,
        classes: Object.fromEntries(paths.map((path, index) => [path, rest[2 * index]!])),
        queues: Object.fromEntries(paths.map((path, index) => [path, rest[2 * index + 1]!])),
      };
      const { tree } = compile(policy, capabilities!, theirs, root.toString(16));
      const lines = diff({ qdiscs: [], classes: [], filters: [] }, tree, { device: DEVICE }).map(({ line }) => line);
      await loaded(lines, async (operator) => {
        const before = await readTree(place, DEVICE);
        const { source } = await imported(operator);
        const { owner, operations } = await operator.plan(place, source);
        expect(owner).toBe('foreign');
        // Rules of one class may stand in another order among themselves.
        expect(operations.filter(({ object }) => object.type !== 'filter').map(({ line }) => line)).toEqual([]);
        if (operations.length > 0) {
          await operator.engine.apply(intentOf(place, source), ACTOR);
          expect(await operator.lines(place, source)).toEqual([]);
          await operator.rollback(place);
        }
        expect(await readTree(place, DEVICE)).toEqual(before);
      });
    });
    await fc.assert(property, { numRuns: kernel.name === 'own' ? 8 : 4, endOnFailure: true });
  });

  it('keeps the hash tables of u32 that its rules would be laid into', async () => {
    const ports = (first: number) => Array.from({ length: 120 }, (_, index) => first + 2 * index);
    const take = (first: number) => [
      { ipVersion: 4, protocol: 'udp', length: '128-255', destinationPorts: ports(first) },
    ];
    const { policy } = intentOf(
      place,
      policyOf({
        bandwidth: '1gbit',
        classes: [
          { name: 'odd', guarantee: '1mbit', match: take(1001) },
          { name: 'even', guarantee: '1mbit', match: take(1002) },
          { name: 'rest', default: true },
        ],
      })
    );
    const theirs: Allocation = { ...emptyAllocation(), link: 0xf00, classes: { odd: 5, even: 6, rest: 7 } };
    let capabilities: Capabilities | undefined;
    await loaded([], async ({ engine }) => void (capabilities = await engine.capabilitiesOf(place)));
    const { tree } = compile(policy, capabilities!, theirs, '1a');
    const lines = diff({ qdiscs: [], classes: [], filters: [] }, tree, { device: DEVICE }).map(({ line }) => line);
    await loaded(lines, async (operator) => {
      expect((await readTree(place, DEVICE)).tables).toHaveLength(2);
      const { source } = await imported(operator);
      const { owner, operations } = await operator.plan(place, source);
      expect([owner, operations.map(({ line }) => line)]).toEqual(['foreign', []]);
    });
  });

  const divided = kernel.whole ? ['prio', 'drr'] : [];
  it.each(divided)(
    'keeps what divides the link, its bands or classes, and their queues where they are: %s',
    { timeout: 300_000 },
    async (scheduler) => {
      let capabilities: Capabilities | undefined;
      await loaded([], async ({ engine }) => void (capabilities = await engine.capabilitiesOf(place)));
      const specs = policies(['auto', 'pfifo'], [], [scheduler]);
      const property = fc.asyncProperty(specs, numbers, async (spec, { root, link, rest: [bands, ...rest] }) => {
        const { policy } = intentOf(place, policyOf(spec));
        const paths = flatten(policy.classes).map(({ path }) => path);
        const theirs: Allocation = {
          ...emptyAllocation(),
          link,
          bands: bands!,
          classes: Object.fromEntries(paths.map((path, index) => [path, rest[2 * index]!])),
          queues: Object.fromEntries(paths.map((path, index) => [path, rest[2 * index + 1]!])),
        };
        const { tree } = compile(policy, capabilities!, theirs, root.toString(16));
        const lines = diff({ qdiscs: [], classes: [], filters: [] }, tree, { device: DEVICE }).map(({ line }) => line);
        await loaded(lines, async (operator) => {
          const before = await readTree(place, DEVICE);
          const { source } = await imported(operator);
          const { owner, operations } = await operator.plan(place, source);
          expect(owner).toBe('foreign');
          expect(operations.filter(({ disruptive }) => disruptive).map(({ line }) => line)).toEqual([]);
          // Weights are shares from 1 to 100.
          const weighed = /^(class change .* drr |qdisc change .* ets )/;
          const others = operations.filter(({ object, line }) => object.type !== 'filter' && !weighed.test(line));
          expect(others.map(({ line }) => line)).toEqual([]);
          if (operations.length > 0) {
            await operator.engine.apply(intentOf(place, source), ACTOR);
            expect(await operator.lines(place, source)).toEqual([]);
            await operator.rollback(place);
          }
          expect(await readTree(place, DEVICE)).toEqual(before);
        });
      });
      await fc.assert(property, { numRuns: 5, endOnFailure: true });
    }
  );

  it('is known by its own numbers from then on: its link, and where the queue of a class hangs', async () => {
    await loaded(OTHERWISE, async (operator) => {
      const { source } = await imported(operator);
      const { after, allocation } = await operator.apply(place, source);
      const identities = JSON.parse(allocation) as Allocation;
      expect(classidOf(parseTree(after), identities.classes.sip!, queueMajor(identities, 'sip'))).toBe('7:2');
      await network.tc(name, OTHERWISE[1]!.replace('add', 'change').replace('20mbit', '18mbit'));
      const drift = await operator.engine.drift(TENANT, place, DEVICE, placesOf(judgeSource(source).document));
      expect(drift!.map(({ path, words }) => `${path} ${words}`)).toContain(
        'spec.bandwidth the link’s rate: 20 Mbit/s in force, 18 Mbit/s live, changed by hand.'
      );
    });
  });

  it.runIf(kernel.whole)('changes figures and rules where they stand, and nothing waits for a new tree', async () => {
    await loaded(linesOf('sqm'), async (operator) => {
      const before = await readTree(place, DEVICE);
      const { source } = await imported(operator);
      const { operations } = await operator.plan(place, source);
      expect(operations.filter(({ disruptive }) => disruptive)).toEqual([]);
      const structure = operations.filter(({ object }) => object.type !== 'filter');
      expect([...new Set(structure.map(({ verb, object }) => `${verb} ${object.type}`))]).toEqual(['change class']);
      await operator.apply(place, source);
      const after = await readTree(place, DEVICE);
      expect(after.qdiscs).toEqual(before.qdiscs);
      expect(after.classes.map(({ classid }) => classid)).toEqual(before.classes.map(({ classid }) => classid));
      expect(await operator.lines(place, source)).toEqual([]);
    });
  });

  it.runIf(kernel.whole)('keeps what a class has when it is given another name and company', async () => {
    await loaded(linesOf('sqm'), async (operator) => {
      const { source } = await imported(operator);
      const renamed = source.replace('name: class-11', 'name: calls');
      const more = renamed.replace('  classes:\n', '  classes:\n    - { name: web, match: [ { protocol: tcp, ports: [443] } ] }\n'); // prettier-ignore
      const { operations } = await operator.plan(place, more);
      const made = operations.filter(({ verb, object }) => verb === 'add' && object.type === 'class');
      expect(made.map(({ path }) => path)).toEqual(['spec.classes[0]']);
      await operator.apply(place, more);
      const minors = (await operator.plan(place, more)).allocation.classes;
      expect(minors).toMatchObject({ calls: 0x11 });
    });
  });
});
