/** A Binding or Target that somebody wants to save, or a document to take away: what would be wrong then, in it and around it. */
import {
  finding, hasErrors, judgeBinding, judgeTarget, parseDocuments, placed, type Code, type Finding, type Kind, type Parsed,
} from '../policy/index.ts'; // prettier-ignore
import type { Store } from '../store/index.ts';
import { isGone, placeKey } from '../target/index.ts';
import type { Bound, Catalog, Instead } from './catalog.ts';

interface Around {
  store: Store;
  catalog: Catalog;
}

const wrong = (code: Code, path: string, message: string, hint?: string) => finding(code, path, message, hint);

/** The one document of a text, as long as it is the one that is meant. */
function readChange(kind: Kind, name: string, source: string): { parsed: Parsed | undefined; findings: Finding[] } {
  const { documents, findings } = parseDocuments(source);
  const parsed = documents[0];
  if (!parsed || hasErrors(findings)) {
    return { parsed: undefined, findings };
  }
  const { document } = parsed;
  if (documents.length > 1 || document.kind !== kind) {
    const message = `This text holds ${documents.length > 1 ? 'several documents' : `a ${document.kind}`}; a ${kind} is saved by itself.`;
    return { parsed: undefined, findings: [...findings, placed(parsed, wrong('CP-INVALID', 'kind', message))] };
  }
  if (document.metadata.name !== name) {
    const message = `The document calls itself "${document.metadata.name}", but it is to be saved as "${name}".`;
    return {
      parsed: undefined,
      findings: [...findings, placed(parsed, wrong('CP-INVALID', 'metadata.name', message))],
    };
  }
  return { parsed, findings };
}

/** What is said of one document, each thing once, whichever interfaces it is said for. */
function saidOf(bounds: readonly Bound[], document: string): Finding[] {
  const all = bounds.flatMap(({ findings }) => findings).filter((item) => item.document === document);
  return [...new Map(all.map((item) => [`${item.code} ${item.path} ${item.message}`, item])).values()];
}

/** A document as it stands, with line and column where it can be read. */
export function judgeStored(kind: Kind, name: string, source: string, bounds: readonly Bound[]): Finding[] {
  const { parsed, findings } = readChange(kind, name, source);
  if (!parsed) {
    return findings;
  }
  const { document } = parsed;
  const alone = document.kind === 'Target' ? judgeTarget(document) : document.kind === 'Binding' ? judgeBinding(document) : []; // prettier-ignore
  const named = alone.map((item) => ({ ...item, document: `${kind}/${name}` }));
  const said = new Map([...named, ...saidOf(bounds, `${kind}/${name}`)].map((item) => [`${item.code} ${item.path} ${item.message}`, item])); // prettier-ignore
  return [...findings, ...[...said.values()].map((item) => placed(parsed, item))];
}

/** Errors of other documents that the change brings. */
function broken(before: readonly Bound[], after: readonly Bound[], { kind, name }: Instead): Finding[] {
  const own = `${kind}/${name}`;
  const names = new Set(after.map(({ binding }) => `Binding/${binding.metadata.name}`));
  names.delete(own);
  return [...names].flatMap((document) => {
    const known = new Set(saidOf(before, document).map(({ message }) => message));
    return saidOf(after, document)
      .filter(({ severity, message }) => severity === 'error' && !known.has(message))
      .map(({ code, message }) => ({ ...finding(code as Code, 'metadata.name', `${document} would be wrong then: ${message}`), document: own })); // prettier-ignore
  });
}

/** `uplinks` of uplinks.graz.wan0 */
const documentOf = (bound: string) => bound.split('.')[0]!;

/** What is in force on interfaces that the change would leave without the binding that shows it. */
async function orphaned(
  { store, catalog }: Around,
  tenant: string,
  before: readonly Bound[],
  after: readonly Bound[],
  change: Instead
): Promise<Finding[]> {
  const standing = await store.deployments.standing(tenant);
  const names = new Set((await store.documents.list(tenant, 'Binding')).map(({ name }) => name));
  const covers = (bounds: readonly Bound[], row: (typeof standing)[number]) =>
    bounds.some(
      ({ binding, place, device }) =>
        placeKey(place, device) === row.place &&
        // What the command line applied belongs to whichever binding has the interface.
        (binding.metadata.name === documentOf(row.binding) || !names.has(documentOf(row.binding)))
    );
  const unread = (row: (typeof standing)[number]) =>
    change.kind === 'Binding' &&
    documentOf(row.binding) === change.name &&
    !before.some(({ binding }) => binding.metadata.name === change.name);
  const lost = standing.filter((row) => (covers(before, row) || unread(row)) && !covers(after, row));
  return (await there(catalog, lost)).map(({ policy, place, binding }) => {
    const message = `The policy "${policy}" is in force on ${place}, which the binding "${documentOf(binding)}" would no longer have: it would go on acting, and nothing would show it.`;
    return wrong('CP-IN-FORCE', 'metadata.name', message, 'Roll it back there first.');
  });
}

/** Of what is in force, that on interfaces which have not gone. */
async function there<R extends { place: string; interface: string }>(catalog: Catalog, rows: readonly R[]): Promise<R[]> {
  const gone = await Promise.all(
    rows.map((row) => isGone(catalog.placeOf(row.place.includes('/') ? row.place.split('/')[0] : undefined), row.interface))
  );
  return rows.filter((_, at) => !gone[at]);
} // prettier-ignore

/** Where a policy acts, whoever applied it: its document says there what a class is owed. */
async function acting({ store, catalog }: Around, tenant: string, policy: string): Promise<Finding[]> {
  return (await there(catalog, await store.deployments.standing(tenant, policy))).map(({ place, binding }) =>
    wrong('CP-IN-FORCE', 'metadata.name', `The policy is in force on ${place}, by "${documentOf(binding)}".`, 'Roll it back there first.')
  );
} // prettier-ignore

/**
 * @param change source null: it is taken away
 * @returns every finding, those of the text at its line and column; with an error the change is not to be made
 */
export async function judgeChange(around: Around, tenant: string, change: Instead): Promise<Finding[]> {
  const { kind, name, source } = change;
  const read = source === null ? undefined : readChange(kind, name, source);
  if (read && !read.parsed) {
    return read.findings;
  }
  const before = await around.catalog.bindings(tenant);
  const after = await around.catalog.bindings(tenant, change);
  const own = source === null ? [] : judgeStored(kind, name, source, after);
  const others = [
    ...broken(before, after, change),
    ...(await (kind === 'Policy' ? acting(around, tenant, name) : orphaned(around, tenant, before, after, change))),
  ];
  const last = kind === 'Binding' && source === null ? (await around.store.rollouts.list(tenant, { binding: name, limit: 1 }))[0] : undefined; // prettier-ignore
  if (last && (last.state === 'running' || last.state === 'paused')) {
    const message = `The roll-out ${last.id} of this binding is ${last.state}.`;
    others.push(wrong('CP-IN-FORCE', 'metadata.name', message, 'Stop it, or let it end, first.'));
  }
  return [...own, ...others.map((item) => (read?.parsed ? placed(read.parsed, item) : { ...item, document: `${kind}/${name}` }))]; // prettier-ignore
}
