import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TIN_MODES, TINS } from '../../policy/cake-tins.ts';
import { PROFILES, type Scheduler } from '../../policy/profiles.ts';
import { misfits } from '../../policy/scheduling.ts';
import type { ResolvedPolicy } from '../../policy/resolve.ts';
import { findingsOf, policyText, resolved } from '../../policy/testing.ts';
import { CompileError } from './compile-error.ts';
import { diff, sameTree } from './diff.ts';
import { needsNewRoot } from './diff-tree.ts';
import { classidOf, type Capabilities } from './model.ts';
import { redArguments, redAverage } from './red.ts';
import { applied, compiled, EMPTY, FULL, policies } from './testing.ts';
import { fairQuanta } from './weights.ts';

const ALL: Capabilities = { ...FULL, qdiscs: [...FULL.qdiscs, 'hfsc', 'drr', 'prio', 'ets', 'tbf', 'codel', 'red', 'cake'] }; // prettier-ignore
const lacking = (...kinds: string[]): Capabilities => ({ ...ALL, qdiscs: ALL.qdiscs.filter((kind) => !kinds.includes(kind)) }); // prettier-ignore
const text = (head: string, ...classes: string[]) => policyText(`{bandwidth: 10mbit, ${head} classes: [\n${classes.join(',\n')}]}`); // prettier-ignore
const tree = (head: string, ...classes: string[]) => compiled(resolved(text(head, ...classes)), ALL).tree;
const lines = (head: string, ...classes: string[]) => diff(EMPTY, tree(head, ...classes), { device: 'd0' }).map(({ line }) => line); // prettier-ignore

const VOICE = '{name: voice, match: [{dscp: ef}], strict: true, guarantee: 1mbit}';
const WEB = '{name: web, match: [{dscp: af41}], guarantee: 3mbit, ceiling: 6mbit}';
const REST = '{name: rest, default: true}';

describe('whatever a scheduler holds', () => {
  const names = (Object.keys(PROFILES) as Scheduler[]).filter((name) => name !== 'police');
  it('it builds, leads to by operations that the kernel takes, and leaves for any other', { timeout: 60_000 }, () => {
    const built = new Set<string>();
    fc.assert(
      fc.property(policies, policies, fc.nat(), fc.nat(), (first, second, i, j) => {
        const [one, two] = [[first, i] as const, [second, j] as const].map(([policy, pick]): ResolvedPolicy => {
          const holding = names.filter((name) => misfits(name, policy).length === 0);
          return { ...policy, scheduler: holding[pick % holding.length]! };
        }) as [ResolvedPolicy, ResolvedPolicy];
        const from = compiled(one, ALL);
        const next = compiled(two, ALL, from.allocation).tree;
        const { tree: to } = needsNewRoot(from.tree, next) ? compiled(two, ALL, from.allocation) : { tree: next };
        const there = applied(EMPTY, diff(EMPTY, from.tree, { device: 'd0' }));
        expect(sameTree(there, from.tree)).toBe(true);
        expect(sameTree(applied(there, diff(there, to, { device: 'd0' })), to)).toBe(true);
        built.add(one.scheduler).add(two.scheduler);
      }),
      { numRuns: 1000 }
    );
    expect(built.size).toBeGreaterThan(8);
  });
});

describe('HFSC', () => {
  it('has guarantees as real-time curves, the rest by share, and ceilings as upper limits', () => {
    expect(lines('scheduler: hfsc,', VOICE, WEB, REST).filter((line) => line.startsWith('class'))).toEqual([
      'class add dev d0 parent 1: classid 1:1 hfsc ls m2 10mbit ul m2 10mbit',
      // A frame of 1514 B in 2 ms.
      'class add dev d0 parent 1:1 classid 1:10 hfsc rt m1 6056kbit d 2000us m2 1mbit ls m2 1mbit ul m2 1mbit',
      // 6 Mbit/s are left for shares of 75 and 1.
      expect.stringMatching(/classid 1:11 hfsc rt m2 3mbit ls m2 6mbit ul m2 6mbit$/),
      expect.stringMatching(/classid 1:12 hfsc rt m2 8kbit ls m2 78944bit ul m2 10mbit$/),
    ]);
  });
  it('promises a strict class no steeper start than there is room for', () => {
    const full = lines('scheduler: hfsc,', VOICE, '{name: rest, default: true, guarantee: 9mbit}');
    expect(full.find((line) => line.includes('1:10 hfsc'))).toMatch(/rt m2 1mbit /);
    const two = tree('scheduler: hfsc,', VOICE, '{name: b, match: [{dscp: va}], strict: true, guarantee: 1mbit}', '{name: rest, default: true, guarantee: 5mbit}'); // prettier-ignore
    const starts = two.classes.flatMap((item) => (item.kind === 'hfsc' && item.rt ? [item.rt.m1 || item.rt.m2] : []));
    expect(starts.reduce((sum, rate) => sum + rate, 0)).toBeLessThanOrEqual(10e6);
  });
});

