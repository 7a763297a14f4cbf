/** A policy on a kernel: discovered, compiled, loaded, read back, and changed in place. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sameTree, type Allocation } from '../../backend/compile/tc/index.ts';
import { discover, readTree, type Place } from '../../backend/target/index.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { BRANCH_EDGE, Operator, policyOf, shapeOf, TENANT } from './operator.ts';

const voice = { name: 'voice', match: [{ dscp: ['ef'] }], strict: true, guarantee: '1mbit' };
const video = {
  name: 'video',
  match: [{ dscp: ['af41'] }],
  priority: 5,
  share: 3,
  guarantee: '3mbit',
  ceiling: '6mbit',
};
const web = { name: 'web', match: [{ protocol: 'tcp', ports: [80, 443] }], share: 2, guarantee: '1mbit' };
const rest = { name: 'default', default: true, share: 1, guarantee: '2mbit' };
const mail = { name: 'mail', match: [{ protocol: 'tcp', ports: [25] }], share: 1, guarantee: '1mbit' };
const others = { name: 'others', default: true, share: 1, guarantee: '1mbit' };
const undivided = {
  name: 'office',
  match: [{ source: '192.0.2.0/24' }, { source: '2001:db8::/32' }],
  guarantee: '2mbit',
  ceiling: '5mbit',
};
const office = { ...undivided, classes: [mail, others] };
const control = { name: 'control', match: [{ dscp: ['cs6'] }], guarantee: '500kbit' };
const link = (...classes: unknown[]) => policyOf({ bandwidth: '10mbit', classes });
const base = link(voice, video, web, office, rest);

/** Edits of one policy, by what an operator would call them. */
const EDITS: Record<string, string> = {
  'a class is added before the others': link(control, voice, video, web, office, rest),
  'a class is removed': link(voice, web, office, rest),
  'a class is renamed': link(voice, { ...video, name: 'film' }, web, office, rest),
  'classes change places': link(web, office, video, voice, rest),
  'a group of classes is removed': link(voice, video, web, rest),
  'a group becomes one class': link(voice, video, web, undivided, rest),
  'a class becomes a group': link(
    voice,
    {
      ...video,
      classes: [
        { name: 'film', match: [{ protocol: 'udp' }], guarantee: '2mbit' },
        { name: 'slides', default: true },
      ],
    },
    web,
    office,
    rest
  ),
  'a child moves to the first level': link(
    voice,
    video,
    web,
    { ...office, guarantee: '1mbit', classes: [others] },
    mail,
    rest
  ),
  'rules are added, dropped and moved': link(
    voice,
    {
      ...video,
      match: [
        { dscp: ['af43'] },
        { dscp: ['af42'], protocol: 'udp', destinationPorts: ['5000-5100'] },
        { dscp: ['af41'] },
      ],
    },
    { ...web, match: [{ protocol: 'tcp', ports: [8080, 443] }] },
    office,
    rest
  ),
  'the default is another class': link(voice, video, web, office, { ...rest, name: 'remainder' }),
  'the default is divided': link(voice, video, web, { ...rest, name: 'remainder', classes: [mail, others] }),
  'the queue of a class is another': link(
    voice,
    { ...video, queue: { algorithm: 'pfifo', limit: '50p' } },
    web,
    office,
    rest
  ),
  'bandwidth, priority, share and burst change': policyOf({
    bandwidth: '9mbit',
    classes: [{ ...voice, burst: '16KiB' }, { ...video, priority: 2 }, { ...web, share: 20 }, office, rest],
  }),
};

/** Edits that go another way where the rules are flower's and the queues fq_codel. */
const OTHERWISE_WITH_FLOWER = /^(classes change places|a group|rules|the queue)/;

