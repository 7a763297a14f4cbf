/** Documents on their way into the store: judged with all that stands around them, audited with what is saved. */
import { hasErrors, type Finding, type Kind } from '../policy/index.ts';
import type { Store, StoredDocument } from '../store/index.ts';
import type { Catalog, Instead } from './catalog.ts';
import { judgeChange } from './change.ts';
import { DeployFailure } from './failure.ts';
import { judgeSource } from './judged.ts';
import type { Actor } from './model.ts';

export interface Keeping {
  store: Store;
  catalog: Catalog;
  tenant: string;
  actor: Actor;
}
/** What came of it; a change with errors is not made. */
export type Kept = { saved: StoredDocument; findings: Finding[] } | { refused: Finding[] };

interface Named {
  kind: Kind;
  name: string;
}

/** @throws DeployFailure for a document that a file holds: the file would take it back at the next start */
function requireOwn(catalog: Catalog, { kind, name }: Named): void {
  const file = catalog.fileOf(kind, name);
  if (file !== undefined) {
    throw new DeployFailure(
      'CP-FROM-FILE',
      `${kind}/${name} comes from the file ${file}, which says what it is at every start of the sidecar. Nothing was changed. Edit the file and restart the sidecar, or take it out of CLEARPATH_DOCUMENTS first.`
    );
  }
}

const entryOf = ({ tenant, actor }: Keeping, { kind, name }: Named) =>
  ({ tenant, by: actor.login, role: actor.role, subject: `${kind}/${name}`, outcome: 'done' }) as const;

/**
 * @param base as of Documents.save
 * @param restored the version whose text it is, where it is an earlier one
 * @throws DeployFailure, HeadMoved
 */
export async function keepDocument(
  keeping: Keeping,
  change: Named & { source: string },
  base: string | null | undefined,
  restored?: number
): Promise<Kept> {
  const { store, catalog, tenant, actor } = keeping;
  const { kind, name, source } = change;
  requireOwn(catalog, change);
  const findings = kind === 'Policy' ? judgeSource(source).findings : await judgeChange(keeping, tenant, { kind, name, source }); // prettier-ignore
  if (hasErrors(findings)) {
    return { refused: findings };
  }
  const from = restored === undefined ? '' : `version ${restored}, `;
  const action = `${kind.toLowerCase()}.${restored === undefined ? 'save' : 'restore'}`;
  const saved = await store.documents.save(tenant, kind, name, source, actor.login, base, (transaction, { revision }) =>
    store.audit.add({ ...entryOf(keeping, change), action, detail: `${from}revision ${revision}` }, transaction)
  );
  return { saved, findings };
}

/** @returns what speaks against it; empty when it is done. @throws DeployFailure, HeadMoved */
export async function removeDocument(keeping: Keeping, { kind, name }: Named, base: string): Promise<Finding[]> {
  const { store, catalog, tenant, actor } = keeping;
  const change: Instead = { kind, name, source: null };
  requireOwn(catalog, change);
  const findings = await judgeChange(keeping, tenant, change);
  if (!hasErrors(findings)) {
    const entry = { ...entryOf(keeping, change), action: `${kind.toLowerCase()}.delete`, detail: `revision ${base}` };
    await store.documents.remove(tenant, kind, name, actor.login, base, (transaction) =>
      store.audit.add(entry, transaction)
    );
  }
  return findings.filter(({ severity }) => severity === 'error');
}
