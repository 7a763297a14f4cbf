/** A deployment under way: what the steps of several at once are, each of which ends in the old tree or the new one. */
import { objectId, type LiveTree, type Operation, type TcTree } from '../compile/tc/index.ts';
import type { DeploymentRow } from '../store/index.ts';
import {
  applyBatch,
  isGone,
  placeKey,
  readTree,
  valueOf,
  type Lock,
  type Place,
  type Refusal,
} from '../target/index.ts';
import { awaitingFrom } from './deadline.ts';
import { DeployFailure } from './failure.ts';
import { asConfirmed, type DeploymentPlan, type EngineContext } from './model.ts';
import { Changes, onceForPair } from './shared.ts';
import { restore } from './way-back.ts';
import { doneWords } from './words.ts';

/** A deployment under way, until it has ended. */
export interface Job {
  plan: DeploymentPlan;
  row: DeploymentRow;
  why: string;
  /** As read back */
  live?: LiveTree;
  ended?: PromiseSettledResult<DeploymentRow>;
}

/** Which of them have not ended. */
export const openOf = (jobs: readonly Job[]): Job[] => jobs.filter((job) => !job.ended);

/** In the journal, before anything is done. @returns whether they are; else they have ended, and nothing is to be done */
export async function begin({ store, report }: EngineContext, jobs: readonly Job[]): Promise<boolean> {
  try {
    await store.deployments.begin(jobs.map((job) => job.row));
  } catch (error) {
    for (const job of jobs) {
      job.ended = { status: 'rejected', reason: jobs.length > 1 ? copyOf(error) : error };
    }
    return false;
  }
  jobs.forEach((job) => report(job.row));
  return true;
}

export const linesIn = (jobs: readonly Job[]): number => jobs.reduce((sum, { plan }) => sum + plan.changes.count, 0);

/** What tc is given for them. */
export const linesOf = (jobs: readonly Job[]): string[] =>
  jobs.flatMap(({ plan: { changes, intent } }) => changes.lines(intent.device));

/** In one tc, taken up again behind the interface where the kernel refused something, which is put back at once. */
async function run(context: EngineContext, jobs: readonly Job[], lock: Lock): Promise<void> {
  let waiting = jobs;
  while (waiting.length > 0) {
    const { refusal } = await applyBatch(waiting[0]!.plan.intent.place, linesOf(waiting), lock);
    waiting = refusal ? await afterRefusal(context, waiting, refusal, lock) : [];
  }
}

/** What follows once they are journalled. @param waiting those that tc has yet to come to */
export async function conclude(
  context: EngineContext,
  jobs: readonly Job[],
  waiting: readonly Job[],
  lock: Lock
): Promise<void> {
  await run(context, waiting, lock);
  await context.step('applied');
  await verify(context, openOf(jobs), lock);
  await context.step('verified');
  await confirm(context, openOf(jobs));
}

/** Puts back the one that was refused. @returns those that tc has not come to */
export async function afterRefusal(
  context: EngineContext,
  jobs: readonly Job[],
  refusal: Refusal,
  lock: Lock
): Promise<readonly Job[]> {
  const refused = refusal.line === undefined ? undefined : operationAt(jobs, refusal.line);
  const failure = new DeployFailure(
    'CP-KERNEL-REFUSED',
    `The kernel refused ${refused ? `"${refused.operation.line}" (${refused.operation.reason})` : 'the operations'}: ${refusal.plain} Its words: ${refusal.original}.`,
    refused?.operation.path || undefined
  );
  if (!refused) {
    await undoAll(context, openOf(jobs), failure, lock);
    return [];
  }
  await undo(context, refused.job, failure, lock);
  return jobs.slice(jobs.indexOf(refused.job) + 1);
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

const changesLeft = onceForPair((live: TcTree, after: TcTree) => Changes.between(live, after, {}));

/** Whether all that was asked for was announced, and nothing else. */
export function isHeard({ watched }: EngineContext, place: Place, jobs: readonly Job[]): boolean {
  const heard = watched.heard(place);
  // The last first: it is announced last.
  const asPlanned = jobs.toReversed().every((job) => {
    job.live = heard(job.plan.intent.device);
    return job.live && changesLeft(job.live, job.plan.after).count === 0;
  });
  // In this order: what was lost before they were heard shows by now.
  return asPlanned && watched.missedNothing(place);
}

async function verify(context: EngineContext, jobs: readonly Job[], lock: Lock): Promise<void> {
  if (jobs.length === 0) {
    return;
  }
  const { place } = jobs[0]!.plan.intent;
  const devices = jobs.map((job) => job.plan.intent.device);
  const trees = await context.watched.readTrees(place, devices);
  for (const [index, job] of jobs.entries()) {
    const device = devices[index]!;
    try {
      job.live = valueOf(trees[index]!);
      let differences = changesLeft(job.live, job.plan.after).on(device);
      if (differences.length > 0) {
        // What was announced of it may not be all that is there.
        job.live = await readTree(place, device);
        differences = changesLeft(job.live, job.plan.after).on(device);
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

export async function confirm(context: EngineContext, jobs: readonly Job[]): Promise<void> {
  if (jobs.length === 0) {
    return;
  }
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

export async function undoAll(context: EngineContext, jobs: readonly Job[], cause: unknown, lock: Lock): Promise<void> {
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
