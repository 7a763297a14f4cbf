/** What an apply would do, and what another hand did since the last: exact operations, and drift in words. */
import { z } from 'zod';
import { Finding } from '../../policy/finding.ts';
import { Direction, PlannedVariable } from './bindings.ts';

export const PlannedOperation = z.object({
  command: z
    .string()
    .describe(
      'The exact line of "tc -batch", e.g. "class add dev wan0 parent 1:1 classid 1:10 htb rate …"; of a link, of "ip -batch"'
    ),
  verb: z.enum(['add', 'change', 'replace', 'del']),
  object: z.enum(['qdisc', 'class', 'filter', 'link']),
  path: z.string().describe('Policy path it came from, e.g. spec.classes[0].guarantee'),
  reason: z.string().describe('Why, in words: "voice: ceiling 1.9 → 3.8 Mbit/s"'),
  disruptive: z.boolean(),
});

export type PlannedOperation = z.infer<typeof PlannedOperation>;

export const Plan = z.object({
  id: z.string().describe('Hash of the live state seen and the operations; apply refuses when it no longer holds'),
  binding: z.string(),
  policy: z.string(),
  revision: z.string(),
  target: z.string(),
  interface: z.string(),
  direction: Direction,
  bandwidth: z.number(),
  operations: z.array(PlannedOperation),
  notes: z.array(z.string()).describe('Compile notes: what was chosen and why, what the kernel lacks'),
  traffic: z
    .array(z.string())
    .nullable()
    .describe(
      'Packets that go to another class than now: "DSCP EF · UDP: from voice to video"; null: what is in force is not known'
    ),
  findings: z.array(Finding),
  variables: z.array(PlannedVariable).describe('The values that the policy was read with for this link'),
  live: z.object({
    owner: z.enum(['kernel-default', 'clearpath', 'foreign']),
    summary: z.string().describe('What is on the interface now, in words'),
    restorable: z.boolean().describe('false: it could not be restored exactly, so apply needs replaceForeign'),
    reason: z.string().optional(),
  }),
  disruptive: z.boolean(),
});

export type Plan = z.infer<typeof Plan>;

export const PlanRequest = z.object({
  source: z
    .string()
    .max(1_000_000)
    .optional()
    .describe('An unsaved policy document to plan with; by default the saved head'),
});

export const Drifted = z.object({
  path: z.string().describe('Policy path, e.g. spec.classes[1].ceiling; empty where the document has no place for it'),
  words: z.string().describe('e.g. "video’s ceiling: 11.4 Mbit/s in force, 5 Mbit/s live, changed by hand."'),
  value: z
    .union([z.string(), z.number(), z.boolean()])
    .nullable()
    .describe('As the document would say what is live; null where the language cannot'),
});

export type Drifted = z.infer<typeof Drifted>;

export const Drift = z.object({
  deployment: z.string().nullable().describe('ULID of what is in force; null: nothing is, so nothing can have drifted'),
  drifted: z.array(Drifted).describe('Empty: the interface carries what was applied'),
});

export type Drift = z.infer<typeof Drift>;

export const AdoptRequest = z.object({
  source: z
    .string()
    .max(1_000_000)
    .optional()
    .describe('The unsaved document to put the live figures into; by default the saved head'),
});

export type AdoptRequest = z.infer<typeof AdoptRequest>;

export const Adoption = z.object({
  source: z.string().describe('The document with the live figures; nothing is saved'),
  adopted: z.array(Drifted),
  left: z
    .array(Drifted.extend({ reason: z.string().describe('Why the document cannot say it, and what to do instead') }))
    .describe('What another hand changed and is not in it'),
});

export type Adoption = z.infer<typeof Adoption>;
