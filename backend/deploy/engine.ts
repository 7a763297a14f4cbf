/**
 * Plan → journal → apply → read back → confirm or roll back. Nothing half done: the journal stands before the first
 * operation, and whatever fails after it ends in the old tree or the new one.
 */
import { createHash } from 'node:crypto';
import { ulid } from 'ulid';
import {
  compile, CompileError, diff, emptyAllocation, isKernelDefault, major, needsNewRoot, objectId, rootOf, sameTree, AllocationError,
  type Allocation, type Capabilities, type LiveTree, type Operation, type Origin, type TcTree,
} from '../compile/tc/index.ts'; // prettier-ignore
import { formatRate } from '../policy/quantities.ts';
import type { ResolvedPolicy } from '../policy/resolve.ts';
import type { DeploymentRow, Store } from '../store/index.ts';
import {
  applyBatch, discover, isGone, Locked, oneByOne, onward, placeKey, readLinks, readTree, readTrees, rulesAtQueues, valueOf, withLock,
  type Lock, type Outcomes, type Place,
} from '../target/index.ts'; // prettier-ignore
import { DeployFailure } from './failure.ts';

/** What is to be put where. */
export interface Intent {
  tenant: string;
  place: Place;
  device: string;
  binding: string;
  target: string;
  policy: ResolvedPolicy;
  revision: string;
}
export interface DeploymentPlan {
  id: string;
  intent: Omit<Intent, 'policy'> & { policy: string; bandwidth: number };
  operations: Operation[];
  notes: string[];
  before: LiveTree;
  after: TcTree;
  allocation: Allocation;
  owner: 'kernel-default' | 'clearpath' | 'foreign';
  restorable: boolean;
  /** What is in force now */
  inForce: DeploymentRow | undefined;
  /** ULID of what takes over again when this one is undone */
  previous: string | null;
  undoes: string | null;
}
export interface Actor {
  login: string;
  role: string;
}
/** What is on an interface and whose it is. */
export interface Standing {
  tree: LiveTree;
  owner: DeploymentPlan['owner'];
  inForce: DeploymentRow | undefined;
  allocation: Allocation;
}
/** A deployment under way, until it has ended. */
interface Job {
  plan: DeploymentPlan;
  row: DeploymentRow;
  /** As read back */
  live?: LiveTree;
  ended?: PromiseSettledResult<DeploymentRow>;
}
/** Interfaces that are changed together: what is known of them is held in memory until all are confirmed. */
const AT_ONCE = 500;
/** For tests of crashes: called at each step of a deployment. */
export type Step = 'journalled' | 'applied' | 'verified';

export interface EngineOptions {
  onStep?: (step: Step) => void | Promise<void>;
  onDeployment?: (row: DeploymentRow) => void;
}

const plainTree = ({ qdiscs, classes, filters }: TcTree): TcTree => ({ qdiscs, classes, filters });

function describe(tree: TcTree): string {
  const root = rootOf(tree);
  if (!root || isKernelDefault(tree)) {
    return `the kernel’s default queue (${root?.kind ?? 'none'})`;
  }
  const parts = [
    `${root.kind} ${root.handle}`,
    tree.classes.length > 0 ? `${tree.classes.length} classes` : '',
    tree.filters.length > 0 ? `${tree.filters.length} rules` : '',
  ];
  return parts.filter(Boolean).join(', ');
}

export class Engine {
  private readonly store: Store;
  private readonly options: EngineOptions;
  private readonly capabilities = new Map<string, Promise<Capabilities>>();

  constructor(store: Store, options: EngineOptions = {}) {
    this.store = store;
    this.options = options;
  }

  /** Discovered once per network; a module loaded later is seen after a restart or `forget`. */
  async capabilitiesOf(place: Place): Promise<Capabilities> {
    const key = JSON.stringify(place);
    const known = this.capabilities.get(key);
    if (known) {
      return known;
    }
    const found = discover(place);
    this.capabilities.set(key, found);
    found.catch(() => this.capabilities.delete(key));
    return found;
  }

  /** What is on the interface and whose it is. */
  async live(tenant: string, place: Place, device: string): Promise<Standing> {
    return valueOf((await this.liveAll(tenant, place, [device]))[0]!);
  }