describe('weights', () => {
  it('give each class its guarantee when all are busy, and the least one frame a turn', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const sum = policy.classes.reduce((total, item) => total + item.guarantee, 0);
        fc.pre(sum <= policy.bandwidth * 0.9 && policy.classes.every((item) => !item.strict));
        const quanta = fairQuanta(policy.classes, policy.bandwidth);
        const round = [...quanta.values()].reduce((total, bytes) => total + bytes, 0);
        expect(Math.min(...quanta.values())).toBe(1514);
        for (const [item, bytes] of quanta) {
          expect((policy.bandwidth * bytes) / round).toBeGreaterThanOrEqual(item.guarantee * 0.98);
        }
      })
    );
  });
});

describe('a discipline that does not shape', () => {
  const SHARES = ['{name: a, match: [{dscp: ef}], guarantee: 2mbit}', '{name: rest, default: true, guarantee: 6mbit}'];
  it('stands below HTB of one class, and its rules at it', () => {
    expect(lines('scheduler: drr,', ...SHARES).slice(0, 4)).toEqual([
      expect.stringMatching(/^qdisc add dev d0 root handle 1: htb default 0x1$/),
      expect.stringMatching(/^class add dev d0 parent 1: classid 1:1 htb rate 10mbit ceil 10mbit /),
      'qdisc add dev d0 parent 1:1 handle f: drr',
      'class add dev d0 parent f: classid f:10 drr quantum 1514b',
    ]);
    const { filters } = tree('scheduler: drr,', ...SHARES);
    expect(filters.every(({ parent }) => parent === 'f:')).toBe(true);
    expect(filters.some(({ protocol, classid }) => protocol === 'all' && classid === 'f:11')).toBe(true);
  });
  it('stands below TBF where there is no HTB', () => {
    const { tree: below } = compiled(resolved(text('scheduler: prio,', '{name: a, match: [{dscp: ef}], priority: 5}', REST)), lacking('htb')); // prettier-ignore
    expect(below.qdiscs.map(({ kind, parent }) => `${kind} ${parent}`).slice(0, 2)).toEqual(['tbf root', 'prio 1:1']);
    expect(() => compiled(resolved(text('scheduler: sfq,', REST)), lacking('htb', 'tbf'))).toThrow(/neither HTB nor TBF, and SFQ does not shape/); // prettier-ignore
  });
  it('has bands in the order of priorities, and what no rule takes in the default’s', () => {
    const [, prio] = tree('scheduler: prio,', REST, '{name: a, match: [{dscp: ef}], priority: 6}').qdiscs;
    expect(prio!.options).toEqual({ bands: 2, priomap: Array.from({ length: 16 }, () => 1).join(' ') });
    const [, ets] = tree('scheduler: ets,', '{name: a, match: [{dscp: ef}], priority: 6}', '{name: b, match: [{dscp: le}], share: 3}', '{name: rest, default: true, share: 1}').qdiscs; // prettier-ignore
    expect(ets!.options).toEqual({ bands: 3, strict: 1, quanta: '4542 1514', priomap: Array.from({ length: 16 }, () => 2).join(' ') }); // prettier-ignore
  });
  it('is known by where the queue of a class hangs', () => {
    const { tree: bands, allocation } = compiled(resolved(text('scheduler: prio,', REST, '{name: a, match: [{dscp: ef}], priority: 6}')), ALL); // prettier-ignore
    expect([classidOf(bands, allocation.classes.rest!), classidOf(bands, allocation.classes.a!)]).toEqual(['f:2', 'f:1']); // prettier-ignore
    expect(classidOf(tree('scheduler: hfsc,', WEB, REST), 0x10)).toBe('1:10');
    expect(classidOf(tree('scheduler: cake,', REST), 0x10)).toBeNull();
  });
});

