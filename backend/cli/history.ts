/** clearpath history and diff: the versions of a stored document, and what two texts differ in. */
import { compareSources } from '../policy/index.ts';
import { isRemoval } from '../store/index.ts';
import { UsageError, type Call } from './arguments.ts';
import { referenceOf, stored, withStore } from './documents.ts';
import { DONE, FINDINGS, result, TENANT, type Result } from './result.ts';
import { readSource } from './source.ts';

export async function historyCommand({ words: [word = ''] }: Call): Promise<Result> {
  return withStore(async (store) => {
    const reference = referenceOf(word);
    const { kind, name } = reference ?? { kind: 'Policy' as const, name: word };
    const versions = await store.documents.versions(TENANT, kind, name);
    if (versions.length === 0) {
      await stored(store, { kind, name, number: undefined });
    }
    const standing = kind === 'Policy' ? await store.deployments.standing(TENANT, name) : [];
    const rows = versions.map(({ number, revision, savedAt, savedBy }) => ({
      number,
      revision,
      savedAt,
      savedBy,
      removed: isRemoval({ revision }),
      inForce: standing.filter((item) => item.revision === revision).map(({ place }) => place),
    }));
    const text = rows.map(({ number, revision, savedAt, savedBy, removed, inForce }) =>
      `${`${name}@${number}`.padEnd(name.length + 6)} ${removed ? 'deleted'.padEnd(16) : revision}  ${new Date(savedAt).toISOString()}  ${savedBy}${inForce.length > 0 ? `  in force on ${inForce.join(', ')}` : ''}\n`
    ); // prettier-ignore
    return result(DONE, text.join(''), { [kind.toLowerCase()]: name, versions: rows });
  });
}

/** A file, or a version such as branch@3. */
async function sourceOf(word: string): Promise<string> {
  const [, name, number] = /^([a-z][a-z0-9-]{0,62})@(\d{1,9})$/.exec(word) ?? [];
  if (name === undefined) {
    return readSource(word);
  }
  const version = await withStore(({ documents }) => documents.version(TENANT, 'Policy', name, Number(number)));
  if (!version) {
    throw new UsageError(`There is no ${word}. "clearpath history ${name}" lists the versions that are stored.`);
  }
  return version.source;
}

export async function diffCommand({ words: [a = '', b = ''], policy }: Call): Promise<Result> {
  const { changes, unreadable } = compareSources(await sourceOf(a), await sourceOf(b), policy);
  if (!changes) {
    const names = unreadable.map((side) => (side === 'before' ? a : b)).join(' and ');
    const message = `${names} cannot be read as a policy${policy ? ` "${policy}"` : ''}; "clearpath validate" says why.`;
    return result(FINDINGS, `${message}\n`, { error: { code: 'CP-FINDINGS', message } });
  }
  const none = 'No effect on traffic: at most comments, descriptions and spelling differ.\n';
  return result(DONE, changes.length === 0 ? none : changes.map(({ text }) => `${text}\n`).join(''), { changes });
}
