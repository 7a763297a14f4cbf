/** What the stored documents say together: which policy acts on which interface, judged for that link. */
import {
  finding, judgeBinding, judgeMeetings, judgeTarget, judgeValues, linksOf, needsLookup, ownBandwidth, parseDocuments, targetsOf,
  type BindingDocument, type Finding, type Interfaces, type Link, type PolicyDocument, type TargetDocument, type Values, type VariableUse,
} from '../policy/index.ts'; // prettier-ignore
import { sideName, sideOf, sideWords } from '../compile/tc/index.ts';
import { revisionOf, type Store, type StoredDocument } from '../store/index.ts';
import { listLinks, placeKey, readLink, type Place } from '../target/index.ts';
import { DeployFailure } from './failure.ts';

/** A binding on one of its interfaces, with everything it names. */
export interface Bound {
  /** Unique, see Link: the binding's name, with the interface where it may have several. */
  name: string;
  binding: BindingDocument;
  /** Of the Binding as saved */
  revision: string;
  /** undefined where the binding finds none, which the findings say */
  target: TargetDocument | undefined;
  /** As the binding names it, whether or not it exists */
  targetName: string;
  /** As it reads with the binding's values. */
  policy:
    { document: PolicyDocument | undefined; variables: readonly VariableUse[]; stored: StoredDocument } | undefined;
  /** What the binding gives to the policy's variables. */
  values: Values;
  place: Place;
  /** A side of an interface, see sideName(); empty where the binding has none */
  device: string;
  site: string;
  service: string;
  findings: Finding[];
}

/**
 * Another text in place of a stored document, or none: what the catalogue would say of it. A policy's own text changes
 * nothing around it, so only its being gone is asked about.
 */
export type Instead =
  { kind: 'Binding' | 'Target'; name: string; source: string | null } | { kind: 'Policy'; name: string; source: null };
/** A stored document that this version does not take, e.g. since the rules have become tighter. */
export interface Unreadable {
  kind: 'Binding' | 'Target';
  name: string;
  revision: string;
  /** With line and column */
  findings: Finding[];
}
interface Read<D> {
  documents: Array<{ document: D; revision: string }>;
  unreadable: Unreadable[];
}

/** What is wrong with a text first, in words. */
export function firstError(findings: readonly Finding[]): string {
  const { line, message } = findings.find(({ severity }) => severity === 'error') ?? { message: 'It holds another document.' }; // prettier-ignore
  return line ? `line ${line}: ${message}` : message;
}

/** A policy as it reads with some values; bindings of one policy mostly give the same. */
function readOnce(): (
  policy: StoredDocument,
  values?: Values
) => { document: PolicyDocument; variables: readonly VariableUse[] } | undefined {
  const known = new Map<string, { document: PolicyDocument; variables: readonly VariableUse[] } | undefined>();
  return ({ name, source }, values) => {
    const key = JSON.stringify([name, values]);
    if (!known.has(key)) {
      const parsed = parseDocuments(source, values).documents[0];
      known.set(
        key,
        parsed?.document.kind === 'Policy' ? { document: parsed.document, variables: parsed.variables } : undefined
      );
    }
    return known.get(key);
  };
}

function unread({ name, source }: StoredDocument): Finding {
  const message = `The policy "${name}" is stored, but this version does not take it: ${firstError(parseDocuments(source).findings)} What is in force stays; nothing new can be applied.`;
  return finding('CP-UNREADABLE', 'spec.policy', message, 'Correct the policy, or restore a version of it.');
}

const named = (kind: string, { metadata }: { metadata: { name: string } }, findings: readonly Finding[]): Finding[] =>
  findings.map((item) => ({ ...item, document: `${kind}/${metadata.name}` }));

export class Catalog {
  private readonly store: Store;
  private readonly enter: readonly string[];
  private readonly files: ReadonlyMap<string, string>;
  /** @param files which file holds a Binding or a Target, by kind and name: Binding/uplinks */
  constructor(store: Store, enter: readonly string[], files: ReadonlyMap<string, string> = new Map()) {
    this.store = store;
    this.enter = enter;
    this.files = files;
  }

  /** The file that says what a document is; undefined for one that is edited here. */
  fileOf(kind: string, name: string): string | undefined {
    return this.files.get(`${kind}/${name}`);
  }

  placeOf(namespace: string | undefined): Place {
    return { namespace, enter: this.enter };
  }

  private async documents<D extends BindingDocument | TargetDocument>(
    tenant: string,
    kind: D['kind'],
    instead?: Instead
  ): Promise<Read<D>> {
    const stored: Array<Pick<StoredDocument, 'name' | 'source' | 'revision'>> = await this.store.documents.list(tenant, kind); // prettier-ignore
    const wanted = instead?.kind === kind ? stored.filter(({ name }) => name !== instead.name) : stored;
    if (instead?.kind === kind && instead.source !== null) {
      wanted.push({ name: instead.name, source: instead.source, revision: revisionOf(instead.source) });
      wanted.sort((a, b) => (a.name < b.name ? -1 : 1));
    }
    const read: Read<D> = { documents: [], unreadable: [] };
    for (const { name, source, revision } of wanted) {
      const { documents, findings } = parseDocuments(source);
      const own = documents.filter((parsed) => parsed.document.kind === kind);
      read.documents.push(...own.map((parsed) => ({ document: parsed.document as D, revision })));
      if (own.length === 0) {
        read.unreadable.push({ kind, name, revision, findings });
      }
    }
    return read;
  }

