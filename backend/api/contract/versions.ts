/** Versions of documents: listed, beside each other, gone back to, and ended. */
import { z } from 'zod';

/** One save of a policy. The same text saved again later is another version of the same revision. */
export const PolicyVersion = z.object({
  number: z.number().int().describe('Counted from 1'),
  revision: z.string(),
  savedAt: z.number(),
  savedBy: z.string(),
  removed: z.boolean().describe('true: with this version the policy was deleted'),
  inForce: z.array(z.string()).describe('Interfaces that carry this revision'),
});

export type PolicyVersion = z.infer<typeof PolicyVersion>;

export const PolicyChange = z.object({
  kind: z
    .enum(['added', 'removed', 'changed', 'moved', 'reclassified'])
    .describe('reclassified: packets that go to another class'),
  path: z.string().describe('Policy path: in the later version, for what was removed in the earlier'),
  class: z.string().nullable().describe('Names from the root; null for the policy itself'),
  text: z.string().describe('In words: "voice: guarantee 10% → 15%"'),
});

export type PolicyChange = z.infer<typeof PolicyChange>;

export const PolicyComparison = z.object({
  changes: z
    .array(PolicyChange)
    .nullable()
    .describe(
      'What the later means beside the earlier; empty: only comments and spelling differ; null: one of them cannot be read by this version, or the policy was deleted with it'
    ),
  unreadable: z.array(z.number().int()).describe('Versions that cannot be read'),
  sources: z.tuple([z.string(), z.string()]).describe('The texts, in the order asked for'),
});

export type PolicyComparison = z.infer<typeof PolicyComparison>;

export const DocumentVersion = z.object({
  number: z.number().int().describe('Counted from 1'),
  revision: z.string(),
  savedAt: z.number(),
  savedBy: z.string(),
  removed: z.boolean().describe('true: with this version the document was deleted'),
});

export type DocumentVersion = z.infer<typeof DocumentVersion>;

export const DocumentVersionText = DocumentVersion.extend({ source: z.string() });

export type DocumentVersionText = z.infer<typeof DocumentVersionText>;

export const DocumentComparison = PolicyComparison.extend({
  alone: z
    .array(z.enum(['schedule', 'reapply']))
    .describe('By which of its keys the later version changes interfaces without anybody’s apply'),
});

export type DocumentComparison = z.infer<typeof DocumentComparison>;

export const RestoreDocument = z.object({
  number: z.number().int().min(1).describe('Version whose text is saved again, as a new version'),
  baseRevision: z.string().nullable().describe('Revision of the head that the operator saw; null: it is deleted'),
});

export const RemoveDocument = z.object({
  baseRevision: z.string().describe('Revision of the head that the operator saw; another is a 409'),
});
