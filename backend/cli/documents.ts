/** clearpath documents, show, save, delete and restore: what is stored, as the pages edit it. */
import { documentFiles } from '../daemon/documents.ts';
import { readSettings, stateDirectory, storeOptions } from '../daemon/settings.ts';
import { Catalog, judgeSource, judgeStored, keepDocument, removeDocument } from '../deploy/index.ts';
import { hasErrors, parseDocuments, type Finding, type Kind } from '../policy/index.ts';
import { isRemoval, openStore, type Store, type StoredDocument } from '../store/index.ts';
import { enterPrefix } from '../target/index.ts';
import { UsageError, type Call } from './arguments.ts';
import { actor, DONE, FINDINGS, REFUSED, result, TENANT, WRONG_USE, type Result } from './result.ts';
import { readSource } from './source.ts';
import { sayFindings } from './words.ts';

const KINDS: readonly Kind[] = ['Policy', 'Target', 'Binding'];

export interface Reference {
  kind: Kind;
  name: string;
  /** Of a version; without it the head is meant */
  number: number | undefined;
}

/** `branch`, `branch@3`, `Binding/uplinks`, `Target/site@2`; @returns undefined for anything else, e.g. the path of a file */
export function referenceOf(word: string): Reference | undefined {
  const [, kind = 'policy', name, number] = /^(?:(policy|target|binding)\/)?([a-z][a-z0-9-]{0,62})(?:@(\d{1,9}))?$/i.exec(word) ?? []; // prettier-ignore
  const known = KINDS.find((item) => item.toLowerCase() === kind.toLowerCase());
  return name === undefined || !known ? undefined : { kind: known, name, number: number === undefined ? undefined : Number(number) }; // prettier-ignore
}

function referred(word: string): Reference {
  const reference = referenceOf(word);
  if (!reference) {
    throw new UsageError(`"${word}" names no stored document. Write branch, Binding/uplinks or Target/site, a version with @3 behind it.`); // prettier-ignore
  }
  return reference;
}

export async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(stateDirectory(process.env), storeOptions(process.env));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Files that the sidecar is given hold for the command line as well. */
const catalogOf = (store: Store) =>
  new Catalog(store, enterPrefix(process.env), documentFiles(readSettings(process.env).documents));
const keepingOf = (store: Store) => ({ store, catalog: catalogOf(store), tenant: TENANT, actor: actor() });

/** @throws UsageError naming what there is */
export async function stored(store: Store, { kind, name, number }: Reference): Promise<StoredDocument> {
  const found = number === undefined ? await store.documents.head(TENANT, kind, name) : await store.documents.version(TENANT, kind, name, number); // prettier-ignore
  if (found && !isRemoval(found)) {
    return found;
  }
  const what = number === undefined ? `stored ${kind.toLowerCase()} "${name}"` : `version ${number} of ${kind}/${name} with a text`; // prettier-ignore
  const others = (await store.documents.list(TENANT, kind)).map((item) => item.name);
  throw new UsageError(`There is no ${what}. ${others.length > 0 ? `There are ${others.join(', ')}.` : 'There are none.'}`); // prettier-ignore
}

async function list(): Promise<Result> {
  return withStore(async (store) => {
    const catalog = catalogOf(store);
    const bounds = await catalog.bindings(TENANT);
    const all = (await Promise.all(KINDS.map((kind) => store.documents.list(TENANT, kind)))).flat();
    const rows = all.map(({ kind, name, revision, savedAt, savedBy, source }) => {
      const findings = kind === 'Policy' ? judgeSource(source).findings : judgeStored(kind as 'Target' | 'Binding', name, source, bounds); // prettier-ignore
      const wrong = findings.find(({ severity }) => severity === 'error');
      return { kind, name, revision, savedAt, savedBy, file: catalog.fileOf(kind, name) ?? null, wrong: wrong?.message ?? null, line: wrong?.line ?? null }; // prettier-ignore
    });
    const text = rows.map(({ kind, name, revision, savedAt, savedBy, file, wrong, line }) => {
      const notes = [file ? `from ${file}` : '', wrong ? `WRONG${line ? `, line ${line}` : ''}: ${wrong}` : ''].filter(Boolean); // prettier-ignore
      return `${`${kind}/${name}`.padEnd(28)} ${revision}  ${new Date(savedAt).toISOString()}  ${[savedBy, ...notes].join('  ')}\n`; // prettier-ignore
    });
    return result(DONE, text.join('') || 'Nothing is stored.\n', { documents: rows });
  });
}

