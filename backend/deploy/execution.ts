/**
 * Journal, apply, read back, confirm or put back. Nothing half done: the journal stands before the first operation, and
 * whatever fails after it ends in the old tree or the new one.
 */
import { monotonicFactory } from 'ulid';
import { sideOf, type TcTree } from '../compile/tc/index.ts';
import type { DeploymentRow } from '../store/index.ts';
import { placeKey, type Lock, type Outcomes } from '../target/index.ts';
import { begin, conclude, linesIn, openOf, undoAll, type Job } from './job.ts';
import { asConfirmed, type Actor, type DeploymentPlan, type EngineContext } from './model.ts';
import { jsonOf, onceFor } from './shared.ts';
import { Stream } from './stream.ts';

export interface ExecuteOptions {
  /** Seconds that somebody has to confirm it in */
  confirm?: number | undefined;
  /** Said before the outcome */
  why?: string;
}

/** Plans of one network; the caller holds the lock. */
export function execute(
  context: EngineContext,
  plans: readonly DeploymentPlan[],
  action: DeploymentRow['action'],
  actor: Actor,
  lock: Lock,
  options: ExecuteOptions = {}
): Promise<Outcomes<DeploymentRow>> {
  const planned = [plans.map((value) => ({ status: 'fulfilled' as const, value }))];
  return executeInTurn(context, planned, action, actor, lock, options);
}

/**
 * The same for those that are planned portion by portion, while tc is busy with the ones before where it is listened to.
 * @param planned whoever makes them does not throw: what has begun would not be ended
 * @returns in their order; what could not be planned stays as it is
 */
export async function executeInTurn(
  context: EngineContext,
  planned: AsyncIterable<Outcomes<DeploymentPlan>> | Iterable<Outcomes<DeploymentPlan>>,
  action: DeploymentRow['action'],
  actor: Actor,
  lock: Lock,
  { confirm, why = '' }: ExecuteOptions = {}
): Promise<Outcomes<DeploymentRow>> {
  const all: Array<Job | PromiseRejectedResult> = [];
  const jobOf = (plan: DeploymentPlan, at: number): Job => {
    const value = action === 'apply' ? alreadyInForce(plan) : undefined;
    return value
      ? { plan, row: value, why, ended: { status: 'fulfilled', value } }
      : { plan, row: newRow(plan, action, actor, confirm, at), why };
  };
  let stream: Stream | undefined;
  let gathered: Job[] = [];
  const carryOutAll = async (these: ReadonlyArray<readonly Job[]>) => {
    for (const some of these) {
      await carryOut(context, some, lock);
    }
  };
  for await (const outcomes of planned) {
    const at = Date.now();
    const made = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? jobOf(outcome.value, at) : outcome));
    all.push(...made);
    const jobs = openOf(made.filter((each) => 'plan' in each));
    if (jobs.length === 0) {
      continue;
    }
    const { place } = jobs[0]!.plan.intent;
    const listened = context.watched.before(place, jobs.length, linesIn(jobs));
    const many = stream !== undefined || (gathered.length === 0 && jobs.length > 1);
    if (listened && many && jobs.every(({ plan }) => leaves(plan.intent.device))) {
      stream ??= new Stream(context, place, lock);
      await stream.add(jobs);
    } else {
      await stream?.end();
      stream = undefined;
      const full = portions([...gathered, ...jobs], context.linesAtOnce);
      gathered = full.pop()!;
      await carryOutAll(full);
    }
  }
  await stream?.end();
  await carryOutAll(gathered.length > 0 ? [gathered] : []);
  return all.map((each) => ('plan' in each ? each.ended! : each));
}

/** What is received is announced of other interfaces, and takes ip beside tc. */
const leaves = (side: string) => sideOf(side).direction === 'egress';

/** In their order, each portion of so many lines at most that one tc is not busy for long before it is confirmed. */
function portions(jobs: readonly Job[], linesAtOnce: number): Job[][] {
  const all: Job[][] = [];
  let lines = Infinity;
  for (const job of jobs) {
    const { count } = job.plan.changes;
    if (lines + count > linesAtOnce) {
      all.push([]);
      lines = 0;
    }
    all.at(-1)!.push(job);
    lines += count;
  }
  return all;
}

/** Journal, apply, read back, confirm; each job has ended afterwards. */
async function carryOut(context: EngineContext, jobs: readonly Job[], lock: Lock): Promise<void> {
  if (!(await begin(context, jobs))) {
    return;
  }
  try {
    await context.step('journalled');
    await conclude(context, jobs, jobs, lock);
  } catch (error) {
    await undoAll(context, openOf(jobs), error, lock);
  }
}

/** What needs no second deployment: the same policy, with nothing to do. */
function alreadyInForce({ changes, inForce, intent }: DeploymentPlan): DeploymentRow | undefined {
  return changes.count === 0 && inForce?.revision === intent.revision && inForce.policy === intent.policy
    ? inForce
    : undefined;
}

/** In the order in which they were made, also within a millisecond; at a fraction of the cost of new random ones. */
const ulid = monotonicFactory();

const asPlanned = onceFor((after: TcTree) => asConfirmed(after, []));

function newRow(
  plan: DeploymentPlan,
  action: DeploymentRow['action'],
  actor: Actor,
  confirm: number | undefined,
  at: number
): DeploymentRow {
  const { intent } = plan;
  return {
    id: ulid(), tenant: intent.tenant, place: placeKey(intent.place, intent.device), action, binding: intent.binding, policy: intent.policy,
    revision: intent.revision, target: intent.target, interface: intent.device, state: 'applying', started_at: at, finished_at: null,
    by: actor.login, message: '', before: jsonOf(plan.before), after: asPlanned(plan.after),
    operations: plan.changes.journal,
    previous: plan.previous, allocation: jsonOf(plan.allocation), undoes: plan.undoes,
    confirm_within: confirm ?? null, confirm_boot: null, confirm_until: null,
    matching: plan.matching,
  }; // prettier-ignore
}
