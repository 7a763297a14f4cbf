/** A process that dies in the middle of a change leaves the old tree or the new one, and two never change one interface at once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sameTree, type TcTree } from '../../backend/compile/tc/index.ts';
import { Engine, type Step } from '../../backend/deploy/index.ts';
import { placeKey, readTree, withLock, type Place } from '../../backend/target/index.ts';
import type { Order } from './apply-once.ts';
import { onEach, OWN } from './kernel.ts';
import { DEVICE } from './network.ts';
import { BRANCH_EDGE, intentOf, Operator, policyOf, TENANT } from './operator.ts';

const ONCE = fileURLToPath(new URL('apply-once.ts', import.meta.url));

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

async function runOnce(order: Order): Promise<{ killed: boolean; said: string; ms: number }> {
  const start = performance.now();
  const child = spawn(process.execPath, [ONCE, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return { killed: signal === 'SIGKILL', said, ms: performance.now() - start };
}

onEach([OWN], 'a process that dies', ({ network, place: placeOf }) => {
  let operator: Operator;
  let place: Place;
  let namespace: string;
  beforeAll(async () => {
    namespace = await network.make();
    place = placeOf(namespace);
    operator = await Operator.start();
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
      for (let kill = 0; kill < 12; kill++) {
        const before = await readTree(place, DEVICE);
        const { killed } = await runOnce({
          directory: operator.directory,
          namespace,
          source: odd ? EVEN : ODD,
          after: (batch * (kill + 1)) / 12,
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

  it('in the middle of replacing what could not be restored goes on to the new tree', async () => {
    const name = await network.make();
    const there = placeOf(name);
    await network.tc(name, `qdisc add dev ${DEVICE} root tbf rate 20mbit burst 32k latency 800ms`);
    const other = await Operator.start({
      // Half of the batch, and then the end of the process as far as its journal can tell.
      onStep: async (step) => {
        if (step === 'journalled') {
          const [{ operations }] = (await other.store.deployments.unfinished()) as [{ operations: string }];
          const lines = (JSON.parse(operations) as Array<{ command: string }>).map((operation) => operation.command);
          await network.tc(name, ...lines.slice(0, lines.length / 2));
          await other.store.close();
          throw new Error('gone');
        }
      },
    });
    await expect(other.apply(there, BRANCH_EDGE, { replaceForeign: true })).rejects.toThrow();
    const next = await Operator.start({}, other.directory);
    try {
      const [row] = await next.engine.recover(() => there);
      expect(row).toMatchObject({
        state: 'confirmed',
        message: expect.stringContaining('could not be restored exactly'),
      });
      expect(await next.lines(there, BRANCH_EDGE)).toEqual([]);
    } finally {
      await next.stop();
    }
  });

  describe('and others that live', () => {
    const slow = (ms: number) =>
      Operator.start({
        onStep: (step) => (step === 'journalled' ? new Promise((done) => setTimeout(done, ms)) : undefined),
      });

    it('wait for each other when they change one interface at once', async () => {
      const first = await slow(500);
      try {
        const done = await Promise.all([
          first.apply(place, EVEN),
          new Promise((go) => setTimeout(go, 200)).then(() => operator.apply(place, BRANCH_EDGE)),
        ]);
        expect(done[1].started_at).toBeGreaterThanOrEqual(done[0].finished_at!);
      } finally {
        await first.stop();
      }
    });

    it('are told that the interface is being changed when that takes too long', { timeout: 15_000 }, async () => {
      const first = await slow(6000);
      try {
        const [, second] = await Promise.allSettled([
          first.apply(place, EVEN),
          new Promise((go) => setTimeout(go, 200)).then(() => operator.apply(place, BRANCH_EDGE)),
        ]);
        expect(second).toMatchObject({
          status: 'rejected',
          reason: { code: 'CP-LOCKED', message: expect.stringContaining('nothing was done') },
        });
      } finally {
        await first.stop();
      }
    });

    it('find the lock of one that was killed free at once', async () => {
      await runOnce({ directory: operator.directory, namespace, source: ODD, at: 'journalled' });
      expect(await withLock(place, [DEVICE], async () => 'free', 0)).toBe('free');
      await operator.engine.recover(() => place);
    });

    it('settle what one that was killed left when they change the interface next', async () => {
      await runOnce({ directory: operator.directory, namespace, source: ODD, at: 'applied' });
      const source = BRANCH_EDGE.replace('ceiling: 60%', 'ceiling: 45%');
      const done = await operator.apply(place, source);
      expect(done.state).toBe('confirmed');
      expect(await operator.store.deployments.unfinished()).toEqual([]);
      expect(done.previous).toBe((await operator.store.deployments.list(TENANT, { limit: 2 }))[1]!.id);
      expect(intentOf(place, source).revision).toBe(done.revision);
    });
  });
});
