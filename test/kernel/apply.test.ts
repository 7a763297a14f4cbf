/** A policy on a kernel: discovered, compiled, loaded, read back, and changed in place. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sameTree, type Allocation } from '../../backend/compile/tc/index.ts';
import { discover, readTree, type Place } from '../../backend/target/index.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { BRANCH_EDGE, Operator, policyOf, shapeOf } from './operator.ts';

const voice = { name: 'voice', match: [{ dscp: ['ef'] }], strict: true, guarantee: '1mbit' };
const video = { name: 'video', match: [{ dscp: ['af41'] }], priority: 5, guarantee: '3mbit', ceiling: '6mbit' };
const web = { name: 'web', match: [{ protocol: 'tcp', ports: [80, 443] }], guarantee: '1mbit' };
const rest = { name: 'default', default: true, guarantee: '2mbit' };
const group = {
  name: 'office',
  match: [{ source: '192.0.2.0/24' }, { source: '2001:db8::/32' }],
  guarantee: '2mbit',
  ceiling: '5mbit',
  classes: [
    { name: 'mail', match: [{ protocol: 'tcp', ports: [25] }], guarantee: '50%' },
    { name: 'office-rest', default: true, guarantee: '50%' },
  ],
};
const { classes: _, ...undivided } = group;
const link = (...classes: unknown[]) => policyOf({ bandwidth: '10mbit', classes });
const base = link(voice, video, web, group, rest);

/** Edits of one policy, by what an operator would call them. */
const EDITS: Record<string, string> = {
  'a class is added before the others': link({ name: 'control', match: [{ dscp: ['cs6'] }], guarantee: '500kbit' }, voice, video, web, group, rest),
  'a class is removed': link(voice, web, group, rest),
  'a class is renamed': link(voice, { ...video, name: 'film' }, web, group, rest),
  'classes change places': link(web, group, video, voice, rest),
  'a group of classes is removed': link(voice, video, web, rest),
  'a group becomes one class': link(voice, video, web, undivided, rest),
  'a class becomes a group': link(voice, { ...video, classes: [{ name: 'film', match: [{ protocol: 'udp' }], guarantee: '2mbit' }, { name: 'other-video', default: true }] }, web, group, rest),
  'a child moves to the first level': link(voice, video, web, { ...group, classes: [{ name: 'office-rest', default: true, guarantee: '50%' }] }, group.classes[0], rest),
  'rules are added, dropped and moved within a class': link(voice, { ...video, match: [{ dscp: ['af43'] }, { dscp: ['af42'], protocol: 'udp', destinationPorts: ['5000-5100'] }, { dscp: ['af41'] }] }, { ...web, match: [{ protocol: 'tcp', ports: [8080, 443] }] }, group, rest), // prettier-ignore
  'the default is another class': link(voice, video, web, group, { ...rest, name: 'remainder' }),
  'the queue of a class is another': link(voice, { ...video, queue: { algorithm: 'pfifo', limit: '50p' } }, web, group, rest),
  'the bandwidth, a priority and a share change': policyOf({ bandwidth: '8mbit', classes: [voice, { ...video, priority: 2 }, { ...web, share: 20 }, group, rest] }),
};

