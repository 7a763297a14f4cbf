/**
 * Documents given as files. A Target or a Binding is what its file says, at every start, and edited nowhere else as long
 * as a file holds it. A Policy is stored at the first start only: from then on it is edited, or deleted, in Grafana.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  judge,
  judgeBinding,
  judgeTarget,
  nameOf,
  parseDocuments,
  placed,
  type AnyDocument,
  type Finding,
  type Parsed,
} from '../policy/index.ts';
import type { Store } from '../store/index.ts';
import { SettingsError } from './settings.ts';

interface Given {
  file: string;
  parsed: Parsed;
  /** The text to store: the whole file, with its comments, where it holds one document. */
  source: string;
}

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) {
    return [path];
  }
  return readdirSync(path)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

/** @throws SettingsError with the path and the system's reason */
function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SettingsError(`CLEARPATH_DOCUMENTS names ${path}, which cannot be read: ${why}.`);
  }
}

function judged(document: AnyDocument): Finding[] {
  switch (document.kind) {
    case 'Policy':
      return judge(document.metadata.name, document.spec);
    case 'Target':
      return judgeTarget(document);
    case 'Binding':
      return judgeBinding(document);
  }
}

const say = (file: string, { line, path, message }: Finding) =>
  `${file}${line ? `:${line}` : ''}: ${path ? `${path}: ` : ''}${message}`;

function readFile(file: string): { given: Given[]; wrong: string[] } {
  const source = readable(file, () => readFileSync(file, 'utf8'));
  const { documents, findings } = parseDocuments(source);
  const all = [
    ...findings,
    ...documents.flatMap((parsed) => judged(parsed.document).map((item) => placed(parsed, item))),
  ];
  return {
    given: documents.map((parsed) => ({ file, parsed, source: documents.length === 1 ? source : parsed.source })),
    wrong: all.filter((item) => item.severity === 'error').map((item) => say(file, item)),
  };
}

function twice(given: readonly Given[]): string[] {
  const first = new Map<string, string>();
  return given.flatMap(({ file, parsed }) => {
    const name = nameOf(parsed.document);
    const other = first.get(name);
    first.set(name, other ?? file);
    return other ? [`${file}: ${name} already stands in ${other}. Keep one.`] : [];
  });
}

export interface Imported {
  /** Stored now, for the first time or since their file says something else */
  stored: string[];
  /** The file of each Target and Binding, by kind and name */
  files: Map<string, string>;
}

/** @throws SettingsError naming file, line and path of everything that is wrong */
function readAll(paths: readonly string[]): Given[] {
  const files = paths.flatMap((path) => readable(path, () => filesOf(path))).map(readFile);
  const given = files.flatMap((file) => file.given);
  const wrong = [...files.flatMap((file) => file.wrong), ...twice(given)];
  if (wrong.length > 0) {
    throw new SettingsError(wrong.join('\n'));
  }
  return given;
}

const held = ({ parsed }: Given): boolean => parsed.document.kind !== 'Policy';
const filesIn = (given: readonly Given[]): Map<string, string> =>
  new Map(given.filter(held).map(({ file, parsed }) => [nameOf(parsed.document), file]));

const wasStored = async (store: Store, tenant: string, policy: string): Promise<boolean> =>
  (await store.documents.versions(tenant, 'Policy', policy)).length > 0;

/** Which Targets and Bindings files hold. @throws SettingsError */
export const documentFiles = (paths: readonly string[]): Map<string, string> => filesIn(readAll(paths));

/** @throws SettingsError naming file, line and path of everything that is wrong; nothing is then stored. */
export async function importDocuments(store: Store, tenant: string, paths: readonly string[]): Promise<Imported> {
  const given = readAll(paths);
  const stored: string[] = [];
  for (const one of given) {
    const { kind, metadata } = one.parsed.document;
    const head = await store.documents.head(tenant, kind, metadata.name);
    const asItWas = held(one) ? head?.source === one.source : await wasStored(store, tenant, metadata.name);
    if (asItWas) {
      continue;
    }
    const subject = nameOf(one.parsed.document);
    const entry = { tenant, by: 'clearpathd', role: 'system', action: `${kind.toLowerCase()}.save`, subject, outcome: 'done' } as const; // prettier-ignore
    await store.documents.save(tenant, kind, metadata.name, one.source, 'clearpathd', head?.revision ?? null, (transaction, { revision }) =>
      store.audit.add({ ...entry, detail: `revision ${revision}, as ${one.file} says` }, transaction)
    ); // prettier-ignore
    stored.push(subject);
  }
  return { stored, files: filesIn(given) };
}
