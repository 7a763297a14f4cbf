import { describe, expect, it } from 'vitest';
import { parseDocuments } from './document.ts';
import { judgeBinding, judgeReferences, judgeTarget } from './documents.ts';
import {
  LATER_BINDING_KEYS,
  LATER_TARGET_KEYS,
  type BindingDocument,
  type PolicyDocument,
  type TargetDocument,
} from './schema.ts';

describe('targets and bindings', () => {
  const target = (spec: string) => parseDocuments(`{apiVersion: clearpath/v1, kind: Target, metadata: {name: t}, spec: ${spec}}`).documents[0]!.document as TargetDocument; // prettier-ignore
  const binding = (spec: string, name = 'b') => parseDocuments(`{apiVersion: clearpath/v1, kind: Binding, metadata: {name: ${name}}, spec: ${spec}}`).documents[0]!.document as BindingDocument; // prettier-ignore
  const later = 'is part of the language, but this version does not act on it yet.';

  it('are sound', () => {
    expect(judgeTarget(target('{platform: linux, namespace: x, interfaces: [wan0]}'))).toEqual([]);
    expect(judgeBinding(binding('{policy: p, target: t, interfaces: [wan0], bandwidth: 10mbit}'))).toEqual([]);
  });
  it.each(['ios', 'junos', 'ovs'])('does not act on the platform %s yet', (platform) => {
    expect(judgeTarget(target(`{platform: ${platform}}`))).toMatchObject([{ code: 'CP-NOT-YET', path: 'spec.platform', message: `The platform "${platform}" ${later}` }]); // prettier-ignore
  });
  it.each(LATER_TARGET_KEYS)('does not act on a target’s %s yet', (key) => {
    expect(judgeTarget(target(`{platform: linux, ${key}: x}`))).toMatchObject([{ code: 'CP-NOT-YET', path: `spec.${key}`, message: `"${key}" ${later}` }]); // prettier-ignore
  });
  it.each(LATER_BINDING_KEYS)('does not act on a binding’s %s yet', (key) => {
    expect(judgeBinding(binding(`{policy: p, target: t, interfaces: [a], ${key}: 5}`))).toMatchObject([{ code: 'CP-NOT-YET', path: `spec.${key}`, message: `"${key}" ${later}` }]); // prettier-ignore
  });
  it('acts on one interface, on egress, with a rate of its own', () => {
    const said = (spec: string) => judgeBinding(binding(`{policy: p, target: t, ${spec}}`)).map(({ code, path, message }) => `${code} ${path}: ${message}`); // prettier-ignore
    expect(said('interfaces: [a], direction: ingress')).toEqual([
      `CP-NOT-YET spec.direction: The direction "ingress" ${later}`,
    ]);
    expect(said('interfaces: [a, b]')).toEqual([
      `CP-NOT-YET spec.interfaces[1]: A second interface in one binding ${later}`,
    ]);
    expect(said('bandwidth: 1mbit')).toEqual(['CP-INTERFACE spec: The binding names no interface.']);
    expect(said('interfaces: [a], bandwidth: 50%')).toEqual(['CP-BANDWIDTH spec.bandwidth: The bandwidth of a link is a rate of its own, not a percent.']); // prettier-ignore
    expect(said('interfaces: [a], bandwidth: 0bit')).toEqual(['CP-BANDWIDTH spec.bandwidth: A link of 0 bit/s carries nothing.']); // prettier-ignore
  });

  const policy = { document: 'p' } as unknown as PolicyDocument;
  const refer = (bindings: BindingDocument[], targets: Record<string, TargetDocument>) =>
    judgeReferences(bindings, new Map([['p', policy]]), new Map(Object.entries(targets))).map(
      ({ code, document, path, message, hint }) => `${code} ${document} ${path}: ${message}${hint ? ` ${hint}` : ''}`
    );
  it('name what exists', () => {
    expect(refer([binding('{policy: q, target: u, interfaces: [a]}')], {})).toEqual([
      'CP-REFERENCE Binding/b spec.policy: There is no policy "q".',
      'CP-REFERENCE Binding/b spec.target: There is no target "u".',
    ]);
    expect(refer([binding('{policy: p, target: t, interfaces: [a]}')], { t: target('{platform: linux, interfaces: [wan0, wan1]}') })).toEqual([
      'CP-INTERFACE Binding/b spec.interfaces[0]: The target "t" names no interface "a". It has wan0, wan1.',
    ]); // prettier-ignore
  });
  it('do not meet on one interface, also under two names of one machine', () => {
    const targets = {
      t: target('{platform: linux}'),
      u: target('{platform: linux}'),
      v: target('{platform: linux, namespace: x}'),
    };
    const on = (name: string, of: string) => binding(`{policy: p, target: ${of}, interfaces: [wan0]}`, name);
    expect(refer([on('a', 't'), on('b', 't')], targets)).toEqual(['CP-BINDING-CONFLICT Binding/b spec.interfaces[0]: The binding "a" already acts on wan0 of t in this direction.']); // prettier-ignore
    expect(refer([on('a', 't'), on('b', 'u')], targets)).toEqual(['CP-BINDING-CONFLICT Binding/b spec.interfaces[0]: The binding "a" already acts on wan0 of u in this direction.']); // prettier-ignore
    expect(refer([on('a', 't'), on('b', 'v')], targets)).toEqual([]);
  });
});
