/** Any policy that the judge lets through loads, reads back equal, and gives way to any other. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sameTree, type TcTree } from '../../backend/compile/tc/index.ts';
import { discover, readTree, type Place } from '../../backend/target/index.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { Operator, policyOf, shapeOf, TENANT } from './operator.ts';
import { policies } from './policies.ts';

const RUNS = Number(process.env.CLEARPATH_RUNS ?? 0);

onEach(KERNELS, 'random policies', ({ kernel, network, place: placeOf, attempt }) => {
  let place: Place;
  let other: Place;
  let algorithms: string[];
  beforeAll(async () => {
    place = placeOf(await network.make());
    other = placeOf(await network.make());
    const { qdiscs } = await discover(place);
    algorithms = ['auto', 'fq_codel', 'sfq', 'pfifo'].filter((name) => name === 'auto' || qdiscs.includes(name));
  });
  const reset = async () => {
    for (const { namespace } of [place, other]) {
      await attempt(['tc', '-n', namespace!, 'qdisc', 'del', 'dev', DEVICE, 'root']);
    }
  };
  const runs = RUNS || (kernel.name === 'own' ? 40 : 12);

  it(
    'load, read back equal, have nothing to do a second time, and give way to each other as if loaded afresh',
    { timeout: 600_000 },
    async () => {
      let operator = await Operator.start();
      const minors = async (whose: Operator, where: Place) =>
        (await whose.engine.live(TENANT, where, DEVICE)).allocation.classes;
      const property = fc.asyncProperty(policies(algorithms), async (spec) => {
        const source = policyOf(spec);
        const fresh = await Operator.start();
        try {
          const done = await operator.apply(place, source);
          const live = await readTree(place, DEVICE);
          expect(live.inexact).toEqual([]);
          expect(sameTree(live, JSON.parse(done.after) as TcTree)).toBe(true);
          expect(await operator.lines(place, source)).toEqual([]);
          await fresh.apply(other, source);
          expect(await shapeOf(place, await minors(operator, place))).toEqual(
            await shapeOf(other, await minors(fresh, other))
          );
          await fresh.rollback(other);
        } catch (error) {
          // What comes next starts from nothing again, so that the smallest example is one by itself.
          await operator.stop();
          operator = await Operator.start();
          await reset();
          throw error;
        } finally {
          await fresh.stop();
        }
      });
      try {
        await fc.assert(property, {
          numRuns: runs,
          endOnFailure: RUNS > 0,
          interruptAfterTimeLimit: RUNS > 0 ? undefined : 45_000,
        });
      } finally {
        await operator.stop();
      }
    }
  );
});
