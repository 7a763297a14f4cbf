/** From an intent to the operations that bring it about: compile, compare with what is there, and give it an identity. */
import { createHash } from 'node:crypto';
import {
  AllocationError, compile, CompileError, hooked, identitiesIn, ingressNotes, isKernelDefault, major, needsNewRoot, rootOf, sideOf, type Allocation, type Capabilities, type CompiledTree, type LiveTree, type Operation, type TcTree,
} from '../compile/tc/index.ts'; // prettier-ignore
import { oneByOne, onward, placeKey, readHook, valueOf, type Outcomes } from '../target/index.ts';
import { DeployFailure } from './failure.ts';
import type { ApplyOptions, DeploymentPlan, EngineContext, Intent, Standing } from './model.ts';
import { Changes, digestOf, onceFor, onceForPair, onceForText } from './shared.ts';
import { readings, standingWith } from './standing.ts';
import { matchingOf, trafficBetween } from './traffic.ts';

type Compile = typeof compile;
/** Rules of another hand on the way out */
type Leaving = Pick<LiveTree, 'filters' | 'inexact'>;

/** What is to be, of what was read or compiled. */
export const plainTree = onceFor(({ qdiscs, classes, filters, tables, ingress }: TcTree): TcTree => ({
  qdiscs,
  classes,
  filters,
  ...(tables && { tables }),
  ...(ingress && { ingress: { rules: ingress.rules, ...(ingress.hook && { hook: ingress.hook }), ...(ingress.ifb && { ifb: ingress.ifb }) } }),
})); // prettier-ignore

/** For interfaces of one network. */
export async function planAll(context: EngineContext, intents: readonly Intent[]): Promise<Outcomes<DeploymentPlan>> {
  return (await planner(context, intents))(0, intents.length);
}

/**
 * Reads interfaces of one network.
 * @returns what plans a part of them, as Array.slice takes it; it does not throw
 */
export async function planner(
  { store: { deployments }, watched, capabilitiesOf }: EngineContext,
  intents: readonly Intent[]
): Promise<(from: number, to: number) => Promise<Outcomes<DeploymentPlan>>> {
  const { tenant, place } = intents[0]!;
  const devices = intents.map(({ device }) => device);
  const links = await watched.readLinks(place, devices);
  const there = devices.filter((_, index) => links[index]!.status === 'fulfilled');
  if (there.length === 0) {
    return async (from, to) => oneByOne(links.slice(from, to), (link) => valueOf(link) as never);
  }
  const read = await watched.readTrees(place, there);
  const trees = new Map(there.map((device, index) => [device, read[index]!]));
  const kernel = await capabilitiesOf(place);
  const kernelWith = onceForText((figures) => ({ ...kernel, ...(JSON.parse(figures) as Partial<Capabilities>) }));
  const work = sharedWork();
  const texts = readings();
  return async (from, to) => {
    const found = await oneByOne(intents.slice(from, to), (intent, index) => ({
      intent,
      link: valueOf(links[from + index]!),
    }));
    return onward(found, async (some) => {
      const names = some.map(({ link }) => link.device);
      const live = await standingWith(
        deployments,
        tenant,
        place,
        names,
        names.map((name) => trees.get(name)!),
        texts
      );
      const hooks = await oneByOne(live, (standing, index) => leavingOf(place, some[index]!.intent.device, standing));
      return oneByOne(some, ({ intent, link: { gsoMaxSize, mtu, speed } }, index) =>
        planFor(
          intent,
          kernelWith(JSON.stringify({ gsoMaxSize, mtu, received: sideOf(intent.device).direction === 'ingress' })),
          valueOf(live[index]!),
          work,
          speed,
          valueOf(hooks[index]!)
        )
      );
    }).catch((reason: unknown) => found.map((): PromiseRejectedResult => ({ status: 'rejected', reason })));
  };
}

/** The rules of another hand that packets pass before its tree, where there is one. */
function leavingOf(
  place: Intent['place'],
  device: string,
  standing: PromiseSettledResult<Standing>
): Promise<Leaving | undefined> | undefined {
  const { interface: name, direction } = sideOf(device);
  return standing.status === 'fulfilled' && standing.value.owner === 'foreign' && direction === 'egress' && !isKernelDefault(standing.value.tree)
    ? readHook(place, name, 'egress').then((hook) => (hook.filters.length + hook.inexact.length > 0 ? hook : undefined))
    : undefined;
} // prettier-ignore