  private async liveAll(tenant: string, place: Place, devices: readonly string[]): Promise<Outcomes<Standing>> {
    const trees = await readTrees(place, devices);
    const { deployments } = this.store;
    const keys = devices.map((device) => placeKey(place, device));
    const places = await deployments.places(tenant, keys);
    const rows = await deployments.getAll(
      tenant,
      [...places.values()].flatMap(({ deployment }) => deployment ?? [])
    );
    return oneByOne(trees, async (read, index) => {
      const tree = valueOf(read);
      const state = places.get(keys[index]!);
      const inForce = state?.deployment ? rows.get(state.deployment) : undefined;
      const allocation = state?.allocation ? (JSON.parse(state.allocation) as Allocation) : emptyAllocation();
      const after = inForce ? (JSON.parse(inForce.after) as TcTree & Partial<LiveTree>) : undefined;
      const owner = ownerOf(tree, after);
      if (owner === 'clearpath') {
        // Words of a newer tc that this version does not know were there when the deployment was confirmed: no change.
        tree.inexact = tree.inexact.filter((item) => !after?.inexact?.includes(item));
      } else {
        tree.inexact.push(...(await rulesAtQueues(place, devices[index]!, tree)));
      }
      return { tree, owner, inForce, allocation };
    });
  }

  describe(tree: TcTree): string {
    return describe(tree);
  }

  /** Who did it, when, and the plan, line by line. */
  async audit(tenant: string, actor: Actor, action: 'apply' | 'rollback', row: DeploymentRow): Promise<void> {
    const lines = (JSON.parse(row.operations) as Array<{ command: string }>).map((operation) => operation.command);
    await this.store.audit.add({
      tenant, by: actor.login, role: actor.role, action, subject: `${row.binding} on ${row.place}`, outcome: 'done',
      detail: [`${row.id} ${row.policy} ${row.revision}: ${row.message}`, ...lines].join('\n'),
    }); // prettier-ignore
  }

  /** @throws DeployFailure when the policy cannot be compiled for this kernel; TargetError when it cannot be read. */
  async plan(intent: Intent): Promise<DeploymentPlan> {
    return valueOf((await this.planAll([intent]))[0]!);
  }

  /** For interfaces of one network. */
  private async planAll(intents: readonly Intent[]): Promise<Outcomes<DeploymentPlan>> {
    const { tenant, place } = intents[0]!;
    const links = await readLinks(
      place,
      intents.map(({ device }) => device)
    );
    const there = await oneByOne(intents, (intent, index) => ({ intent, link: valueOf(links[index]!) }));
    return onward(there, async (found) => {
      const kernel = await this.capabilitiesOf(place);
      const devices = found.map(({ link }) => link.device);
      const live = await this.liveAll(tenant, place, devices);
      const compileOnce = remembered(compile);
      return oneByOne(found, ({ intent, link }, index) =>
        this.planFor(
          intent,
          { ...kernel, gsoMaxSize: link.gsoMaxSize, mtu: link.mtu },
          valueOf(live[index]!),
          compileOnce
        )
      );
    });
  }

  private planFor(
    intent: Intent,
    capabilities: Capabilities,
    { tree, owner, inForce, allocation }: Standing,
    compile: Compile
  ): DeploymentPlan {
    const { device } = intent;
    const liveMajor = major(rootOf(tree)?.handle ?? '0:');
    const other = freeMajor(tree);
    try {
      let compiled = compile(intent.policy, capabilities, allocation, owner === 'clearpath' ? liveMajor : other);
      const byHand = tree.inexact.length > 0 ? `another hand changed the tree (${tree.inexact.join('; ')})` : undefined;
      const rebuild = owner === 'clearpath' ? (byHand ?? needsNewRoot(tree, compiled.tree)) : undefined;
      if (rebuild) {
        compiled = compile(intent.policy, capabilities, allocation, other);
      }
      const operations = diff(tree, compiled.tree, { device, origins: compiled.tree.origins, rebuild });
      const { policy, ...rest } = intent;
      return this.finishPlan({
        intent: { ...rest, policy: policy.name, bandwidth: policy.bandwidth },
        operations,
        notes: compiled.notes.map((note) => note.replaceAll('DEV', device)),
        before: tree,
        after: plainTree(compiled.tree),
        allocation: compiled.allocation,
        owner,
        inForce,
        previous: inForce?.id ?? null,
        undoes: null,
      });
    } catch (error) {
      if (error instanceof CompileError) {
        throw new DeployFailure('CP-COMPILE', error.message, error.path);
      }
      if (error instanceof AllocationError) {
        throw new DeployFailure('CP-COMPILE', error.message, 'spec.classes');
      }
      throw error;
    }
  }

