/** Rows of the store and results of the engine as the contract shows them. */
import { parseTree, sameTree, sideOf, sideWords, type TcTree } from '../compile/tc/index.ts';
import {
  dutyOf,
  judgeSource,
  schedulesAt,
  type Bound,
  type DeploymentPlan,
  type Duty,
  type Engine,
  type Judged,
  type Standing,
} from '../deploy/index.ts';
import { hasErrors, outline, sayValue, type Finding, type VariableUse } from '../policy/index.ts';
import { operationsOf, type DeploymentRow, type StoredDocument } from '../store/index.ts';
import type { BindingSummary, Deployment, Judgement, Plan, PolicyDetail, PolicySummary } from './contract.ts';
import type { Context } from './context.ts';

/** @param bound the link it is judged for; without it the policy by itself */
export function judgementView(source: string, bound?: Bound): Judgement {
  const bandwidth = bound?.binding.spec.bandwidth;
  const judged = judgeSource(
    source,
    bandwidth?.kind === 'absolute' ? bandwidth.bits : undefined,
    bound?.values,
    bound?.binding.spec.direction
  );
  return { findings: judged.findings, outline: judged.resolved ? outline(judged.resolved) : null };
}

export function policyView(stored: StoredDocument, bindings: string[]): PolicyDetail {
  const judged = judgeSource(stored.source);
  const count = (severity: Finding['severity']) =>
    judged.findings.filter((finding) => finding.severity === severity).length;
  return {
    name: stored.name,
    description: judged.document?.metadata.description ?? '',
    revision: stored.revision,
    updatedAt: stored.savedAt,
    updatedBy: stored.savedBy,
    classes: judged.resolved ? outline(judged.resolved).classes.length : (judged.document?.spec.classes?.length ?? 0),
    errors: count('error'),
    warnings: count('warning'),
    bindings,
    source: stored.source,
  };
}
export const policySummary = ({ source: _, ...summary }: PolicyDetail): PolicySummary => summary;

export function deploymentView(row: DeploymentRow, engine: Engine): Deployment {
  return {
    id: row.id,
    action: row.action,
    binding: row.binding,
    policy: row.policy,
    revision: row.revision,
    target: row.target,
    ...sideOf(row.interface),
    state: row.state,
    startedAt: Number(row.started_at),
    finishedAt: row.finished_at === null ? null : Number(row.finished_at),
    by: row.by,
    message: row.message,
    operations: operationsOf(row),
    secondsToConfirm: engine.secondsToConfirm(row) ?? null,
  };
}

const said = (variables: readonly VariableUse[]): BindingSummary['variables'] =>
  variables.map(({ value, ...rest }) => ({ ...rest, value: sayValue(value) }));

/** @param judged undefined for a way back, which asks no document */
export function planView(plan: DeploymentPlan, judged: Judged | undefined, describe: (tree: TcTree) => string): Plan {
  const { intent, before } = plan;
  return {
    id: plan.id,
    binding: intent.binding,
    policy: intent.policy,
    revision: intent.revision,
    target: intent.target,
    ...sideOf(intent.device),
    bandwidth: intent.bandwidth,
    operations: plan.operations.map(({ line, verb, object, path, reason, disruptive }) => ({
      command: line,
      verb,
      object: object.type,
      path,
      reason,
      disruptive,
    })),
    notes: plan.notes,
    traffic: plan.traffic,
    findings: judged?.findings ?? [],
    variables: said(judged?.variables ?? []),
    live: {
      owner: plan.owner,
      summary: `On ${sideWords(intent.device)} now: ${describe(before)}.`,
      restorable: plan.restorable,
      ...(plan.restorable ? {} : { reason: `It could not be restored exactly: ${before.inexact.join('; ')}.` }),
    },
    disruptive: plan.operations.some((operation) => operation.disruptive),
  };
}

/** The state of each binding as its kernel shows it now; those of one network are read together. */
export async function bindingViews(
  context: Context,
  tenant: string,
  bounds: readonly Bound[]
): Promise<BindingSummary[]> {
  const readable = bounds.filter((bound) => !hasErrors(bound.findings));
  const standings = new Map<Bound, PromiseSettledResult<Standing>>();
  for (const group of Map.groupBy(readable, ({ place }) => JSON.stringify(place)).values()) {
    const devices = [...new Set(group.map(({ device }) => device))];
    const outcomes = await context.engine
      .liveAll(tenant, group[0]!.place, devices)
      .catch((reason: unknown) => devices.map((): PromiseRejectedResult => ({ status: 'rejected', reason })));
    group.forEach((bound) => standings.set(bound, outcomes[devices.indexOf(bound.device)]!));
  }
  const now = Date.now();
  const duties = dutyOf(bounds, now);
  const scheduleOf = schedulesAt(now);
  const names = new Set(bounds.map(({ name }) => name));
  return bounds.map((bound): BindingSummary => {
    const schedule = scheduleOf(bound);
    const view: BindingSummary = {
      ...bindingView(context, bound, standings.get(bound)),
      schedule: schedule ? { holds: schedule.holds, begins: schedule.begins ?? null } : null,
    };
    const read = standings.get(bound);
    const inForce = read?.status === 'fulfilled' ? read.value.inForce : undefined;
    const shown = onDuty(view, duties.get(bound), inForce && names.has(inForce.binding) ? inForce : undefined);
    const unread = bound.findings.find(({ code }) => code === 'CP-UNREADABLE');
    return unread && shown.state !== 'unreachable'
      ? { ...shown, message: `${shown.message} ${unread.message}` }
      : shown;
  });
}

