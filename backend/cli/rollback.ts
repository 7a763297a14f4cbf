/** clearpath confirm and rollback: what is in force stays, or what was there before comes back. */
import type { Engine } from '../deploy/index.ts';
import type { Place } from '../target/index.ts';
import type { Call } from './arguments.ts';
import { deploymentJson } from './engine.ts';
import { actor, DONE, result, TENANT, WRONG_USE, type Result } from './result.ts';
import { sayPlan } from './words.ts';

export async function confirm({ device }: Call, place: Place, engine: Engine): Promise<Result> {
  const row = await engine.confirm(TENANT, place, device, actor());
  await engine.audit(TENANT, actor(), 'confirm', row);
  return result(DONE, `${row.message}\nDeployment ${row.id}\n`, { deployment: deploymentJson(row) });
}

export async function rollback(call: Call, place: Place, engine: Engine): Promise<Result> {
  const plan = await engine.planRollback(TENANT, place, call.device);
  const text = sayPlan(plan, engine.describe(plan.before));
  const json = {
    operations: plan.operations.map(({ line: command, reason }) => ({ command, reason })),
    notes: plan.notes,
  };
  if (!call.yes) {
    return result(WRONG_USE, `${text}Nothing was rolled back. To do it, add --yes.\n`, {
      ...json,
      error: { code: 'CP-USAGE', message: 'Nothing was rolled back: --yes is missing.' },
    });
  }
  const row = await engine.rollback(TENANT, place, call.device, actor());
  await engine.audit(TENANT, actor(), 'rollback', row);
  return result(DONE, `${row.message}\nDeployment ${row.id}\n`, { ...json, deployment: deploymentJson(row) });
}
