/** The way back from a deployment, as a plan like any other. */
import {
  linkRate,
  objectId,
  parseTree,
  type Allocation,
  type LiveTree,
  type Origin,
  type TcTree,
} from '../compile/tc/index.ts';
import { placeKey, valueOf, type Place } from '../target/index.ts';
import { DeployFailure } from './failure.ts';
import type { DeploymentPlan, EngineContext } from './model.ts';
import { finishPlan, plainTree } from './plan.ts';
import { Changes } from './shared.ts';
import { standingOf } from './standing.ts';
import { trafficBetween } from './traffic.ts';
import { describe } from './words.ts';

/** @param deployment what is to be undone: by default, and at most, the one in force */
export async function planRollback(
  context: EngineContext,
  tenant: string,
  place: Place,
  device: string,
  deployment?: string
): Promise<DeploymentPlan> {
  const { tree, owner, inForce } = valueOf((await standingOf(context, tenant, place, [device]))[0]!);
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
  const before = parseTree<LiveTree>(inForce.before);
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
  const previous = inForce.previous ? await context.store.deployments.get(tenant, inForce.previous) : undefined;
  return finishPlan({
    intent: {
      tenant, place, device, binding: inForce.binding, target: inForce.target, policy: previous?.policy ?? inForce.policy,
      revision: previous?.revision ?? inForce.revision, bandwidth: linkRate(before),
    }, // prettier-ignore
    changes: Changes.between(tree, before, {
      origins: originsOf(before, JSON.parse(previous?.allocation ?? inForce.allocation) as Allocation),
    }),
    notes: [
      previous
        ? `Back to deployment ${previous.id} (${previous.policy} ${previous.revision}).`
        : `Back to what was there before Clearpath: ${describe(before)}.`,
    ],
    matching: previous?.matching ?? '',
    traffic: trafficBetween()(inForce.matching, previous?.matching ?? ''),
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