/**
 * What schedules make of a state.
 * @param inForce what stands there, where that is one of the bindings
 */
function onDuty(view: BindingSummary, duty: Duty | undefined, inForce: DeploymentRow | undefined): BindingSummary {
  const own = !inForce || inForce.binding === view.name;
  const changesAt = duty?.changes ?? null;
  if (!duty || view.state === 'unreachable') {
    return view;
  }
  if (duty.scheduled || duty.changes !== undefined || duty.instead) {
    view = { ...view, turn: { scheduled: duty.scheduled, on: duty.on, instead: duty.instead?.name ?? null } };
  }
  const when = changesAt === null ? '' : ` until ${new Date(changesAt).toISOString()}`;
  if (!duty.on && !(inForce && own)) {
    const resting = { ...view, state: 'standby', deployment: null, revision: null, changesAt } as const;
    const begins = changesAt === null ? 'Its schedule does not hold.' : `Its schedule begins at ${new Date(changesAt).toISOString()}.`; // prettier-ignore
    return { ...resting, message: duty.instead && !duty.scheduled ? `The schedule of "${duty.instead.name}" holds${when}.` : begins }; // prettier-ignore
  }
  if (!own) {
    const message = `"${inForce.binding}" is in force here instead, applied by ${inForce.by}.`;
    return { ...view, state: 'not-applied', deployment: null, revision: null, changesAt, message };
  }
  const why = duty.scheduled && duty.on ? ` Its schedule holds${when || ' for good'}.` : when && ` A schedule takes over at ${new Date(changesAt!).toISOString()}.`; // prettier-ignore
  return { ...view, changesAt, message: `${view.message}${why}` };
}

/** @param read undefined for a binding with errors, which is not looked for */
function bindingView(context: Context, bound: Bound, read: PromiseSettledResult<Standing> | undefined): BindingSummary {
  const base = {
    name: bound.name,
    binding: bound.binding.metadata.name,
    policy: bound.binding.spec.policy,
    target: bound.targetName,
    interface: sideOf(bound.device).interface,
    direction: bound.binding.spec.direction,
    site: bound.site,
    service: bound.service,
    deployment: null,
    revision: null,
    turn: null,
    schedule: null,
    changesAt: null,
    variables: said(bound.policy?.variables ?? []),
  } satisfies Partial<BindingSummary>;
  if (!read) {
    const wrong = bound.findings.find((finding) => finding.severity === 'error')!;
    return { ...base, state: 'unreachable', message: wrong.message };
  }
  if (read.status === 'rejected') {
    const message = read.reason instanceof Error ? read.reason.message : String(read.reason);
    return { ...base, state: 'unreachable', message };
  }
  const { tree, owner, inForce } = read.value;
  if (!inForce) {
    const what =
      owner === 'foreign' ? `someone else’s tree (${context.engine.describe(tree)})` : context.engine.describe(tree);
    return { ...base, state: 'not-applied', message: `No policy is in force: the interface has ${what}.` };
  }
  const known = { ...base, deployment: inForce.id, revision: inForce.revision };
  if (!sameTree(tree, parseTree(inForce.after))) {
    return {
      ...known,
      state: 'drifted',
      message:
        owner === 'kernel-default'
          ? `The tree that was applied is gone, as after a restart of the machine or when the interface was made anew. ${bound.binding.spec.reapply ? 'It is put back by itself; where that fails, the audit says why.' : 'Plan to put it back.'}`
          : 'The interface was changed by hand: it no longer carries what was applied. Plan to see the difference.',
    };
  }
  const head = bound.policy?.stored.revision;
  const newer =
    head && head !== inForce.revision && inForce.policy === bound.binding.spec.policy
      ? ' A newer revision of the policy is saved and not applied.'
      : '';
  return {
    ...known,
    state: 'in-force',
    message: `In force as read back from the kernel, applied by ${inForce.by}.${newer}`,
  };
}
