/** YAML text → documents, with each finding at its path, line and column. Nothing is guessed and no key is ignored. */
import {
  isAlias,
  isCollection,
  isPair,
  isScalar,
  LineCounter,
  parseAllDocuments,
  type Document as YamlDocument,
  type YAMLError,
} from 'yaml';
import { finding } from './codes.ts';
import { capped, hasErrors, type Finding } from './finding.ts';
import { locator, parsePath, type Path, type Place } from './locate.ts';
import { DOCUMENTS, LATER_KINDS, type AnyDocument, type Kind } from './schema.ts';
import { shapeFindings, type FindingAt } from './shape.ts';
import { substitute, type Substitution } from './substitute.ts';
import { nearest } from './suggest.ts';
import { Variables, type Values, type VariableUse } from './variables.ts';

/** A document that has the right shape, with the way back to its source. */
export interface Parsed<D extends AnyDocument = AnyDocument> {
  document: D;
  /** The text of this document alone. */
  source: string;
  locate: (path: Path) => Place | undefined;
  /** Of a Policy: the values it was read with. */
  variables: readonly VariableUse[];
  /** Which values stand at a path, in words. */
  explain: (path: string) => string | undefined;
}
export interface ParseResult {
  documents: Parsed[];
  findings: Finding[];
}

const MAX_CHARACTERS = 1_000_000;
/** Deeper than any document of the language; what is deeper would exhaust the stack. */
const MAX_DEPTH = 64;
const TOO_DEEP = `This nests more than ${MAX_DEPTH} levels deep.`;
/** More than these are about the same slip. */
const MAX_ERRORS = 20;

/** Whether a text opens so many levels that reading it alone would hold the process up; brackets in words are few beside that. */
function opensTooMany(source: string): boolean {
  let open = 0;
  for (let i = 0; i < source.length; i++) {
    const character = source[i];
    if (character === '[' || character === '{') {
      if (++open > 10 * MAX_DEPTH) {
        return true;
      }
    } else if (character === ']' || character === '}') {
      open = Math.max(0, open - 1);
    }
  }
  return /(?:[-?][ \t]){300}/.test(source);
}

type Refusal = { message: string; offset: number };

/** A key that stands twice, or that a record of free names would take in silence and lose. */
function refusedKey(items: readonly unknown[]): Refusal | undefined {
  const seen = new Set<unknown>();
  for (const item of items) {
    if (!isPair(item) || !isScalar(item.key)) {
      continue;
    }
    const { value, range } = item.key;
    if (seen.has(value) || value === '__proto__') {
      const what = value === '__proto__' ? 'is not a key here' : 'stands twice here. Keep one';
      return { message: `${JSON.stringify(value)} ${what}.`, offset: range?.[0] ?? 0 };
    }
    seen.add(value);
  }
  return undefined;
}

/** Why a text that YAML can read is still not taken, or undefined. */
function refused(yaml: YamlDocument.Parsed): Refusal | undefined {
  let level: unknown[] = [yaml.contents];
  for (let depth = 0; level.length > 0; depth++) {
    const next: unknown[] = [];
    for (const node of level) {
      if (isAlias(node)) {
        const message = 'YAML aliases (*name) are not part of the policy language. Write the value out.';
        return { message, offset: node.range?.[0] ?? 0 };
      }
      if (!isCollection(node)) {
        continue;
      }
      const wrong = depth > MAX_DEPTH ? { message: TOO_DEEP, offset: node.range?.[0] ?? 0 } : refusedKey(node.items);
      if (wrong) {
        return wrong;
      }
      for (const item of node.items) {
        if (isPair(item)) {
          next.push(item.key, item.value);
        } else {
          next.push(item);
        }
      }
    }
    level = next;
  }
  return undefined;
}

