/** Edits of a document as edits of its text: comments and formatting stay, and what comes out is what the edit means. */
import { parseAllDocuments, type Document } from 'yaml';
import { editData, EditError } from './edit-data.ts';
import { splice, spliceOf } from './edit-text.ts';
import type { Edit } from './finding.ts';
import { parsePath } from './locate.ts';

export { EditError } from './edit-data.ts';

type Header = { kind?: unknown; metadata?: { name?: unknown } } | null;

/** The documents of a text, and which of them is meant. */
function read(source: string, name: string | undefined): { documents: Document.Parsed[]; index: number } {
  const documents = parseAllDocuments(source, { prettyErrors: false, uniqueKeys: false, version: '1.2' });
  if (!Array.isArray(documents) || documents.some((document) => document.errors.length > 0)) {
    throw new EditError('The text cannot be read as YAML, so nothing was edited.');
  }
  const isMeant = (document: Document.Parsed) => {
    const header = document.toJS({ maxAliasCount: 0 }) as Header;
    return name === undefined ? header !== null : `${String(header?.kind)}/${String(header?.metadata?.name)}` === name;
  };
  const index = documents.findIndex(isMeant);
  if (index < 0) {
    throw new EditError(`The text holds no ${name ?? 'document'}, so nothing was edited.`);
  }
  return { documents, index };
}

const dataOf = (documents: readonly Document.Parsed[]): unknown[] =>
  documents.map((document) => document.toJS({ maxAliasCount: 0 }) as unknown);
/** Order of keys counts: it is what a person reads. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const unordered = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(unordered)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => [key, unordered(part)]))
      : value; // prettier-ignore

/** The text written anew by YAML's own model: comments stay, spacing and line breaks are YAML's. */
function rewritten(documents: readonly Document.Parsed[], index: number, edit: Edit): string {
  const document = documents[index]!;
  const wanted = editData(document.toJS({ maxAliasCount: 0 }), edit);
  const path = parsePath(edit.path);
  const holder = path.slice(0, -1);
  const value = holder.reduce<unknown>((part, key) => (part as Record<string | number, unknown>)[key], wanted);
  if (edit.op === 'set') {
    document.setIn(path, document.createNode(edit.value));
  } else if (edit.op === 'remove') {
    document.deleteIn(path);
  } else if (holder.length === 0) {
    document.contents = document.createNode(value) as typeof document.contents;
  } else {
    document.setIn(holder, document.createNode(value));
  }
  return documents.map((item, i) => (i > 0 ? `---\n${item.toString({ lineWidth: 0, directives: false })}` : item.toString({ lineWidth: 0 }))).join(''); // prettier-ignore
}

function applyEdit(source: string, edit: Edit, name: string | undefined): string {
  const { documents, index } = read(source, name);
  const wanted = dataOf(documents).map((data, i) => (i === index ? editData(data, edit) : data));
  const edited = spliceOf(source, documents[index]!, edit).reduce(splice, source);
  const made = parseAllDocuments(edited, { prettyErrors: false, uniqueKeys: false, version: '1.2' });
  const sound = Array.isArray(made) && made.every((document) => document.errors.length === 0);
  return sound && same(unordered(dataOf(made)), unordered(wanted)) ? edited : rewritten(documents, index, edit);
}

/**
 * @param source YAML of one or more documents
 * @param name kind and name of the document that is meant, e.g. Policy/edge; by default the first
 * @returns the text with the edits, one after the other
 * @throws EditError when the text cannot be read or a place is not there
 */
export function applyEdits(source: string, edits: readonly Edit[], name?: string): string {
  return edits.reduce((text, edit) => applyEdit(text, edit, name), source);
}

/**
 * What stands at a place of a text as it is written: variables by their names, nothing by default.
 * @throws EditError when the text cannot be read
 */
export function writtenAt(source: string, path: string, name?: string): unknown {
  const { documents, index } = read(source, name);
  // A variable may stand for all that is above the place.
  return parsePath(path).reduce<unknown>(
    (at, part) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, part)
        ? (at as Record<string | number, unknown>)[part]
        : typeof at === 'string'
          ? at
          : undefined,
    documents[index]!.toJS({ maxAliasCount: 0 })
  );
}
