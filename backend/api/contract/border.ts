/** Who calls, what went wrong, and what is announced. */
import { z } from 'zod';
import { Finding } from '../../policy/finding.ts';

export const Role = z.enum(['Viewer', 'Editor', 'Admin']);

export type Role = z.infer<typeof Role>;

/** RFC 9457 problem details, with the findings or the operation that caused it. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional().describe('What happened, where, what was not done, what to do'),
  code: z.string().describe('Stable identifier, e.g. CP-KERNEL-REFUSED'),
  findings: z.array(Finding).optional(),
});

export type Problem = z.infer<typeof Problem>;

export const Caller = z.object({
  login: z.string().nullable(),
  role: Role,
  tenant: z.string(),
  can: z.array(z.enum(['read', 'draft', 'plan', 'prove', 'bind', 'apply', 'rollback'])),
});

export type Caller = z.infer<typeof Caller>;

/** Server-Sent Events of /api/v1/events: `event` is the topic, `data` this JSON. */
export const Topic = z.enum(['counters', 'verdicts', 'deployments', 'violations', 'policies', 'proofs', 'rollouts']);

export type Topic = z.infer<typeof Topic>;
