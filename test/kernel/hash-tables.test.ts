/** Thousands of rules of u32: the tables of the kernel that they stand in, from the plan to the way back. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importTree } from '../../backend/compile/tc/index.ts';
import { discover, readTree, type Place } from '../../backend/target/index.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { Operator, policyOf } from './operator.ts';

const range = (first: number, count: number, step = 1) => Array.from({ length: count }, (_, i) => first + step * i);
/** Lengths are seen by u32 alone, also where there is flower; 128 to 255 are one block of them. */
const take = (destinationPorts: number[]) => ({ ipVersion: 4, protocol: 'udp', length: '128-255', destinationPorts });
const policy = (odd: number[], even: number[]) =>
  policyOf({
    bandwidth: '1gbit',
    classes: [
      { name: 'odd', guarantee: '1mbit', match: [take(odd)] },
      { name: 'even', guarantee: '1mbit', match: [take(even)] },
      { name: 'rest', default: true },
    ],
  });
const [ODD, EVEN] = [range(1001, 120, 2), range(1002, 120, 2)];
const MANY = policy(ODD, EVEN);

onEach(KERNELS, 'rules in hash tables', ({ kernel, network, place: placeOf }) => {
  let operator: Operator;
  let place: Place;
  let name: string;
  beforeAll(async () => {
    operator = await Operator.start();
  });
  afterAll(() => operator?.stop());
  beforeEach(async () => {
    name = await network.make();
    place = placeOf(name);
  });
  const verbs = async (source: string) =>
    (await operator.lines(place, source)).map((line) => line.split(' ').slice(0, 2).join(' '));

  it('read back as planned and need nothing the second time', async () => {
    await operator.apply(place, MANY);
    const { before } = await operator.plan(place, MANY);
    expect(before.inexact).toEqual([]);
    expect(before.tables?.map(({ mask, offset, protocol }) => [mask, offset, protocol])).toEqual([
      [0xff, 20, 'ip'],
      [0xff, 20, '802.1Q'],
    ]);
    expect(before.filters).toHaveLength(4 * ODD.length);
    expect(await verbs(MANY)).toEqual([]);
  });

  it('are changed where they stand: a line for each kind of frame of what comes, goes or leads elsewhere', async () => {
    await operator.apply(place, MANY);
    const steps: Array<[string, string[]]> = [
      [policy([...ODD, 9000], EVEN), ['filter add', 'filter add']],
      [policy([...ODD, 9000], EVEN.slice(1)), ['filter del', 'filter del']],
      // The rule of the one class takes the place of that of the other.
      [policy([...ODD.slice(1), 9000], [...EVEN.slice(1), ODD[0]!]), ['filter replace', 'filter replace']],
      [MANY, ['filter add', 'filter add', 'filter del', 'filter del', 'filter replace', 'filter replace']],
    ];
    for (const [source, wanted] of steps) {
      expect((await verbs(source)).sort()).toEqual(wanted);
      await operator.apply(place, source);
      expect(await verbs(source)).toEqual([]);
    }
  });

  it('come and go with a new root, which the plan says, and are put back by a rollback', async () => {
    const few = policy(ODD.slice(0, 20), EVEN.slice(0, 20));
    await operator.apply(place, few);
    const { operations } = await operator.plan(place, MANY);
    expect(operations[0]).toMatchObject({ verb: 'replace', disruptive: true, reason: expect.stringContaining('hash tables') }); // prettier-ignore
    await operator.apply(place, MANY);
    const whole = await readTree(place, DEVICE);
    expect(whole.tables).toHaveLength(2);
    await operator.apply(place, few);
    expect((await readTree(place, DEVICE)).tables).toBeUndefined();
    await operator.rollback(place);
    expect(await readTree(place, DEVICE)).toEqual(whole);
    await operator.rollback(place);
    expect(await verbs(few)).toEqual([]);
  });

  it('of a class with children stand at that class', async () => {
    const nested = policyOf({
      bandwidth: '1gbit',
      classes: [
        { name: 'office', match: [{ ipVersion: 4 }], classes: [{ name: 'phones', match: [take(ODD)] }, { name: 'desks', default: true }] },
        { name: 'rest', default: true },
      ],
    }); // prettier-ignore
    await operator.apply(place, nested);
    expect((await readTree(place, DEVICE)).tables?.map(({ parent }) => parent)).toEqual(['1:10', '1:10']);
    expect(await verbs(nested)).toEqual([]);
  });

  it('of what is received stand on the IFB that it goes through, and at a hook one after the other', async () => {
    const side = `${DEVICE}:ingress`;
    const received = (scheduler: string) => policyOf({ ...(JSON.parse(MANY) as { spec: object }).spec, scheduler });
    const capabilities = await discover(place);
    const [onIfb, atHook] = [capabilities.ingress?.includes('ifb'), kernel.whole];
    if (onIfb) {
      await operator.apply(place, received('auto'), {}, side);
      const { before, operations } = await operator.plan(place, received('auto'), side);
      expect([before.tables?.length, before.inexact, operations]).toEqual([2, [], []]);
    }
    if (atHook) {
      const cut = policyOf({ bandwidth: '1gbit', scheduler: 'police', classes: [{ name: 'odd', ceiling: '1mbit', match: [take(ODD)] }, { name: 'rest', default: true }] }); // prettier-ignore
      await operator.apply(place, cut, {}, side);
      const { before, operations } = await operator.plan(place, cut, side);
      expect([before.tables, before.inexact, operations]).toEqual([undefined, [], []]);
    }
    expect(onIfb || atHook).toBe(true);
  });

  it('are put right where another hand took one away, or what leads to them', async () => {
    await operator.apply(place, MANY);
    const [rule] = (await readTree(place, DEVICE)).filters;
    const { pref, handle } = rule!;
    const of = `filter del dev ${DEVICE} parent 1: protocol ip pref ${pref}`;
    const fh = `1:${((handle! >> 12) & 0xff).toString(16)}:${(handle! & 0xfff).toString(16)}`;
    await network.tc(name, `${of} handle ${fh} u32`);
    expect(await verbs(MANY)).toEqual(['filter add']);
    await operator.apply(place, MANY);
    expect(await verbs(MANY)).toEqual([]);
    await network.tc(name, of);
    const { operations } = await operator.plan(place, MANY);
    expect(operations[0]).toMatchObject({ verb: 'replace', disruptive: true });
    await operator.apply(place, MANY);
    expect(await verbs(MANY)).toEqual([]);
  });

  it('are imported as the rules that they are', async () => {
    await operator.apply(place, MANY);
    const live = await readTree(place, DEVICE);
    const capabilities = await discover(place);
    const { source, remarks } = importTree(live, { name: 'edge', capabilities });
    expect(remarks.filter(({ object }) => object.startsWith('filter'))).toEqual([]);
    await operator.apply(place, source, { replaceForeign: true });
    const again = await readTree(place, DEVICE);
    expect(again.filters.map(({ keys }) => keys.join(' ')).sort()).toEqual(live.filters.map(({ keys }) => keys.join(' ')).sort()); // prettier-ignore
  });

  describe('by another hand', () => {
    const tree = (...rules: string[]) => [
      `qdisc add dev ${DEVICE} root handle 5: htb default 1`,
      `class add dev ${DEVICE} parent 5: classid 5:1 htb rate 1mbit`,
      `class add dev ${DEVICE} parent 5: classid 5:2 htb rate 1mbit`,
      ...rules.map((rule) => `filter add dev ${DEVICE} parent 5: protocol ip pref 7 ${rule}`),
    ];
    const link = 'u32 match ip protocol 17 0xff hashkey mask 0x000000ff at 20 link 3:';
    it('are written back exactly where each rule says all that leads to it', async () => {
      await network.tc(name, ...tree('handle 3: u32 divisor 256', 'u32 ht 3:35: match ip protocol 17 0xff match ip dport 53 0xffff flowid 5:2', link)); // prettier-ignore
      const before = await readTree(place, DEVICE);
      expect([before.inexact, before.tables?.length, before.filters.length]).toEqual([[], 1, 1]);
      await operator.apply(place, MANY);
      await operator.rollback(place);
      expect(await readTree(place, DEVICE)).toEqual(before);
    });
    it.each([
      ['a rule that says less than what leads to it', ['handle 3: u32 divisor 256', 'u32 ht 3:35: match ip dport 53 0xffff flowid 5:2', link]],
      ['a rule in another bucket than its own', ['handle 3: u32 divisor 256', 'u32 ht 3:36: match ip protocol 17 0xff match ip dport 53 0xffff flowid 5:2', link]],
      ['a table that nothing leads to', ['handle 3: u32 divisor 256', 'u32 ht 3:35: match ip protocol 17 0xff match ip dport 53 0xffff flowid 5:2']],
      ['a table of another size', ['handle 3: u32 divisor 128', 'u32 ht 3:35: match ip protocol 17 0xff match ip dport 53 0xffff flowid 5:2', link]],
      ['two ways to a table', ['handle 3: u32 divisor 256', 'u32 ht 3:35: match ip protocol 17 0xff match ip dport 53 0xffff flowid 5:2', link, link]],
      ['an empty table', ['handle 3: u32 divisor 256', 'u32 match ip dport 53 0xffff flowid 5:2']],
    ])('are named and left where they could not be: %s', async (_what, rules) => {
      await network.tc(name, ...tree(...rules));
      expect((await readTree(place, DEVICE)).inexact).not.toEqual([]);
      await expect(operator.apply(place, MANY)).rejects.toMatchObject({ code: 'CP-FOREIGN' });
    }); // prettier-ignore
  });

  it('follow any edit by the lines that it takes, without a new root as long as the tables stay', async () => {
    const ports = fc.uniqueArray(fc.integer({ min: 1, max: 3000 }), { minLength: 150, maxLength: 250 });
    await fc.assert(
      fc.asyncProperty(ports, fc.array(fc.tuple(fc.nat(249), fc.integer({ min: 3001, max: 4000 })), { maxLength: 12 }), fc.nat(100), async (all, swaps, cut) => {
        const apart = (list: number[]) => policy(list.slice(cut), [9999, ...list.slice(0, cut)]);
        const edited = [...all];
        swaps.forEach(([at, port]) => edited.splice(at % edited.length, 1, ...(edited.includes(port) ? [] : [port])));
        await operator.apply(place, apart(all));
        const plan = await operator.plan(place, apart(edited));
        expect(plan.operations.filter(({ disruptive }) => disruptive)).toEqual([]);
        expect(plan.operations.length).toBeLessThanOrEqual(8 * swaps.length);
        await operator.apply(place, apart(edited));
        const { before, operations } = await operator.plan(place, apart(edited));
        expect([before.inexact, operations]).toEqual([[], []]);
      }),
      { numRuns: 6, endOnFailure: true }
    );
  }); // prettier-ignore
});