  private finishPlan(plan: Omit<DeploymentPlan, 'id' | 'restorable'>): DeploymentPlan {
    const seen = [
      plan.intent.tenant,
      plan.intent.revision,
      plan.before,
      plan.operations.map((operation) => operation.line),
      plan.undoes,
    ];
    return {
      ...plan,
      restorable: plan.before.inexact.length === 0,
      id: createHash('sha256').update(JSON.stringify(seen)).digest('hex').slice(0, 16),
    };
  }

  /**
   * Puts a plan into force.
   * @param expected the id of the plan that the operator saw; another one now is refused.
   * @throws DeployFailure; the interface is then as it was, or the message says what it is.
   */
  async apply(
    intent: Intent,
    actor: Actor,
    options: { expected?: string; replaceForeign?: boolean } = {}
  ): Promise<DeploymentRow> {
    const { expected, ...rest } = options;
    return valueOf((await this.applyMany([intent], actor, { ...rest, expected: [expected] }))[0]!);
  }

  /**
   * The same for several interfaces, each for itself: what one refuses leaves the others alone. Those of one network are
   * locked, read, changed and journalled together.
   * @param expected plan ids in the order of the intents
   * @returns in the order of the intents, what apply would have returned or thrown
   */
  async applyMany(
    intents: readonly Intent[],
    actor: Actor,
    options: { expected?: ReadonlyArray<string | undefined>; replaceForeign?: boolean } = {}
  ): Promise<Outcomes<DeploymentRow>> {
    const outcomes: Outcomes<DeploymentRow> = [];
    for (const group of together(intents)) {
      const wanted = group.map((index) => ({ intent: intents[index]!, expected: options.expected?.[index] }));
      const done = await this.applyTogether(wanted, actor, options.replaceForeign ?? false).catch((reason: unknown) =>
        group.map((): PromiseRejectedResult => ({ status: 'rejected', reason }))
      );
      group.forEach((index, at) => {
        outcomes[index] = done[at]!;
      });
    }
    return outcomes;
  }

  /** Of one tenant and network, no interface twice. */
  private async applyTogether(
    wanted: ReadonlyArray<{ intent: Intent; expected: string | undefined }>,
    actor: Actor,
    replaceForeign: boolean
  ): Promise<Outcomes<DeploymentRow>> {
    const intents = wanted.map(({ intent }) => intent);
    const { tenant, place } = intents[0]!;
    const devices = intents.map(({ device }) => device);
    return this.exclusively(place, devices, async (lock) => {
      const settled = await this.settlePlaces(tenant, place, devices, lock);
      const plans = await onward(
        await oneByOne(intents, (intent, index) => {
          valueOf(settled[index]!);
          return { intent, expected: wanted[index]!.expected };
        }),
        async (ready) => {
          const made = await this.planAll(ready.map(({ intent }) => intent));
          return oneByOne(made, (plan, index) => accepted(valueOf(plan), ready[index]!.expected, replaceForeign));
        }
      );
      return onward(plans, (ready) => this.execute(ready, 'apply', actor, lock));
    });
  }

