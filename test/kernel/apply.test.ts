/** A policy on a kernel: discovered, compiled, loaded, read back, and changed in place. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sameTree } from '../../backend/compile/tc/index.ts';
import { discover, readTree, type Place } from '../../backend/target/index.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { BRANCH_EDGE, Operator, policyOf, shapeOf } from './operator.ts';

onEach(KERNELS, 'a policy', ({ kernel, network, place: placeOf, sh }) => {
  let operator: Operator;
  let place: Place;
  beforeAll(async () => {
    operator = await Operator.start();
    place = placeOf(await network.make());
  });
  afterAll(async () => operator?.stop());

  it('is compiled for what discovery found on this kernel', async () => {
    const found = await discover(place);
    expect(found.qdiscs).toContain('htb');
    expect(found.classifiers).toContain('u32');
    expect(found.classifiers.includes('flower') && found.qdiscs.includes('fq_codel')).toBe(kernel.whole);
    console.log(found);
  });
  it('x', async () => {
    const done = await operator.apply(place, BRANCH_EDGE);
    console.log(done.message);
    expect(await operator.lines(place, BRANCH_EDGE)).toEqual([]);
  });
});
