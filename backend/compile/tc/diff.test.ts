import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolved, classesText } from '../../policy/testing.ts';
import { diff, sameTree } from './diff.ts';
import { needsNewRoot } from './diff-tree.ts';
import type { TcTree } from './model.ts';
import { applied, BARE, compiled, EMPTY, FULL, htbClasses, policies, seen } from './testing.ts';

const DEVICE = { device: 'wan0' };
const lines = (from: TcTree, to: TcTree) => diff(from, to, DEVICE).map(({ line }) => line);
const text = (...classes: string[]) => compiled(resolved(classesText(...classes)));
/** One tree after another, with the identities of the first. */
function edit(before: string[], after: string[]) {
  const from = text(...before);
  const to = compiled(resolved(classesText(...after)), FULL, from.allocation);
  return {
    from: seen(from.tree),
    to: to.tree,
    operations: diff(seen(from.tree), to.tree, { ...DEVICE, origins: to.tree.origins }),
  };
}

const VOICE = '{name: voice, match: [{dscp: ef}], strict: true, guarantee: 1mbit}';
const VIDEO = '{name: video, match: [{dscp: af41}], guarantee: 3mbit, ceiling: 6mbit}';
const REST = '{name: rest, default: true}';

describe('a rule at another place', () => {
  const SIP = '{name: sip, match: [{ports: 5060}]}';
  it('is called moved where it is taken away and where it is put', () => {
    const { operations } = edit([VOICE, SIP, REST], [SIP, VOICE, REST]);
    const said = operations.filter(({ object }) => object.type === 'filter').map(({ verb, reason }) => `${verb} ${reason}`);
    expect(said.length).toBeGreaterThan(0);
    for (const reason of said) {
      expect(reason).toMatch(/^add .* \(moved from preference \d+ to \d+\)$|^del rule moved: it stands elsewhere now$|^del rule replaced$/);
    }
  }); // prettier-ignore
  it('is called reclassified where it leads to another class', () => {
    const other = '{name: other, match: [{dscp: cs6}]}';
    const { operations } = edit([VIDEO, other, REST], [VIDEO.replace('af41', 'cs6'), other.replace('cs6', 'af41'), REST]);
    expect(operations.some(({ reason }) => /reclassified|what is done with the packets/.test(reason))).toBe(true);
  }); // prettier-ignore
});

describe('the algebra of differences', () => {
  it('finds none between a tree and itself', () => {
    fc.assert(
      fc.property(policies, fc.constantFrom(FULL, BARE), (policy, capabilities) => {
        const kind = capabilities === BARE ? { ...capabilities, qdiscs: FULL.qdiscs } : capabilities;
        const { tree, allocation } = compiled(policy, kind);
        expect(lines(seen(tree), tree)).toEqual([]);
        expect(lines(seen(tree), compiled(policy, kind, allocation).tree)).toEqual([]);
      })
    );
  });
  it('leads from nothing to the tree', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const { tree } = compiled(policy);
        return sameTree(applied(EMPTY, diff(EMPTY, tree, DEVICE)), tree);
      })
    );
  });
  it('leads from any tree of ours to any other, by operations that the kernel takes, and back', () => {
    let inPlace = 0;
    fc.assert(
      fc.property(policies, policies, (first, second) => {
        const from = compiled(first);
        const to = compiled(second, FULL, from.allocation);
        const there = diff(seen(from.tree), to.tree, DEVICE);
        inPlace += Number(!needsNewRoot(from.tree, to.tree));
        const arrived = applied(seen(from.tree), there);
        expect(lines(arrived, to.tree)).toEqual([]);
        expect(lines(seen(to.tree), arrived)).toEqual([]);
        const back = applied(arrived, diff(arrived, seen(from.tree), DEVICE));
        expect(lines(back, seen(from.tree))).toEqual([]);
      }),
      { numRuns: 400 }
    );
    expect(inPlace).toBeGreaterThan(10);
  });
  it('leads back to what the kernel has by itself', () => {
    const { tree } = text(REST);
    expect(lines(tree, EMPTY)).toEqual(['qdisc del dev wan0 root']);
    expect(lines(EMPTY, EMPTY)).toEqual([]);
  });
});