  /** The way back from a deployment: by default the one in force. */
  async planRollback(tenant: string, place: Place, device: string, deployment?: string): Promise<DeploymentPlan> {
    const { tree, owner, inForce } = await this.live(tenant, place, device);
    if (!inForce) {
      throw new DeployFailure(
        'CP-NOTHING-TO-ROLL-BACK',
        `Nothing of Clearpath is in force on ${placeKey(place, device)}, so there is nothing to roll back.`
      );
    }
    if (deployment && deployment !== inForce.id) {
      throw new DeployFailure(
        'CP-NOTHING-TO-ROLL-BACK',
        `Deployment ${deployment} is not the one in force on ${placeKey(place, device)}; ${inForce.id} is. Nothing was changed.`
      );
    }
    const before = JSON.parse(inForce.before) as LiveTree;
    if (before.inexact.length > 0) {
      throw new DeployFailure(
        'CP-NOT-RESTORABLE',
        `What stood on ${placeKey(place, device)} before was replaced on purpose and cannot be restored exactly (${before.inexact.join('; ')}); nothing was changed.`
      );
    }
    if (tree.inexact.length > 0) {
      throw new DeployFailure(
        'CP-FOREIGN',
        `Another hand changed the tree on ${placeKey(place, device)} in a way that Clearpath could not restore exactly (${tree.inexact.join('; ')}); nothing was changed. Remove that first.`
      );
    }
    const previous = inForce.previous ? await this.store.deployments.get(tenant, inForce.previous) : undefined;
    return this.finishPlan({
      intent: {
        tenant, place, device, binding: inForce.binding, target: inForce.target, policy: previous?.policy ?? inForce.policy,
        revision: previous?.revision ?? inForce.revision, bandwidth: rootRate(before),
      }, // prettier-ignore
      operations: diff(tree, before, {
        device,
        origins: originsOf(before, JSON.parse(previous?.allocation ?? inForce.allocation) as Allocation),
      }),
      notes: [
        previous
          ? `Back to deployment ${previous.id} (${previous.policy} ${previous.revision}).`
          : `Back to what was there before Clearpath: ${describe(before)}.`,
      ],
      before: tree,
      after: plainTree(before),
      allocation: previous
        ? (JSON.parse(previous.allocation) as Allocation)
        : (JSON.parse(inForce.allocation) as Allocation),
      owner,
      inForce,
      previous: inForce.previous,
      undoes: inForce.id,
    });
  }

  async rollback(
    tenant: string,
    place: Place,
    device: string,
    actor: Actor,
    deployment?: string
  ): Promise<DeploymentRow> {
    return this.exclusively(place, [device], async (lock) => {
      valueOf((await this.settlePlaces(tenant, place, [device], lock))[0]!);
      const plan = await this.planRollback(tenant, place, device, deployment);
      return valueOf((await this.execute([plan], 'rollback', actor, lock))[0]!);
    });
  }

  private async exclusively<T>(place: Place, devices: readonly string[], work: (lock: Lock) => Promise<T>): Promise<T> {
    try {
      return await withLock(place, devices, work);
    } catch (error) {
      throw error instanceof Locked ? new DeployFailure('CP-LOCKED', error.message) : error;
    }
  }

  /** Plans of one network; the caller holds the lock. */
  private async execute(
    plans: readonly DeploymentPlan[],
    action: 'apply' | 'rollback',
    actor: Actor,
    lock: Lock
  ): Promise<Outcomes<DeploymentRow>> {
    const jobs = plans.map((plan): Job => {
      const value = action === 'apply' ? alreadyInForce(plan) : undefined;
      return {
        plan,
        row: value ?? newRow(plan, action, actor),
        ...(value && { ended: { status: 'fulfilled', value } }),
      };
    });
    await this.carryOut(
      jobs.filter((job) => !job.ended),
      lock
    );
    return jobs.map((job) => job.ended!);
  }

  /** Journal, apply, read back, confirm; each job has ended afterwards. */
  private async carryOut(jobs: readonly Job[], lock: Lock): Promise<void> {
    if (jobs.length === 0) {
      return;
    }
    await this.store.deployments.begin(jobs.map((job) => job.row));
    jobs.forEach((job) => this.report(job.row));
    const open = () => jobs.filter((job) => !job.ended);
    try {
      await this.options.onStep?.('journalled');
      await this.run(jobs, lock);
      await this.options.onStep?.('applied');
      await this.verify(open(), lock);
      await this.options.onStep?.('verified');
      await this.confirm(open());
    } catch (error) {
      await this.undoAll(open(), error, lock);
    }
  }

  private report(row: DeploymentRow): DeploymentRow {
    this.options.onDeployment?.(row);
    return row;
  }

