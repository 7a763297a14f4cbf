/** Many interfaces of one network at once: read, changed and journalled together, and each for itself when one fails. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sameTree } from '../../backend/compile/tc/index.ts';
import { Engine, type EngineOptions, type Intent } from '../../backend/deploy/index.ts';
import {
  Locked, readLink, readLinks, readTree, readTrees, valueOf, withLock, type Place,
} from '../../backend/target/index.ts'; // prettier-ignore
import { KERNELS, OWN, onEach } from './kernel.ts';
import { ACTOR, BRANCH_EDGE, intentOf, Operator, policyOf } from './operator.ts';

const group = policyOf({
  bandwidth: '10mbit',
  classes: [
    {
      name: 'office',
      match: [{ source: '192.0.2.0/24' }],
      guarantee: '2mbit',
      classes: [
        { name: 'mail', match: [{ protocol: 'tcp', ports: [25] }], guarantee: '50%' },
        { name: 'office-rest', default: true, guarantee: '50%' },
      ],
    },
    { name: 'default', default: true, guarantee: '2mbit' },
  ],
});
const onlyDefault = policyOf({
  bandwidth: '10mbit',
  classes: [{ name: 'default', default: true, guarantee: '2mbit' }],
});

onEach(KERNELS, 'a fleet', ({ kernel, network, place: placeOf, sh }) => {
  let operator: Operator;
  let place: Place;
  let name: string;
  beforeAll(async () => {
    operator = await Operator.start();
  });
  afterAll(async () => operator?.stop());
  /** Links beside wan0, up and silent. */
  const add = async (...devices: string[]) => {
    for (const device of devices) {
      await sh('ip', '-n', name, 'link', 'add', device, 'type', 'veth', 'peer', 'name', `far-${device}`);
      await sh('ip', '-n', name, 'link', 'set', `far-${device}`, 'up');
      await sh('ip', '-n', name, 'link', 'set', device, 'up');
    }
  };
  beforeEach(async () => {
    name = await network.make();
    place = placeOf(name);
  });

  describe('read at once', () => {
    const NETWORKS: Record<string, Record<string, string[]>> = {
      'every interface has classes and rules': {
        one: ['class add dev one parent 1: classid 1:1 htb rate 1mbit', 'filter add dev one parent 1: protocol ip pref 1 u32 match ip protocol 17 0xff flowid 1:1'],
        two: ['class add dev two parent 1: classid 1:1 htb rate 2mbit', 'filter add dev two parent 1: protocol ip pref 2 u32 match ip protocol 6 0xff flowid 1:1'],
      },
      'one has classes and no rules': {
        one: ['class add dev one parent 1: classid 1:1 htb rate 1mbit'],
        two: ['class add dev two parent 1: classid 1:2 htb rate 2mbit', 'filter add dev two parent 1: protocol ip pref 2 u32 match ip protocol 6 0xff flowid 1:2'],
        three: ['class add dev three parent 1: classid 1:3 htb rate 3mbit'],
      },
      'one has rules and no classes': {
        one: ['class add dev one parent 1: classid 1:1 htb rate 1mbit', 'filter add dev one parent 1: protocol ip pref 1 u32 match ip protocol 17 0xff flowid 1:1'],
        two: ['filter add dev two parent 1: protocol ip pref 2 u32 match ip protocol 6 0xff flowid 1:1'],
        three: ['class add dev three parent 1: classid 1:1 htb rate 3mbit'],
      },
      'one has an empty root': { one: [], two: ['class add dev two parent 1: classid 1:1 htb rate 2mbit'] },
    }; // prettier-ignore
    it.each(Object.entries(NETWORKS))('shows what each shows alone when %s', async (_what, trees) => {
      const devices = Object.keys(trees);
      await add(...devices, 'plain', 'off0');
      await sh('ip', '-n', name, 'link', 'set', 'off0', 'down');
      for (const device of devices) {
        await network.tc(name, `qdisc add dev ${device} root handle 1: htb default 1`, ...trees[device]!);
      }
      const all = ['plain', ...devices, 'off0', 'wan0'];
      const together = (await readTrees(place, all)).map(valueOf);
      for (const [index, device] of all.entries()) {
        expect(together[index], device).toEqual(await readTree(place, device));
      }
    });

    it('shows the rules of inner classes at the interface and the class they belong to', async () => {
      await add('wan1', 'wan2');
      await operator.engine.applyMany([intentOf(place, group), intentOf(place, BRANCH_EDGE, 'wan1'), intentOf(place, group, 'wan2')], ACTOR); // prettier-ignore
      const devices = ['wan0', 'wan1', 'wan2'];
      const together = (await readTrees(place, devices)).map(valueOf);
      expect(together[0]!.filters.some((filter) => filter.parent !== '1:')).toBe(true);
      for (const [index, device] of devices.entries()) {
        expect(together[index], device).toEqual(await readTree(place, device));
      }
    });

    it('says of an interface that is not there what it says alone, and shows the others', async () => {
      const [here, gone, also] = await readTrees(place, ['wan0', 'nowhere', 'far0']);
      expect([here!.status, gone!.status, also!.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      const [link, none] = await readLinks(place, ['wan0', 'nowhere']);
      expect(link!.status).toBe('fulfilled');
      await expect(readLink(place, 'nowhere')).rejects.toThrow((none as PromiseRejectedResult).reason as Error);
    });

    it.skipIf(kernel !== OWN)('knows of each interface what is known of it alone, offloads too', async () => {
      await add('wan1');
      await sh('ip', 'netns', 'exec', name, 'ethtool', '-K', 'wan1', 'gso', 'off', 'tso', 'off');
      const [first, second] = (await readLinks(place, ['wan0', 'wan1'])).map(valueOf);
      expect([first, second]).toEqual([await readLink(place, 'wan0'), await readLink(place, 'wan1')]);
      expect(second!.gsoMaxSize).toBe(second!.mtu);
      expect(first!.gsoMaxSize).toBeGreaterThan(first!.mtu);
    });
  });

  describe('changed at once', () => {
    const devices = ['wan0', 'wan1', 'wan2'];
    let fleet: Intent[];
    beforeEach(async () => {
      await add('wan1', 'wan2');
      fleet = devices.map((device) => intentOf(place, BRANCH_EDGE, device));
    });
    const engineWith = (options: EngineOptions) => new Engine(operator.store, options);
    const handles = async () =>
      Promise.all(devices.map(async (device) => (await readTree(place, device)).qdiscs.find((qdisc) => qdisc.parent === 'root')!.handle)); // prettier-ignore

    it('carries what was planned on every interface, with a deployment of its own', async () => {
      const rows = (await operator.engine.applyMany(fleet, ACTOR)).map(valueOf);
      expect(new Set(rows.map((row) => row.id)).size).toBe(devices.length);
      for (const [index, row] of rows.entries()) {
        expect(row).toMatchObject({ state: 'confirmed', interface: devices[index] });
        expect(await operator.store.deployments.get('main', row.id)).toMatchObject({
          state: 'confirmed',
          previous: null,
        });
        expect(sameTree(await readTree(place, devices[index]!), JSON.parse(row.after))).toBe(true);
      }
    });

    it('has nothing to do a second time, and makes no second deployment of it', async () => {
      const first = (await operator.engine.applyMany(fleet, ACTOR)).map(valueOf);
      const second = (await operator.engine.applyMany(fleet, ACTOR)).map(valueOf);
      expect(second.map((row) => row.id)).toEqual(first.map((row) => row.id));
    });

    it('replaces each deployment by the next, and finds its way back on each', async () => {
      const first = (await operator.engine.applyMany(fleet, ACTOR)).map(valueOf);
      const second = (await operator.engine.applyMany(devices.map((device) => intentOf(place, group, device)), ACTOR)).map(valueOf); // prettier-ignore
      expect(second.map((row) => row.previous)).toEqual(first.map((row) => row.id));
      for (const row of first) {
        expect((await operator.store.deployments.get('main', row.id))!.state).toBe('superseded');
      }
      const back = await operator.engine.rollback('main', place, 'wan1', ACTOR);
      expect(sameTree(await readTree(place, 'wan1'), JSON.parse(first[1]!.after))).toBe(true);
      expect(back.undoes).toBe(second[1]!.id);
      expect((await operator.store.deployments.get('main', first[1]!.id))!.state).toBe('confirmed');
    });

    it('takes policies that differ, down to one without a rule', async () => {
      const intents = [fleet[0]!, intentOf(place, onlyDefault, 'wan1'), intentOf(place, group, 'wan2')];
      const rows = (await operator.engine.applyMany(intents, ACTOR)).map(valueOf);
      expect(rows.every((row) => row.state === 'confirmed')).toBe(true);
    });

    it('puts back the one interface where the kernel refuses something, and goes on behind it', async () => {
      // Between plan and apply, another hand takes the handle that the plan needs.
      const engine = engineWith({
        onStep: (step) => step === 'journalled' ? network.tc(name, 'qdisc add dev wan1 root handle 1: pfifo limit 7') : undefined, // prettier-ignore
      });
      const [one, two, three] = await engine.applyMany(fleet, ACTOR);
      expect([one!.status, three!.status]).toEqual(['fulfilled', 'fulfilled']);
      expect((two as PromiseRejectedResult).reason).toMatchObject({ code: 'CP-KERNEL-REFUSED', message: expect.stringContaining('dev wan1') }); // prettier-ignore
      expect(await handles()).toEqual(['1:', '0:', '1:']);
      const [row] = await operator.store.deployments.list('main', { place: `${name}/wan1` });
      expect(row).toMatchObject({ state: 'failed' });
      expect(await operator.store.deployments.unfinished()).toEqual([]);
    });

    it('puts back the one interface that does not read back as planned', async () => {
      const engine = engineWith({
        onStep: (step) => step === 'applied' ? network.tc(name, 'class change dev wan2 classid 1:1 htb rate 3mbit') : undefined, // prettier-ignore
      });
      const [one, two, three] = await engine.applyMany(fleet, ACTOR);
      expect([one!.status, two!.status]).toEqual(['fulfilled', 'fulfilled']);
      expect((three as PromiseRejectedResult).reason).toMatchObject({ code: 'CP-NOT-VERIFIED' });
      expect(await handles()).toEqual(['1:', '1:', '0:']);
    });

    it('refuses the one interface that is not there, that carries a foreign tree, or whose plan is another now', async () => {
      await network.tc(name, 'qdisc add dev wan1 root handle 7: htb', 'class add dev wan1 parent 7: classid 7:1 htb rate 1mbit overhead 8'); // prettier-ignore
      const intents = [...fleet, intentOf(place, BRANCH_EDGE, 'nowhere')];
      const outcomes = await operator.engine.applyMany(intents, ACTOR, {
        expected: [undefined, undefined, 'seen-before'],
      });
      const codes = outcomes.map((outcome) => outcome.status === 'fulfilled' ? outcome.value.state : (outcome.reason as { code: string }).code); // prettier-ignore
      expect(codes).toEqual(['confirmed', 'CP-FOREIGN', 'CP-PLAN-STALE', 'CP-INTERFACE-UNKNOWN']);
      expect(await handles()).toEqual(['1:', '7:', '0:']);
    });

    it('puts an interface that is named twice through both, in their order', async () => {
      const rows = (await operator.engine.applyMany([fleet[0]!, intentOf(place, group)], ACTOR)).map(valueOf);
      expect(rows[1]).toMatchObject({ policy: 'edge', previous: rows[0]!.id });
    });

    describe('while the journal cannot be written', () => {
      const refuse = async (what: string, work: () => Promise<void>) => {
        await sql
          .raw(`CREATE TRIGGER full BEFORE ${what} BEGIN SELECT RAISE(ABORT, 'no room'); END`)
          .execute(operator.store.db);
        await work().finally(() => sql`DROP TRIGGER full`.execute(operator.store.db));
      };

      it('changes nothing when that shows before the first operation', async () => {
        await refuse("INSERT ON deployments WHEN NEW.interface = 'wan2'", async () => {
          for (const outcome of await operator.engine.applyMany(fleet, ACTOR)) {
            expect(() => valueOf(outcome)).toThrow('no room');
          }
        });
        expect(await handles()).toEqual(['0:', '0:', '0:']);
      });

      it('puts every interface back, each with words of its own, when that shows at the end', async () => {
        await refuse("UPDATE ON changes WHEN NEW.state = 'confirmed'", async () => {
          for (const outcome of await operator.engine.applyMany(fleet, ACTOR)) {
            expect(() => valueOf(outcome)).toThrow(/no room\.? The interface is as it was before\.$/);
          }
        });
        expect(await handles()).toEqual(['0:', '0:', '0:']);
        expect(await operator.store.deployments.unfinished()).toEqual([]);
      });
    });
  });

  describe('locked', () => {
    const whileHeld = (held: string[], wanted: string[]) =>
      withLock(place, held, () => withLock(place, wanted, () => Promise.resolve('taken'), { waitSeconds: 0 }));

    it('lets two interfaces be changed at the same time, one of them by one only', async () => {
      await expect(whileHeld(['wan0'], ['wan1'])).resolves.toBe('taken');
      await expect(whileHeld(['wan0'], ['wan0'])).rejects.toThrow(Locked);
    });

    it('keeps a fleet and everybody else in its network apart', async () => {
      await expect(whileHeld(['wan0', 'wan1'], ['wan2'])).rejects.toThrow(/wan2 right now; nothing was done/);
      await expect(whileHeld(['wan2'], ['wan0', 'wan1'])).rejects.toThrow(/of the same network right now/);
      await expect(whileHeld(['wan0', 'wan1'], ['wan2', 'wan3'])).rejects.toThrow(Locked);
    });
  });
});