describe('CAKE', () => {
  const tins = (mode: (typeof TIN_MODES)[number]) =>
    TINS[mode].map(({ name, dscp }, i) =>
      name === 'best effort' || name === 'tin 2' ? REST : `{name: t${i}, match: [{dscp: [${dscp.join(', ')}]}]}`
    );
  it.each(TIN_MODES)('has a class for each tin of %s, every DSCP in one', (mode) => {
    expect(TINS[mode].flatMap(({ dscp }) => dscp).sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, i) => i)); // prettier-ignore
    expect(lines('scheduler: cake, link: {overhead: docsis},', ...tins(mode))).toEqual([
      `qdisc add dev d0 root handle 1: cake bandwidth 10mbit ${mode} triple-isolate nonat nowash no-ack-filter split-gso rtt 100000us noatm overhead 18 mpu 64`,
    ]);
  });
  it('is sure of no more than a tin gets', () => {
    const voice = '{name: voice, match: [{dscp: [4, 44, 46, 48, 56]}], guarantee: 26%}';
    const source = text('scheduler: cake,', '{name: bulk, match: [{dscp: [1, 8]}]}', voice, REST);
    expect(findingsOf(source)).toMatchObject([
      { code: 'CP-SCHEDULER', path: 'spec.classes[1].guarantee', message: 'CAKE cannot hold this: the tin of voice is sure of 2.5 Mbit/s.' },
    ]); // prettier-ignore
  });
});

describe('auto', () => {
  const note = (capabilities: Capabilities, ...classes: string[]) => compiled(resolved(text('', ...classes)), capabilities).notes[0]; // prettier-ignore
  it('is HTB wherever there is one, and says for what', () => {
    expect(note(ALL, VOICE, WEB, REST)).toBe('Scheduler: HTB; the policy asks for guarantees, ceilings, strict classes and shares.'); // prettier-ignore
  });
  it('is the next best that holds the policy', () => {
    expect(note(lacking('htb'), VOICE, WEB, REST)).toMatch(/^Scheduler: HFSC, since this kernel has no HTB; /);
    expect(note(lacking('htb', 'hfsc'), REST)).toMatch(/^Scheduler: TBF, since/);
    expect(note(lacking('htb', 'hfsc'), '{name: a, match: [{dscp: ef}], priority: 6}', REST)).toMatch(/^Scheduler: ETS, since/); // prettier-ignore
  });
  it('says where what is left over goes another way', () => {
    expect(note(lacking('htb'), '{name: a, match: [{dscp: ef}], priority: 6, guarantee: 1mbit}', REST)).toMatch(/What is left over goes another way than the policy says: "rest" has another priority than "a", and it shares by weight alone\. HFSC may fall silent/); // prettier-ignore
  });
  it('is refused where nothing here holds the policy', () => {
    expect(() => note(lacking('htb', 'hfsc'), WEB, REST)).toThrow(CompileError);
    expect(() => note(lacking('htb', 'hfsc'), WEB, REST)).toThrow(/has no HTB\. Load the module sch_htb\. TBF cannot hold it: /); // prettier-ignore
  });
});

describe('RED', () => {
  // As tc made them on Linux 7.2 of these arguments.
  it('has the average that tc makes', () => {
    expect(redAverage(30_000, 105_000, 10e6)).toEqual({ ewma: 5, Scell_log: 15 });
    const { min, max, ewma, Scell_log } = { min: 20_833, max: 62_500, ...redAverage(20_833, 62_500, 10e6)! };
    expect(redArguments({ min, ewma, Scell_log })).toMatch(/^avpkt 1000 burst \d+ bandwidth \d+bit$/);
    expect(max).toBeGreaterThan(min);
  });
  it('takes thresholds as they are said, and says that they hold for every DSCP', () => {
    const asked = '{name: rest, default: true, queue: {algorithm: red, drop: [{dscp: af41, min: 30KiB, max: 90KiB, probability: 10%}, {dscp: af43, min: 10KiB, max: 30KiB}]}}'; // prettier-ignore
    const { tree: made, notes } = compiled(resolved(text('', asked)), ALL);
    expect(made.qdiscs[1]!.options).toMatchObject({ min: 30_720, max: 92_160, limit: 737_280, probability: 0.1 });
    expect(notes.join()).toMatch(/Linux cannot drop by DSCP within one queue/);
  });
});

describe('link overhead', () => {
  it('is a size table at the root, whatever else stands there', () => {
    for (const scheduler of ['htb', 'hfsc', 'tbf', 'drr']) {
      expect(lines(`scheduler: ${scheduler}, link: {overhead: adsl},`, REST)[0]).toMatch(/root handle 1: stab linklayer atm overhead 26 /); // prettier-ignore
    }
    expect(lines('link: {overhead: none},', REST)[0]).not.toMatch(/stab/);
    expect(compiled(resolved(text('link: {overhead: pppoe-ptm},', REST)), ALL).notes.join()).toMatch(
      /htb cannot count PTM/
    );
  });
});