const show = (word: string): Promise<Result> =>
  withStore(async (store) => {
    const { source, revision } = await stored(store, referred(word));
    return result(DONE, source, { source, revision });
  });

const notDone = (what: string, json: Record<string, unknown> = {}) => {
  const message = `Nothing was ${what}. To do it, add --yes.`;
  return result(WRONG_USE, `${message}\n`, { ...json, error: { code: 'CP-USAGE', message } });
};

async function keep(store: Store, label: string, kind: Kind, name: string, source: string, base: string | null | undefined, restored?: number): Promise<Result> {
  const kept = await keepDocument(keepingOf(store), { kind, name, source }, base, restored);
  if ('refused' in kept) {
    return result(FINDINGS, `${sayFindings(label, kept.refused)}Nothing was saved.\n`, { findings: kept.refused });
  }
  const { saved, findings } = kept;
  return result(DONE, `${sayFindings(label, findings)}${kind}/${name} is stored as revision ${saved.revision}.\n`, { revision: saved.revision, findings }); // prettier-ignore
} // prettier-ignore

async function save({ file, yes }: Call): Promise<Result> {
  const source = readSource(file);
  const { documents, findings } = parseDocuments(source);
  const one = documents[0]?.document;
  if (!one || hasErrors(findings)) {
    return result(FINDINGS, sayFindings(file, findings), { findings });
  }
  if (documents.length > 1) {
    throw new UsageError(`${file} holds ${documents.length} documents; each is saved by itself.`);
  }
  return yes
    ? withStore((store) => keep(store, file, one.kind, one.metadata.name, source, undefined))
    : notDone('saved');
}

const restore = ({ words: [word = ''], yes }: Call): Promise<Result> =>
  withStore(async (store) => {
    const reference = referred(word);
    const { kind, name, number } = reference;
    if (number === undefined) {
      throw new UsageError(
        `Which version of ${kind}/${name}? Write ${word}@3; "clearpath history ${word}" lists them.`
      );
    }
    const { source, revision } = await stored(store, reference);
    const head = await store.documents.head(TENANT, kind, name);
    if (head?.revision === revision) {
      return result(DONE, `${kind}/${name} reads as in version ${number} already. Nothing was saved.\n`, { revision });
    }
    return yes ? keep(store, word, kind, name, source, head?.revision ?? null, number) : notDone('restored');
  });

const remove = ({ words: [word = ''], yes }: Call): Promise<Result> =>
  withStore(async (store) => {
    const reference = referred(word);
    const { kind, name } = reference;
    if (reference.number !== undefined) {
      throw new UsageError(
        'A document is deleted as a whole: branch, Binding/uplinks or Target/site. Its versions stay.'
      );
    }
    const { revision } = await stored(store, reference);
    if (!yes) {
      return notDone('deleted');
    }
    const against: Finding[] = await removeDocument(keepingOf(store), { kind, name }, revision);
    return against.length > 0
      ? result(REFUSED, `${against.map(({ message, hint }) => `${message} ${hint ?? ''}`.trim()).join('\n')}\nNothing was deleted.\n`, { findings: against }) // prettier-ignore
      : result(DONE, `${kind}/${name} is deleted. Its versions stay: "clearpath history ${kind}/${name}".\n`, { removed: true }); // prettier-ignore
  });

export async function documentsCommand(
  call: Call & { command: 'documents' | 'show' | 'save' | 'delete' | 'restore' }
): Promise<Result> {
  // prettier-ignore
  switch (call.command) {
    case 'documents':
      return list();
    case 'show':
      return show(call.words[0] ?? '');
    case 'save':
      return save(call);
    case 'delete':
      return remove(call);
    case 'restore':
      return restore(call);
  }
}
