/** What the stored documents say together: which policy acts on which interface, judged and resolved for that link. */
import {
  judge, judgeBinding, judgeReferences, judgeTarget, judgeValues, ownBandwidth, parseDocuments, parsePath, placed, resolve,
  type BindingDocument, type Finding, type PolicyDocument, type ResolvedPolicy, type TargetDocument, type Values, type VariableUse,
} from '../policy/index.ts'; // prettier-ignore
import { revisionOf, type Store, type StoredDocument } from '../store/index.ts';
import { placeKey, readLink, type Place } from '../target/index.ts';
import { DeployFailure } from './failure.ts';

/** A binding with everything it names. */
export interface Bound {
  name: string;
  binding: BindingDocument;
  target: TargetDocument | undefined;
  /** As it reads with the binding's values. */
  policy: { document: PolicyDocument | undefined; stored: StoredDocument } | undefined;
  /** What the binding gives to the policy's variables. */
  values: Values;
  place: Place;
  device: string;
  site: string;
  service: string;
  findings: Finding[];
}

/** A policy as judged for one link. */
export interface Judged {
  document: PolicyDocument | undefined;
  revision: string;
  findings: Finding[];
  resolved: ResolvedPolicy | undefined;
  /** The values it was read with */
  variables: readonly VariableUse[];
  /** Line of a path in the source */
  line: (path: string) => number | undefined;
}

/**
 * Reads and judges the text of one policy.
 * @param bandwidth bit/s of the link it is judged for; by default the policy's own
 * @param values what is given to its variables there; by default the policy by itself, with defaults and examples
 */
export function judgeSource(source: string, bandwidth?: number, values?: Values): Judged {
  const { documents, findings } = parseDocuments(source, values);
  const policies = documents.filter((parsed) => parsed.document.kind === 'Policy');
  const parsed = policies[0];
  const base = { revision: revisionOf(source), line: () => undefined, variables: [] };
  if (!parsed || policies.length > 1 || documents.length > 1) {
    const wrong: Finding[] =
      findings.length > 0
        ? []
        : [
            {
              code: 'CP-INVALID',
              severity: 'error',
              path: 'kind',
              message:
                policies.length > 1
                  ? 'This text holds several policies; a policy is saved by itself.'
                  : 'This text holds other documents than one policy.',
            },
          ];
    return { ...base, document: undefined, findings: [...findings, ...wrong], resolved: undefined };
  }
  const document = parsed.document as PolicyDocument;
  const line = (path: string) => parsed.locate(parsePath(path))?.line;
  const judged = judge(document.metadata.name, document.spec, bandwidth).map((item) => placed(parsed, item));
  const own = bandwidth ?? ownBandwidth(document.spec);
  return {
    ...base,
    document,
    variables: parsed.variables,
    line,
    findings: [...findings, ...judged],
    resolved: own ? resolve(document.metadata.name, document.spec, own) : undefined,
  };
}

/** A policy as it reads with some values; bindings of one policy mostly give the same. */
function readOnce(): (policy: StoredDocument, values?: Values) => PolicyDocument | undefined {
  const known = new Map<string, PolicyDocument | undefined>();
  return ({ name, source }, values) => {
    const key = JSON.stringify([name, values]);
    if (!known.has(key)) {
      const document = parseDocuments(source, values).documents[0]?.document;
      known.set(key, document?.kind === 'Policy' ? document : undefined);
    }
    return known.get(key);
  };
}

export class Catalog {
  private readonly store: Store;
  private readonly enter: readonly string[];
  constructor(store: Store, enter: readonly string[]) {
    this.store = store;
    this.enter = enter;
  }

  placeOf(namespace: string | undefined): Place {
    return { namespace, enter: this.enter };
  }

  private async documents<D extends BindingDocument | TargetDocument>(tenant: string, kind: D['kind']): Promise<D[]> {
    const stored = await this.store.documents.list(tenant, kind);
    return stored.flatMap((item) =>
      parseDocuments(item.source)
        .documents.filter((parsed) => parsed.document.kind === kind)
        .map((parsed) => parsed.document as D)
    );
  }

  async bindings(tenant: string): Promise<Bound[]> {
    const [bindings, stored, targets] = await Promise.all([
      this.documents<BindingDocument>(tenant, 'Binding'),
      this.store.documents.list(tenant, 'Policy'),
      this.documents<TargetDocument>(tenant, 'Target'),
    ]);
    const policies = new Map(stored.map((item) => [item.name, item]));
    const targetOf = new Map(targets.map((document) => [document.metadata.name, document]));
    const references = judgeReferences(bindings, policies, targetOf);
    const read = readOnce();
    return bindings.map((document) => {
      const { metadata, spec } = document;
      const target = targetOf.get(spec.target);
      const policy = policies.get(spec.policy);
      const values = spec.variables ?? {};
      const declared = policy && read(policy)?.spec.variables;
      return {
        name: metadata.name,
        binding: document,
        target,
        policy: policy && { document: read(policy, values), stored: policy },
        values,
        place: this.placeOf(target?.spec.namespace),
        device: spec.interfaces?.[0] ?? '',
        site: target?.metadata.labels?.site ?? spec.target,
        service: spec.service ?? spec.policy,
        findings: [
          ...references.filter((item) => item.document === `Binding/${metadata.name}`),
          ...judgeBinding(document),
          ...(policy ? judgeValues(declared ?? {}, values) : []),
          ...(target
            ? judgeTarget(target).map((item) => ({ ...item, document: `Target/${target.metadata.name}` }))
            : []),
        ],
      };
    });
  }

  async binding(tenant: string, name: string): Promise<Bound | undefined> {
    return (await this.bindings(tenant)).find((item) => item.name === name);
  }

  /** The names of bindings that use each policy. */
  async usedBy(tenant: string): Promise<Map<string, string[]>> {
    const used = new Map<string, string[]>();
    for (const { metadata, spec } of await this.documents<BindingDocument>(tenant, 'Binding')) {
      used.set(spec.policy, [...(used.get(spec.policy) ?? []), metadata.name]);
    }
    return used;
  }
}

/** Bandwidth of the link: the binding's, else the policy's, else that of a physical interface. */
export async function bandwidthFor(
  place: Place,
  device: string,
  binding: BindingDocument | undefined,
  policy: PolicyDocument | undefined
): Promise<number> {
  const stated =
    binding?.spec.bandwidth?.kind === 'absolute' ? binding.spec.bandwidth.bits : policy && ownBandwidth(policy.spec);
  if (stated) {
    return stated;
  }
  const { speed } = await readLink(place, device);
  if (speed) {
    return speed;
  }
  throw new DeployFailure(
    'CP-BANDWIDTH-UNKNOWN',
    `Neither the policy nor the binding names a bandwidth, and ${placeKey(place, device)} is virtual or does not know its speed; nothing was planned. Add bandwidth, e.g. bandwidth: 19mbit.`,
    'spec.bandwidth'
  );
}
