/** A policy on its way into the store: judged, of the right name, audited with what is saved, and told to who listens. */
import { judgeSource } from '../deploy/index.ts';
import { hasErrors } from '../policy/index.ts';
import type { NewEntry, StoredDocument } from '../store/index.ts';
import type { Draft, PolicyDetail } from './contract.ts';
import type { Context } from './context.ts';
import { ProblemError } from './problem.ts';
import type { Identity } from './rights.ts';
import { policyView } from './views.ts';

/**
 * @param said what the audit calls it
 * @throws ProblemError when the policy has errors or another name; HeadMoved when someone else saved in the meantime
 */
export async function savePolicy(
  { store, catalog, hub, changed }: Context,
  { tenant, login, role }: Identity,
  name: string,
  { source, baseRevision }: Draft,
  said: (saved: StoredDocument) => Pick<NewEntry, 'action' | 'detail'>
): Promise<PolicyDetail> {
  const judged = judgeSource(source);
  if (hasErrors(judged.findings)) {
    throw new ProblemError(
      422,
      'CP-FINDINGS',
      'The policy has errors',
      'The policy was not saved. Correct what is named below.',
      judged.findings
    );
  }
  const own = judged.document!.metadata.name;
  if (own !== name) {
    throw new ProblemError(
      422,
      'CP-NAME',
      'Another name',
      `The document calls itself "${own}", but it was to be saved as "${name}". Nothing was saved.`
    );
  }
  const entry = { tenant, by: login!, role, subject: `Policy/${name}`, outcome: 'done' } as const;
  const saved = await store.documents.save(tenant, 'Policy', name, source, login!, baseRevision, (transaction, document) =>
    store.audit.add({ ...entry, ...said(document) }, transaction)
  ); // prettier-ignore
  hub.tell({ topic: 'policies', tenant, data: { name, revision: saved.revision } });
  await changed(tenant);
  return policyView(saved, (await catalog.usedBy(tenant)).get(name) ?? []);
}
