/** Any policy that the judge lets through loads, reads back equal, and gives way to any other. */
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { Allocation } from '../../backend/compile/tc/index.ts';
import { PROFILES, QUEUE_ALGORITHMS, SCHEDULERS } from '../../backend/policy/index.ts';
import { discover, type Place } from '../../backend/target/index.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { Operator, policyOf, shapeOf } from './operator.ts';
import {
  actingPolicies,
  EVERY_CONDITION,
  longPolicies,
  OWN_CONDITIONS,
  policies,
  restoringPolicies,
} from './policies.ts';

const RUNS = Number(process.env.CLEARPATH_RUNS ?? 0);

onEach(KERNELS, 'random policies', ({ kernel, network, place: placeOf, attempt }) => {
  let place: Place;
  let other: Place;
  let algorithms: string[];
  let schedulers: string[];
  beforeAll(async () => {
    place = placeOf(await network.make());
    other = placeOf(await network.make());
    const { qdiscs } = await discover(place);
    algorithms = ['auto', ...QUEUE_ALGORITHMS.filter((name) => qdiscs.includes(name))];
    schedulers = [
      'auto',
      ...SCHEDULERS.filter((name) => name !== 'auto' && PROFILES[name].qdiscs.every((kind) => qdiscs.includes(kind))),
    ];
  });
  const remove = ({ namespace }: Place) => attempt(['tc', '-n', namespace!, 'qdisc', 'del', 'dev', DEVICE, 'root']);
  const runs = RUNS || (kernel.name === 'own' ? 30 : 7);

  it(
    'load, read back equal, have nothing to do a second time, and give way to each other as if loaded afresh',
    { timeout: 600_000 },
    async () => {
      let operators = [await Operator.start(), await Operator.start()] as const;
      const shaped = async (operator: Operator, where: Place, source: string) => {
        const { allocation } = await operator.apply(where, source);
        return shapeOf(where, (JSON.parse(allocation) as Allocation).classes);
      };
      // Classes that act, by every condition; and every scheduler with what the wire adds.
      const acts = kernel.whole ? restoringPolicies(actingPolicies(policies(algorithms, EVERY_CONDITION))) : policies(algorithms, OWN_CONDITIONS); // prettier-ignore
      const long = longPolicies(policies(algorithms, kernel.whole ? [] : OWN_CONDITIONS));
      const specs = fc.oneof(acts, policies(algorithms, [], schedulers), long);
      const property = fc.asyncProperty(specs, async (spec) => {
        const [operator, fresh] = operators;
        const source = policyOf(spec);
        try {
          const shape = await shaped(operator, place, source);
          const plan = await operator.plan(place, source);
          expect(plan.before.inexact).toEqual([]);
          expect(plan.operations).toEqual([]);
          await remove(other);
          expect(shape).toEqual(await shaped(fresh, other, source));
        } catch (error) {
          // What comes next starts from nothing again, so that the smallest example is one by itself.
          await stop();
          operators = [await Operator.start(), await Operator.start()];
          await Promise.all([place, other].map(remove));
          throw error;
        }
      });
      const stop = () => Promise.all(operators.map((operator) => operator.stop()));
      try {
        await fc.assert(property, {
          numRuns: runs,
          endOnFailure: RUNS > 0,
          interruptAfterTimeLimit: RUNS > 0 ? undefined : 45_000,
        });
      } finally {
        await stop();
      }
    }
  );
});
