import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allocateClasses,
  allocateFilters,
  AllocationError,
  emptyAllocation,
  MAX_RULES,
  type RulePlace,
} from './allocation.ts';

const path = fc.constantFrom('a', 'b', 'c', 'a/b', 'constructor', 'x', 'y', 'z');
const paths = fc.uniqueArray(path);

describe('minors of classes', () => {
  it('are unique, above those of the link, and below those that the kernel gives', () => {
    fc.assert(
      fc.property(fc.array(paths, { maxLength: 6 }), (rounds) => {
        const { classes } = rounds.reduce(allocateClasses, emptyAllocation());
        const minors = Object.values(classes);
        return (
          new Set(minors).size === minors.length &&
          minors.every((minor) => Number.isInteger(minor) && minor >= 0x10 && minor <= 0x7fff) &&
          (rounds.at(-1) ?? []).every((name) => Object.hasOwn(classes, name))
        );
      })
    );
  });
  it('belong to the path for good, whatever comes, goes and comes back', () => {
    fc.assert(
      fc.property(fc.array(paths, { minLength: 2, maxLength: 6 }), (rounds) => {
        let allocation = emptyAllocation();
        for (const round of rounds) {
          const before = allocation.classes;
          allocation = allocateClasses(allocation, round);
          expect(allocation.classes).toMatchObject(before);
        }
      })
    );
  });
  it('survive being stored', () => {
    const stored = JSON.parse(JSON.stringify(allocateClasses(emptyAllocation(), ['constructor', 'a']))) as ReturnType<
      typeof emptyAllocation
    >;
    expect(allocateClasses(stored, ['a', 'constructor']).classes).toEqual({ constructor: 0x10, a: 0x11 });
  });
  it('are taken from classes that are gone only when there is no room', () => {
    const many = Array.from({ length: 0x7ff0 }, (_, i) => `c${i}`);
    const full = allocateClasses(emptyAllocation(), many);
    const next = allocateClasses(full, [...many.slice(1), 'new']);
    expect(next.classes.new).toBe(full.classes.c0);
    expect(next.classes.c5).toBe(full.classes.c5);
    expect(() => allocateClasses(full, [...many, 'new'])).toThrow(AllocationError);
  });
});

describe('preferences of rules', () => {
  const keys = fc.uniqueArray(fc.constantFrom(...'abcdefghijkl'));
  /** A preference for each rule, in this order. */
  const given = (known: Record<string, RulePlace>, order: readonly string[]) => allocateFilters(known, order.map((key) => [key])); // prettier-ignore
  const prefsOf = (places: Record<string, RulePlace>) =>
    Object.fromEntries(Object.entries(places).map(([key, [pref]]) => [key, pref]));
  const inOrder = (prefs: Record<string, number>, order: readonly string[]) =>
    order.every((key, i) => i === 0 || prefs[order[i - 1]!]! < prefs[key]!);
  const within = (prefs: Record<string, number>) =>
    Object.values(prefs).every((pref) => Number.isInteger(pref) && pref >= 1 && pref <= MAX_RULES);

  it('are in the order of the document and within bounds, through any number of edits', () => {
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 30 }), (rounds) => {
        let places: Record<string, RulePlace> = {};
        for (const round of rounds) {
          places = given(places, round);
          const prefs = prefsOf(places);
          expect(Object.keys(prefs).sort()).toEqual([...round].sort());
          expect(inOrder(prefs, round) && within(prefs)).toBe(true);
        }
      })
    );
  });
  it('stay as they are while the order stays', () => {
    fc.assert(
      fc.property(keys, fc.func(fc.boolean()), (order, stays) => {
        const prefs = given({}, order);
        const fewer = order.filter((key) => stays(key));
        const left = given(prefs, fewer);
        expect(given(prefs, order)).toEqual(prefs);
        expect(fewer.map((key) => left[key])).toEqual(fewer.map((key) => prefs[key]));
      })
    );
  });
  it('of others stay when one rule is added anywhere', () => {
    fc.assert(
      fc.property(keys, fc.nat(), (order, at) => {
        const prefs = given({}, order);
        const place = at % (order.length + 1);
        const more = given(prefs, [...order.slice(0, place), 'new', ...order.slice(place)]);
        expect(more).toMatchObject(prefs);
      })
    );
  });
  it('of as many as possible stay when one rule moves', () => {
    const prefs = given({}, ['a', 'b', 'c', 'd']);
    const moved = given(prefs, ['d', 'a', 'b', 'c']);
    expect([moved.a, moved.b, moved.c]).toEqual([prefs.a, prefs.b, prefs.c]);
    expect(moved.d![0]).toBeLessThan(moved.a![0]);
  });
  it('are given anew when there is no room between two neighbours', () => {
    let prefs = given({}, ['a', 'z']);
    const order = ['a', 'z'];
    for (let i = 0; i < 40; i++) {
      order.splice(1, 0, `k${i}`);
      prefs = given(prefs, order);
      expect(inOrder(prefsOf(prefs), order)).toBe(true);
    }
  });
  it('hold as many rules as there are preferences, and no more', () => {
    const many = Array.from({ length: MAX_RULES }, (_, i) => `k${i}`);
    const prefs = prefsOf(given({}, many));
    expect(inOrder(prefs, many) && within(prefs)).toBe(true);
    expect(() => given({}, [...many, 'more'])).toThrow(AllocationError);
  });
  it('are shared as they were, with the same handles, when a rule comes or goes', () => {
    const many = Array.from({ length: 1000 }, (_, i) => `k${i}`);
    const places = allocateFilters({}, [many, ['last']]);
    const fewer = many.filter((key) => key !== 'k5');
    const more = allocateFilters(places, [['first'], [...fewer, 'new'], ['last']]);
    expect(fewer.filter((key) => more[key] !== places[key])).toEqual([]);
    expect([more.new, more.last]).toEqual([places.k5, places.last]);
    expect(more.first![0]).toBeLessThan(places.k0![0]);
  });
  it('go to the larger part when rules of one are divided', () => {
    const places = allocateFilters({}, [['a', 'b', 'c'], ['z']]);
    const divided = allocateFilters(places, [['a'], ['b', 'c'], ['z']]);
    expect([divided.b, divided.c, divided.z]).toEqual([places.b, places.c, places.z]);
    expect(divided.a![0]).toBeLessThan(places.b![0]);
  });
});
