/** YAML text → documents, with each finding at its path, line and column. Nothing is guessed and no key is ignored. */
import { isAlias, isMap, isScalar, LineCounter, parseAllDocuments, visit, type Document as YamlDocument } from 'yaml';
import { type z } from 'zod';
import type { Finding } from './finding.ts';
import { DOCUMENTS, LATER_KINDS, type AnyDocument, type Kind } from './schema.ts';
import { nearest } from './suggest.ts';

export type Path = ReadonlyArray<string | number>;

/** A document that has the right shape, with the way back to its source. */
export interface Parsed<D extends AnyDocument = AnyDocument> {
  document: D;
  /** The text of this document alone. */
  source: string;
  locate: (path: Path) => { line: number; column: number } | undefined;
}
export interface ParseResult {
  documents: Parsed[];
  findings: Finding[];
}

const MAX_CHARACTERS = 1_000_000;

/** ['spec', 'classes', 1, 'guarantee'] → spec.classes[1].guarantee */
export function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${part}` : part),
    ''
  );
}

function locator(yaml: YamlDocument.Parsed, lines: LineCounter) {
  return (path: Path) => {
    for (let end = path.length; end >= 0; end--) {
      const node = end === 0 ? yaml.contents : (yaml.getIn(path.slice(0, end), true) as unknown);
      const range = (node as { range?: [number, number, number] } | null | undefined)?.range;
      if (!range) {
        continue;
      }
      let offset = range[0];
      // A key points at itself rather than at the value that may stand on a later line.
      const parent = end > 0 ? (end === 1 ? yaml.contents : yaml.getIn(path.slice(0, end - 1), true)) : undefined;
      if (isMap(parent)) {
        const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === path[end - 1]);
        const keyRange = (pair?.key as { range?: [number, number, number] } | undefined)?.range;
        if (keyRange) {
          offset = keyRange[0];
        }
      }
      const { line, col } = lines.linePos(offset);
      return { line, column: col };
    }
    return undefined;
  };
}

/** Follows a path through optional, preprocessed and piped schemas to the object whose keys are known there. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let current: unknown = schema;
  const unwrap = () => {
    for (;;) {
      const def = (current as { def?: { type: string; innerType?: unknown; out?: unknown; in?: unknown } }).def;
      if (def?.innerType) {
        current = def.innerType;
      } else if (def?.type === 'pipe') {
        current = (def.out as { def: { type: string } }).def.type === 'transform' ? def.in : def.out;
      } else {
        return def?.type;
      }
    }
  };
  for (const part of path) {
    const type = unwrap();
    if (type === 'object') {
      current = (current as z.ZodObject).shape[String(part)];
    } else if (type === 'array') {
      current = (current as z.ZodArray).element;
    } else {
      return [];
    }
    if (!current) {
      return [];
    }
  }
  return unwrap() === 'object' ? Object.keys((current as z.ZodObject).shape) : [];
}

function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'This key is required.'
        : `Expected ${issue.expected}, found ${Array.isArray(issue.input) ? 'a list' : typeof issue.input}.`;
    case 'invalid_value':
      return issue.message.startsWith('Invalid') ? `Expected ${issue.values.map(String).join(', ')}.` : issue.message;
    default:
      return issue.message;
  }
}

function schemaFindings(
  kind: Kind,
  value: unknown,
  error: z.ZodError
): Array<Omit<Finding, 'line' | 'column'> & { at: Path }> {
  return error.issues.flatMap((issue) => {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeys(DOCUMENTS[kind], issue.path);
      return issue.keys.map((key) => {
        const suggestion = nearest(key, known);
        return {
          code: 'CP-UNKNOWN-KEY',
          severity: 'error' as const,
          path: formatPath([...path, key]),
          at: [...path, key],
          message: `"${key}" is not a key here.`,
          hint: suggestion ? `Did you mean "${suggestion}"?` : `Known keys: ${known.join(', ')}.`,
        };
      });
    }
    const input = path.reduce<unknown>(
      (at, part) => (at as Record<string | number, unknown> | undefined)?.[part],
      value
    );
    return [
      {
        code: 'CP-INVALID',
        severity: 'error' as const,
        path: formatPath(path),
        at: path,
        message: describe({ ...issue, input } as z.core.$ZodIssue),
      },
    ];
  });
}

/**
 * Reads a text of one or more documents.
 * @param source YAML 1.2, at most 1 MB; anchors and merge keys are refused, since an expanded document is no longer what was read.
 * @returns the documents that have the right shape, and a finding for everything that has not.
 */
export function parseDocuments(source: string): ParseResult {
  const refuse = (message: string, code = 'CP-YAML'): ParseResult => ({
    documents: [],
    findings: [{ code, severity: 'error', path: '', message }],
  });
  if (source.length > MAX_CHARACTERS) {
    return refuse('The text is longer than a million characters. Divide it into several files.');
  }
  const lines = new LineCounter();
  const yamls = parseAllDocuments(source, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    version: '1.2',
  });
  if (!Array.isArray(yamls)) {
    return refuse('The text holds no document.', 'CP-EMPTY');
  }
  const result: ParseResult = { documents: [], findings: [] };
  const seen = new Map<string, number>();
  for (const yaml of yamls as YamlDocument.Parsed[]) {
    const add = (finding: Omit<Finding, 'line' | 'column'>, at?: { line: number; column: number }) =>
      result.findings.push({ ...finding, ...at });
    if (yaml.errors.length > 0) {
      for (const error of yaml.errors) {
        const { line, col } = lines.linePos(error.pos[0]);
        add(
          { code: 'CP-YAML', severity: 'error', path: '', message: `This is not YAML: ${error.message}` },
          { line, column: col }
        );
      }
      continue;
    }
    if (yaml.contents === null) {
      continue;
    }
    let aliases = false;
    visit(yaml, (_, node) => {
      if (isAlias(node)) {
        aliases = true;
      }
    });
    if (aliases) {
      add({
        code: 'CP-YAML',
        severity: 'error',
        path: '',
        message: 'YAML aliases (*name) are not part of the policy language. Write the value out.',
      });
      continue;
    }
    const locate = locator(yaml, lines);
    const value = yaml.toJS({ maxAliasCount: 0 }) as { kind?: unknown; metadata?: { name?: unknown } } | null;
    const kind = value?.kind;
    if (typeof kind !== 'string' || !(kind in DOCUMENTS)) {
      const later = LATER_KINDS.find((name) => name === kind);
      const suggestion = typeof kind === 'string' ? nearest(kind, Object.keys(DOCUMENTS)) : undefined;
      add(
        {
          code: later ? 'CP-NOT-YET' : 'CP-INVALID',
          severity: 'error',
          path: 'kind',
          message: later
            ? `Documents of kind ${later} are part of the language, but this version does not read them yet.`
            : kind === undefined
              ? 'The document has no kind. It is Policy, Target or Binding.'
              : `${JSON.stringify(kind)} is not a kind of document. It is Policy, Target or Binding.`,
          ...(suggestion && !later ? { hint: `Did you mean "${suggestion}"?` } : {}),
        },
        locate(['kind'])
      );
      continue;
    }
    const name = typeof value?.metadata?.name === 'string' ? `${kind}/${value.metadata.name}` : kind;
    const parsed = DOCUMENTS[kind as Kind].safeParse(value);
    if (!parsed.success) {
      for (const { at, ...finding } of schemaFindings(kind as Kind, value, parsed.error)) {
        add({ ...finding, document: name }, locate(at));
      }
      continue;
    }
    if (seen.has(name)) {
      add(
        {
          code: 'CP-DUPLICATE',
          severity: 'error',
          document: name,
          path: 'metadata.name',
          message: `${name} stands twice in this text. Keep one.`,
        },
        locate(['metadata', 'name'])
      );
      continue;
    }
    seen.set(name, 1);
    const [from, , to] = yaml.range;
    result.documents.push({
      document: parsed.data as AnyDocument,
      source: source.slice(from, to).replace(/^---[^\n]*\n/, ''),
      locate,
    });
  }
  if (result.documents.length === 0 && result.findings.length === 0) {
    return refuse('The text holds no document.', 'CP-EMPTY');
  }
  return result;
}

export const isKind =
  <K extends Kind>(kind: K) =>
  (parsed: Parsed): parsed is Parsed<Extract<AnyDocument, { kind: K }>> =>
    parsed.document.kind === kind;
