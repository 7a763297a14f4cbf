import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actingPolicies, EVERY_CONDITION, OWN_CONDITIONS, policies } from '../../../../test/kernel/policies.ts';
import { classify } from '../../../policy/classify.ts';
import { judge } from '../../../policy/judge.ts';
import { reclassified } from '../../../policy/reclassify.ts';
import { flatten, resolve, type ResolvedPolicy } from '../../../policy/resolve.ts';
import { specOf } from '../../../policy/testing.ts';
import { packets } from '../../../policy/testing-packets.ts';
import type { Compiled } from '../compile.ts';
import { diff } from '../diff.ts';
import { filterContent, sameRule } from '../actions.ts';
import type { Capabilities, LiveTree, TcTree } from '../model.ts';
import { BARE, compiled, FULL, seen } from '../testing.ts';
import { importTree } from './index.ts';

const live = (tree: Omit<TcTree, 'ingress'>): LiveTree =>
  structuredClone({ ...(seen(tree) as Omit<TcTree, 'ingress'>), inexact: [] });
/** The last part of each class's path by its minor: what the store knows of an own tree. */
const namesOf = ({ allocation }: Compiled) =>
  new Map(Object.entries(allocation.classes).map(([path, minor]) => [minor, path.split('/').at(-1)!]));
const asText = (specs: fc.Arbitrary<object>) => specs.map((spec) => JSON.stringify({ apiVersion: 'clearpath/v1', kind: 'Policy', metadata: { name: 'p' }, spec })); // prettier-ignore
const random = asText(policies(['auto', 'fq_codel', 'sfq', 'pfifo']));
const conditioned = (conditions: Parameters<typeof policies>[1]) => asText(policies(['auto', 'pfifo'], conditions));

/** Every discipline there is. */
const EVERY: Capabilities = {
  ...FULL,
  qdiscs: [...FULL.qdiscs, 'hfsc', 'drr', 'prio', 'ets', 'red', 'tbf', 'codel', 'cake'],
};

/** What divides the rest: curves for sharing, and quanta. */
const weightsIn = ({ classes, qdiscs }: TcTree): number[] => [
  ...classes.map((item) => (item.kind === 'hfsc' ? item.ls!.m2 : item.kind === 'drr' ? item.quantum : 1)),
  ...qdiscs.flatMap(({ options }) => String(options.quanta ?? '1').split(' ').map(Number)),
]; // prettier-ignore
/** What only they differ in. */
const WEIGHED = /^class change .* (hfsc|drr) |^qdisc change .* ets /;
const withoutRules = <T extends TcTree>(tree: T): T => ({ ...tree, filters: [] });

const KERNELS: ReadonlyArray<[string, Capabilities]> = [
  ['flower and fq_codel', FULL],
  ['u32 and pfifo', BARE],
];

const policyOf = (source: string): ResolvedPolicy => {
  const spec = specOf(source);
  return resolve('p', spec, spec.bandwidth?.kind === 'absolute' ? spec.bandwidth.bits : 0);
};
/** Not what no kernel holds. */
function compiledHere(policy: ResolvedPolicy, capabilities: Capabilities): Compiled | undefined {
  try {
    return compiled(policy, capabilities);
  } catch {
    return undefined;
  }
}
/** What goes to another class, but for IPv6 packets longer than any range of a policy says. */
const movedBetween = (before: ResolvedPolicy, after: ResolvedPolicy) =>
  reclassified(before.classes, after.classes).found.flatMap(({ from, to, traffic }) =>
    traffic
      .filter(({ some }) => !some.length || some.length.some(([first]) => first <= 65_535))
      .map(({ words }) => `${words}: ${from} to ${to}`)
  );
/** Rules without their places: which parent sends what where. */
const ruleSet = (tree: TcTree) => tree.filters.map(filterContent).sort();

