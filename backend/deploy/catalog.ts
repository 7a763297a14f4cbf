/** What the stored documents say together: which policy acts on which interface, judged and resolved for that link. */
import {
  judge, judgeBinding, judgeReferences, judgeTarget, ownBandwidth, parseDocuments, parsePath, placed, resolve,
  type BindingDocument, type Finding, type PolicyDocument, type ResolvedPolicy, type TargetDocument,
} from '../policy/index.ts'; // prettier-ignore
import { revisionOf, type Store, type StoredDocument } from '../store/index.ts';
import { placeKey, readLink, type Place } from '../target/index.ts';
import { DeployFailure } from './failure.ts';

/** A binding with everything it names. */
export interface Bound {
  name: string;
  binding: BindingDocument;
  target: TargetDocument | undefined;
  policy: { document: PolicyDocument; stored: StoredDocument } | undefined;
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
  /** Line of a path in the source */
  line: (path: string) => number | undefined;
}

/**
 * Reads and judges the text of one policy.
 * @param bandwidth bit/s of the link it is judged for; by default the policy's own
 */
export function judgeSource(source: string, bandwidth?: number): Judged {
  const { documents, findings } = parseDocuments(source);
  const policies = documents.filter((parsed) => parsed.document.kind === 'Policy');
  const parsed = policies[0];
  const base = { revision: revisionOf(source), line: () => undefined };
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
    line,
    findings: [...findings, ...judged],
    resolved: own ? resolve(document.metadata.name, document.spec, own) : undefined,
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

  private async documents<D extends BindingDocument | PolicyDocument | TargetDocument>(
    tenant: string,
    kind: D['kind']
  ): Promise<Array<{ document: D; stored: StoredDocument }>> {
    const stored = await this.store.documents.list(tenant, kind);
    return stored.flatMap((item) =>
      parseDocuments(item.source)
        .documents.filter((parsed) => parsed.document.kind === kind)
        .map((parsed) => ({ document: parsed.document as D, stored: item }))
    );
  }

  async bindings(tenant: string): Promise<Bound[]> {
    const [bindings, policies, targets] = await Promise.all([
      this.documents<BindingDocument>(tenant, 'Binding'),
      this.documents<PolicyDocument>(tenant, 'Policy'),
      this.documents<TargetDocument>(tenant, 'Target'),
    ]);
    const policyOf = new Map(policies.map((item) => [item.document.metadata.name, item]));
    const targetOf = new Map(targets.map((item) => [item.document.metadata.name, item.document]));
    const references = judgeReferences(
      bindings.map((item) => item.document),
      new Map(policies.map((item) => [item.document.metadata.name, item.document])),
      targetOf
    );
    return bindings.map(({ document }) => {
      const target = targetOf.get(document.spec.target);
      const own = references.filter((item) => item.document === `Binding/${document.metadata.name}`);
      return {
        name: document.metadata.name,
        binding: document,
        target,
        policy: policyOf.get(document.spec.policy),
        place: this.placeOf(target?.spec.namespace),
        device: document.spec.interfaces?.[0] ?? '',
        site: target?.metadata.labels?.site ?? document.spec.target,
        service: document.spec.service ?? document.spec.policy,
        findings: [
          ...own,
          ...judgeBinding(document),
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
    for (const { document } of await this.documents<BindingDocument>(tenant, 'Binding')) {
      used.set(document.spec.policy, [...(used.get(document.spec.policy) ?? []), document.metadata.name]);
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