function planFor(
  intent: Intent,
  capabilities: Capabilities,
  { tree, owner, inForce, allocation: given }: Standing,
  { compile, identities, needsNewRoot, changesBetween, traffic }: SharedWork,
  speed: number | undefined,
  leaving: Leaving | undefined
): DeploymentPlan {
  const { device } = intent;
  const liveMajor = major(rootOf(tree)?.handle ?? '0:');
  // What a policy was imported from is changed where it stands.
  const theirs =
    owner === 'foreign' && !tree.ingress
      ? leaving
        ? identitiesIn(tree, intent.policy, capabilities, leaving)
        : identities(tree, intent.policy)(capabilities)
      : undefined;
  const allocation = theirs ?? given;
  const other = freeMajor(tree, allocation);
  try {
    const stands = (owner === 'clearpath' || theirs !== undefined) && !isKernelDefault(tree);
    let compiled = compile(intent.policy, capabilities, allocation, stands ? liveMajor : other);
    const byHand = tree.inexact.length > 0 ? `another hand changed the tree (${tree.inexact.join('; ')})` : undefined;
    const rebuild = stands ? (byHand ?? needsNewRoot(tree, compiled.tree)) : undefined;
    if (rebuild) {
      compiled = compile(intent.policy, capabilities, allocation, other);
    }
    const { interface: link } = sideOf(device);
    const desired = tree.ingress ? hooked(compiled.tree, link, tree.ingress, capabilities) : compiled.tree;
    const changes = changesBetween(tree, desired)(rebuild ?? '');
    const { tenant, place, binding, target, revision, requiresProof, policy } = intent;
    const matching = matchingOf(policy);
    return finishPlan({
      intent: {
        tenant,
        place,
        device,
        binding,
        target,
        revision,
        requiresProof,
        policy: policy.name,
        bandwidth: policy.bandwidth,
        oversubscribed: policy.oversubscribed,
      },
      changes,
      notes: [
        ...oversubscribedNote(policy),
        ...(tree.ingress ? ingressNotes(link, policy.bandwidth, speed) : []),
        ...(leaving ? [leavingNote(link, leaving)] : []),
        ...compiled.notes.map((note) => note.replaceAll('DEV', link)),
      ],
      matching,
      traffic: traffic(owner === 'clearpath' ? (inForce?.matching ?? '') : '', matching),
      before: tree,
      after: plainTree(desired),
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

/** What is not ours at the hook is not taken away, and what the policy says of it as well would be done twice in silence. */
const leavingNote = (link: string, { filters, inexact }: Leaving): string => {
  const rules =
    filters.length > 0 ? `${filters.length} ${filters.length === 1 ? 'rule' : 'rules'}` : inexact.join('; ');
  return `Another hand acts on what leaves ${link} before it comes to the tree (${rules} at the hook, "tc filter show dev ${link} egress"). That stays and goes before the rules of this policy: what both do is done twice. Once the policy is in force, take it away: tc filter del dev ${link} egress.`;
};

const oversubscribedNote = ({ oversubscribed }: Intent['policy']): string[] =>
  oversubscribed === undefined
    ? []
    : [`More is guaranteed than there is, on purpose (${oversubscribed}): the guarantees are cut in proportion.`];

/** Once for all of thousands: in each of them, getters would take more than all the rest. */
class Computed {
  get operations(): Operation[] {
    const { changes, intent } = this as unknown as DeploymentPlan;
    return changes.on(intent.device);
  }
  get id(): string {
    const { intent, before, changes, undoes } = this as unknown as DeploymentPlan;
    const seen = [intent.tenant, intent.revision, intent.device, digestOf(before), changes.digest, undoes];
    return createHash('sha256').update(JSON.stringify(seen)).digest('hex').slice(0, 16);
  }
}

export const finishPlan = (plan: Omit<DeploymentPlan, 'id' | 'operations' | 'restorable'>): DeploymentPlan =>
  Object.assign(new Computed(), plan, { restorable: plan.before.inexact.length === 0 });

/** @returns the plan; @throws DeployFailure when the operator has to look again first */
export function accepted(
  plan: DeploymentPlan,
  expected: string | undefined,
  { replaceForeign = false, confirm }: ApplyOptions
): DeploymentPlan {
  const key = placeKey(plan.intent.place, plan.intent.device);
  if (plan.inForce?.state === 'awaiting-confirmation') {
    throw new DeployFailure(
      'CP-AWAITING-CONFIRMATION',
      `Deployment ${plan.inForce.id} on ${key} awaits confirmation; nothing was applied. Confirm it or roll it back first.`
    );
  }
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
      `${key} ${whose} could not restore exactly (${plan.before.inexact.join('; ')}); nothing was applied. Remove it yourself, or allow its replacement. To keep what it does, import it as a policy first (clearpath import ${plan.intent.device}, or Policies → Import).`
    );
  }
  if (!plan.restorable && confirm) {
    throw new DeployFailure(
      'CP-NOT-RESTORABLE',
      `What stands on ${key} could not be restored exactly (${plan.before.inexact.join('; ')}), so there would be no way back if nobody confirmed; nothing was applied. Apply it without a deadline.`
    );
  }
  return plan;
}

/** A handle that nothing on the interface has or will get: the kernel would take another root of the same for a change. */
const freeMajor = onceForPair((tree: TcTree, { classes, queues = {}, bands = 0 }: Allocation): string => {
  const given = [bands, ...Object.values(classes), ...Object.values(queues)].map((number) => number.toString(16));
  const taken = new Set([...tree.qdiscs.map((qdisc) => major(qdisc.handle)), ...given]);
  let number = 1;
  while (taken.has(number.toString(16))) {
    number++;
  }
  return number.toString(16);
});

type SharedWork = ReturnType<typeof sharedWork>;

/** Interfaces of one policy, kernel and history get one tree, compiled and compared once for all of them. */
function sharedWork() {
  const compiled = new Map<string, ReturnType<Compile>>();
  let objects = 0;
  const numberOf = onceFor(() => objects++);
  return {
    compile: ((policy, capabilities, allocation, handle) => {
      const key = [numberOf(policy), numberOf(capabilities), numberOf(allocation), handle].join(' ');
      const result = compiled.get(key) ?? compile(policy, capabilities, allocation, handle);
      compiled.set(key, result);
      return result;
    }) satisfies Compile,
    identities: onceForPair((live: LiveTree, policy: Intent['policy']) =>
      onceFor((capabilities: Capabilities) => identitiesIn(live, policy, capabilities))
    ),
    needsNewRoot: onceForPair(needsNewRoot),
    traffic: trafficBetween(),
    changesBetween: onceForPair((live: LiveTree, { origins, ...desired }: CompiledTree) =>
      onceForText((rebuild) => Changes.between(live, desired, { origins, rebuild: rebuild || undefined }))
    ),
  };
}