  /** In one tc, taken up again behind the interface where the kernel refused something, which is put back at once. */
  private async run(jobs: readonly Job[], lock: Lock): Promise<void> {
    let waiting = jobs;
    while (waiting.length > 0) {
      const lines = waiting.flatMap((job) => job.plan.operations.map((operation) => ({ job, operation })));
      const { place } = waiting[0]!.plan.intent;
      const { refusal } = await applyBatch(
        place,
        lines.map(({ operation }) => operation.line),
        lock
      );
      if (!refusal) {
        return;
      }
      const refused = refusal.line === undefined ? undefined : lines[refusal.line];
      const failure = new DeployFailure(
        'CP-KERNEL-REFUSED',
        `The kernel refused ${refused ? `"${refused.operation.line}" (${refused.operation.reason})` : 'the operations'}: ${refusal.plain} Its words: ${refusal.original}.`,
        refused?.operation.path || undefined
      );
      if (!refused) {
        return this.undoAll(waiting, failure, lock);
      }
      await this.undo(refused.job, failure, lock);
      waiting = waiting.slice(waiting.indexOf(refused.job) + 1);
    }
  }

  private async verify(jobs: readonly Job[], lock: Lock): Promise<void> {
    if (jobs.length === 0) {
      return;
    }
    const { place } = jobs[0]!.plan.intent;
    const devices = jobs.map((job) => job.plan.intent.device);
    const trees = await readTrees(place, devices);
    for (const [index, job] of jobs.entries()) {
      const device = devices[index]!;
      try {
        job.live = valueOf(trees[index]!);
        const rest = diff(job.live, job.plan.after, { device });
        if (rest.length > 0) {
          throw new DeployFailure(
            'CP-NOT-VERIFIED',
            `After applying, ${placeKey(place, device)} does not read back as planned; ${rest.length} ${rest.length === 1 ? 'difference' : 'differences'}, the first: ${rest[0]!.line}.`,
            pathIn(job.plan, rest[0]!)
          );
        }
      } catch (error) {
        await this.undo(job, error, lock);
      }
    }
  }

  private async confirm(jobs: readonly Job[]): Promise<void> {
    const rows = await this.store.deployments.finishAll(
      jobs.map(({ plan, row, live }) => ({
        row,
        outcome: {
          state: 'confirmed',
          message: confirmedWords(plan, row),
          ...(live!.inexact.length > 0 && { after: asConfirmed(plan.after, live!.inexact) }),
        },
        inForce: { deployment: row.action === 'rollback' ? plan.previous : row.id, allocation: row.allocation },
      }))
    );
    jobs.forEach((job, index) => {
      job.ended = { status: 'fulfilled', value: rows[index]! };
    });
    rows.forEach((row) => this.report(row));
  }

  private async undoAll(jobs: readonly Job[], cause: unknown, lock: Lock): Promise<void> {
    for (const job of jobs) {
      await this.undo(job, jobs.length > 1 ? copyOf(cause) : cause, lock);
    }
  }

  /** Back to what was there; the journal says how that ended. */
  private async undo(job: Job, cause: unknown, lock: Lock): Promise<void> {
    const { plan, row } = job;
    const why = cause instanceof Error ? cause.message : String(cause);
    const { place, device } = plan.intent;
    job.ended = { status: 'rejected', reason: cause };
    let message: string;
    let settled = true;
    try {
      message = `${why} ${await this.restore(place, device, plan.before, lock)}`;
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
      await this.store.deployments.finish(row, { state: 'failed', message }, undefined).then(
        (done) => this.report(done),
        () => undefined
      );
    }
  }

  /**
   * Back to an earlier tree; to the kernel's own queue when that tree could not be written again exactly.
   * @returns what is there now, in words. @throws when even that failed
   */
  private async restore(place: Place, device: string, before: LiveTree, lock: Lock): Promise<string> {
    const live = await readTree(place, device);
    if (sameTree(live, before) && before.inexact.every((item) => live.inexact.includes(item))) {
      return 'The interface is as it was before.';
    }
    const exact = before.inexact.length === 0;
    await this.move(place, device, live, exact ? before : { qdiscs: [], classes: [], filters: [] }, lock);
    return exact
      ? 'The interface is as it was before.'
      : `What was there before could not be restored exactly (${before.inexact.join('; ')}), so the kernel’s default queue is there now.`;
  }

  /** @throws when the kernel refuses or does not read back as wanted */
  private async move(place: Place, device: string, from: TcTree, to: TcTree, lock: Lock): Promise<void> {
    const lines = diff(from, to, { device }).map((operation) => operation.line);
    const { refusal } = await applyBatch(place, lines, lock);
    if (refusal) {
      throw new DeployFailure('CP-KERNEL-REFUSED', `${refusal.plain} (${refusal.original})`);
    }
    if (!sameTree(await readTree(place, device), to)) {
      throw new DeployFailure('CP-NOT-VERIFIED', 'it does not read back as it should.');
    }
  }

