/**
 * Deployments with a deadline: in force once they are read back, and rolled back unless somebody says in time that the
 * network still works. Whoever runs can do that, the sidecar or a command: under the lock, after looking again.
 */
import type { DeploymentRow } from '../store/index.ts';
import { isGone, placeKey, valueOf, type Lock, type Place } from '../target/index.ts';
import { timeLeft } from './deadline.ts';
import { exclusively } from './exclusively.ts';
import { execute } from './execution.ts';
import { DeployFailure } from './failure.ts';
import type { Actor, EngineContext } from './model.ts';
import { planRollback } from './plan-rollback.ts';

/** Who undoes what nobody confirmed. */
export const TIMER: Actor = { login: 'clearpath', role: 'confirm timer' };

/**
 * Whoever reaches this while it still awaits has shown that the network works, be it late.
 * @param deployment the one that is meant; another one in force is not confirmed by mistake
 */
export async function confirm(
  context: EngineContext,
  tenant: string,
  place: Place,
  device: string,
  actor: Actor,
  deployment?: string
): Promise<DeploymentRow> {
  const { deployments } = context.store;
  const key = placeKey(place, device);
  return exclusively(place, [device], async () => {
    const { deployment: inForce } = await deployments.place(tenant, key);
    const row = inForce ? await deployments.get(tenant, inForce) : undefined;
    if (row?.state !== 'awaiting-confirmation' || (deployment !== undefined && deployment !== row.id)) {
      throw new DeployFailure(
        'CP-NOTHING-TO-CONFIRM',
        `${deployment ? `Deployment ${deployment}` : 'What is in force'} on ${key} does not await confirmation: it was confirmed, replaced or rolled back before, or had no deadline. Look at its deployments.`
      );
    }
    const message = `${row.message} Confirmed by ${actor.login}.`;
    return context.report((await deployments.whileAwaiting(row, { state: 'confirmed', message })) ?? row);
  });
}

export interface Reverted {
  /** The rollback; or the deployment that could not be undone, with the reason in its message */
  row: DeploymentRow;
  done: boolean;
}

/** Rolls back what is due. @returns what was done or failed; nothing of what another process is busy with */
export async function revertOverdue(
  context: EngineContext,
  placeOf: (row: DeploymentRow) => Place
): Promise<Reverted[]> {
  const due = (await context.store.deployments.awaiting()).filter((row) => isDue(context, row));
  const reverted: Reverted[] = [];
  for (const row of due) {
    const place = placeOf(row);
    try {
      const done = await exclusively(place, [row.interface], (lock) => revert(context, row, place, lock));
      reverted.push(...(done ? [{ row: done, done: true }] : []));
    } catch (error) {
      if (!(error instanceof DeployFailure && error.code === 'CP-LOCKED')) {
        reverted.push(...(await sayWhyNot(context, row, error)));
      }
    }
  }
  return reverted;
}

const isDue = (context: EngineContext, row: DeploymentRow): boolean => (timeLeft(row, context.clock()) ?? 1) <= 0;

async function revert(
  context: EngineContext,
  stale: DeploymentRow,
  place: Place,
  lock: Lock
): Promise<DeploymentRow | undefined> {
  const { deployments } = context.store;
  // Whoever held the lock may have confirmed it, or rolled it back.
  const row = await deployments.get(stale.tenant, stale.id);
  if (!row || !isDue(context, row)) {
    return undefined;
  }
  const why = `Not confirmed within ${row.confirm_within} s.`;
  if (await isGone(place, row.interface)) {
    const previous = row.previous ? await deployments.get(row.tenant, row.previous) : undefined;
    const message = `${why} The interface is gone, and what was on it went with it.`;
    const inForce = { deployment: row.previous, allocation: previous?.allocation ?? row.allocation };
    return context.report(
      await deployments.finish({ ...row, undoes: row.id }, { state: 'rolled-back', message }, inForce)
    );
  }
  const plan = await planRollback(context, row.tenant, place, row.interface, row.id);
  const done = valueOf((await execute(context, [plan], 'rollback', TIMER, lock, { why }))[0]!);
  const undone = await deployments.get(row.tenant, row.id);
  if (undone) {
    context.report(undone);
  }
  return done;
}

/** It stays as it is, and the next look tries again. */
async function sayWhyNot(context: EngineContext, row: DeploymentRow, error: unknown): Promise<Reverted[]> {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `Not confirmed within ${row.confirm_within} s, and going back failed: ${reason} It is tried again; roll it back by hand or confirm it.`;
  if (message === row.message) {
    return [];
  }
  const said = await context.store.deployments.whileAwaiting(row, { message });
  return said ? [{ row: context.report(said), done: false }] : [];
}
