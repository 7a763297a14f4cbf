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

const live = (tree: Omit<TcTree, 'ingress'>): LiveTree =>
  structuredClone({ ...(seen(tree) as Omit<TcTree, 'ingress'>), inexact: [] });
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
        { numRuns: 25 }
      );
    }
  );

  const everything = { ...FULL, qdiscs: [...FULL.qdiscs, 'cake', 'tbf', 'red', 'codel'] };
  it.each([
    ['TBF', 'scheduler: tbf, classes: [{ name: all, default: true }]'],
    [
      'TBF around a queue of its own',
      'scheduler: tbf, classes: [{ name: all, default: true, queue: { algorithm: sfq, limit: 50p } }]',
    ],
    ['CAKE of one tin', 'scheduler: cake, classes: [{ name: all, default: true }]'],
    [
      'CAKE of three tins',
      'scheduler: cake, classes: [{ name: bulk, match: [{ dscp: [le, cs1] }] }, { name: voice, match: [{ dscp: [4, va, ef, cs6, cs7] }] }, { name: rest, default: true }]',
    ],
    ['a queue below HTB', 'scheduler: fq_codel, classes: [{ name: all, default: true }]'],
    [
      'codel, red and cake in leaves',
      'classes: [{ name: a, match: [{ dscp: [ef] }], queue: { algorithm: codel, target: 7ms } }, { name: b, match: [{ dscp: [le] }], queue: { algorithm: red } }, { name: c, default: true, queue: { algorithm: cake } }]',
    ],
  ])('of other disciplines compiles to the same shaping: %s', (_what, spec) => {
    const policy = policyOf(
      `{apiVersion: clearpath/v1, kind: Policy, metadata: {name: p}, spec: {bandwidth: 19mbit, ${spec}}}`
    );
    const before = compiled(policy, everything);
    const imported = importTree(live(before.tree), { name: 'p', capabilities: everything, names: namesOf(before) });
    const again = compiled(policyOf(imported.source), everything);
    const shaping = ({ qdiscs, classes }: TcTree) => [qdiscs[0]!.kind, qdiscs[0]!.options.rate ?? qdiscs[0]!.options.bandwidth ?? 'htb', qdiscs.map(({ kind, options }) => (kind === 'htb' ? kind : JSON.stringify([kind, options]))).sort(), Math.max(0, ...classes.map((item) => (item.kind === 'htb' ? item.rate : 0)))]; // prettier-ignore
    expect(shaping(again.tree)).toEqual(shaping(before.tree));
  });

  it.each([
    ['fq_codel', /shapes nothing/],
    ['hfsc', /cannot turn into a policy/],
  ])('of %s is refused with the reason', (kind, why) => {
    const tree = {
      qdiscs: [{ handle: '1:', parent: 'root', kind, options: {} }],
      classes: [],
      filters: [],
      inexact: [],
    };
    expect(() => importTree(tree, { name: 'p', capabilities: FULL })).toThrow(why);
  });
});
