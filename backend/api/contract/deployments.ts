/** What was done to an interface, and what is asked for that. */
import { z } from 'zod';
import { Direction } from './bindings.ts';
import { PlannedOperation } from './plans.ts';

/** Seconds, a day at most */
export const ConfirmWithin = z.number().int().min(0).max(86_400);

export const ApplyRequest = z.object({
  plan: z.string().describe('Plan.id that the operator looked at'),
  replaceForeign: z.boolean().default(false),
  confirm: ConfirmWithin.optional().describe(
    'Seconds after which it is rolled back unless confirmed; 0: at once in force. By default the binding’s'
  ),
});

export const ConfirmRequest = z.object({
  deployment: z.string().optional().describe('ULID of the one that is meant; by default the one in force'),
});

export type ConfirmRequest = z.infer<typeof ConfirmRequest>;

export type ApplyRequest = z.input<typeof ApplyRequest>;

export const RollbackRequest = z.object({
  deployment: z.string().optional().describe('ULID to undo; by default the one in force'),
});

export type RollbackRequest = z.infer<typeof RollbackRequest>;

export const DeploymentState = z.enum([
  'applying',
  'awaiting-confirmation',
  'confirmed',
  'rolled-back',
  'failed',
  'superseded',
]);

export const Deployment = z.object({
  id: z.string().describe('ULID'),
  action: z.enum(['apply', 'rollback', 'recover']),
  binding: z.string(),
  policy: z.string(),
  revision: z.string(),
  target: z.string(),
  interface: z.string(),
  direction: Direction,
  state: DeploymentState,
  startedAt: z.number(),
  finishedAt: z.number().nullable(),
  by: z.string(),
  message: z.string().describe('Outcome in one sentence'),
  operations: z.array(PlannedOperation),
  secondsToConfirm: z
    .number()
    .int()
    .nullable()
    .describe('Seconds from now in which it must be confirmed, else it is rolled back; null where it awaits nobody'),
});

export type Deployment = z.infer<typeof Deployment>;
