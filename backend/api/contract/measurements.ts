/** Service levels and what they are judged from. */
import { z } from 'zod';

export const Verdict = z.enum(['compliant', 'violated', 'insufficient', 'no-data', 'not-measured']);

export type Verdict = z.infer<typeof Verdict>;

export const ComplianceRow = z.object({
  binding: z.string(),
  policy: z.string(),
  site: z.string(),
  service: z.string(),
  trafficClass: z.string().describe('Class path'),
  objective: z.string().describe('Stable key, e.g. latency.p95, jitter.p95, loss, throughput, availability'),
  label: z.string().describe('Readable, e.g. "Latency P95"'),
  definition: z
    .string()
    .describe('Which definition the number follows, e.g. "Round trip, 95th percentile of the sliding minute"'),
  threshold: z.number(),
  unit: z.enum(['us', 'percent', 'mos', 'bytes']),
  value: z.number().nullable(),
  verdict: Verdict,
  reason: z.string().describe('One sentence: why this verdict'),
  samples: z.number().int(),
  expected: z.number().int(),
  coverage: z.number().min(0).max(1),
  severity: z.enum(['critical', 'warning']).describe('critical for strict classes'),
  windowFrom: z.number(),
  windowTo: z.number(),
  since: z.number().nullable().describe('Since when this verdict holds'),
  deployment: z.string().nullable(),
  trend: z
    .array(z.object({ at: z.number(), value: z.number().nullable() }))
    .describe('Oldest first, one point per judgement'),
});

export type ComplianceRow = z.infer<typeof ComplianceRow>;

export const Violation = z.object({
  id: z.string(),
  binding: z.string(),
  site: z.string(),
  service: z.string(),
  trafficClass: z.string(),
  objective: z.string(),
  label: z.string(),
  unit: z.string(),
  threshold: z.number(),
  worst: z.number(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  severity: z.enum(['critical', 'warning']),
  deployment: z.string().nullable(),
});

export type Violation = z.infer<typeof Violation>;

/** One second of one class, as tc counted it. */
export const ClassSample = z.object({
  at: z.number(),
  binding: z.string(),
  trafficClass: z.string(),
  rate: z.number().describe('bit/s sent, layer 2'),
  packetRate: z.number(),
  drops: z.number().describe('packets dropped in this second'),
  dropsTotal: z.number(),
  backlogBytes: z.number(),
  backlogPackets: z.number(),
  silentSeconds: z.number().describe('for how long packets have waited without one being sent; 0 while it sends'),
  guarantee: z.number(),
  ceiling: z.number(),
});

export type ClassSample = z.infer<typeof ClassSample>;