onEach(KERNELS, 'a policy', ({ kernel, network, place: placeOf }) => {
  let operator: Operator;
  let place: Place;
  beforeAll(async () => {
    operator = await Operator.start();
  });
  afterAll(async () => operator?.stop());
  const allocation = async (): Promise<Allocation> => (await operator.engine.live('main', place, DEVICE)).allocation;

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
      const [first] = await operator.store.deployments.list('main', {});
      expect((await operator.apply(place, BRANCH_EDGE)).id).toBe(first!.id);
    });

    it('needs exactly one "class change" for a changed ceiling', async () => {
      const plan = await operator.plan(place, BRANCH_EDGE.replace('ceiling: 60%', 'ceiling: 50%'));
      expect(plan.operations.map(({ verb, object, path, disruptive }) => ({ verb, type: object.type, path, disruptive }))).toEqual([
        { verb: 'change', type: 'class', path: 'spec.classes[1]', disruptive: false },
      ]);
      await operator.apply(place, BRANCH_EDGE.replace('ceiling: 60%', 'ceiling: 50%'));
      expect((await readTree(place, DEVICE)).classes.filter((item) => item.ceil === 9_500_000)).toHaveLength(1);
    });

    it('goes back from there by one "class change" too, and then to the queue that the kernel had', async () => {
      await operator.rollback(place);
      expect(await operator.lines(place, BRANCH_EDGE)).toEqual([]);
      await operator.rollback(place);
      expect((await readTree(place, DEVICE)).qdiscs.map((qdisc) => qdisc.handle)).toEqual(['0:']);
    });
  });

  describe('changed in place', () => {
    let fresh: Operator;
    let other: Place;
    beforeEach(async () => {
      await fresh?.stop();
      fresh = await Operator.start();
      other = placeOf(await network.make());
      place = placeOf(await network.make());
    });
    afterAll(async () => fresh?.stop());

    it.each(Object.entries(EDITS))('ends as if loaded afresh, and finds its way back, when %s', async (_name, edited) => {
      await operator.apply(place, base);
      const before = await shapeOf(place, (await allocation()).classes);
      const kept = await allocation();
      await operator.apply(place, edited);
      const now = await allocation();
      await fresh.apply(other, edited);
      const wanted = (await fresh.engine.live('main', other, DEVICE)).allocation;
      expect(await shapeOf(place, now.classes)).toEqual(await shapeOf(other, wanted.classes));
      expect(await operator.lines(place, edited)).toEqual([]);
      // Whatever the edit, a class that is still there is known by the same minor.
      for (const [path, minor] of Object.entries(now.classes)) expect(kept.classes[path] ?? minor, path).toBe(minor);
      await operator.rollback(place);
      expect(await shapeOf(place, kept.classes)).toEqual(before);
    });

    it('leaves identities and packets of untouched classes alone', async () => {
      await operator.apply(place, base);
      const kept = await readTree(place, DEVICE);
      const plan = await operator.plan(place, link({ name: 'control', match: [{ dscp: ['cs6'] }], guarantee: '500kbit' }, voice, web, group, rest));
      expect(plan.operations.filter((operation) => operation.disruptive)).toEqual([]);
      const { video: gone, control: added } = plan.allocation.classes;
      const ids = [gone, added].map((minor) => `1:${minor!.toString(16)}`);
      const touched = plan.operations.filter(({ object }) => (object.type === 'filter' ? !ids.includes(object.value.classid) : !ids.includes(object.type === 'class' ? object.value.classid : object.value.parent)));
      expect(touched.map((operation) => operation.line)).toEqual([]);
      for (const filter of kept.filters.filter((item) => !ids.includes(item.classid))) expect(plan.after.filters).toContainEqual(filter);
    });
  });

  describe('meddled with by another hand', () => {
    const MEDDLING: Record<string, (id: (path: string) => string, leaf: (path: string) => string) => string[]> = {
      'a changed ceiling': (id) => [`class change dev ${DEVICE} classid ${id('video')} htb rate 3mbit ceil 9mbit`],
      'a removed rule': () => [`filter del dev ${DEVICE} parent 1: protocol ip pref 16`],
      'a rule of its own': (id) => [`filter add dev ${DEVICE} parent 1: protocol ip pref 3 u32 match ip protocol 17 0xff flowid ${id('default')}`],
      'a second rule at one of our places': (id) => [`filter add dev ${DEVICE} parent 1: protocol ip pref 16 u32 match ip protocol 17 0xff flowid ${id('default')}`],
      'a class of its own': () => [`class add dev ${DEVICE} parent 1:1 classid 1:999 htb rate 1mbit`, `qdisc add dev ${DEVICE} parent 1:999 pfifo limit 7`],
      'another queue below a class': (id, leaf) => [`qdisc del dev ${DEVICE} parent ${id('video')} handle ${leaf('video')}`, `qdisc add dev ${DEVICE} parent ${id('video')} handle ${leaf('video')} pfifo limit 3`],
      'a tree that is gone': () => [`qdisc del dev ${DEVICE} root`],
      'a tree of its own': () => [`qdisc replace dev ${DEVICE} root handle 9: htb default 1`, `class add dev ${DEVICE} parent 9: classid 9:1 htb rate 1mbit`],
    };
    it.each(Object.entries(MEDDLING))('shows %s in the next plan, and corrects it', async (_name, lines) => {
      const name = await network.make();
      place = placeOf(name);
      await operator.apply(place, base);
      const { classes } = await allocation();
      const before = await shapeOf(place, classes);
      await network.tc(name, ...lines((path) => `1:${classes[path]!.toString(16)}`, (path) => `${classes[path]!.toString(16)}:`));
      expect(await operator.lines(place, base)).not.toEqual([]);
      await operator.apply(place, base);
      expect(await shapeOf(place, classes)).toEqual(before);
      expect(await operator.lines(place, base)).toEqual([]);
    });
  });
});
