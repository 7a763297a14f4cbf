/** What is known of interfaces by the kernel's announcements is what a reading shows, or it is not known. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sameTree, type LiveTree } from '../../backend/compile/tc/index.ts';
import type { Intent } from '../../backend/deploy/index.ts';
import { readLink, readTree, readTrees, valueOf, Watch, type Place } from '../../backend/target/index.ts';
import { OWN, onEach } from './kernel.ts';
import { ACTOR, intentOf, Operator, policyOf } from './operator.ts';

const edge = (ceiling: string) =>
  policyOf({
    bandwidth: '10mbit',
    classes: [
      { name: 'voice', match: [{ dscp: ['ef'] }], guarantee: '1mbit', strict: true },
      { name: 'video', match: [{ dscp: ['af41'] }], guarantee: '2mbit', ceiling },
      { name: 'default', default: true, guarantee: '2mbit' },
    ],
  });

onEach([OWN], 'a watch', ({ network, place: placeOf, sh }) => {
  const DEVICES = ['wan0', 'wan1', 'wan2'];
  let operator: Operator;
  let name: string;
  let place: Place;
  let watch: Watch;
  beforeAll(async () => {
    operator = await Operator.start({ watching: true });
  });
  afterAll(async () => {
    operator.engine.end();
    watch?.end();
    await operator.stop();
  });

  const tc = (...lines: string[]) => network.tc(name, ...lines);
  const htb = (device: string) => [
    `qdisc replace dev ${device} root handle 1: htb default 10`,
    `class add dev ${device} parent 1: classid 1:1 htb rate 10mbit`,
    `class add dev ${device} parent 1:1 classid 1:10 htb rate 2mbit`,
    `class add dev ${device} parent 1:1 classid 1:11 htb rate 3mbit`,
    `qdisc add dev ${device} parent 1:10 handle 10: pfifo limit 100`,
    `filter add dev ${device} parent 1: protocol ip pref 5 u32 match ip protocol 17 0xff flowid 1:11`,
  ];
  /** Reads everything and lets the watch know. */
  const rememberAll = async () => {
    const since = watch.moment;
    const trees = (await readTrees(place, DEVICES)).map(valueOf);
    expect(await watch.settled()).toBe(true);
    for (const [index, device] of DEVICES.entries()) {
      watch.remember(device, since, { tree: trees[index]!, link: await readLink(place, device) });
    }
  };
  const known = () => DEVICES.filter((device) => watch.tree(device));
  beforeEach(async () => {
    name = await network.make();
    place = placeOf(name);
    for (const device of ['wan1', 'wan2']) {
      await sh('ip', '-n', name, 'link', 'add', device, 'type', 'veth', 'peer', 'name', `far-${device}`);
      await sh('ip', '-n', name, 'link', 'set', `far-${device}`, 'up');
      await sh('ip', '-n', name, 'link', 'set', device, 'up');
    }
    await tc(...DEVICES.flatMap(htb));
    watch?.end();
    watch = (await Watch.start(place))!;
    await rememberAll();
  });

  it('knows other figures of a class without a reading, and shares them among those that have the same', async () => {
    const shared = new Set(DEVICES.map((device) => watch.tree(device))).size;
    await tc(
      ...DEVICES.map((device) => `class change dev ${device} parent 1:1 classid 1:11 htb rate 3mbit ceil 8mbit`)
    );
    expect(await watch.settled()).toBe(true);
    const trees = DEVICES.map((device) => watch.tree(device));
    expect(trees[0]).toEqual(await readTree(place, 'wan0'));
    expect(trees[0]!.classes[2]).toMatchObject({ classid: '1:11', ceil: 8e6 });
    expect(new Set(trees).size).toBe(shared);
  });

  const UNKNOWN: Record<string, string[]> = {
    'a class is added': ['class add dev wan1 parent 1:1 classid 1:12 htb rate 1mbit'],
    'a leaf becomes a parent': ['class add dev wan1 parent 1:10 classid 1:12 htb rate 1mbit'],
    'a class goes': ['filter del dev wan1 parent 1: pref 5', 'class del dev wan1 classid 1:11'],
    'a queue is changed': ['qdisc change dev wan1 parent 1:10 handle 10: pfifo limit 50'],
    'a queue goes': ['qdisc del dev wan1 parent 1:10'],
    'a rule comes': ['filter add dev wan1 parent 1: protocol ip pref 6 u32 match ip protocol 6 0xff flowid 1:11'],
    'a rule goes': ['filter del dev wan1 parent 1: pref 5'],
    'the root is replaced': ['qdisc replace dev wan1 root handle 2: htb default 10'],
    'the root goes': ['qdisc del dev wan1 root'],
  };
  it.each(Object.entries(UNKNOWN))('forgets one interface, and no other, when %s', async (_what, lines) => {
    await tc(...lines);
    expect(await watch.settled()).toBe(true);
    expect(known()).toEqual(['wan0', 'wan2']);
  });

  it.each([
    ['its MTU changes', ['ip', '-n', 'NAME', 'link', 'set', 'wan1', 'mtu', '1400']],
    ['its offloads change', ['ip', 'netns', 'exec', 'NAME', 'ethtool', '-K', 'wan1', 'gso', 'off', 'tso', 'off']],
  ])('forgets the link too when %s', async (_what, argv) => {
    await sh(...argv.map((word) => (word === 'NAME' ? name : word)));
    expect(await watch.settled()).toBe(true);
    expect([watch.link('wan0'), watch.link('wan1'), watch.tree('wan1')]).toEqual([await readLink(place, 'wan0'), undefined, undefined]); // prettier-ignore
  });

  it('begins anew when an interface gets another name or goes, by which tc might still call it', async () => {
    await sh('ip', '-n', name, 'link', 'set', 'wan1', 'down');
    await sh('ip', '-n', name, 'link', 'set', 'wan1', 'name', 'wan9');
    await watch.settled();
    expect(watch.isOver).toBe(true);
    expect(known()).toEqual([]);
  });

  it('knows nothing any more when an announcement may have been lost', async () => {
    const listeners = readdirSync('/proc').filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === ['tc', '-n', name, '-d', 'monitor', ''].join('\0');
      } catch {
        return false;
      }
    });
    expect(listeners.length).toBe(1);
    process.kill(Number(listeners[0]), 'SIGSTOP');
    const change = (ceil: number) => `class change dev wan0 parent 1:1 classid 1:11 htb rate 3mbit ceil ${ceil}mbit`;
    await tc(...Array.from({ length: 10_000 }, (_, index) => change(3 + (index % 6))));
    process.kill(Number(listeners[0]), 'SIGCONT');
    expect(await watch.settled()).toBe(false);
    expect(known()).toEqual([]);
  });

  it('does not keep a network whose name was deleted', async () => {
    await sh('ip', 'netns', 'del', name);
    for (let tries = 0; tries < 100 && !watch.isOver; tries++) await sleep(20);
    expect(watch.isOver).toBe(true);
  });

  it('forgets what was announced between a reading and its being remembered', async () => {
    const since = watch.moment;
    const tree = await readTree(place, 'wan0');
    await tc('qdisc del dev wan0 root');
    await watch.settled();
    watch.remember('wan0', since, { tree });
    expect(watch.tree('wan0')).toBeUndefined();
  });

  it('is never wrong, whatever another hand does', async () => {
    const device = fc.constantFrom(...DEVICES);
    const rate = fc.integer({ min: 1, max: 9 });
    const line = fc.oneof(
      { weight: 4, arbitrary: fc.tuple(device, fc.constantFrom('1:1', '1:10', '1:11'), rate).map(([dev, id, mbit]) => `class change dev ${dev} parent ${id === '1:1' ? '1:' : '1:1'} classid ${id} htb rate ${mbit}mbit ceil ${mbit + 1}mbit prio ${mbit % 8}`) },
      fc.tuple(device, rate).map(([dev, mbit]) => `class replace dev ${dev} parent 1: classid 1:11 htb rate ${mbit}mbit`),
      fc.tuple(device, rate).map(([dev, mbit]) => `class replace dev ${dev} parent 1:1 classid 1:${mbit}0 htb rate ${mbit}mbit`),
      fc.tuple(device, rate).map(([dev, limit]) => `qdisc replace dev ${dev} parent 1:10 handle 10: pfifo limit ${limit}`),
      fc.tuple(device, rate).map(([dev, pref]) => `filter replace dev ${dev} parent 1: protocol ip pref ${pref} u32 match ip protocol 17 0xff flowid 1:11`),
      device.map((dev) => `filter del dev ${dev} parent 1: pref 5`),
      device.map((dev) => `class add dev ${dev} parent 1:11 classid 1:12 htb rate 1mbit`)
    ); // prettier-ignore
    let spared = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 6 }), async (lines) => {
        // Each for itself: what the kernel refuses is announced as little as it is done.
        for (const each of lines) await tc(each).catch(() => undefined);
        expect(await watch.settled()).toBe(true);
        const trees: Array<LiveTree | undefined> = DEVICES.map((each) => watch.tree(each));
        for (const [index, each] of DEVICES.entries()) {
          if (trees[index]) {
            spared++;
            expect(trees[index], lines.join('\n')).toEqual(await readTree(place, each));
          }
        }
        await rememberAll();
      }),
      { numRuns: 25 }
    );
    expect(spared).toBeGreaterThan(20);
  });

  describe('under an engine', () => {
    const fleet = (source: string): Intent[] => DEVICES.map((device) => intentOf(place, source, device));
    const applied = async (source: string, replaceForeign = false) =>
      (await operator.engine.applyMany(fleet(source), ACTOR, { replaceForeign })).map(valueOf);

    it('lets a class be changed on all interfaces, read back by what is announced', async () => {
      await applied(edge('5mbit'), true);
      await applied(edge('5mbit'));
      const rows = await applied(edge('6mbit'));
      for (const [index, device] of DEVICES.entries()) {
        expect(rows[index]!.state).toBe('confirmed');
        const live = await readTree(place, device);
        expect(sameTree(live, JSON.parse(rows[index]!.after) as LiveTree)).toBe(true);
        expect(live.classes.some((item) => item.kind === 'htb' && item.ceil === 6e6)).toBe(true);
      }
    });

    it('sees what another hand did in between, be it announced as a class or as anything else', async () => {
      await applied(edge('5mbit'), true);
      const [row] = await applied(edge('5mbit'));
      const video = (JSON.parse(row!.allocation) as { classes: Record<string, number> }).classes.video!.toString(16);
      const [live] = (await readTrees(place, ['wan0'])).map(valueOf);
      const own = live!.classes.find(({ classid }) => classid.endsWith(`:${video}`))!;
      await tc(
        `class change dev wan0 parent ${own.parent} classid ${own.classid} htb rate 1mbit ceil 3mbit`,
        'qdisc del dev wan1 root'
      );
      const plans = await Promise.all(DEVICES.map((device) => operator.engine.plan(intentOf(place, edge('6mbit'), device)))); // prettier-ignore
      const rows = await applied(edge('6mbit'));
      expect(rows.map(({ before }) => JSON.parse(before) as LiveTree)).toEqual(plans.map(({ before }) => before));
      const trees = (await readTrees(place, DEVICES)).map(valueOf);
      expect(rows.map(({ after }, index) => sameTree(trees[index]!, JSON.parse(after) as LiveTree))).toEqual([true, true, true]); // prettier-ignore
    });
  });
});
