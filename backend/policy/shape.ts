/** What a schema refused, as findings in words: unknown keys with the nearest known one, everything else at its path. */
import { type z } from 'zod';
import { finding } from './codes.ts';
import { MOST_FINDINGS, type Finding, type Fix } from './finding.ts';
import { formatPath, parsePath, type Path } from './locate.ts';
import { nearest } from './suggest.ts';

export type FindingAt = Finding & { at: Path };

/** Follows a path through optional, preprocessed and piped schemas to the object whose keys are known there. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let current: unknown = schema;
  const unwrap = (): string | undefined => {
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

/** What stands there or should, as a person calls it. */
function called(value: unknown): string {
  if (value === null) {
    return 'nothing';
  }
  if (Array.isArray(value)) {
    return 'a list';
  }
  return typeof value === 'object' ? 'keys with values' : `${typeof value} ${JSON.stringify(value)}`;
}
const EXPECTED: Record<string, string> = {
  array: 'a list', object: 'keys with values', record: 'keys with values', string: 'text', number: 'a number', int: 'a whole number',
  boolean: 'true or false',
}; // prettier-ignore

function describe(issue: z.core.$ZodIssue, input: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return input === undefined
        ? 'This key is required.'
        : `Expected ${EXPECTED[issue.expected] ?? issue.expected}, found ${called(input)}.`;
    case 'invalid_value':
      return issue.message.startsWith('Invalid')
        ? `${JSON.stringify(input) ?? 'Nothing'} is none of ${issue.values.map(String).join(', ')}.`
        : issue.message;
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message;
    case 'too_small':
    case 'too_big':
      return issue.message.startsWith('Too') ? `Expected ${range(issue)}, found ${called(input)}.` : issue.message;
    default:
      return issue.message;
  }
}

function range(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const what = issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' entries' : '';
  return issue.code === 'too_small' ? `at least ${issue.minimum}${what}` : `at most ${issue.maximum}${what}`;
}

const at = (value: unknown, path: Path): unknown =>
  path.reduce((part, key) => (part as Record<string | number, unknown> | null | undefined)?.[key], value);

/** The key by the name that was meant, unless that is there as well. */
function renaming(holder: unknown, path: Path, meant: string | undefined): Fix | undefined {
  const from = formatPath(path);
  return meant !== undefined && !Object.hasOwn(holder as object, meant) && samePath(from, path)
    ? { title: `Call it ${meant}`, edits: [{ op: 'move', from, path: formatPath([...path.slice(0, -1), meant]) }] }
    : undefined;
}
/** Keys with dots or brackets in them have no path as text. */
const samePath = (text: string, path: Path): boolean => formatPath(parsePath(text)) === text && parsePath(text).length === path.length; // prettier-ignore

/** @param value what was parsed; @returns one finding for each thing that is wrong, with its path as a list for the source. */
export function shapeFindings(schema: z.ZodType, value: unknown, error: z.ZodError): FindingAt[] {
  // What is wrong with the rest of an object is no news beside a key of it that was misspelt.
  const misspelt = new Set(
    error.issues.flatMap((item) => (item.code === 'unrecognized_keys' ? formatPath(item.path as Path) : []))
  );
  const issues = error.issues.filter((item) => item.code !== 'custom' || !misspelt.has(formatPath(item.path as Path)));
  // One more than are shown, so that the cut is said.
  return issues.slice(0, MOST_FINDINGS + 1).flatMap((issue): FindingAt[] => {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeys(schema, issue.path);
      const holder = at(value, path);
      return issue.keys.map((key) => {
        const place = [...path, key];
        const suggestion = nearest(key, known);
        const hint = suggestion ? `Did you mean "${suggestion}"?` : `Known keys: ${known.join(', ')}.`;
        return {
          ...finding(
            'CP-UNKNOWN-KEY',
            formatPath(place),
            `"${key}" is not a key here.`,
            hint,
            renaming(holder, place, suggestion)
          ),
          at: place,
        };
      });
    }
    const input = at(value, path);
    return [{ ...finding('CP-INVALID', formatPath(path), describe(issue, input)), at: path }];
  });
}
