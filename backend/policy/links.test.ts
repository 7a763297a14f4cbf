import { describe, expect, it } from 'vitest';
import { parseDocuments } from './document.ts';
import { judgeMeetings, linksOf, needsLookup, type Interfaces } from './links.ts';
import type { BindingDocument, TargetDocument } from './schema.ts';

const document = (kind: string, name: string, spec: string, labels = '{}') =>
  parseDocuments(
    `{apiVersion: clearpath/v1, kind: ${kind}, metadata: {name: ${name}, labels: ${labels}}, spec: ${spec}}`
  );
const target = (name: string, spec = '{platform: linux}', labels?: string) =>
  document('Target', name, spec, labels).documents[0]!.document as TargetDocument;
const binding = (spec: string, name = 'b') =>
  document('Binding', name, `{policy: p, ${spec}}`).documents[0]!.document as BindingDocument;

const links = (of: BindingDocument, targets: TargetDocument[], there: Interfaces = []) =>
  linksOf(
    of,
    { policies: new Set(['p']), targets: new Map(targets.map((item) => [item.metadata.name, item])) },
    () => there
  );
const said = (...of: Parameters<typeof links>) => {
  const found = links(...of);
  return [...found.findings, ...found.links.flatMap((link) => link.findings)].map(
    ({ path, message, hint }) => `${path}: ${message}${hint ? ` ${hint}` : ''}`
  );
};
const names = (...of: Parameters<typeof links>) => links(...of).links.map(({ name }) => name);
const NAMED = '{platform: linux, interfaces: [wan0, wan1, lan0]}';

describe('the interfaces of a binding', () => {
  it('are those it lists; a single one keeps the binding’s own name', () => {
    expect(names(binding('target: t, interfaces: [wan0]'), [target('t')])).toEqual(['b']);
    expect(names(binding('target: t, interfaces: [wan0, eth0.100, wan0]'), [target('t')])).toEqual([
      'b.wan0',
      'b.eth0.100',
    ]);
  });
  it('are all that the target names where the binding lists none, and those of a pattern', () => {
    expect(names(binding('target: t'), [target('t', NAMED)])).toEqual(['b.wan0', 'b.wan1', 'b.lan0']);
    expect(names(binding('target: t, interfaces: ["wan*"]'), [target('t', NAMED)])).toEqual(['b.wan0', 'b.wan1']);
    expect(names(binding('target: t, interfaces: ["*0"]'), [target('t', NAMED)])).toEqual(['b.wan0', 'b.lan0']);
  });
  it('are those the machine has where the target names none; never its loopback', () => {
    const of = binding('target: t, interfaces: ["*"]');
    expect([needsLookup(of, target('t')), needsLookup(of, target('t', NAMED))]).toEqual([true, false]);
    expect(needsLookup(binding('target: t, interfaces: [wan0]'), target('t'))).toBe(false);
    expect(names(of, [target('t')], ['lo', 'eth0', 'eth1'])).toEqual(['b.eth0', 'b.eth1']);
  });
  it('are of every target that has all labels of a selector, and told apart by it', () => {
    const targets = [
      target('graz', NAMED, '{role: branch, region: south}'),
      target('linz', NAMED, '{role: branch, region: north}'),
      target('wien', NAMED, '{role: centre}'),
    ];
    expect(names(binding('selector: {role: branch}, interfaces: [wan0]'), targets)).toEqual([
      'b.graz.wan0',
      'b.linz.wan0',
    ]);
    expect(names(binding('selector: {role: branch, region: south}'), targets)).toHaveLength(3);
    expect(said(binding('selector: {role: hub}'), targets)).toEqual([
      'spec.selector: No target has the labels role: hub.',
    ]);
  });
});

describe('a binding that does not find its interfaces', () => {
  it('says what exists', () => {
    expect(said(binding('target: u, interfaces: [a]'), [])).toEqual(['spec.target: There is no target "u".']);
    expect(linksOf(binding('target: t'), { policies: new Set(), targets: new Map() }, () => []).findings).toMatchObject(
      [
        { code: 'CP-REFERENCE', path: 'spec.policy' },
        { code: 'CP-REFERENCE', path: 'spec.target' },
      ]
    );
    expect(said(binding('target: t, interfaces: [wan0, a]'), [target('t', NAMED)])).toEqual([
      'spec.interfaces[1]: The target "t" names no interface "a". It has wan0, wan1, lan0.',
    ]);
    expect(said(binding('target: t'), [target('t')])).toEqual([
      'spec: The target "t" names no interfaces, so the binding has to: which of the machine’s are meant? Add interfaces: [wan0].',
    ]);
    expect(said(binding('target: t, interfaces: ["ppp*"]'), [target('t')], ['eth0'])).toEqual([
      'spec.interfaces[0]: No interface of the target "t" is called like "ppp*". It has eth0.',
    ]);
  });
  it('loses only what is wrong: the others stay', () => {
    const targets = [target('graz', NAMED, '{role: x}'), target('linz', undefined, '{role: x}')];
    const found = links(binding('selector: {role: x}, interfaces: ["wan*"]'), targets, new Error('no such namespace.'));
    expect(found.links.map(({ name, device, findings }) => [name, device, findings.length])).toEqual([
      ['b.graz.wan0', 'wan0', 0],
      ['b.graz.wan1', 'wan1', 0],
      ['b.linz', '', 1],
    ]);
  });
  it('names either a target or a selector', () => {
    for (const spec of ['{policy: p}', '{policy: p, target: t, selector: {role: x}}', '{policy: p, selector: {}}']) {
      expect(document('Binding', 'b', spec).findings).toMatchObject([{ code: 'CP-INVALID' }]);
    }
  });
});

describe('two bindings', () => {
  const meet = (targets: TargetDocument[], ...bindings: BindingDocument[]) =>
    [
      ...judgeMeetings(
        bindings.flatMap((of) => links(of, targets).links),
        Date.UTC(2026, 0, 1)
      ),
    ].map(([link, { code, path, message }]) => `${link.name} ${code} ${path}: ${message}`);
  it('do not meet on one interface, also under two names of one machine', () => {
    const targets = [target('t'), target('u'), target('v', '{platform: linux, namespace: x}')];
    const on = (name: string, of: string) => binding(`target: ${of}, interfaces: [wan0]`, name);
    expect(meet(targets, on('a', 't'), on('b', 'u'))).toEqual([
      'b CP-BINDING-CONFLICT spec.interfaces[0]: The binding "a" already acts on wan0 of u in this direction, and so does "b".',
    ]);
    expect(meet(targets, on('a', 't'), on('b', 'v'))).toEqual([]);
  });
  it('meet on one interface of many, and the others stay', () => {
    const targets = [target('t', NAMED)];
    expect(meet(targets, binding('target: t', 'a'), binding('target: t, interfaces: ["lan*", x]', 'b'))).toHaveLength(
      1
    );
  });
});
