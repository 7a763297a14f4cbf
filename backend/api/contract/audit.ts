/** Who did what, and whether that record still says so. */
import { z } from 'zod';

/** The last that is a date */
const Moment = z.coerce.number().int().min(0).max(8.64e15);

/** Times are ms since the epoch; texts are looked for anywhere in their field, capital letters or not. */
export const AuditQuery = z.object({
  by: z.string().max(200).optional().describe('Part of who did it'),
  action: z.string().max(200).optional().describe('Part of what was done, e.g. policy or apply'),
  subject: z.string().max(200).optional().describe('Part of the document or the interface'),
  outcome: z.enum(['done', 'refused', 'failed']).optional(),
  search: z.string().max(200).optional().describe('Words, each of which stands somewhere in the entry'),
  from: Moment.optional(),
  to: Moment.optional().describe('The first moment that does not count any more'),
  before: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .optional()
    .describe('Number of the last entry of the page before'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

export type AuditQuery = Partial<z.output<typeof AuditQuery>>;

export const AuditEntry = z.object({
  number: z.number().int().describe('Of its place in the chain of seals'),
  id: z.string(),
  at: z.number(),
  by: z.string(),
  role: z.string(),
  action: z.string().describe('policy.save, plan, apply, rollback, recover, …'),
  subject: z.string(),
  outcome: z.enum(['done', 'refused', 'failed']),
  detail: z.string(),
});

export type AuditEntry = z.infer<typeof AuditEntry>;

/** Whether the audit still says what it said, by its seals and by the anchor outside the database. */
export const AuditState = z.object({
  intact: z.boolean(),
  entries: z.number().int(),
  unsealed: z.number().int().describe('Entries of before the chain of seals began, held as they stood then'),
  verified: z.number().int().describe('Every entry up to this number stands as it was written'),
  anchored: z.number().int().nullable().describe('How far the anchor outside the database has come'),
  breaks: z.array(
    z.object({
      number: z.number().int().describe('The entry, or the first of those that are missing'),
      reason: z.enum(['changed', 'missing', 'cut', 'replaced', 'no-anchor']),
      by: z.string().nullable().describe('Who the entry names'),
      message: z.string(),
    })
  ),
});

export type AuditState = z.infer<typeof AuditState>;