function kindFinding(kind: unknown): Finding {
  const known = Object.keys(DOCUMENTS);
  if (LATER_KINDS.some((name) => name === kind)) {
    const message = `Documents of kind ${String(kind)} are part of the language, but this version does not read them yet.`;
    return finding('CP-NOT-YET', 'kind', message);
  }
  if (kind === undefined) {
    return finding('CP-INVALID', 'kind', 'The document has no kind. It is Policy, Target or Binding.');
  }
  const suggestion = typeof kind === 'string' ? nearest(kind, known) : undefined;
  const message = `${JSON.stringify(kind)} is not a kind of document. It is Policy, Target or Binding.`;
  return finding('CP-INVALID', 'kind', message, suggestion && `Did you mean "${suggestion}"?`);
}

const isEmpty = ({ contents }: YamlDocument.Parsed) =>
  contents === null || (isScalar(contents) && contents.value === null && !contents.source);

/** YAML's parser walks into each level by calling itself, and says so in its own words where that ends. */
const yamlMessage = ({ message }: YAMLError) =>
  message.includes('Maximum call stack') ? TOO_DEEP : `This is not YAML: ${message.replace(/\.?$/, '.')}`;

/** In braces and brackets YAML takes the brace of a variable for one of its own, and says so in words that do not help. */
const QUOTES = 'Inside braces or brackets a variable is written in quotes: "${name}".';

interface Reading {
  parsed?: Parsed;
  findings: Finding[];
}

/** A policy with its values in place; findings alone where its variables cannot be read. */
function filled(value: object, given: Values | undefined): Substitution | FindingAt[] {
  const spec = (value as { spec?: { variables?: unknown } | null }).spec;
  const declared = Variables.optional().safeParse(spec?.variables);
  if (!declared.success || !spec || typeof spec !== 'object' || Array.isArray(spec)) {
    // What is said of the rest would be about places that are not filled.
    const issues = shapeFindings(DOCUMENTS.Policy, value, DOCUMENTS.Policy.safeParse(value).error!);
    const own = issues.filter(({ path }) => path.startsWith('spec.variables'));
    return own.length > 0 ? own : issues;
  }
  return substitute(value, declared.data ?? {}, given);
}

/** One YAML document as a document of the language, or what is wrong with it. */
function readDocument(
  yaml: YamlDocument.Parsed,
  lines: LineCounter,
  { text, source, given }: { text: string; source: string; given: Values | undefined }
): Reading {
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const only = (findings: Finding[]): Reading => ({ findings });
  // A warning is a tag or a directive that YAML does not know: what it asks for would be ignored.
  const wrong: YAMLError[] = [...yaml.errors, ...yaml.warnings];
  if (wrong.length > 0) {
    const brace = wrong.find(({ pos: [start] }) => source.slice(start - 1, start + 1) === '${');
    if (brace) {
      return only([{ ...finding('CP-YAML', '', QUOTES), ...at(brace.pos[0] - 1) }]);
    }
    const deep = wrong.find((error) => yamlMessage(error) === TOO_DEEP);
    return only(
      (deep ? [deep] : wrong.slice(0, MAX_ERRORS)).map((error) => ({
        ...finding('CP-YAML', '', yamlMessage(error)),
        ...at(error.pos[0]),
      }))
    );
  }
  const refusal = refused(yaml);
  if (refusal) {
    return only([{ ...finding('CP-YAML', '', refusal.message), ...at(refusal.offset) }]);
  }
  const locate = locator(yaml, lines);
  const value = yaml.toJS({ maxAliasCount: 0 }) as { kind?: unknown; metadata?: { name?: unknown } } | null;
  const kind = value?.kind;
  if (typeof kind !== 'string' || !Object.hasOwn(DOCUMENTS, kind)) {
    return only([{ ...kindFinding(kind), ...locate(['kind']) }]);
  }
  const schema = DOCUMENTS[kind as Kind];
  const name = typeof value?.metadata?.name === 'string' ? `${kind}/${value.metadata.name}` : kind;
  const inPlace = (items: ReadonlyArray<Finding & { at?: Path }>, explain?: Parsed['explain']) =>
    items
      .map(({ at: path, ...item }) => ({
        ...item,
        ...explained(item, explain),
        document: name,
        ...locate(path ?? parsePath(item.path)),
      }))
      .sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  const substitution = kind === 'Policy' ? filled(value!, given) : undefined;
  if (Array.isArray(substitution)) {
    return only(inPlace(substitution));
  }
  const own = inPlace(substitution?.findings ?? []);
  if (hasErrors(own)) {
    return only(own);
  }
  const read = substitution ? substitution.value : value;
  const parsed = schema.safeParse(read);
  if (!parsed.success) {
    return only([...own, ...inPlace(shapeFindings(schema, read, parsed.error), substitution?.explain)]);
  }
  return {
    findings: own,
    parsed: {
      document: parsed.data as AnyDocument,
      source: text.replace(/^---[ \t]*\r?\n/, ''),
      locate,
      variables: substitution?.variables ?? [],
      explain: substitution?.explain ?? (() => undefined),
    },
  };
}