  /**
   * Settles what a crash left: a tree that is already the new one is confirmed, anything else goes back to the old, or
   * on to the new one where the old could not be written again exactly.
   * @param placeOf the way to the network of a journalled place, which only the caller's configuration knows.
   */
  async recover(placeOf: (row: DeploymentRow) => Place): Promise<DeploymentRow[]> {
    const settled: DeploymentRow[] = [];
    for (const row of await this.store.deployments.unfinished()) {
      const place = placeOf(row);
      const outcome = await this.exclusively(place, [row.interface], (lock) => this.settle(row, place, lock)).catch(
        (error: unknown) => ({
          state: 'applying' as const,
          message: `Interrupted, and it could not be settled: ${error instanceof Error ? error.message : String(error)}`,
        })
      );
      settled.push('id' in outcome ? this.report(outcome) : { ...row, ...outcome });
    }
    return settled;
  }

  /** Whoever holds the lock finds nothing half done of others: its writer is gone. */
  private async settlePlaces(
    tenant: string,
    place: Place,
    devices: readonly string[],
    lock: Lock
  ): Promise<Outcomes<void>> {
    const unfinished = Map.groupBy(
      (await this.store.deployments.unfinished()).filter((row) => row.tenant === tenant),
      (row) => row.place
    );
    return oneByOne(devices, async (device) => {
      for (const row of unfinished.get(placeKey(place, device)) ?? []) {
        this.report(await this.settle(row, place, lock));
      }
    });
  }

  private async settle(stale: DeploymentRow, place: Place, lock: Lock): Promise<DeploymentRow> {
    // Its writer may have ended it while the lock was waited for.
    const row = (await this.store.deployments.get(stale.tenant, stale.id)) ?? stale;
    if (row.state !== 'applying') {
      return row;
    }
    const { interface: device } = row;
    const failed = (message: string) => this.store.deployments.finish(row, { state: 'failed', message }, undefined);
    if (await isGone(place, device)) {
      return failed('Interrupted; the interface is gone, and what was on it went with it.');
    }
    const before = JSON.parse(row.before) as LiveTree;
    const after = JSON.parse(row.after) as TcTree;
    const confirmed = (message: string, live: LiveTree) =>
      this.store.deployments.finish(
        row,
        { state: 'confirmed', message, after: asConfirmed(after, live.inexact) },
        { deployment: row.action === 'rollback' ? row.previous : row.id, allocation: row.allocation }
      );
    const live = await readTree(place, device);
    if (sameTree(live, after)) {
      return confirmed('Interrupted after the last operation; read back and confirmed afterwards.', live);
    }
    if (before.inexact.length > 0 && !sameTree(live, before)) {
      await this.move(place, device, live, after, lock);
      return confirmed(
        'Interrupted half way; what was there before could not be restored exactly, so the rest was applied afterwards, read back and confirmed.',
        await readTree(place, device)
      );
    }
    return failed(`Interrupted half way. ${await this.restore(place, device, before, lock)}`);
  }
}

function ownerOf(tree: TcTree, after: TcTree | undefined): DeploymentPlan['owner'] {
  if (isKernelDefault(tree)) {
    return 'kernel-default';
  }
  const ours = after && rootOf(after);
  const root = rootOf(tree);
  return ours && root?.kind === ours.kind && root.handle === ours.handle ? 'clearpath' : 'foreign';
}

/** @returns the plan; @throws DeployFailure when the operator has to look again first */
function accepted(plan: DeploymentPlan, expected: string | undefined, replaceForeign: boolean): DeploymentPlan {
  const key = placeKey(plan.intent.place, plan.intent.device);
  if (expected !== undefined && expected !== plan.id) {
    throw new DeployFailure(
      'CP-PLAN-STALE',
      `${key} or the policy changed since the plan was made; nothing was applied. Look at the new plan and apply that.`
    );
  }
  if (!plan.restorable && !replaceForeign) {
    const whose =
      plan.owner === 'clearpath'
        ? 'was changed by another hand in a way that Clearpath'
        : 'carries a tree that Clearpath did not make and';
    throw new DeployFailure(
      'CP-FOREIGN',
      `${key} ${whose} could not restore exactly (${plan.before.inexact.join('; ')}); nothing was applied. Remove it yourself, or allow its replacement.`
    );
  }
  return plan;
}