describe('a tree of ours', () => {
  it.each(KERNELS)(
    'is imported as a policy that compiles to the same tree and means the same (%s)',
    (_name, capabilities) => {
      fc.assert(
        fc.property(random, fc.array(packets, { minLength: 20, maxLength: 20 }), (source, sent) => {
          const policy = policyOf(source);
          const before = compiledHere(policy, capabilities);
          if (!before) {
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
  it.each(['hfsc', 'drr', 'prio', 'ets', 'cbwfq', 'llq'])(
    'is imported from whatever scheduler it was made with, on a link of any kind: %s',
    (scheduler) => {
      let equal = 0;
      fc.assert(
        fc.property(asText(policies(['auto', 'red', 'pfifo'], [], [scheduler])), fc.array(packets, { minLength: 20, maxLength: 20 }), (source, sent) => {
          const policy = policyOf(source);
          const before = compiled(policy, EVERY);
          const imported = importTree(live(before.tree), { name: 'p', capabilities: EVERY, names: namesOf(before) });
          const again = policyOf(imported.source);
          expect(judge('p', specOf(imported.source)).filter(({ severity }) => severity === 'error')).toEqual([]);
          for (const packet of sent) {
            expect(classify(again.classes, packet).path).toBe(classify(policy.classes, packet).path);
          }
          // Nothing is lost in silence; weights are shares from 1 to 100.
          const order = (of: ResolvedPolicy) => flatten(of.classes).map(({ path }) => path).join();
          // Where no packet can tell it, the order of classes is that of the rules; bands of one priority follow it.
          if (order(again) === order(policy) && imported.remarks.every(({ kind }) => kind === 'notice')) {
            const { tree } = compiled(again, EVERY, before.allocation);
            const lines = diff(withoutRules(live(before.tree)), withoutRules(tree), { device: 'd0' }).map(({ line }) => line);
            expect(lines.filter((line) => !WEIGHED.test(line))).toEqual([]);
            // A share above the ceiling is cut to it, and read as that.
            const cut = before.tree.classes.some((item) => item.kind === 'hfsc' && item.parent !== 'root' && item.ls!.m2 === item.ul!.m2);
            const [now, then] = cut || policy.bandwidth < 10e6 ? [[], []] : [weightsIn(tree), weightsIn(before.tree)];
            // Within 2 % of the link: of a very small weight a tenth may be lost, and on a slow link the least rates are much of it.
            const beside = (weight: number, at: number) => Math.abs(weight - then[at]!);
            expect(now.filter((weight, at) => beside(weight, at) > Math.max(0.08 * then[at]!, 0.02 * Math.max(...then)))).toEqual([]);
            equal++;
          }
        }),
        { numRuns: 15 }
      );
      expect(equal).toBeGreaterThan(0);
    }
  ); // prettier-ignore
  it('does with its packets what it did', () => {
    fc.assert(
      fc.property(asText(actingPolicies(policies(['auto', 'pfifo']))), (source) => {
        const policy = policyOf(source);
        const before = compiled(policy);
        const imported = importTree(live(before.tree), { name: 'p', capabilities: FULL, names: namesOf(before) });
        expect(imported.remarks.filter(({ kind }) => kind !== 'notice')).toEqual([]);
        const { tree } = compiled(policyOf(imported.source), FULL, before.allocation);
        expect(tree.filters).toHaveLength(before.tree.filters.length);
        const others = before.tree.filters.filter((rule) => !tree.filters.some((now) => now.parent === rule.parent && now.chain === rule.chain && sameRule(now, rule))); // prettier-ignore
        expect(others).toEqual([]);
      }),
      { numRuns: 60 }
    );
  });
  it.each([
    ['flower', FULL, EVERY_CONDITION],
    ['u32', { ...BARE, marks: true }, OWN_CONDITIONS],
  ] as const)(
    'tells packets apart by every condition that %s sees as it did, whatever it negates',
    { timeout: 120_000 },
    (_name, capabilities, conditions) => {
      let said = 0;
      fc.assert(
        fc.property(conditioned(conditions), fc.array(packets, { minLength: 40, maxLength: 40 }), (source, sent) => {
          const policy = policyOf(source);
          const before = compiledHere(policy, capabilities);
          // Rules are held against each other pair by pair.
          if (!before || before.tree.filters.length > 150) {
            return fc.pre(false);
          }
          const imported = importTree(live(before.tree), { name: 'p', capabilities, names: namesOf(before) });
          const again = policyOf(imported.source);
          // What a remark names may differ.
          if (imported.remarks.every(({ kind }) => kind === 'notice')) {
            said++;
            for (const packet of sent) {
              expect(classify(again.classes, packet).path).toBe(classify(policy.classes, packet).path);
            }
            expect(movedBetween(policy, again)).toEqual([]);
          }
        }),
        { numRuns: 30, endOnFailure: true }
      );
      expect(said).toBeGreaterThan(10);
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
    ['hfsc', /no classes/],
    ['multiq', /cannot turn into a policy/],
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
