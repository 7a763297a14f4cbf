/** A Binding on each of its interfaces. */
import { z } from 'zod';

/** A binding on one of its interfaces: its own name, or that with target and interface behind it (see policy/links.ts). */
export const BoundName = z.string().regex(/^[a-z][a-z0-9-]{0,62}(\.[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,79})?$/);

export const PlannedVariable = z.object({
  name: z.string(),
  type: z.string(),
  value: z.string(),
  from: z.enum(['binding', 'default', 'example']),
});

export const Direction = z
  .enum(['egress', 'ingress'])
  .describe('egress: what leaves by the interface; ingress: what it receives');

export const BindingSummary = z.object({
  name: BoundName.describe('Unique; of a binding with several interfaces uplinks.wan0 or uplinks.graz.wan0'),
  binding: z.string().describe('Name of the document'),
  policy: z.string(),
  target: z.string(),
  interface: z.string(),
  direction: Direction,
  site: z.string(),
  service: z.string(),
  state: z
    .enum(['in-force', 'not-applied', 'drifted', 'unreachable', 'standby'])
    .describe('standby: by the schedules it is not this binding’s turn'),
  turn: z
    .object({
      scheduled: z.boolean().describe('This binding has a schedule; else one that does takes turns with it'),
      on: z.boolean().describe('It is the one that is to act now'),
      instead: z.string().nullable().describe('The binding whose turn it is'),
    })
    .nullable()
    .describe('null where no schedule has a say here'),
  schedule: z
    .object({
      holds: z.boolean(),
      begins: z.number().nullable().describe('When its next window begins; null where none is in sight'),
    })
    .nullable()
    .describe('The schedule of this binding itself, by which it applies what is saved'),
  changesAt: z.number().nullable().describe('When a schedule begins or ends here'),
  variables: z.array(PlannedVariable).describe('What the policy’s variables are on this interface'),
  message: z.string().describe('One sentence that explains the state'),
  deployment: z.string().nullable().describe('ULID of the deployment in force'),
  revision: z.string().nullable().describe('Policy revision in force'),
});

export type BindingSummary = z.infer<typeof BindingSummary>;
