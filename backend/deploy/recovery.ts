/** What a crash left half done, settled by whoever comes next and holds the lock. */
import { parseTree, sameTree, type LiveTree } from '../compile/tc/index.ts';
import type { DeploymentRow } from '../store/index.ts';
import { isGone, oneByOne, placeKey, readTree, type Lock, type Outcomes, type Place } from '../target/index.ts';
import { exclusively } from './exclusively.ts';
import { asConfirmed, type EngineContext } from './model.ts';
import { move, restore } from './way-back.ts';

/**
 * Settles what a crash left: a tree that is already the new one is confirmed, anything else goes back to the old, or
 * on to the new one where the old could not be written again exactly.
 * @param placeOf the way to the network of a journalled place, which only the caller's configuration knows.
 */
export async function recover(
  context: EngineContext,
  placeOf: (row: DeploymentRow) => Place
): Promise<DeploymentRow[]> {
  const settled: DeploymentRow[] = [];
  for (const row of await context.store.deployments.unfinished()) {
    const place = placeOf(row);
    const outcome = await exclusively(place, [row.interface], (lock) => settle(context, row, place, lock)).catch(
      (error: unknown) => ({
        state: 'applying' as const,
        message: `Interrupted, and it could not be settled: ${error instanceof Error ? error.message : String(error)}`,
      })
    );
    settled.push('id' in outcome ? context.report(outcome) : { ...row, ...outcome });
  }
  return settled;
}

/** Whoever holds the lock finds nothing half done of others: its writer is gone. */
export async function settlePlaces(
  context: EngineContext,
  tenant: string,
  place: Place,
  devices: readonly string[],
  lock: Lock
): Promise<Outcomes<void>> {
  const unfinished = Map.groupBy(
    (await context.store.deployments.unfinished()).filter((row) => row.tenant === tenant),
    (row) => row.place
  );
  const settleAll = async (rows: readonly DeploymentRow[]): Promise<void> => {
    for (const row of rows) {
      context.report(await settle(context, row, place, lock));
    }
  };
  return oneByOne(devices, (device) => {
    const rows = unfinished.get(placeKey(place, device));
    return rows && settleAll(rows);
  });
}

async function settle(context: EngineContext, stale: DeploymentRow, place: Place, lock: Lock): Promise<DeploymentRow> {
  // Its writer may have ended it while the lock was waited for.
  const row = (await context.store.deployments.get(stale.tenant, stale.id)) ?? stale;
  if (row.state !== 'applying') {
    return row;
  }
  const { interface: device } = row;
  const failed = (message: string) => context.store.deployments.finish(row, { state: 'failed', message }, undefined);
  if (await isGone(place, device)) {
    return failed('Interrupted; the interface is gone, and what was on it went with it.');
  }
  const before = parseTree<LiveTree>(row.before);
  const after = parseTree(row.after);
  const confirmed = (message: string, live: LiveTree) =>
    context.store.deployments.finish(
      row,
      { state: 'confirmed', message, after: asConfirmed(after, live.inexact) },
      { deployment: row.action === 'apply' ? row.id : row.previous, allocation: row.allocation }
    );
  const live = await readTree(place, device);
  if (sameTree(live, after) && row.confirm_within === null) {
    return confirmed('Interrupted after the last operation; read back and confirmed afterwards.', live);
  }
  if (before.inexact.length > 0 && !sameTree(live, before)) {
    await move(place, device, live, after, lock);
    return confirmed(
      'Interrupted half way; what was there before could not be restored exactly, so the rest was applied afterwards, read back and confirmed.',
      await readTree(place, device)
    );
  }
  return failed(`Interrupted half way. ${await restore(place, device, before, lock)}`);
}
