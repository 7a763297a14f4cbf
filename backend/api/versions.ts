/** The versions of a document, and its way out, which leaves them. */
import { z } from 'zod';
import { removeDocument } from '../deploy/index.ts';
import { compareSources, type Kind } from '../policy/index.ts';
import { isRemoval, type Store, type Version } from '../store/index.ts';
import type { PolicyComparison } from './contract.ts';
import type { Context } from './context.ts';
import { ProblemError } from './problem.ts';
import type { Identity } from './rights.ts';

/** So many of what stands in the way are said in the text; all are among the findings. */
const SAID = 5;

export const VersionNumber = z.coerce
  .number()
  .int()
  .min(1)
  .max(2 ** 31 - 1);
export const Between = z.object({ from: VersionNumber, to: VersionNumber });

/** @throws ProblemError 404 */
export async function versionOf(
  { documents }: Store,
  tenant: string,
  kind: Kind,
  name: string,
  number: number
): Promise<Version> {
  const found = await documents.version(tenant, kind, name, number);
  if (!found) {
    throw new ProblemError(404, 'CP-NOT-FOUND', 'No such version', `There is no version ${number} of the ${kind.toLowerCase()} "${name}".`); // prettier-ignore
  }
  return found;
}

/** What one version means beside another. @throws ProblemError 404 */
export async function compareVersions(
  store: Store,
  tenant: string,
  kind: Kind,
  name: string,
  { from, to }: z.infer<typeof Between>
): Promise<PolicyComparison> {
  const [before, after] = await Promise.all([versionOf(store, tenant, kind, name, from), versionOf(store, tenant, kind, name, to)]); // prettier-ignore
  const { changes, unreadable } = compareSources(kind, before.source, after.source);
  const versions = { before, after };
  return {
    changes,
    unreadable: unreadable.map((side) => versions[side]).flatMap((version) => (isRemoval(version) ? [] : version.number)), // prettier-ignore
    sources: [before.source, after.source],
  };
}

/** @throws ProblemError 422 where going back to it would change nothing, or it has no text */
export function requireRestorable(kind: Kind, { number, revision }: Version, baseRevision: string | null): void {
  if (revision === baseRevision || isRemoval({ revision })) {
    const what = kind === 'Policy' ? 'policy' : 'document';
    const why = isRemoval({ revision }) ? `With version ${number} the ${what} was deleted: it has no text` : `The ${what} reads as in version ${number} already`; // prettier-ignore
    throw new ProblemError(422, 'CP-NOTHING-TO-RESTORE', 'Nothing to restore', `${why}. Nothing was saved.`);
  }
}

/** @throws ProblemError 409 naming what still needs it; DeployFailure, HeadMoved */
export async function deleteDocument(
  { store, catalog, changed }: Context,
  { tenant, login, role }: Identity,
  kind: Kind,
  name: string,
  baseRevision: string
): Promise<void> {
  const keeping = { store, catalog, tenant, actor: { login: login!, role } };
  const against = await removeDocument(keeping, { kind, name }, baseRevision);
  if (against.length > 0) {
    const said = against.slice(0, SAID).map(({ message, hint }) => `${message} ${hint ?? ''}`.trim());
    const more = against.length > SAID ? [`And ${against.length - SAID} more.`] : [];
    throw new ProblemError(409, 'CP-IN-USE', 'Still in use', `${kind}/${name} was not deleted: ${[...said, ...more].join(' ')}`, against); // prettier-ignore
  }
  await changed(tenant);
}
