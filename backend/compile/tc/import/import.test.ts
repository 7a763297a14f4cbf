import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policies } from '../../../../test/kernel/policies.ts';
import { classify } from '../../../policy/classify.ts';
import { flatten, resolve, type ResolvedPolicy } from '../../../policy/resolve.ts';
import { specOf } from '../../../policy/testing.ts';
import { packets } from '../../../policy/testing-packets.ts';
import type { Compiled } from '../compile.ts';
import { diff } from '../diff.ts';
import { filterContent } from '../actions.ts';
import type { Capabilities, LiveTree, TcTree } from '../model.ts';
import { BARE, compiled, FULL, seen } from '../testing.ts';
import { importTree } from './index.ts';

const live = (tree: TcTree): LiveTree => structuredClone({ ...seen(tree), inexact: [] });
/** The last part of each class's path by its minor: what the store knows of an own tree. */
const namesOf = ({ allocation }: Compiled) =>
  new Map(Object.entries(allocation.classes).map(([path, minor]) => [minor, path.split('/').at(-1)!]));
const random = policies(['auto', 'fq_codel', 'sfq', 'pfifo']).map((spec) => JSON.stringify({ apiVersion: 'clearpath/v1', kind: 'Policy', metadata: { name: 'p' }, spec })); // prettier-ignore

const KERNELS: ReadonlyArray<[string, Capabilities]> = [
  ['flower and fq_codel', FULL],
  ['u32 and pfifo', BARE],
];

const policyOf = (source: string): ResolvedPolicy => {
  const spec = specOf(source);
  return resolve('p', spec, spec.bandwidth?.kind === 'absolute' ? spec.bandwidth.bits : 0);
};
/** Rules without their places: which parent sends what where. */
const ruleSet = (tree: TcTree) => tree.filters.map(filterContent).sort();

describe('a tree of ours', () => {
  it.each(KERNELS)(
    'is imported as a policy that compiles to the same tree and means the same (%s)',
    (_name, capabilities) => {
      fc.assert(
        fc.property(random, fc.array(packets, { minLength: 20, maxLength: 20 }), (source, sent) => {
          const policy = policyOf(source);
          let before: Compiled;
          try {
            before = compiled(policy, capabilities);
          } catch {
            return fc.pre(false);
          }
          const imported = importTree(live(before.tree), { name: 'p', capabilities, names: namesOf(before) });
          const again = policyOf(imported.source);
          const { tree } = compiled(again, capabilities, before.allocation);
          expect(ruleSet(tree)).toEqual(ruleSet(before.tree));
          const classes = (of: TcTree): TcTree => ({ ...of, filters: [] });
          expect(diff(classes(live(before.tree)), classes(tree), { device: 'd0' }).map(({ line }) => line)).toEqual([]);
          expect(flatten(again.classes).map(({ path }) => path).sort()).toEqual(flatten(policy.classes).map(({ path }) => path).sort()); // prettier-ignore
          for (const packet of sent) {
            expect(classify(again.classes, packet).path).toBe(classify(policy.classes, packet).path);
          }
          expect(imported.remarks.filter(({ kind }) => kind !== 'notice')).toEqual([]);
        }),
        { numRuns: 80 }
      );
    }
  );
});
