import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flatten, resolve } from '../../policy/resolve.ts';
import { classesText, resolved } from '../../policy/testing.ts';
import { CompileError } from './compile-error.ts';
import { diff } from './diff.ts';
import { objectId } from './model.ts';
import { BARE, compiled, EMPTY, FULL, htbClasses, policies } from './testing.ts';
import { readable } from './units.ts';

const WORD = /^[A-Za-z0-9:./_-]+$/;

describe('a compiled policy', () => {
  it('has an HTB class for every class, with figures that read back as they are', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const { tree, allocation } = compiled(policy);
        const all = flatten(policy.classes);
        expect(tree.classes).toHaveLength(all.length + 1);
        for (const item of all) {
          const made = htbClasses(tree).find(
            ({ classid }) => classid === `1:${allocation.classes[item.path]!.toString(16)}`
          )!;
          expect([made.rate, made.ceil]).toEqual([readable(made.rate), readable(item.ceiling)]);
          expect(made.rate <= made.ceil && made.burst >= 2 * 1514).toBe(true);
          expect(made.prio).toBe(item.classes.length > 0 ? undefined : 7 - item.priority);
        }
      })
    );
  });
  it('leaves no packet unshaped: HTB’s default and the last rule of every inner class lead to a leaf or its way', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const { tree, allocation } = compiled(policy);
        const ids = new Set(tree.classes.map((item) => item.classid));
        const inner = new Set(tree.classes.map((item) => item.parent));
        const fallback = `1:${Number(tree.qdiscs[0]!.options.default).toString(16)}`;
        expect(ids.has(fallback) && !inner.has(fallback)).toBe(true);
        for (const item of flatten(policy.classes).filter(({ classes }) => classes.length > 0)) {
          const id = `1:${allocation.classes[item.path]!.toString(16)}`;
          const rules = tree.filters.filter((filter) => filter.parent === id).sort((a, b) => a.pref - b.pref);
          const own = item.classes.find((child) => child.default)!;
          expect(rules.at(-1)).toMatchObject({
            protocol: 'all',
            classid: `1:${allocation.classes[own.path]!.toString(16)}`,
          });
        }
      })
    );
  });
  it('says of every object where in the policy it comes from', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const { tree } = compiled(policy);
        return [
          ...tree.qdiscs.map((value) => objectId({ type: 'qdisc', value })),
          ...tree.classes.map((value) => objectId({ type: 'class', value })),
          ...tree.filters.map((value) => objectId({ type: 'filter', value })),
        ].every((id) => tree.origins.get(id)?.path.startsWith('spec'));
      })
    );
  });
  it('reaches tc as plain words, one line an operation, whatever its classes are called', () => {
    fc.assert(
      fc.property(policies, fc.string(), (policy, hostile) => {
        // A name that no document may have: what reaches the line must not come from it all the same.
        const named = { ...policy, name: hostile, classes: policy.classes.map((item) => ({ ...item, name: hostile })) };
        const plain = diff(EMPTY, compiled(policy).tree, { device: 'wan0' }).map(({ line }) => line);
        expect(diff(EMPTY, compiled(named).tree, { device: 'wan0' }).map(({ line }) => line)).toEqual(plain);
        expect(plain.every((line) => line.split(' ').every((word) => WORD.test(word)))).toBe(true);
      })
    );
  });
  it('knows a class called constructor from what JavaScript calls so', () => {
    const { tree } = compiled(
      resolved(classesText('{name: constructor, match: [{dscp: ef}]}', '{name: rest, default: true}'))
    );
    expect(tree.classes.map(({ classid }) => classid)).toEqual(['1:1', '1:10', '1:11']);
  });
});

describe('what is left over', () => {
  const quanta = (...classes: string[]) =>
    Object.fromEntries(
      htbClasses(compiled(resolved(classesText(...classes))).tree).map(({ classid, quantum }) => [classid, quantum])
    );
  it('goes by share among leaves of one priority, a full frame to the least', () => {
    expect(
      quanta(
        '{name: a, match: [{dscp: ef}], share: 10}',
        '{name: b, match: [{dscp: le}], share: 30}',
        '{name: c, default: true, priority: 5, share: 7}'
      )
    ).toEqual({
      '1:1': undefined,
      '1:10': 1514,
      '1:11': 4542,
      '1:12': 1514,
    });
  });
  it('goes by guarantee where no share is said', () => {
    expect(
      quanta('{name: a, match: [{dscp: ef}], guarantee: 1mbit}', '{name: b, default: true, guarantee: 3mbit}')
    ).toEqual({
      '1:1': undefined,
      '1:10': 1514,
      '1:11': 4542,
    });
  });
});

describe('what a kernel lacks', () => {
  const one = resolve('p', {}, 10e6);
  it('is said', () => {
    const scheduler = 'Scheduler: HTB; one class needs its rate and no more.';
    expect(compiled(one, BARE).notes).toEqual([
      scheduler,
      'Classifier: u32, since this kernel has no flower. Ports are not seen behind IPv4 options or IPv6 extension headers.',
      'Queues: pfifo, since this kernel has no fq_codel.',
    ]);
    expect(compiled(one, FULL).notes).toEqual([scheduler]);
    expect(compiled(one, { ...FULL, gsoMaxSize: 65_536, mtu: 1500 }).notes[1]).toMatch(/^Segmentation offload: this interface takes packets of up to 64 KiB at once, and at 10 Mbit\/s one of them holds the link for 52 ms/); // prettier-ignore
  });
  it('is refused where nothing can take its place', () => {
    expect(() => compiled(one, { ...FULL, qdiscs: ['pfifo'] })).toThrow(/This kernel \(Linux 7.2\) has no HTB/);
    expect(() => compiled(one, { ...FULL, classifiers: [] })).toThrow(/has neither flower nor u32/);
  });
});

describe('lists that multiply', () => {
  const ports = Array.from({ length: 600 }, (_, i) => 2 * i + 1).join(', ');
  it.each([
    ['without being written out', `{ports: [${ports}], sourcePorts: [${ports}]}`],
    [
      'when they are more than one place holds',
      `{sourcePorts: [${ports}], dscp: [${Array.from({ length: 64 }, (_, i) => i).join(', ')}]}`,
    ],
  ])('are refused at their clause, %s', (_, clause) => {
    const policy = resolved(
      classesText(
        '{name: a, match: [{dscp: ef}]}',
        `{name: b, match: [{dscp: le}, ${clause}]}`,
        '{name: rest, default: true}'
      )
    );
    const began = process.cpuUsage();
    expect(() => compiled(policy)).toThrow(CompileError);
    expect(() => compiled(policy)).toThrow(/^The matches up to here of "b" are more than \d+ rules/);
    expect(process.cpuUsage(began).user).toBeLessThan(5e6);
    try {
      compiled(policy);
    } catch (error) {
      expect((error as CompileError).path).toBe('spec.classes[1].match[1]');
    }
  });
});
