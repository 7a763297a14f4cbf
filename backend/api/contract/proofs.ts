/** Proofs, and what was measured of each promise. */
import { z } from 'zod';
import { PROMISE_KINDS } from '../../prove/report.ts';

/** One promise of the policy, with what was measured of it. */
export const ProofPromise = z.object({
  kind: z.enum(PROMISE_KINDS),
  class: z.string().describe('Class path; empty for the link; for sharing, the class that was idle'),
  says: z.string().describe('The promise as a sentence'),
  unit: z.enum(['bit/s', 'ms', '%']),
  promised: z.number(),
  bound: z.number().describe('What still counts as held, with the tolerance'),
  side: z.enum(['at-least', 'at-most']),
  measured: z.number().nullable(),
  verdict: z.enum(['held', 'broken', 'not-judged']),
  reason: z.string().nullable().describe('What speaks against it, or why it was not judged'),
});

export type ProofPromise = z.infer<typeof ProofPromise>;

export const ProofReport = z.object({
  policy: z.string(),
  kernel: z.string(),
  bandwidth: z.number().describe('bit/s of the link'),
  provedAt: z.number().describe('bit/s of the twin; less than the bandwidth where the machine could not drive as much'),
  startedAt: z.number(),
  took: z.number().describe('ms'),
  verdict: z.enum(['held', 'broken', 'inconclusive']),
  promises: z.array(ProofPromise),
  classes: z
    .array(
      z.object({
        class: z.string(),
        guarantee: z.number(),
        ceiling: z.number(),
        offered: z.number().nullable(),
        measured: z.number().nullable(),
        latencyP99: z.number().nullable().describe('ms, one way'),
        dscp: z.array(z.number()).describe('Code points that its packets left with'),
      })
    )
    .describe('Each leaf while every class was full; rates in bit/s as the policy counts them'),
  notes: z.array(z.string()),
});

export type ProofReport = z.infer<typeof ProofReport>;

export const Proof = z.object({
  id: z.string().describe('ULID'),
  policy: z.string(),
  revision: z.string(),
  binding: z.string().describe('Whose figures it was proved with; empty on the command line'),
  kernel: z.string(),
  by: z.string(),
  state: z.enum(['running', 'held', 'broken', 'inconclusive', 'failed']).describe('failed: no proof could be made'),
  message: z.string(),
  startedAt: z.number(),
  finishedAt: z.number().nullable(),
  progress: z
    .object({ done: z.number().int(), of: z.number().int() })
    .nullable()
    .describe('Phases of traffic, while it runs'),
});

export type Proof = z.infer<typeof Proof>;

export const ProofDetail = Proof.extend({ report: ProofReport.nullable() });

export type ProofDetail = z.infer<typeof ProofDetail>;
