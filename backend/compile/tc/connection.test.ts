import { describe, expect, it } from 'vitest';
import { resolve } from '../../policy/resolve.ts';
import { classesText, specOf } from '../../policy/testing.ts';
import { compile } from './compile.ts';
import { emptyAllocation } from './allocation.ts';
import { FULL } from './testing.ts';
import type { Capabilities } from './model.ts';

const arriving = (match: string, capabilities: Partial<Capabilities> = {}) =>
  compile(
    resolve('p', specOf(classesText(`{name: a, match: [${match}]}`, '{name: rest, default: true}')), 1e7),
    { ...FULL, received: true, ...capabilities },
    emptyAllocation()
  );

describe('the mark of a received packet’s connection', () => {
  it('is looked up once, before all rules, where a match asks for it', () => {
    const { tree } = arriving('{connmark: 0x20/0x30}, {dscp: ef}, {connmark: 0x81/0x81, not: {connmark: 0x2/0x2}}');
    const [first, ...others] = tree.filters.toSorted((a, b) => a.pref - b.pref);
    expect(first!.actions).toEqual([
      { kind: 'mark', value: 0, mask: 0xb3 },
      { kind: 'ctinfo', mark: 0xb3, then: 'continue' },
    ]);
    expect(others.every(({ actions }) => actions === undefined)).toBe(true);
    expect(arriving('{dscp: ef}').tree.filters.every(({ actions }) => actions === undefined)).toBe(true);
  });

  it.each<[string, Partial<Capabilities>, RegExp]>([
    ['{connmark: 5}', { actions: ['gact', 'skbedit'] }, /lacks act_ctinfo, which "a" needs to see the mark/],
    ['{connmark: 5}', { marks: false }, /has no classifier that sees connmark/],
    ['{connmark: 5, vlan: 7}', {}, /no classifier sees connmark together with vlan/],
  ])('is refused where the kernel does not see it: %s', (match, capabilities, message) => {
    expect(() => arriving(match, capabilities)).toThrow(message);
  });
});
