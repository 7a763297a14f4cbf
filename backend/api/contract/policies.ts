/** Policies, judged and explained, and the templates to start from. */
import { z } from 'zod';
import { Finding, Severity } from '../../policy/finding.ts';

/** One class as the page shows it: resolved to bit/s against the bandwidth used for judging. */
export const OutlineClass = z.object({
  path: z.string().describe('Names from the root, e.g. voice/g711'),
  depth: z.number().int(),
  source: z.string().describe('Path in the document, e.g. spec.classes[0]'),
  default: z.boolean(),
  strict: z.boolean(),
  priority: z.number().int().describe('0-6, 6 the most important; 7 for strict'),
  guarantee: z.number().describe('bit/s'),
  ceiling: z.number().describe('bit/s'),
  share: z.number(),
  matches: z.array(z.string()).describe('One readable line per clause'),
  objectives: z.array(z.string()).describe('Readable, e.g. "latency P95 ≤ 20 ms"'),
});

export type OutlineClass = z.infer<typeof OutlineClass>;

export const Judgement = z.object({
  findings: z.array(Finding),
  outline: z
    .object({ bandwidth: z.number().describe('bit/s'), classes: z.array(OutlineClass) })
    .nullable()
    .describe('null when the document cannot be read at all'),
});

export type Judgement = z.infer<typeof Judgement>;

export const FixedText = z.object({ source: z.string().describe('The whole text with the fix made') });

export type FixedText = z.infer<typeof FixedText>;

export const Explanation = z.object({
  code: z.string(),
  severity: Severity,
  title: z.string(),
  wire: z.string().describe('What it means on the wire'),
  example: z
    .object({
      text: z.string().describe('A document that raises it'),
      message: z.string(),
      hint: z.string().optional(),
      fix: z.string().optional().describe('The fix that is offered'),
      mended: z.string().optional().describe('The document without it'),
    })
    .optional(),
});

export type Explanation = z.infer<typeof Explanation>;

export const PolicySummary = z.object({
  name: z.string(),
  description: z.string(),
  revision: z.string().describe('Content hash of the source'),
  updatedAt: z.number(),
  updatedBy: z.string(),
  classes: z.number().int(),
  errors: z.number().int(),
  warnings: z.number().int(),
  bindings: z.array(z.string()),
});

export type PolicySummary = z.infer<typeof PolicySummary>;

export const PolicyDetail = PolicySummary.extend({ source: z.string().describe('YAML as last saved') });

export type PolicyDetail = z.infer<typeof PolicyDetail>;

export const Draft = z.object({
  source: z.string().max(1_000_000),
  baseRevision: z
    .string()
    .nullable()
    .describe(
      'Revision the edit started from; null for a new document. Another head is a 409, nothing is overwritten.'
    ),
});

export type Draft = z.infer<typeof Draft>;

export const Template = z.object({
  name: z.string(),
  title: z.string(),
  purpose: z.string().describe('For whom it is'),
  assumes: z.string(),
  change: z.string().describe('What to change before it is used'),
  source: z.string().describe('YAML with all its comments'),
  outline: Judgement.shape.outline,
});

export type Template = z.infer<typeof Template>;
