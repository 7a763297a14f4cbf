import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flatten, type ResolvedPolicy, type Sharing } from '../policy/index.ts';
import { classesText, resolved } from '../policy/testing.ts';
import { entitlement, leavesOf } from './entitlement.ts';

const everything = (policy: ResolvedPolicy, but: string[] = []) =>
  new Map(leavesOf(policy.classes).map((leaf) => [leaf.path, but.includes(leaf.path) ? 0 : 2 * leaf.ceiling]));
const owed = (policy: ResolvedPolicy, but: string[] = [], sharing: Sharing = 'stated') =>
  Object.fromEntries(
    [...entitlement(policy, everything(policy, but), sharing)].map(([path, bits]) => [path, Math.round(bits)])
  );

describe('what classes are owed', () => {
  const branch = resolved(readFileSync(new URL('../../examples/branch-edge.yaml', import.meta.url), 'utf8'), 19e6);

  it('is each its guarantee when everything is full', () => {
    expect(owed(branch)).toEqual({ voice: 1.9e6, video: 5.7e6, control: 0.95e6, bulk: 0.95e6, default: 9.5e6 });
  });

  it('goes by priority where a class is idle, up to each ceiling', () => {
    expect(owed(branch, ['default'])).toEqual({ voice: 1.9e6, video: 11.4e6, control: 3.8e6, bulk: 1.9e6, default: 0 });
  });

  it('goes by share among equals', () => {
    const policy = resolved(
      classesText('{name: a, match: [{dscp: [1]}], share: 30}', '{name: b, match: [{dscp: [2]}], share: 60}', '{name: c, default: true, share: 10}')
    ); // prettier-ignore
    expect(owed(policy)).toEqual({ a: 3e6, b: 6e6, c: 1e6 });
    expect(owed(policy, ['b'])).toEqual({ a: 7.5e6, b: 0, c: 2.5e6 });
  });

  it('keeps the guarantee of a class with children for its children', () => {
    const policy = resolved(
      classesText(
        '{name: site, match: [{dscp: [1, 2]}], guarantee: 6mbit, ceiling: 8mbit, classes: [{name: a, match: [{dscp: [1]}], priority: 0}, {name: b, default: true, priority: 1}]}',
        '{name: rest, default: true, priority: 6}'
      )
    );
    expect(owed(policy)).toEqual({ 'site/a': 0, 'site/b': 6e6, rest: 4e6 });
    expect(owed(policy, ['rest'])).toEqual({ 'site/a': 0, 'site/b': 8e6, rest: 0 });
    expect(owed(policy, ['site/b'])).toEqual({ 'site/a': 6e6, 'site/b': 0, rest: 4e6 });
  });

  it('is a part of the link by guarantee and share where classes take turns, the higher priority first', () => {
    const policy = resolved(
      classesText('{name: a, match: [{dscp: [1]}], guarantee: 2mbit}', '{name: b, match: [{dscp: [2]}], guarantee: 3mbit}', '{name: c, default: true, guarantee: 5mbit}')
    ); // prettier-ignore
    expect(owed(policy, [], 'weights')).toEqual({ a: 2e6, b: 3e6, c: 5e6 });
    expect(owed(policy, ['c'], 'weights')).toEqual({ a: 4e6, b: 6e6, c: 0 });
    const bands = resolved(classesText('{name: a, match: [{dscp: [1]}], priority: 6}', '{name: b, default: true, priority: 1}'));
    expect(owed(bands, [], 'weights')).toEqual({ a: 10e6, b: 0 });
  }); // prettier-ignore

  it('is a part of each level by guarantee and share where levels share by themselves, up to the ceilings', () => {
    const policy = resolved(
      classesText(
        '{name: site, match: [{dscp: [1, 2]}], guarantee: 6mbit, ceiling: 8mbit, classes: [{name: a, match: [{dscp: [1]}], guarantee: 4mbit}, {name: b, default: true, guarantee: 2mbit}]}',
        '{name: rest, default: true, guarantee: 4mbit}'
      )
    );
    expect(owed(policy, [], 'levels')).toEqual({ 'site/a': 4e6, 'site/b': 2e6, rest: 4e6 });
    expect(owed(policy, ['site/a'], 'levels')).toEqual({ 'site/a': 0, 'site/b': 6e6, rest: 4e6 });
    expect(owed(policy, ['rest'], 'levels')['site/a']).toBe(5_333_333);
  });

  it('is what police lets through, and nothing where packets are sent elsewhere', () => {
    const policy = resolved(
      classesText('{name: a, match: [{dscp: [1]}], guarantee: 5mbit, police: {rate: 2mbit}}', '{name: b, match: [{dscp: [2]}], redirect: lan1}', '{name: c, default: true}')
    ); // prettier-ignore
    expect(owed(policy)).toEqual({ a: 2e6, b: 0, c: 8e6 });
  });

  it('is never more than is offered, than a ceiling allows, or than there is; and nothing is wasted', () => {
    const share = fc.integer({ min: 1, max: 100 });
    const one = fc.record({
      share,
      priority: fc.integer({ min: 0, max: 6 }),
      guarantee: fc.integer({ min: 0, max: 20 }),
      ceiling: fc.integer({ min: 20, max: 100 }),
      offered: fc.integer({ min: 0, max: 200 }),
    });
    const property = fc.property(fc.array(one, { minLength: 1, maxLength: 4 }), fc.array(one, { minLength: 1, maxLength: 3 }), (outer, inner) => {
      const text = (name: string, at: (typeof outer)[number], rest: string) => `{name: ${name}, ${rest}, share: ${at.share}, priority: ${at.priority}, guarantee: ${at.guarantee * 10}kbit, ceiling: ${at.ceiling * 100}kbit}`;
      const children = inner.map((each, i) => text(`i${i}`, { ...each, guarantee: 0 }, `match: [{dscp: [${40 + i}]}]`));
      const policy = resolved(classesText(
        ...outer.map((each, i) => text(`o${i}`, each, `match: [{dscp: [${i + 1}]}]`)),
        `{name: site, default: true, guarantee: 1mbit, ceiling: 7mbit, classes: [${children.join(', ')}, {name: rest, default: true}]}`
      ));
      const offers = [...outer, ...inner];
      const offered = new Map(leavesOf(policy.classes).map((leaf, i) => [leaf.path, (offers[i]?.offered ?? 50) * 1e5]));
      const given = entitlement(policy, offered);
      const amount = (path: string) => [...given].filter(([leaf]) => leaf === path || leaf.startsWith(`${path}/`)).reduce((sum, [, bits]) => sum + bits, 0);
      const total = [...given.values()].reduce((sum, bits) => sum + bits, 0);
      expect(total).toBeLessThanOrEqual(policy.bandwidth + 1);
      for (const item of flatten(policy.classes)) {
        expect(amount(item.path)).toBeLessThanOrEqual(item.ceiling + 1);
      }
      for (const leaf of leavesOf(policy.classes)) {
        const got = given.get(leaf.path)!;
        const wanted = offered.get(leaf.path)!;
        expect(got).toBeLessThanOrEqual(wanted + 1);
        expect(got).toBeGreaterThanOrEqual(Math.min(wanted, leaf.guarantee) - 1);
        const bound = flatten(policy.classes).some((item) => (leaf.path === item.path || leaf.path.startsWith(`${item.path}/`)) && amount(item.path) > item.ceiling - 1);
        expect(bound || got > wanted - 1 || total > policy.bandwidth - 1).toBe(true);
      }
    }); // prettier-ignore
    fc.assert(property, { numRuns: 200 });
  });
});