/** What needs no second deployment: the same policy, with nothing to do. */
function alreadyInForce({ operations, inForce, intent }: DeploymentPlan): DeploymentRow | undefined {
  return operations.length === 0 && inForce?.revision === intent.revision && inForce.policy === intent.policy
    ? inForce
    : undefined;
}

/** Indices of intents that can be put into force together; what names an interface again comes after the first. */
function together(intents: readonly Intent[]): number[][] {
  const groups: Array<{ network: string; indices: Map<string, number> }> = [];
  for (const [index, { tenant, place, device }] of intents.entries()) {
    const network = JSON.stringify([tenant, place]);
    let group = groups.find(
      (each) => each.network === network && !each.indices.has(device) && each.indices.size < AT_ONCE
    );
    if (!group) {
      group = { network, indices: new Map() };
      groups.push(group);
    }
    group.indices.set(device, index);
  }
  return groups.map((group) => [...group.indices.values()]);
}

function newRow(plan: DeploymentPlan, action: DeploymentRow['action'], actor: Actor): DeploymentRow {
  const { intent } = plan;
  return {
    id: ulid(), tenant: intent.tenant, place: placeKey(intent.place, intent.device), action, binding: intent.binding, policy: intent.policy,
    revision: intent.revision, target: intent.target, interface: intent.device, state: 'applying', started_at: Date.now(), finished_at: null,
    by: actor.login, message: '', before: JSON.stringify(plan.before), after: asConfirmed(plan.after, []),
    operations: JSON.stringify(plan.operations.map(({ object, line, ...rest }) => ({ command: line, ...rest, object: object.type }))),
    previous: plan.previous, allocation: JSON.stringify(plan.allocation), undoes: plan.undoes,
  }; // prettier-ignore
}

function confirmedWords(plan: DeploymentPlan, row: DeploymentRow): string {
  const count = plan.operations.length;
  return row.action === 'rollback'
    ? `Rolled back: ${describe(plan.after)} is in force again, read back and equal.`
    : `${count} ${count === 1 ? 'operation' : 'operations'} applied, read back and confirmed at ${formatRate(plan.intent.bandwidth)}.`;
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

/** A tree with what its read-back showed beyond it. */
const asConfirmed = (after: TcTree, inexact: LiveTree['inexact']): string => JSON.stringify({ ...after, inexact });

/** A handle that nothing on the interface has: the kernel would take another root of the same for a change. */
function freeMajor(tree: TcTree): string {
  const taken = new Set(tree.qdiscs.map((qdisc) => major(qdisc.handle)));
  let number = 1;
  while (taken.has(number.toString(16))) {
    number++;
  }
  return number.toString(16);
}

type Compile = typeof compile;

/** Interfaces of one policy, kernel and history get one tree: it is compiled once for all of them. */
function remembered(compile: Compile): Compile {
  const known = new Map<ResolvedPolicy, Map<string, ReturnType<Compile>>>();
  return (policy, ...rest) => {
    const key = JSON.stringify(rest);
    const results = known.get(policy) ?? new Map<string, ReturnType<Compile>>();
    const result = results.get(key) ?? compile(policy, ...rest);
    known.set(policy, results.set(key, result));
    return result;
  };
}

/** Names of the classes of an earlier tree, for the words of a rollback. */
function originsOf(tree: TcTree, { classes }: Allocation): Map<string, Origin> {
  const names = new Map(Object.entries(classes).map(([path, minor]) => [minor.toString(16), path]));
  const why = (classid: string) => ({
    path: '',
    why: `${names.get(classid.slice(classid.indexOf(':') + 1)) ?? classid}: as it was before`,
  });
  return new Map([
    ...tree.classes.map((value) => [objectId({ type: 'class', value }), why(value.classid)] as const),
    ...tree.qdiscs.map((value) => [objectId({ type: 'qdisc', value }), why(value.parent)] as const),
    ...tree.filters.map((value) => [objectId({ type: 'filter', value }), why(value.classid)] as const),
  ]);
}

/** bit/s of the class that stands for the link, for the words of a rollback. */
function rootRate(tree: TcTree): number {
  return tree.classes.find((item) => item.parent === 'root')?.ceil ?? 0;
}
