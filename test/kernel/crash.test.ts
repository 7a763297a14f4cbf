/** A process that dies in the middle of a change leaves the old tree or the new one, and two never change one interface at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sameTree, type TcTree } from '../../backend/compile/tc/index.ts';
import { Engine, type Step } from '../../backend/deploy/index.ts';
import { placeKey, readTree, withLock, type Place } from '../../backend/target/index.ts';
import { onEach, OWN } from './kernel.ts';
import { DEVICE } from './network.ts';
import { runOnce, warmUp } from './once.ts';
import { BRANCH_EDGE, Operator, policyOf, TENANT } from './operator.ts';

/** Hundreds of operations, so that a kill falls in their middle; `even` and `odd` share some classes and not others. */
const big = (offset: number) =>
  policyOf({
    bandwidth: '1gbit',
    classes: [
      ...Array.from({ length: 90 }, (_, i) => ({
        name: `c${2 * i + (i % 3 === 0 ? 0 : offset)}`,
        match: [{ dscp: [i % 64], protocol: 'udp', destinationPorts: [1000 + i] }],
        guarantee: `${1 + offset + (i % 5)}mbit`,
      })),
      { name: 'default', default: true, guarantee: '10mbit' },
    ],
  });
const EVEN = big(0);
const ODD = big(1);

const KILLS = 11;

