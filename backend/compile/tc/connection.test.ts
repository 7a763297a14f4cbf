import { describe, expect, it } from 'vitest';
import { resolve } from '../../policy/resolve.ts';
import { classesText, policyText, specOf } from '../../policy/testing.ts';
import { compile } from './compile.ts';
import { emptyAllocation } from './allocation.ts';
import { importTree } from './import/index.ts';
import { objectId, type Capabilities } from './model.ts';
import { FULL } from './testing.ts';

const arriving = (match: string, capabilities: Partial<Capabilities> = {}) =>
  compile(
    resolve('p', specOf(classesText(`{name: a, match: [${match}]}`, '{name: rest, default: true}')), 1e7),
    { ...FULL, received: true, ...capabilities },
    emptyAllocation()
  );

const restoring = (restore: string, capabilities: Partial<Capabilities> = {}, scheduler = 'auto') =>
  compile(
    resolve('p', specOf(policyText(`{ bandwidth: 10mbit, scheduler: ${scheduler}, restoreDscp: ${restore} }`)), 1e7),
    { ...FULL, ...capabilities },
    emptyAllocation()
  );

describe('the DSCP that a connection keeps', () => {
  it('is restored once, before all rules, in a rule that leads nowhere', () => {
    const { tree, notes } = restoring('{ mask: 0xfc000000, state: 0x1000000 }');
    const [rule, ...others] = tree.filters;
    expect(others).toEqual([]);
    expect(rule).toMatchObject({ parent: '1:', protocol: 'all', keys: [], classid: '' });
    expect(rule!.actions).toEqual([{ kind: 'ctinfo', dscp: { mask: 0xfc000000, state: 0x1000000 }, then: 'continue' }]);
    expect(tree.origins.get(objectId({ type: 'filter', value: rule! }))).toMatchObject({ path: 'spec.restoreDscp' });
    expect(notes.join(' ')).toContain(
      'bits 0xfc000000 of its connection’s mark where 0x1000000 is set become its DSCP'
    );
  });

  it('is restored by u32 where there is no flower', () => {
    expect(restoring('{ mask: 0x3f }', { classifiers: ['u32'] }).tree.filters).toMatchObject([
      { kind: 'u32', keys: ['match u32 0x00000000 0x00000000 at 0'] },
    ]);
  });

  it.each<[Partial<Capabilities>, string, RegExp]>([
    [{ actions: ['gact'] }, 'auto', /lacks act_ctinfo/],
    [{ qdiscs: ['tbf', 'fq_codel'] }, 'fq_codel', /takes no rules/],
    [{ qdiscs: ['tbf', 'fq_codel'] }, 'tbf', /TBF cannot hold this: it has no rules/],
  ])('is refused where nothing can look it up: %j under %s', (capabilities, scheduler, message) => {
    expect(() => restoring('{ mask: 0x3f }', capabilities, scheduler)).toThrow(message);
  });

  it.each(['{ mask: 0x3f, state: 0x80 }', '{ mask: 0x3f }'])('is imported again: %s', (restore) => {
    for (const capabilities of [FULL, { ...FULL, classifiers: ['u32'] }]) {
      const { tree } = restoring(restore, capabilities);
      const { source, remarks } = importTree({ ...structuredClone({ ...tree, origins: undefined, ingress: undefined }), inexact: [] }, { name: 'p', capabilities }); // prettier-ignore
      expect(specOf(source).restoreDscp).toEqual(specOf(policyText(`{ restoreDscp: ${restore} }`)).restoreDscp);
      expect(remarks.map(({ message }) => message).join(' ')).not.toMatch(/ctinfo|act/);
    }
  });
});

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
    ['{connmark: 5}', { actions: ['gact', 'skbedit'] }, /lacks act_ctinfo, which looks up the connection of a packet/],
    ['{connmark: 5}', { marks: false }, /has no classifier that sees connmark/],
    ['{connmark: 5, vlan: 7}', {}, /no classifier sees connmark together with vlan/],
  ])('is refused where the kernel does not see it: %s', (match, capabilities, message) => {
    expect(() => arriving(match, capabilities)).toThrow(message);
  });
});
