/** An apply with a deadline: the command stays until somebody confirms it, or it goes back. */
import { sideOf } from '../compile/tc/index.ts';
import { TIMER, type Engine } from '../deploy/index.ts';
import type { DeploymentRow, Store } from '../store/index.ts';
import type { Place } from '../target/index.ts';
import type { Call } from './arguments.ts';
import { deploymentJson, placeOf } from './engine.ts';
import { actor, DONE, REFUSED, result, TENANT, type Result } from './result.ts';

const POLL_MS = 500;

export interface Staying {
  /** Somebody wants it to end now. */
  stopped: boolean;
}
/** From before the first operation on: the terminal may go away by what is applied. */
export function stay(): Staying {
  const staying = { stopped: false };
  process.on('SIGHUP', () => undefined);
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  process.once('SIGINT', () => (staying.stopped = true)).once('SIGTERM', () => (staying.stopped = true));
  return staying;
}

/**
 * Waits until somebody confirms, or rolls back. That the terminal goes away is what a deadline is for: the process stays.
 * One that is killed leaves it to the sidecar, or to the next command.
 */
export async function awaitConfirmation(
  call: Call,
  row: DeploymentRow,
  place: Place,
  { engine, store, staying }: { engine: Engine; store: Store; staying: Staying },
  json: Record<string, unknown>
): Promise<Result> {
  const command = `clearpath confirm --interface ${sideOf(call.device).interface}${call.direction === 'ingress' ? ' --direction ingress' : ''}${call.namespace ? ` --namespace ${call.namespace}` : ''}`;
  process.stderr.write(`${row.message}\nTo keep it, run in another terminal: ${command}\n`);
  for (;;) {
    const now = await store.deployments.get(TENANT, row.id);
    if (now?.state !== 'awaiting-confirmation') {
      const kept = now?.state === 'confirmed' || now?.state === 'superseded';
      const said = kept ? now.message : `Not confirmed: what was there before is in force again.`;
      return result(kept ? DONE : REFUSED, `${said}\nDeployment ${row.id}\n`, {
        ...json,
        deployment: deploymentJson(now ?? row),
      });
    }
    if (staying.stopped) {
      const undone = await engine.rollback(TENANT, place, call.device, actor(), row.id);
      await engine.audit(TENANT, actor(), 'rollback', undone);
      continue;
    }
    for (const { row: reverted, done } of await engine.revertOverdue(placeOf)) {
      process.stderr.write(`${reverted.place}: ${reverted.message}\n`);
      if (done) {
        await engine.audit(TENANT, TIMER, 'rollback', reverted);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