onEach([OWN], 'a process that dies', ({ network, place: placeOf }) => {
  let operator: Operator;
  let place: Place;
  let namespace: string;
  beforeAll(async () => {
    namespace = await network.make();
    place = placeOf(namespace);
    operator = await Operator.start();
    await warmUp(operator.directory);
  });
  afterAll(async () => operator?.stop());

  /** What a restarted sidecar does, and what it must find. @returns whether the new tree is there */
  const recovered = async (before: TcTree): Promise<boolean> => {
    const engine = new Engine(operator.store);
    const [row, ...more] = await engine.recover(() => place);
    expect(more).toEqual([]);
    expect(await operator.store.deployments.unfinished()).toEqual([]);
    const live = await readTree(place, DEVICE);
    if (!row) {
      // It was faster than its end.
      return true;
    }
    const { deployment } = await operator.store.deployments.place(TENANT, placeKey(place, DEVICE));
    const isNew = sameTree(live, JSON.parse(row.after) as TcTree);
    expect(row.state).toBe(isNew ? 'confirmed' : 'failed');
    expect(sameTree(live, isNew ? (JSON.parse(row.after) as TcTree) : before)).toBe(true);
    expect(deployment).toBe(
      row.action === 'rollback' ? (isNew ? row.previous : row.undoes) : isNew ? row.id : row.previous
    );
    expect(await engine.recover(() => place)).toEqual([]);
    return isNew;
  };

  describe('leaves the old tree or the new one, with its journal settled', () => {
    const steps: Step[] = ['journalled', 'applied', 'verified'];
    const ways: Array<[string, (state: { even: boolean }) => string | undefined]> = [
      ['from nothing', () => EVEN],
      ['between two policies', ({ even }) => (even ? ODD : EVEN)],
      ['on the way back', () => undefined],
    ];
    it.each(ways.flatMap(([way, source]) => steps.map((at) => [way, at, source] as const)))(
      '%s, killed when %s',
      async (way, at, source) => {
        if (way !== 'from nothing') {
          await operator.apply(place, EVEN);
          if (way === 'on the way back') {
            await operator.apply(place, ODD);
          }
        } else {
          for (
            let inForce = await operator.engine.live(TENANT, place, DEVICE);
            inForce.inForce;
            inForce = await operator.engine.live(TENANT, place, DEVICE)
          ) {
            await operator.rollback(place);
          }
        }
        const before = await readTree(place, DEVICE);
        const text = source({ even: true });
        const { killed } = await runOnce({
          directory: operator.directory,
          namespace,
          at,
          ...(text ? { source: text } : {}),
        });
        expect(killed).toBe(true);
        expect(await recovered(before)).toBe(at !== 'journalled');
      }
    );

    it('at any time in the middle of the batch, with its tc or without', { timeout: 60_000 }, async () => {
      await operator.apply(place, EVEN);
      const times: number[] = [];
      const started = await Operator.start(
        { onStep: (step) => void (step !== 'verified' && times.push(performance.now())) },
        operator.directory
      );
      await started.apply(place, ODD);
      await started.store.close();
      const batch = times[1]! - times[0]!;
      const ends = { old: 0, new: 0 };
      let odd = true;
      for (let kill = 0; kill < KILLS; kill++) {
        const before = await readTree(place, DEVICE);
        const { killed } = await runOnce({
          directory: operator.directory,
          namespace,
          source: odd ? EVEN : ODD,
          after: (batch * (kill + 1)) / KILLS,
          group: kill % 2 === 0,
        });
        const isNew = await recovered(before);
        expect(killed || isNew).toBe(true);
        ends[isNew ? 'new' : 'old']++;
        odd = odd !== isNew;
      }
      console.log(
        `killed within a batch of ${batch.toFixed(0)} ms: ${ends.old} times the old tree, ${ends.new} times the new one`
      );
      expect(ends.old).toBeGreaterThan(0);
    });
  });

  it('in the middle of replacing what could not be restored goes on to the new tree, once it has touched the old', async () => {
    const name = await network.make();
    const there = placeOf(name);
    const other = await Operator.start();
    try {
      await warmUp(other.directory);
      for (const after of [2, 8, 14]) {
        await network.tc(
          name,
          `qdisc replace dev ${DEVICE} root handle 9: tbf rate 20mbit burst 32k limit 40k peakrate 30mbit mtu 1540`
        );
        await runOnce({
          directory: other.directory,
          namespace: name,
          source: EVEN,
          replaceForeign: true,
          after,
          group: true,
        });
        const touched = (await readTree(there, DEVICE)).qdiscs.every((qdisc) => qdisc.kind !== 'tbf');
        const [row] = await other.engine.recover(() => there);
        // No row: it was faster than its end.
        expect(row?.state ?? 'confirmed').toBe(touched ? 'confirmed' : 'failed');
        expect((await other.lines(there, EVEN)).length === 0).toBe(touched);
      }
    } finally {
      await other.stop();
    }
  });

  describe.concurrent('and others that live', () => {
    const slow = (ms: number, directory: string) =>
      Operator.start({ onStep: (step) => (step === 'journalled' ? sleep(ms) : undefined) }, directory);
    /** On an interface of their own, so that the tests can run beside each other: one of them waits a while. */
    const elsewhere = async () => {
      const name = await network.make();
      return { name, there: placeOf(name) };
    };

    it('wait for each other when they change one interface at once', async ({ expect }) => {
      const { there } = await elsewhere();
      const first = await slow(500, operator.directory);
      const [one, other] = await Promise.all([
        first.apply(there, EVEN),
        sleep(200).then(() => operator.apply(there, BRANCH_EDGE)),
      ]);
      await first.store.close();
      expect(other.started_at).toBeGreaterThanOrEqual(one.finished_at!);
    });

    it(
      'are told that the interface is being changed when that takes too long',
      { timeout: 15_000 },
      async ({ expect }) => {
        const { there } = await elsewhere();
        const first = await slow(6000, operator.directory);
        const [, second] = await Promise.allSettled([
          first.apply(there, EVEN),
          sleep(200).then(() => operator.apply(there, BRANCH_EDGE)),
        ]);
        await first.store.close();
        expect(second).toMatchObject({
          status: 'rejected',
          reason: { code: 'CP-LOCKED', message: expect.stringContaining('nothing was done') },
        });
      }
    );

    it('find the lock of one that was killed free at once', async ({ expect }) => {
      const { name, there } = await elsewhere();
      await runOnce({ directory: operator.directory, namespace: name, source: ODD, at: 'journalled' });
      expect(await withLock(there, [DEVICE], async () => 'free', { waitSeconds: 0 })).toBe('free');
    });

    it('settle what one that was killed left when they change the interface next', async ({ expect }) => {
      const { name, there } = await elsewhere();
      await runOnce({ directory: operator.directory, namespace: name, source: ODD, at: 'applied' });
      const done = await operator.apply(there, BRANCH_EDGE);
      const rows = await operator.store.deployments.list(TENANT, { place: placeKey(there, DEVICE) });
      expect(rows.map(({ id, state, previous }) => ({ id, state, previous }))).toEqual([
        { id: done.id, state: 'confirmed', previous: rows[1]!.id },
        { id: rows[1]!.id, state: 'superseded', previous: null },
      ]);
    });
  });
});
