/** What a policy keeps of the tree that it was imported from, for disciplines that no kernel at hand has. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policies } from '../../../../test/kernel/policies.ts';
import { flatten, resolve } from '../../../policy/resolve.ts';
import { specOf } from '../../../policy/testing.ts';
import { emptyAllocation, type Allocation } from '../allocation.ts';
import { compile } from '../compile.ts';
import { diff } from '../diff.ts';
import type { Capabilities, LiveTree } from '../model.ts';
import { FULL, seen } from '../testing.ts';
import { identitiesIn, importTree } from './index.ts';

const WITH_ETS: Capabilities = { ...FULL, qdiscs: [...FULL.qdiscs, 'ets'] };
const policyOf = (source: string) => {
  const spec = specOf(source);
  return resolve('p', spec, spec.bandwidth?.kind === 'absolute' ? spec.bandwidth.bits : 0);
};
const sourceOf = (spec: object) =>
  JSON.stringify({ apiVersion: 'clearpath/v1', kind: 'Policy', metadata: { name: 'p' }, spec });

describe('a tree of ETS of another hand', () => {
  it('keeps its bands and their queues where they are', () => {
    fc.assert(
      fc.property(policies(['auto', 'pfifo'], [], ['ets']), (spec) => {
        const policy = policyOf(sourceOf(spec));
        const paths = flatten(policy.classes).map(({ path }) => path);
        const theirs: Allocation = {
          ...emptyAllocation(),
          link: 0xfffe,
          bands: 0x20,
          queues: Object.fromEntries(paths.map((path, index) => [path, 0x110 + index])),
        };
        const { tree } = compile(policy, WITH_ETS, theirs, '7');
        const live: LiveTree = structuredClone({ ...(seen(tree) as LiveTree), inexact: [] });
        const again = policyOf(importTree(live, { name: 'p', capabilities: WITH_ETS }).source);
        const kept = identitiesIn(live, again, WITH_ETS);
        expect(kept).toMatchObject({ link: 0xfffe, bands: 0x20 });
        // Bands that share what is left stand in the order of their classes, which is that of the rules where no packet tells it.
        const order = again.classes.map(({ path }) => kept!.classes[path]!);
        fc.pre(order.every((handle, index) => index === 0 || handle > order[index - 1]!));
        const operations = diff(live, compile(again, WITH_ETS, kept!, '7').tree, { device: 'd0' });
        const lines = operations.filter(({ object }) => object.type !== 'filter').map(({ line }) => line);
        // Weights are shares from 1 to 100.
        expect(lines.filter((line) => !/^qdisc change .* ets /.test(line))).toEqual([]);
      }),
      { numRuns: 40, endOnFailure: true }
    );
  });
});
