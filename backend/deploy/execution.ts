/**
 * Journal, apply, read back, confirm or put back. Nothing half done: the journal stands before the first operation, and
 * whatever fails after it ends in the old tree or the new one.
 */
import { monotonicFactory } from 'ulid';
import { objectId, type LiveTree, type Operation, type TcTree } from '../compile/tc/index.ts';
import type { DeploymentRow } from '../store/index.ts';
import { applyBatch, isGone, placeKey, readTree, valueOf, type Lock, type Outcomes } from '../target/index.ts';
import { DeployFailure } from './failure.ts';
import { asConfirmed, type Actor, type DeploymentPlan, type EngineContext } from './model.ts';
import { Changes, jsonOf, onceFor, onceForPair } from './shared.ts';
import { restore } from './way-back.ts';
import { doneWords } from './words.ts';
import { awaitingFrom } from './deadline.ts';

/** Lines that stand in the journal as begun at a time, some seconds of tc */
const LINES_AT_ONCE = 50_000;

/** A deployment under way, until it has ended. */
interface Job {
  plan: DeploymentPlan;
  row: DeploymentRow;
  why: string;
  /** As read back */
  live?: LiveTree;
  ended?: PromiseSettledResult<DeploymentRow>;
}

/**
 * Plans of one network; the caller holds the lock.
 * @param confirm seconds that somebody has to confirm it in
 * @param why said before the outcome
 */
export async function execute(
  context: EngineContext,
  plans: readonly DeploymentPlan[],
  action: DeploymentRow['action'],
  actor: Actor,
  lock: Lock,
  { confirm, why }: { confirm?: number | undefined; why?: string } = {}
): Promise<Outcomes<DeploymentRow>> {
  const done: Outcomes<DeploymentRow> = [];
  for (const some of portions(plans)) {
    const jobs = some.map((plan): Job => {
      const value = action === 'apply' ? alreadyInForce(plan) : undefined;
      return {
        plan,
        row: value ?? newRow(plan, action, actor, confirm),
        why: why ?? '',
        ...(value && { ended: { status: 'fulfilled', value } }),
      };
    });
    await carryOut(
      context,
      jobs.filter((job) => !job.ended),
      lock
    );
    done.push(...jobs.map((job) => job.ended!));
  }
  return done;
}

/** In their order, each portion of so many lines at most that one tc is not busy for long before it is confirmed. */
function portions(plans: readonly DeploymentPlan[]): DeploymentPlan[][] {
  const all: DeploymentPlan[][] = [];
  let lines = Infinity;
  for (const plan of plans) {
    if (lines + plan.changes.count > LINES_AT_ONCE) {
      all.push([]);
      lines = 0;
    }
    all.at(-1)!.push(plan);
    lines += plan.changes.count;
  }
  return all;
}

/** Journal, apply, read back, confirm; each job has ended afterwards. */
async function carryOut(context: EngineContext, jobs: readonly Job[], lock: Lock): Promise<void> {
  if (jobs.length === 0) {
    return;
  }
  await context.store.deployments.begin(jobs.map((job) => job.row));
  jobs.forEach((job) => context.report(job.row));
  const open = () => jobs.filter((job) => !job.ended);
  try {
    await context.step('journalled');
    await run(context, jobs, lock);
    await context.step('applied');
    await verify(context, open(), lock);
    await context.step('verified');
    await confirm(context, open());
  } catch (error) {
    await undoAll(context, open(), error, lock);
  }
}

/** In one tc, taken up again behind the interface where the kernel refused something, which is put back at once. */
async function run(context: EngineContext, jobs: readonly Job[], lock: Lock): Promise<void> {
  let waiting = jobs;
  while (waiting.length > 0) {
    const lines = waiting.flatMap(({ plan: { changes, intent } }) => changes.lines(intent.device));
    const { place } = waiting[0]!.plan.intent;
    context.watched.before(place, waiting.length, lines.length);
    const { refusal } = await applyBatch(place, lines, lock);
    if (!refusal) {
      return;
    }
    const refused = refusal.line === undefined ? undefined : operationAt(waiting, refusal.line);
    const failure = new DeployFailure(
      'CP-KERNEL-REFUSED',
      `The kernel refused ${refused ? `"${refused.operation.line}" (${refused.operation.reason})` : 'the operations'}: ${refusal.plain} Its words: ${refusal.original}.`,
      refused?.operation.path || undefined
    );
    if (!refused) {
      return undoAll(context, waiting, failure, lock);
    }
    await undo(context, refused.job, failure, lock);
    waiting = waiting.slice(waiting.indexOf(refused.job) + 1);
  }
}

