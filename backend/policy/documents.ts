/** Judgement of Targets and Bindings, and of what documents say of each other. */
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import { judgeBandwidth } from './judge.ts';
import { LATER_BINDING_KEYS, LATER_TARGET_KEYS, type BindingDocument, type TargetDocument } from './schema.ts';

const notYet = (path: string, what: string) =>
  finding(
    'CP-NOT-YET',
    path,
    `${what} is part of the language, but this version does not act on it yet.`,
    'Remove it for now.'
  );
const later = (holder: object, keys: readonly string[]) =>
  keys
    .filter((key) => (holder as Record<string, unknown>)[key] !== undefined)
    .map((key) => notYet(`spec.${key}`, `"${key}"`));

export function judgeTarget({ spec }: TargetDocument): Finding[] {
  return [
    ...(spec.platform === 'linux' ? [] : [notYet('spec.platform', `The platform "${spec.platform}"`)]),
    ...later(spec, LATER_TARGET_KEYS),
  ];
}

export function judgeBinding({ spec }: BindingDocument): Finding[] {
  return [
    ...later(spec, LATER_BINDING_KEYS),
    ...(spec.direction === 'ingress' ? [notYet('spec.direction', 'The direction "ingress"')] : []),
    ...(spec.interfaces
      ? []
      : [finding('CP-INTERFACE', 'spec', 'The binding names no interface.', 'Add interfaces: [wan0].')]),
    ...(spec.interfaces && spec.interfaces.length > 1
      ? [notYet('spec.interfaces[1]', 'A second interface in one binding')]
      : []),
    ...judgeBandwidth(spec.bandwidth),
  ];
}

/** References between documents, each finding at the binding that makes it. */
export function judgeReferences(
  bindings: readonly BindingDocument[],
  policies: { has: (name: string) => boolean },
  targets: ReadonlyMap<string, TargetDocument>
): Finding[] {
  const findings: Finding[] = [];
  const taken = new Map<string, string>();
  for (const { metadata, spec } of bindings) {
    const add = (item: Finding) => findings.push({ ...item, document: `Binding/${metadata.name}` });
    const target = targets.get(spec.target);
    if (!policies.has(spec.policy)) {
      add(finding('CP-REFERENCE', 'spec.policy', `There is no policy "${spec.policy}".`));
    }
    if (!target) {
      add(finding('CP-REFERENCE', 'spec.target', `There is no target "${spec.target}".`));
    }
    for (const [index, name] of (spec.interfaces ?? []).entries()) {
      if (target?.spec.interfaces && !target.spec.interfaces.includes(name)) {
        add(
          finding(
            'CP-INTERFACE',
            `spec.interfaces[${index}]`,
            `The target "${spec.target}" names no interface "${name}".`,
            `It has ${target.spec.interfaces.join(', ')}.`
          )
        );
      }
      // Two targets may be one machine: what counts is the network that the interface is in.
      const network = target ? `${target.spec.platform} ${target.spec.namespace ?? ''}` : spec.target;
      const key = `${network} ${name} ${spec.direction}`;
      const other = taken.get(key);
      if (other) {
        add(
          finding(
            'CP-BINDING-CONFLICT',
            `spec.interfaces[${index}]`,
            `The binding "${other}" already acts on ${name} of ${spec.target} in this direction.`
          )
        );
      } else {
        taken.set(key, metadata.name);
      }
    }
  }
  return findings;
}
