/** clearpath history and diff: the versions of a stored document, and what two texts differ in. */
import { compareSources, parseDocuments, type Kind } from '../policy/index.ts';
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

interface Side {
  source: string;
  kind: Kind;
}

/** A file, or a version such as branch@3 or Binding/uplinks@2. */
async function sideOf(word: string): Promise<Side> {
  const reference = referenceOf(word);
  if (reference?.number === undefined) {
    const source = readSource(word);
    return { source, kind: parseDocuments(source).documents[0]?.document.kind ?? 'Policy' };
  }
  return withStore(async (store) => ({ source: (await stored(store, reference)).source, kind: reference.kind }));
}

export async function diffCommand({ words: [a = '', b = ''], policy }: Call): Promise<Result> {
  const [before, after] = [await sideOf(a), await sideOf(b)];
  const kind = policy === undefined ? before.kind : 'Policy';
  if (policy === undefined && before.kind !== after.kind) {
    throw new UsageError(`${a} is a ${before.kind}, ${b} a ${after.kind}. Only two of a kind can be compared.`);
  }
  const { changes, unreadable } = compareSources(kind, before.source, after.source, policy);
  if (!changes) {
    const names = unreadable.map((side) => (side === 'before' ? a : b)).join(' and ');
    const message = `${names} cannot be read as a ${kind.toLowerCase()}${policy ? ` "${policy}"` : ''}; "clearpath validate" says why.`;
    return result(FINDINGS, `${message}\n`, { error: { code: 'CP-FINDINGS', message } });
  }
  const on = kind === 'Policy' ? 'traffic' : 'where, how or when a policy acts';
  const none = `No effect on ${on}: at most comments, descriptions and spelling differ.\n`;
  return result(DONE, changes.length === 0 ? none : changes.map(({ text }) => `${text}\n`).join(''), { changes });
}
