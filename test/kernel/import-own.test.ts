/** Trees of ours become the policy that they were made of. */
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { filterContent, importTree, type Allocation } from '../../backend/compile/tc/index.ts';
import { reclassified } from '../../backend/policy/reclassify.ts';
import { readTree, type Place } from '../../backend/target/index.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { intentOf, Operator, policyOf } from './operator.ts';
import { actingPolicies, policies, restoringPolicies } from './policies.ts';

onEach(KERNELS, 'a tree', ({ kernel, network, place: placeOf }) => {
  let name: string;
  let place: Place;
  beforeAll(async () => {
    name = await network.make();
    place = placeOf(name);
  });
  const rules = async () => (await readTree(place, DEVICE)).filters.map(filterContent).sort();

  const acting = restoringPolicies(actingPolicies(policies(['auto', 'pfifo'], ['connmark'])));
  const negated = policies(['auto', 'pfifo'], ['tcpFlags']).filter((spec) => /"not"/.test(JSON.stringify(spec)));
  const ours: Array<[string, fc.Arbitrary<object>]> = [
    ['becomes', policies(['auto', 'pfifo'])],
    ['with negations becomes', negated],
    ...(kernel.whole ? [['whose classes act becomes', acting] as [string, fc.Arbitrary<object>]] : []),
  ]; // prettier-ignore
  it.each(ours)(
    'of ours %s a policy that has nothing to change on the interface',
    { timeout: 300_000 },
    async (_, specs) => {
      const operator = await Operator.start();
      try {
        const property = fc.asyncProperty(specs, async (spec) => {
          const { allocation } = await operator.apply(place, policyOf(spec), { replaceForeign: true });
          const names = Object.entries((JSON.parse(allocation) as Allocation).classes);
          const live = await readTree(place, DEVICE);
          const imported = importTree(live, {
            name: 'edge',
            capabilities: await operator.engine.capabilitiesOf(place),
            names: new Map(names.map(([path, minor]) => [minor, path.split('/').at(-1)!])),
          });
          // Of more than a thousand rules it is said that their order was not looked at, of fewer nothing.
          const told = imported.remarks.map(({ message }) => message);
          const many = told.length > 0 && live.filters.length > 1000;
          expect(told).toEqual(many ? [expect.stringMatching(/^More than 1000 rules /)] : []);
          // Rules of one class may stand in another order among themselves.
          const lines = await operator.lines(place, imported.source);
          expect(lines.filter((line) => !line.startsWith('filter '))).toEqual([]);
          const before = await rules();
          await operator.apply(place, imported.source);
          // Of values that are told by what they are not there may be fewer rules than of several negations.
          if (/"not"/.test(JSON.stringify(spec))) {
            const [then, now] = [policyOf(spec), imported.source].map(
              (source) => intentOf(place, source).policy.classes
            );
            expect(reclassified(then!, now!).found).toEqual([]);
          } else {
            expect(await rules()).toEqual(before);
          }
        });
        await fc.assert(property, { numRuns: kernel.name === 'own' ? 8 : 3, endOnFailure: true });
      } finally {
        await operator.stop();
      }
    }
  );
});