/** A finding's hint, with the values that stand at its place. */
function explained(item: Finding, explain: Parsed['explain'] | undefined): Pick<Finding, 'hint'> {
  const hint = [item.hint, explain?.(item.path)].filter(Boolean).join(' ');
  return hint ? { hint } : {};
}

export const nameOf = ({ kind, metadata }: AnyDocument): string => `${kind}/${metadata.name}`;

/** A finding about a document, with its name and its place in the source. */
export const placed = (parsed: Parsed, item: Finding): Finding => ({
  ...item,
  ...explained(item, parsed.explain),
  document: nameOf(parsed.document),
  ...parsed.locate(parsePath(item.path)),
});

/**
 * Reads a text of one or more documents.
 * @param source YAML 1.2, at most a million characters; aliases are refused, since an expanded document is no longer what was read.
 * @param given a binding's values for the variables of a policy; without them a policy is read by itself, with defaults and examples.
 * @returns the documents that have the right shape, and a finding for everything that has not.
 */
export function parseDocuments(source: string, given?: Values): ParseResult {
  const refuse = (code: 'CP-YAML' | 'CP-EMPTY', message: string): ParseResult => ({
    documents: [],
    findings: [finding(code, '', message)],
  });
  if (source.length > MAX_CHARACTERS) {
    return refuse('CP-YAML', 'The text is longer than a million characters. Divide it into several files.');
  }
  if (opensTooMany(source)) {
    return refuse('CP-YAML', TOO_DEEP);
  }
  const lines = new LineCounter();
  const yamls = parseAllDocuments(source, {
    lineCounter: lines,
    prettyErrors: false,
    // Told apart below: YAML's own way takes minutes for a map of many keys.
    uniqueKeys: false,
    version: '1.2',
  });
  const result: ParseResult = { documents: [], findings: [] };
  let end = 0;
  for (const yaml of Array.isArray(yamls) ? (yamls as YamlDocument.Parsed[]) : []) {
    // With the comments that stand before it.
    const text = source.slice(end, yaml.range[2]);
    end = yaml.range[2];
    if (yaml.errors.length === 0 && isEmpty(yaml)) {
      continue;
    }
    const { parsed: read, findings } = readDocument(yaml, lines, { text, source, given });
    result.findings = result.findings.concat(findings);
    if (!read) {
      continue;
    }
    if (result.documents.some((other) => nameOf(other.document) === nameOf(read.document))) {
      const message = `${nameOf(read.document)} stands twice in this text. Keep one.`;
      result.findings.push(placed(read, finding('CP-DUPLICATE', 'metadata.name', message)));
    } else {
      result.documents.push(read);
    }
  }
  return result.documents.length + result.findings.length === 0
    ? refuse('CP-EMPTY', 'The text holds no document.')
    : { ...result, findings: capped(result.findings) };
}
