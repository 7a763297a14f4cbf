/** Queries and frames: the half of the border that is the bridge’s. */
import { z } from 'zod';

export const Query = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('class-statistics'),
    refId: z.string(),
    binding: z.string().optional().describe('all bindings when absent'),
    metric: z.enum(['rate', 'packets', 'drops', 'backlog']).default('rate'),
  }),
  z.object({
    type: z.literal('sla-compliance'),
    refId: z.string(),
    binding: z.string().optional(),
    trafficClass: z.string().optional(),
    format: z.enum(['table', 'alert', 'timeseries']).default('table'),
    signal: z
      .enum(['violated', 'blind'])
      .default('violated')
      .describe('For format alert: 1 while violated, or 1 while nothing is measured'),
  }),
  z.object({
    type: z.literal('violations'),
    refId: z.string(),
    binding: z.string().optional(),
    open: z.boolean().default(false),
  }),
  z.object({ type: z.literal('deployments'), refId: z.string(), binding: z.string().optional() }),
]);

export type Query = z.infer<typeof Query>;

export const QueryRequest = z.object({
  from: z.number(),
  to: z.number(),
  maxDataPoints: z.number().int().positive().max(20_000).default(1000),
  queries: z
    .array(z.unknown())
    .max(100)
    .describe('Each judged on its own, so that one malformed query does not hide the others'),
});

export const FrameField = z.object({
  name: z.string(),
  type: z.enum(['time', 'number', 'string', 'boolean']).describe('time: ms since the epoch'),
  labels: z.record(z.string(), z.string()).optional(),
  config: z
    .object({ displayName: z.string().optional(), unit: z.string().optional(), description: z.string().optional() })
    .optional(),
  values: z.array(z.union([z.number(), z.string(), z.boolean(), z.null()])),
});

export const Frame = z.object({
  name: z.string(),
  type: z
    .enum(['timeseries-wide', 'timeseries-multi', 'numeric-wide', 'numeric-long', 'table'])
    .describe('Grafana dataplane type; "table" carries none'),
  fields: z.array(FrameField),
});

export type Frame = z.infer<typeof Frame>;

export const QueryResponse = z.object({
  results: z.record(
    z.string().describe('refId'),
    z.object({ frames: z.array(Frame).optional(), error: z.string().optional(), status: z.number().int().optional() })
  ),
});

export type QueryResponse = z.infer<typeof QueryResponse>;
