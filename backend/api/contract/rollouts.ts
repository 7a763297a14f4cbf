/** A Binding changed wave by wave. */
import { z } from 'zod';
import { BoundName } from './bindings.ts';
import { ConfirmWithin } from './deployments.ts';

export const RolloutRequest = z.object({
  binding: z.string().describe('Name of the Binding document'),
  replaceForeign: z.boolean().default(false),
  confirm: ConfirmWithin.optional().describe(
    'Seconds in which each wave is to be confirmed, else all of it goes back; 0: none. By default the binding’s'
  ),
});

export type RolloutRequest = z.input<typeof RolloutRequest>;

export const RolloutLink = z.object({
  name: BoundName.describe('The binding on this interface, as in /bindings'),
  target: z.string(),
  interface: z.string(),
  state: z.enum(['waiting', 'awaiting', 'changed', 'unchanged', 'failed', 'rolled-back', 'left-out']),
  deployment: z.string().nullable().describe('ULID of what this roll-out put into force'),
  message: z.string(),
});

export type RolloutLink = z.infer<typeof RolloutLink>;

export const RolloutWaves = z.object({
  waves: z.array(z.array(RolloutLink)).describe('In their order; the first is the canary'),
  leftOut: z.array(RolloutLink).describe('Interfaces with errors, which are not tried'),
});

export type RolloutWaves = z.infer<typeof RolloutWaves>;

export const Rollout = RolloutWaves.extend({
  id: z.string().describe('ULID'),
  binding: z.string(),
  policy: z.string(),
  revision: z.string(),
  state: z.enum(['running', 'paused', 'stopped', 'failed', 'done']),
  by: z.string(),
  startedAt: z.number(),
  finishedAt: z.number().nullable(),
  nextAt: z.number().nullable().describe('When the next wave begins'),
  message: z.string().describe('Where it stands, in one sentence'),
  pause: z.union([z.literal('manual'), z.number(), z.null()]).describe('Milliseconds between two waves'),
  onFailure: z.enum(['stop', 'rollback']),
  confirm: z.number().nullable().describe('Seconds in which each wave is to be confirmed'),
  secondsToConfirm: z
    .number()
    .int()
    .nullable()
    .describe('Seconds from now in which the wave under way must be confirmed, else it goes back; null: none awaits'),
});

export type Rollout = z.infer<typeof Rollout>;