onEach(KERNELS, 'a policy', ({ kernel, alone, network, place: placeOf }) => {
  let operator: Operator;
  let place: Place;
  beforeAll(async () => {
    operator = await Operator.start();
  });
  afterAll(async () => operator?.stop());
  const allocationOf = async (whose: Operator, where: Place): Promise<Allocation> =>
    (await whose.engine.live(TENANT, where, DEVICE)).allocation;

  it('is compiled for what discovery finds on this kernel', async () => {
    const found = await discover(placeOf(await network.make()));
    expect(found.qdiscs).toEqual(expect.arrayContaining(['htb', 'pfifo', 'bfifo', 'tbf']));
    expect(found.classifiers).toContain('u32');
    expect(found.qdiscs.includes('fq_codel') && found.classifiers.includes('flower')).toBe(kernel.whole);
  });

  describe('the branch edge', () => {
    beforeAll(async () => {
      place = placeOf(await network.make());
    });

    it('loads, and reads back equal to what was planned', async () => {
      const plan = await operator.plan(place, BRANCH_EDGE);
      expect(plan.owner).toBe('kernel-default');
      const done = await operator.apply(place, BRANCH_EDGE, { expected: plan.id });
      expect(done.state).toBe('confirmed');
      const live = await readTree(place, DEVICE);
      expect(live.inexact).toEqual([]);
      expect(sameTree(live, plan.after)).toBe(true);
      expect(live.classes).toHaveLength(plan.after.classes.length);
      expect(live.filters).toHaveLength(plan.after.filters.length);
    });

    it('has nothing to do a second time, and makes no second deployment of it', async () => {
      expect(await operator.lines(place, BRANCH_EDGE)).toEqual([]);
      const [first] = await operator.store.deployments.list(TENANT, {});
      expect((await operator.apply(place, BRANCH_EDGE)).id).toBe(first!.id);
    });

    it('needs exactly one "class change" for a changed ceiling', async () => {
      const changed = BRANCH_EDGE.replace('ceiling: 60%', 'ceiling: 50%');
      const plan = await operator.plan(place, changed);
      expect(
        plan.operations.map(({ verb, object, path, disruptive }) => ({ verb, type: object.type, path, disruptive }))
      ).toEqual([{ verb: 'change', type: 'class', path: 'spec.classes[1]', disruptive: false }]);
      await operator.apply(place, changed);
      expect(
        (await readTree(place, DEVICE)).classes.filter((item) => item.kind === 'htb' && item.ceil === 9_500_000)
      ).toHaveLength(1);
    });

    it('goes back from there by one "class change" too, and then to the queue that the kernel had', async () => {
      await operator.rollback(place);
      expect(await operator.lines(place, BRANCH_EDGE)).toEqual([]);
      await operator.rollback(place);
      expect((await readTree(place, DEVICE)).qdiscs.map((qdisc) => qdisc.handle)).toEqual(['0:']);
    });
  });

  describe('changed in place', () => {
    let other: Place;
    let before: unknown;
    let kept: Allocation;
    beforeAll(async () => {
      other = placeOf(await network.make());
      place = placeOf(await network.make());
      await operator.apply(place, base);
      kept = await allocationOf(operator, place);
      before = await shapeOf(place, kept.classes);
    });

    it.each(Object.entries(EDITS).filter(([name]) => alone || !kernel.whole || OTHERWISE_WITH_FLOWER.test(name)))(
      'ends as if loaded afresh, and finds its way back, when %s',
      async (_name, edited) => {
        await operator.apply(place, edited);
        const now = await allocationOf(operator, place);
        const fresh = await Operator.start();
        try {
          await fresh.apply(other, edited, { replaceForeign: true });
          const wanted = await allocationOf(fresh, other);
          expect(await shapeOf(place, now.classes)).toEqual(await shapeOf(other, wanted.classes));
        } finally {
          await fresh.stop();
        }
        expect(await operator.lines(place, edited)).toEqual([]);
        // Whatever the edit, a class that is still there is known by the same minor.
        for (const [path, minor] of Object.entries(now.classes)) {
          expect(kept.classes[path] ?? minor, path).toBe(minor);
        }
        await operator.rollback(place);
        expect(await shapeOf(place, kept.classes)).toEqual(before);
      }
    );

    it('leaves classes alone that an edit does not touch: their identities, their rules, their packets', async () => {
      const live = await readTree(place, DEVICE);
      const plan = await operator.plan(place, link(control, voice, web, office, rest));
      expect(plan.operations.filter((operation) => operation.disruptive)).toEqual([]);
      const touched = new Set(['control', 'video'].map((name) => plan.allocation.classes[name]!.toString(16)));
      const minorOf = (id: string) => id.slice(id.indexOf(':') + 1);
      const elsewhere = plan.operations.filter(({ object }) => {
        if (object.type === 'link') return true;
        const id = object.type === 'qdisc' ? object.value.parent : object.value.classid;
        return !touched.has(minorOf(id));
      });
      expect(elsewhere.map((operation) => operation.line)).toEqual([]);
      for (const filter of live.filters.filter((item) => !touched.has(minorOf(item.classid)))) {
        expect(plan.after.filters).toContainEqual(filter);
      }
    });
  });

  describe('meddled with by another hand', () => {
    const rule = kernel.whole ? 'flower ip_proto udp classid' : 'u32 match ip protocol 17 0xff flowid';
    type Ids = (path: string) => string;
    const MEDDLING: Record<string, (id: Ids, leaf: Ids, root: string, pref: number) => string[]> = {
      'a changed ceiling': (id) => [`class change dev ${DEVICE} classid ${id('video')} htb rate 3mbit ceil 9mbit`],
      'a removed rule': (_id, _leaf, root, pref) => [`filter del dev ${DEVICE} parent ${root} pref ${pref}`],
      'a rule before ours': (id, _leaf, root) => [
        `filter add dev ${DEVICE} parent ${root} protocol ip pref 3 ${rule} ${id('default')}`,
      ],
      'a second rule at one of our places': (id, _leaf, root, pref) => [
        `filter add dev ${DEVICE} parent ${root} protocol ip pref ${pref} ${rule} ${id('default')}`,
      ],
      'a rule with an action': (id, _leaf, root) => [
        `filter add dev ${DEVICE} parent ${root} protocol ip pref 3 ${rule} ${id('default')} action drop`,
      ],
      'a class and its queue': (id) => [
        `class add dev ${DEVICE} parent ${id('link')} classid ${id('link')}99 htb rate 1mbit`,
        `qdisc add dev ${DEVICE} parent ${id('link')}99 pfifo limit 7`,
      ],
      'another queue below a class': (id, leaf) => [
        `qdisc del dev ${DEVICE} parent ${id('video')} handle ${leaf('video')}`,
        `qdisc add dev ${DEVICE} parent ${id('video')} handle ${leaf('video')} pfifo limit 3`,
      ],
      'no tree at all': () => [`qdisc del dev ${DEVICE} root`],
      'a tree of its own': () => [
        `qdisc replace dev ${DEVICE} root handle 9: htb default 1`,
        `class add dev ${DEVICE} parent 9: classid 9:1 htb rate 1mbit`,
      ],
    };
    let name: string;
    let wanted: unknown;
    beforeAll(async () => {
      name = await network.make();
      place = placeOf(name);
      await operator.apply(place, base);
      wanted = await shapeOf(place, (await allocationOf(operator, place)).classes);
    });

    it.each(Object.keys(MEDDLING).filter((what) => kernel.whole || !what.includes('action')))(
      'shows %s in the next plan, and corrects it',
      async (what) => {
        const { tree, allocation } = await operator.engine.live(TENANT, place, DEVICE);
        const root = tree.qdiscs.find((qdisc) => qdisc.parent === 'root')!.handle;
        const minors: Record<string, number> = { link: 1, ...allocation.classes };
        const first = tree.filters.find((filter) => filter.parent === root && filter.protocol === 'ip')!;
        const hex: Ids = (path) => minors[path]!.toString(16);
        await network.tc(
          name,
          ...MEDDLING[what]!(
            (path) => root + hex(path),
            (path) => `${hex(path)}:`,
            root,
            first.pref
          )
        );
        expect(await operator.lines(place, base)).not.toEqual([]);
        await operator.apply(place, base, { replaceForeign: true });
        expect(await shapeOf(place, (await allocationOf(operator, place)).classes)).toEqual(wanted);
        expect(await operator.lines(place, base)).toEqual([]);
      }
    );
  });
});