describe('a change', () => {
  it('of a ceiling is one change of one class, said in figures and at its place', () => {
    const { operations } = edit([VIDEO, REST], [VIDEO.replace('6mbit', '7mbit'), REST]);
    expect(operations.map(({ line, path, reason, disruptive }) => ({ line, path, reason, disruptive }))).toEqual([
      {
        line: 'class change dev wan0 parent 1:1 classid 1:10 htb rate 3mbit ceil 7mbit burst 3028b cburst 3028b prio 4 quantum 151400',
        path: 'spec.classes[0]',
        reason: 'video: ceiling 6 Mbit/s → 7 Mbit/s',
        disruptive: false,
      },
    ]);
  });
  it('of a name elsewhere leaves every other class and rule alone', () => {
    const { operations } = edit([VOICE, VIDEO, REST], ['{name: first, match: [{dscp: le}]}', VOICE, VIDEO, REST]);
    expect(operations.map(({ verb, object }) => `${verb} ${object.type}`)).toEqual([
      'add class',
      'add qdisc',
      'add filter',
      'add filter',
      'add filter',
      'add filter',
    ]);
    expect(operations.some(({ disruptive }) => disruptive)).toBe(false);
  });
  it('lowers before it raises', () => {
    fc.assert(
      fc.property(policies, policies, (first, second) => {
        const from = compiled(first);
        const to = compiled(second, FULL, from.allocation);
        const before = new Map(htbClasses(from.tree).map((item) => [item.classid, item]));
        const steps = diff(seen(from.tree), to.tree, DEVICE).flatMap(({ verb, object, reason }) => {
          const old = object.type === 'class' ? before.get(object.value.classid) : undefined;
          return verb === 'change' &&
            object.type === 'class' &&
            object.value.kind === 'htb' &&
            old &&
            reason !== 'no longer divided'
            ? [{ lowers: object.value.rate < old.rate || object.value.ceil < old.ceil }]
            : [];
        });
        return steps.every((step, i) => i === 0 || !step.lowers || steps[i - 1]!.lowers);
      })
    );
  });
  it('of the default class builds the tree anew, and says that this is disruptive', () => {
    const { from, to, operations } = edit(
      [VIDEO, REST],
      ['{name: video, default: true}', '{name: rest, match: [{dscp: le}]}']
    );
    expect(needsNewRoot(from, to)).toBe('the kernel cannot change default in place');
    expect(operations[0]).toMatchObject({ verb: 'del', line: 'qdisc del dev wan0 root', disruptive: true });
  });
  it('of a class’s parent builds the tree anew, since HTB cannot move a class', () => {
    const { tree } = text(VIDEO, REST);
    const moved = {
      ...tree,
      classes: tree.classes.map((item) => (item.classid === '1:10' ? { ...item, parent: '1:11' } : item)),
    };
    expect(needsNewRoot(tree, moved)).toBe('class 1:10 stands under another parent');
  });
  it('of a queue’s kind takes the old one away first, and says that its packets are lost', () => {
    const { operations } = edit(
      [VIDEO, REST],
      [VIDEO, '{name: rest, default: true, queue: {algorithm: pfifo, limit: 10p}}']
    );
    expect(operations.map(({ line, disruptive }) => `${line} ${disruptive}`)).toEqual([
      'qdisc del dev wan0 parent 1:11 true',
      'qdisc add dev wan0 parent 1:11 handle 11: pfifo limit 10 true',
    ]);
  });
  it('that the kernel can make in a queue is made in place', () => {
    const { operations } = edit([REST], ['{name: rest, default: true, queue: {target: 9ms}}']);
    expect(operations.map(({ verb, reason }) => `${verb}: ${reason}`)).toEqual([
      'change: rest: queue target, interval',
    ]);
  });
  it('frees a preference before a rule of another protocol takes it', () => {
    const rule = (protocol: string, key: string) => ({
      parent: '1:',
      protocol,
      pref: 32,
      kind: 'flower' as const,
      keys: [key],
      classid: '1:10',
    });
    const { tree } = text(VIDEO, REST);
    const from = { ...tree, filters: [rule('ip', 'ip_tos 0x0/0xfc')] };
    const to = { ...tree, filters: [rule('ipv6', 'ip_tos 0x4/0xfc')] };
    expect(lines(from, to)).toEqual([
      'filter del dev wan0 parent 1: protocol ip pref 32',
      'filter add dev wan0 parent 1: protocol ipv6 pref 32 flower ip_tos 0x4/0xfc classid 1:10',
    ]);
  });
  it('puts right what somebody added at a preference of ours, with one deletion', () => {
    const { tree } = text(VIDEO, REST);
    const [ours] = tree.filters;
    const theirs = { ...ours!, handle: 9, keys: ['ip_tos 0x4/0xfc'] };
    for (const filters of [
      [theirs, ours!],
      [ours!, theirs],
    ]) {
      const drifted = { ...tree, filters: [...filters, ...tree.filters.slice(1)] };
      expect(diff(drifted, tree, DEVICE).map(({ verb }) => verb)).toEqual(['del']);
      expect(lines(applied(drifted, diff(drifted, tree, DEVICE)), tree)).toEqual([]);
    }
  });
  it('is found where anything was changed by hand', () => {
    const { tree } = text(VOICE, VIDEO, REST);
    const without = (part: 'qdiscs' | 'classes' | 'filters', index: number): TcTree => ({ ...tree, [part]: tree[part].filter((_, i) => i !== index) }); // prettier-ignore
    for (const part of ['qdiscs', 'classes', 'filters'] as const) {
      tree[part].forEach((_, index) =>
        expect([part, index, sameTree(without(part, index), tree)]).toEqual([part, index, false])
      );
      tree[part].forEach((_, index) =>
        expect([part, index, sameTree(tree, without(part, index))]).toEqual([part, index, false])
      );
    }
  });
});
