/** Few lines each on many interfaces, through one tc while others are planned and confirmed: whatever fails on the way ends in the old tree or the new one. */
import { readdirSync, readlinkSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sameTree, type TcTree } from '../../backend/compile/tc/index.ts';
import type { DeployFailure, Step } from '../../backend/deploy/index.ts';
import {
  Locked,
  networkIdentity,
  readTree,
  Standby,
  valueOf,
  withLock,
  type Place,
} from '../../backend/target/index.ts';
import { OWN, onEach } from './kernel.ts';
import { ACTOR, intentOf, Operator, policyOf, TENANT } from './operator.ts';

const DEVICES = ['wan0', 'wan1', 'wan2', 'wan3', 'wan4'];
const edge = (ceiling: string) =>
  policyOf({
    bandwidth: '10mbit',
    classes: [
      { name: 'video', match: [{ dscp: ['af41'] }], guarantee: '2mbit', ceiling },
      { name: 'default', default: true, guarantee: '2mbit' },
    ],
  });

onEach([OWN], 'a change of many interfaces', ({ network, place: placeOf, sh }) => {
  let operator: Operator;
  let place: Place;
  let name: string;
  const steps: Step[] = [];
  beforeEach(async () => {
    name = await network.make();
    place = placeOf(name);
    for (const device of DEVICES.slice(1)) {
      await sh('ip', '-n', name, 'link', 'add', device, 'type', 'veth', 'peer', 'name', `far-${device}`);
    }
    operator = await Operator.start({
      watching: true,
      portions: { planned: 2 },
      onStep: (step) => void steps.push(step),
    });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    operator.engine.end();
    await operator.stop();
  });
  afterAll(() => network.remove());

  const many = (ceiling: string) =>
    operator.engine.applyMany(
      DEVICES.map((device) => intentOf(place, edge(ceiling), device)),
      ACTOR
    );
  const trees = () => Promise.all(DEVICES.map((device) => readTree(place, device)));
  const statesOf = async (ids: readonly string[]) => {
    const rows = await operator.store.deployments.getAll(TENANT, ids);
    return ids.map((id) => rows.get(id)!.state);
  };
  /** In force, known by what is announced, and with a tc at hand. */
  const settle = async () => {
    const rows = (await many('5mbit')).map(valueOf);
    (await many('5mbit')).forEach(valueOf);
    steps.length = 0;
    return rows.map(({ id }) => id);
  };
  /** The class of video on that interface, and what takes it away behind the plan's back. */
  const videoOf = ({ classes }: TcTree) => classes.filter((each) => each.kind === 'htb').at(-2)!;
  const ceilings = async () => (await trees()).map((tree) => videoOf(tree).ceil);
  const begin = () => operator.store.deployments.begin.bind(operator.store.deployments);
  const finishAll = () => operator.store.deployments.finishAll.bind(operator.store.deployments);

  /** Programs that hold the file of the network's lock open, by their names */
  const holders = () => {
    const lock = `/run/clearpath/${networkIdentity(place)}.lock`;
    return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && +pid !== process.pid && opens(pid, lock));
  };

  it('is confirmed for each, with what was in force before superseded', async () => {
    const before = await settle();
    const journalled = vi.spyOn(operator.store.deployments, 'begin');
    const rows = (await many('6mbit')).map(valueOf);
    expect(rows.map((row) => [row.interface, row.state])).toEqual(DEVICES.map((device) => [device, 'confirmed']));
    expect(await statesOf(before)).toEqual(DEVICES.map(() => 'superseded'));
    expect(journalled.mock.calls.map(([those]) => those.length)).toEqual([2, 2, 1]);
    expect(steps).toEqual(['journalled', 'applied', 'verified']);
    expect((await trees()).every((tree) => sameTree(tree, JSON.parse(rows[0]!.after) as TcTree))).toBe(true);
    expect((await many('6mbit')).map((each) => valueOf(each).id)).toEqual(rows.map(({ id }) => id));
    // And back again, by the tc that was put at hand after the first.
    (await many('5mbit')).forEach(valueOf);
    expect(await ceilings()).toEqual(DEVICES.map(() => 5e6));
  });

  it('goes on behind an interface where the kernel refuses it, which is put back', async () => {
    const inForce = await settle();
    const before = await trees();
    const original = begin();
    // Another hand, once everything is planned and the first portion on its way.
    vi.spyOn(operator.store.deployments, 'begin').mockImplementation(async (rows) => {
      if (rows.some((row) => row.interface === 'wan2')) {
        const { classid } = videoOf(before[2]!);
        await network.tc(
          name,
          ...before[2]!.filters.map(({ parent, pref }) => `filter del dev wan2 parent ${parent} pref ${pref}`),
          `class del dev wan2 classid ${classid}`
        );
      }
      return original(rows);
    });
    const outcomes = await many('6mbit');
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    const { code, message } = (outcomes[2] as PromiseRejectedResult).reason as DeployFailure;
    expect([code, message]).toEqual(['CP-KERNEL-REFUSED', expect.stringMatching(/wan2.*no longer there/)]);
    expect(sameTree((await trees())[2]!, before[2]!)).toBe(true);
    expect(await ceilings()).toEqual([6e6, 6e6, 5e6, 6e6, 6e6]); // prettier-ignore
    expect(await operator.store.deployments.unfinished()).toEqual([]);
    expect(await statesOf(inForce)).toEqual(['superseded', 'superseded', 'confirmed', 'superseded', 'superseded']);
  });

  it('is confirmed for none before the kernel has announced it', async () => {
    await settle();
    const confirmed = vi.spyOn(operator.store.deployments, 'finishAll');
    const original = begin();
    let stopped: number[] = [];
    vi.spyOn(operator.store.deployments, 'begin').mockImplementationOnce((rows) => {
      stopped = holders().map(Number);
      stopped.forEach((pid) => process.kill(pid, 'SIGSTOP'));
      return original(rows);
    });
    const change = many('6mbit');
    try {
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(stopped).not.toEqual([]);
      expect(confirmed).not.toHaveBeenCalled();
    } finally {
      stopped.forEach((pid) => process.kill(pid, 'SIGCONT'));
    }
    expect((await change).map((each) => valueOf(each).state)).toEqual(DEVICES.map(() => 'confirmed'));
  });

  /** The last interface is journalled once the kernel has announced all others. */
  const lastComesLate = () => {
    const journal = begin();
    vi.spyOn(operator.store.deployments, 'begin').mockImplementation(async (rows) => {
      if (rows.some((row) => row.interface === 'wan4')) {
        await vi.waitFor(async () => expect((await ceilings()).slice(0, 4)).toEqual([6e6, 6e6, 6e6, 6e6]), 5_000);
        await sleep(200);
      }
      return journal(rows);
    });
  };

  it('is confirmed for those that the kernel has announced while others are yet to be done', async () => {
    await settle();
    lastComesLate();
    const finish = finishAll();
    const confirmed: string[][] = [];
    vi.spyOn(operator.store.deployments, 'finishAll').mockImplementation(async (endings) => {
      confirmed.push(endings.map(({ row }) => row.interface));
      return finish(endings);
    });
    (await many('6mbit')).forEach(valueOf);
    expect(confirmed).toEqual([['wan0', 'wan1'], ['wan2', 'wan3'], ['wan4']]);
  });

  it('leaves alone what could not be journalled', async () => {
    const before = await settle();
    const original = begin();
    vi.spyOn(operator.store.deployments, 'begin').mockImplementation((rows) =>
      rows.some((row) => row.interface === 'wan2') ? Promise.reject(new Error('The disk is full.')) : original(rows)
    );
    const outcomes = await many('6mbit');
    expect(
      outcomes.map((each) => (each.status === 'rejected' ? (each.reason as Error).message : each.value.state))
    ).toEqual(['confirmed', 'confirmed', 'The disk is full.', 'The disk is full.', 'confirmed']);
    expect(await ceilings()).toEqual([6e6, 6e6, 5e6, 5e6, 6e6]);
    expect(await statesOf(before)).toEqual(['superseded', 'superseded', 'confirmed', 'confirmed', 'superseded']);
  });

  it('is confirmed later where it could not be at once, and undone where it cannot be at all', async () => {
    const before = await settle();
    lastComesLate();
    const original = finishAll();
    let failures = 1;
    vi.spyOn(operator.store.deployments, 'finishAll').mockImplementation((endings) =>
      failures-- > 0 ? Promise.reject(new Error('The disk is full.')) : original(endings)
    );
    expect((await many('6mbit')).map((each) => valueOf(each).state)).toEqual(DEVICES.map(() => 'confirmed'));
    vi.restoreAllMocks();
    vi.spyOn(operator.store.deployments, 'finishAll').mockRejectedValue(new Error('The disk is full.'));
    const outcomes = await many('7mbit');
    expect(outcomes.map((each) => each.status === 'rejected' && (each.reason as Error).message)).toEqual(
      DEVICES.map(() => expect.stringMatching(/^The disk is full\. .*as it was/))
    );
    expect(await ceilings()).toEqual(DEVICES.map(() => 6e6));
    expect(await statesOf(before)).toEqual(DEVICES.map(() => 'superseded'));
  });

  describe('with a tc at hand', () => {
    const standbys: Standby[] = [];
    const atHand = async () => {
      const standby = new Standby();
      standbys.push(standby);
      await withLock(place, DEVICES, () => Promise.resolve(), { standby });
      await new Promise((resolve) => setImmediate(resolve));
      return standby;
    };
    afterEach(() => standbys.splice(0).forEach((standby) => standby.end()));
    const taken = (standby?: Standby) =>
      withLock(place, DEVICES, () => Promise.resolve('taken'), { waitSeconds: 0, ...(standby && { standby }) });
    it('keeps nobody from the network until it is told to', async () => {
      const standby = await atHand();
      expect(holders()).toHaveLength(1);
      expect(await taken()).toBe('taken');
      await withLock(place, DEVICES, async ({ started }) => {
        await expect(taken()).rejects.toThrow(Locked);
        expect(started()).toBeDefined();
        expect(started()).toBeUndefined();
      }, { standby }); // prettier-ignore
    });

    it('waits for its turn, or is told that another is at it', async () => {
      const standby = await atHand();
      await withLock(place, ['wan0'], () => expect(taken(standby)).rejects.toThrow(Locked));
      expect(await taken(standby)).toBe('taken');
    });

    it('waits as long for a lock that another keeps as whoever has none at hand', async () => {
      const standby = await atHand();
      const waitSeconds = 3;
      await withLock(place, ['wan0'], async () => {
        const began = performance.now();
        await expect(withLock(place, DEVICES, () => Promise.resolve(), { waitSeconds, standby })).rejects.toThrow(Locked);
        const seconds = (performance.now() - began) / 1000;
        expect(seconds).toBeGreaterThanOrEqual(waitSeconds);
        // By both, one after the other, it would be twice as long.
        expect(seconds).toBeLessThan(2 * waitSeconds);
      });
    }); // prettier-ignore

    it('is of no use once the file of the lock is another', async () => {
      const standby = await atHand();
      rmSync(`/run/clearpath/${networkIdentity(place)}.lock`);
      await withLock(place, DEVICES, () => expect(taken()).rejects.toThrow(Locked), { standby });
    });

    it('leaves no program behind', async () => {
      const standby = await atHand();
      standby.end();
      await expect.poll(holders).toEqual([]);
    });
  });
});

function opens(pid: string, path: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === path);
  } catch {
    return false;
  }
}
