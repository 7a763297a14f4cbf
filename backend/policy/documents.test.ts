import { describe, expect, it } from 'vitest';
import { parseDocuments } from './document.ts';
import { judgeBinding, judgeTarget } from './documents.ts';
import { LATER_TARGET_KEYS, type BindingDocument, type TargetDocument } from './schema.ts';

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
  it('acts in both directions, with a rate of its own', () => {
    const said = (spec: string) => judgeBinding(binding(`{policy: p, target: t, ${spec}}`)).map(({ code, path, message }) => `${code} ${path}: ${message}`); // prettier-ignore
    expect(said('interfaces: [a], direction: ingress, confirm: 90s')).toEqual([]);
    expect(said('interfaces: [a], bandwidth: 50%')).toEqual(['CP-BANDWIDTH spec.bandwidth: The bandwidth of a link is a rate of its own, not a percent.']); // prettier-ignore
    expect(said('interfaces: [a], bandwidth: 0bit')).toEqual(['CP-BANDWIDTH spec.bandwidth: A link of 0 bit/s carries nothing.']); // prettier-ignore
  });
});