  /** Bindings and Targets that would otherwise vanish from every list. */
  async unreadable(tenant: string): Promise<Unreadable[]> {
    const [bindings, targets] = await Promise.all([
      this.documents<BindingDocument>(tenant, 'Binding'),
      this.documents<TargetDocument>(tenant, 'Target'),
    ]);
    return [...bindings.unreadable, ...targets.unreadable];
  }

  /** What the machines have, asked only where a binding goes by it. */
  private async lookUp(
    bindings: readonly BindingDocument[],
    targets: ReadonlyMap<string, TargetDocument>
  ): Promise<(target: TargetDocument) => Interfaces> {
    const wanted = new Set(
      bindings.flatMap((binding) => targetsOf(binding, targets).filter((target) => needsLookup(binding, target)))
    );
    const found = new Map<TargetDocument, Interfaces>();
    for (const target of wanted) {
      const listed = listLinks(this.placeOf(target.spec.namespace));
      found.set(target, await listed.catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))); // prettier-ignore
    }
    return (target) => found.get(target) ?? [];
  }

  /** Every binding on each of its interfaces; one without an interface stands there all the same, with what is wrong. */
  async bindings(tenant: string, instead?: Instead): Promise<Bound[]> {
    const [{ documents: bindings }, allPolicies, targetsRead] = await Promise.all([
      this.documents<BindingDocument>(tenant, 'Binding', instead),
      this.store.documents.list(tenant, 'Policy'),
      this.documents<TargetDocument>(tenant, 'Target', instead),
    ]);
    const policies = new Map(allPolicies.map((item) => [item.name, item]));
    if (instead?.kind === 'Policy') {
      policies.delete(instead.name);
    }
    const targets = new Map(targetsRead.documents.map(({ document }) => [document.metadata.name, document]));
    const there = await this.lookUp(bindings.map(({ document }) => document), targets); // prettier-ignore
    const unreadable = new Map(targetsRead.unreadable.map(({ name, findings }) => [name, firstError(findings)]));
    const read = readOnce();
    const all = bindings.map(({ document: binding, revision }) => ({ binding, revision, ...linksOf(binding, { policies, targets, unreadable }, there) })); // prettier-ignore
    const conflicts = judgeMeetings(
      all.flatMap(({ links }) => links),
      Date.now()
    );
    return all.flatMap(({ binding, revision, links, findings }) => {
      const { metadata, spec } = binding;
      const policy = policies.get(spec.policy);
      const values = spec.variables ?? {};
      const own = [
        ...findings,
        ...judgeBinding(binding),
        ...(policy ? judgeValues(read(policy)?.document.spec.variables ?? {}, values) : []),
        ...(policy && !read(policy) ? [unread(policy)] : []),
      ];
      const boundTo = (link: Partial<Link>): Bound => {
        const target = link.target ?? targets.get(spec.target ?? '');
        const targetName = target?.metadata.name ?? spec.target ?? '';
        const conflict = conflicts.get(link as Link);
        return {
          name: link.name ?? metadata.name,
          binding,
          revision,
          target,
          targetName,
          policy: policy && { document: undefined, variables: [], ...read(policy, values), stored: policy },
          values,
          place: this.placeOf(target?.spec.namespace),
          device: sideName(link.device ?? '', spec.direction),
          site: target?.metadata.labels?.site ?? targetName,
          service: spec.service ?? spec.policy,
          findings: [
            ...named('Binding', binding, [...own, ...(link.findings ?? []), ...(conflict ? [conflict] : [])]),
            ...(target ? named('Target', target, judgeTarget(target)) : []),
          ],
        };
      };
      return links.length > 0 ? links.map(boundTo) : [boundTo({})];
    });
  }

  /** Every target, with the place that it names. */
  async targets(tenant: string): Promise<Array<{ document: TargetDocument; place: Place }>> {
    const { documents } = await this.documents<TargetDocument>(tenant, 'Target');
    return documents.map(({ document }) => ({ document, place: this.placeOf(document.spec.namespace) }));
  }

  /** @param name of a binding on one interface */
  async binding(tenant: string, name: string): Promise<Bound | undefined> {
    return (await this.bindings(tenant)).find((item) => item.name === name);
  }

  /** @param name of a Binding document: it on all of its interfaces */
  async interfacesOf(tenant: string, name: string): Promise<Bound[]> {
    return (await this.bindings(tenant)).filter(({ binding }) => binding.metadata.name === name);
  }

  /** The names of bindings that use each policy. */
  async usedBy(tenant: string): Promise<Map<string, string[]>> {
    const used = new Map<string, string[]>();
    for (const { document } of (await this.documents<BindingDocument>(tenant, 'Binding')).documents) {
      const { metadata, spec } = document;
      used.set(spec.policy, [...(used.get(spec.policy) ?? []), metadata.name]);
    }
    return used;
  }
}

/** Bandwidth of the link: the binding's, else the policy's, else, on the way out, that of a physical interface. */
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
  if (sideOf(device).direction === 'ingress') {
    throw new DeployFailure(
      'CP-BANDWIDTH-UNKNOWN',
      `Neither the policy nor the binding names a bandwidth for ${placeKey(place, sideWords(device))}; nothing was planned. What is received can be shaped only below what the link delivers, which its speed does not say: add bandwidth, e.g. bandwidth: 45mbit on a line of 50.`,
      'spec.bandwidth'
    );
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