/** Whose a line of the batch of several is. */
function operationAt(jobs: readonly Job[], line: number): { job: Job; operation: Operation } | undefined {
  let index = line;
  for (const job of jobs) {
    const { count } = job.plan.changes;
    if (index < count) {
      return { job, operation: job.plan.operations[index]! };
    }
    index -= count;
  }
  return undefined;
}

async function verify(context: EngineContext, jobs: readonly Job[], lock: Lock): Promise<void> {
  if (jobs.length === 0) {
    return;
  }
  const { place } = jobs[0]!.plan.intent;
  const devices = jobs.map((job) => job.plan.intent.device);
  const rest = onceForPair((live: TcTree, after: TcTree) => Changes.between(live, after, {}));
  const trees = await context.watched.readTrees(place, devices);
  for (const [index, job] of jobs.entries()) {
    const device = devices[index]!;
    try {
      job.live = valueOf(trees[index]!);
      let differences = rest(job.live, job.plan.after).on(device);
      if (differences.length > 0) {
        // What was announced of it may not be all that is there.
        job.live = await readTree(place, device);
        differences = rest(job.live, job.plan.after).on(device);
      }
      if (differences.length > 0) {
        throw new DeployFailure(
          'CP-NOT-VERIFIED',
          `After applying, ${placeKey(place, device)} does not read back as planned; ${differences.length} ${differences.length === 1 ? 'difference' : 'differences'}, the first: ${differences[0]!.line}.`,
          pathIn(job.plan, differences[0]!)
        );
      }
    } catch (error) {
      await undo(context, job, error, lock);
    }
  }
}

async function confirm(context: EngineContext, jobs: readonly Job[]): Promise<void> {
  const rows = await context.store.deployments.finishAll(
    jobs.map(({ plan, row, live, why }) => ({
      row,
      outcome: {
        ...(row.confirm_within === null
          ? { state: 'confirmed' as const }
          : awaitingFrom(context.clock(), row.confirm_within)),
        message: [why, doneWords(plan, row)].filter(Boolean).join(' '),
        ...(live!.inexact.length > 0 && { after: asConfirmed(plan.after, live!.inexact) }),
      },
      inForce: { deployment: row.action === 'apply' ? row.id : plan.previous, allocation: row.allocation },
    }))
  );
  jobs.forEach((job, index) => {
    job.ended = { status: 'fulfilled', value: rows[index]! };
  });
  rows.forEach((row) => context.report(row));
}

async function undoAll(context: EngineContext, jobs: readonly Job[], cause: unknown, lock: Lock): Promise<void> {
  for (const job of jobs) {
    await undo(context, job, jobs.length > 1 ? copyOf(cause) : cause, lock);
  }
}

/** Back to what was there; the journal says how that ended. */
async function undo(context: EngineContext, job: Job, cause: unknown, lock: Lock): Promise<void> {
  const { plan, row } = job;
  const why = cause instanceof Error ? cause.message : String(cause);
  const { place, device } = plan.intent;
  job.ended = { status: 'rejected', reason: cause };
  let message: string;
  let settled = true;
  try {
    message = `${why} ${await restore(place, device, plan.before, lock)}`;
  } catch (error) {
    settled = await isGone(place, device).catch(() => false);
    message = settled
      ? `${why} What was on the interface went with it.`
      : `${why} Going back failed too: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (cause instanceof Error) {
    cause.message = message;
  }
  // When the store is what failed, the journal still says "applying", and the next start settles it.
  if (settled) {
    await context.store.deployments.finish(row, { state: 'failed', message }, undefined).then(
      (done) => context.report(done),
      () => undefined
    );
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
  confirm: number | undefined
): DeploymentRow {
  const { intent } = plan;
  return {
    id: ulid(), tenant: intent.tenant, place: placeKey(intent.place, intent.device), action, binding: intent.binding, policy: intent.policy,
    revision: intent.revision, target: intent.target, interface: intent.device, state: 'applying', started_at: Date.now(), finished_at: null,
    by: actor.login, message: '', before: jsonOf(plan.before), after: asPlanned(plan.after),
    operations: plan.changes.journal,
    previous: plan.previous, allocation: jsonOf(plan.allocation), undoes: plan.undoes,
    confirm_within: confirm ?? null, confirm_boot: null, confirm_until: null,
    matching: plan.matching,
  }; // prettier-ignore
}

/** The same failure for another interface, which gets a message of its own. */
function copyOf(cause: unknown): unknown {
  return cause instanceof Error
    ? Object.assign(Object.create(Object.getPrototypeOf(cause) as object) as Error, cause, {
        message: cause.message,
        stack: cause.stack,
      })
    : cause;
}

/** The policy path of what an operation is about, where the plan touches it. */
const pathIn = (plan: DeploymentPlan, { object }: Operation): string | undefined =>
  plan.operations.find((operation) => objectId(operation.object) === objectId(object))?.path || undefined;
