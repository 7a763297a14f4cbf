/** What judgement says about a document: a stable code, where, and what it means on the wire. */
import { z } from 'zod';

export const Severity = z.enum(['error', 'warning', 'info']);
export type Severity = z.infer<typeof Severity>;

const EditPath = z.string().describe('Where in the document, e.g. spec.classes[1].guarantee');
/** One change of a document. Later edits of a list see what earlier ones did. */
export const Edit = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('set'), path: EditPath, value: z.unknown() }).describe('A key gets a value; it is added where it is missing'),
  z.strictObject({ op: z.literal('insert'), path: EditPath, value: z.unknown() }).describe('A new element before the one of this place, or at the end'),
  z.strictObject({ op: z.literal('remove'), path: EditPath }).describe('A key or an element goes'),
  z.strictObject({ op: z.literal('move'), from: EditPath, path: EditPath }).describe('An element before the one of this place of its list, or a key to another name in its place'),
]); // prettier-ignore
export type Edit = z.infer<typeof Edit>;

export const Fix = z.object({
  title: z.string().describe('What the fix does, e.g. Lower the guarantee of "rest" to 40%'),
  edits: z.array(Edit).min(1),
});
export type Fix = z.infer<typeof Fix>;

export const Finding = z.object({
  code: z.string().describe('Stable identifier, e.g. CP-GUARANTEE-SUM'),
  severity: Severity,
  document: z.string().optional().describe('Kind and name of the document, e.g. Policy/branch-edge'),
  path: z.string().describe('Where in the document, e.g. spec.classes[1].guarantee'),
  line: z.number().int().optional().describe('1-based line in the source, when the source is known'),
  column: z.number().int().optional().describe('1-based column in the source'),
  message: z.string().describe('What is wrong and what would happen on the wire'),
  hint: z.string().optional().describe('What to do about it'),
  fix: Fix.optional().describe('A change that removes the finding, where there is one to be made without asking'),
});
export type Finding = z.infer<typeof Finding>;

export const hasErrors = (findings: readonly Finding[]): boolean => findings.some((f) => f.severity === 'error');

/** More than these nobody reads, and each costs memory on its way to the reader. */
export const MOST_FINDINGS = 500;

/** Cuts a very long list, errors first, and says that it did. */
export function capped(findings: readonly Finding[]): Finding[] {
  if (findings.length <= MOST_FINDINGS) {
    return [...findings];
  }
  const rank = { error: 0, warning: 1, info: 2 };
  const listed = [...findings].sort((a, b) => rank[a.severity] - rank[b.severity]).slice(0, MOST_FINDINGS);
  const message = 'There are further findings, which are not listed. Correct these first.';
  return [...listed, { code: 'CP-MORE', severity: 'info', path: '', message }];
}
