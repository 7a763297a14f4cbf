/** clearpath compile, plan and apply: a file for one interface, judged with what that interface is. */
import { CompileError } from '../compile/tc/index.ts';
import { bandwidthFor, Catalog, DeployFailure, type Intent, type Judged } from '../deploy/index.ts';
import { hasErrors } from '../policy/index.ts';
import type { Store } from '../store/index.ts';
import { placeKey, readLink, type Place } from '../target/index.ts';
import type { Call } from './arguments.ts';
import { awaitConfirmation, stay } from './await-confirmation.ts';
import { compileFor } from './compile.ts';
import { deploymentJson, withEngine } from './engine.ts';
import { actor, DONE, findingsOnly, refusalAt, result, TENANT, WRONG_USE, type Result } from './result.ts';
import { judgeFile, readSource } from './source.ts';
import { sayFindings, sayPlan, sayVariables } from './words.ts';

async function judgedIntent(call: Call, place: Place): Promise<{ intent: Intent; judged: Judged } | Result> {
  const source = readSource(call.file);
  const first = judgeFile(source, call.policy, undefined, call.values);
  if (!first.document || hasErrors(first.findings)) {
    return findingsOnly(call, first.findings);
  }
  await readLink(place, call.device);
  const bandwidth = await bandwidthFor(place, call.device, undefined, first.document);
  const judged = judgeFile(source, call.policy, bandwidth, call.values, call.direction);
  if (hasErrors(judged.findings)) {
    return findingsOnly(call, judged.findings);
  }
  const intent = {
    tenant: TENANT,
    place,
    device: call.device,
    binding: placeKey(place, call.device),
    target: 'local',
    policy: judged.resolved!,
    revision: judged.revision,
  };
  return { intent, judged };
}

/** A stored binding of the same interface gives its name, so that history is one, whoever applies. */
async function named(intent: Intent, store: Store): Promise<Intent> {
  const key = placeKey(intent.place, intent.device);
  const bindings = await new Catalog(store, intent.place.enter).bindings(TENANT);
  const bound = bindings.find((item) => placeKey(item.place, item.device) === key);
  return bound
    ? { ...intent, binding: bound.name, target: bound.targetName, requiresProof: bound.binding.spec.requireProof }
    : intent;
}

/** The plan, and what came of it where it was to be applied. */
async function planOrApply(call: Call, unnamed: Intent, { findings, variables }: Judged): Promise<Result> {
  const { place } = unnamed;
  return withEngine(async (engine, store) => {
    const intent = await named(unnamed, store);
    const plan = await engine.plan(intent);
    const json = {
      plan: plan.id,
      operations: plan.operations.map(({ line: command, path, reason, disruptive }) => ({
        command,
        path,
        reason,
        disruptive,
      })),
      notes: plan.notes,
      traffic: plan.traffic,
      findings,
      variables,
      restorable: plan.restorable,
    };
    const text =
      sayFindings(call.file, findings) + sayVariables(variables) + sayPlan(plan, engine.describe(plan.before));
    if (call.command === 'plan') {
      return result(DONE, text, json);
    }
    if (!call.yes) {
      return result(WRONG_USE, `${text}Nothing was applied. To apply it, add --yes.\n`, {
        ...json,
        error: { code: 'CP-USAGE', message: 'Nothing was applied: --yes is missing.' },
      });
    }
    const staying = call.confirm === undefined ? undefined : stay();
    const row = await engine.apply(intent, actor(), {
      replaceForeign: call.replaceForeign,
      confirm: call.confirm,
    });
    await engine.audit(TENANT, actor(), 'apply', row);
    if (row.state === 'awaiting-confirmation') {
      return awaitConfirmation(call, row, place, { engine, store, staying: staying! }, json);
    }
    return result(
      DONE,
      `${plan.operations.length === 0 ? 'Nothing to do: the interface already carries this.' : row.message}\nDeployment ${row.id}\n`,
      { ...json, deployment: deploymentJson(row) }
    );
  });
}

export async function fileOnDevice(call: Call, place: Place): Promise<Result> {
  const found = await judgedIntent(call, place);
  if ('status' in found) {
    return found;
  }
  const { intent, judged } = found;
  const { line } = judged;
  try {
    return await (call.command === 'compile' ? compileFor(call, intent, judged) : planOrApply(call, intent, judged));
  } catch (error) {
    if (error instanceof CompileError) {
      return refusalAt(call, 'CP-COMPILE', error.message, error.path, line(error.path));
    }
    if (error instanceof DeployFailure) {
      return refusalAt(call, error.code, error.message, error.path, error.path ? line(error.path) : undefined);
    }
    throw error;
  }
}
