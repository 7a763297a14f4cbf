/**
 * What the journal says is in force, put back where the kernel has lost it: after a restart of the machine, or when the
 * interface was made anew. Exactly the tree that was confirmed, and only where nobody has put anything since.
 */
import { linkRate, parseTree, type Allocation, type LiveTree, type TcTree } from '../compile/tc/index.ts';
import type { DeploymentRow } from '../store/index.ts';
import { valueOf, type Place } from '../target/index.ts';
import { exclusively } from './exclusively.ts';
import { execute } from './execution.ts';
import type { Actor, EngineContext, Standing } from './model.ts';
import { finishPlan, plainTree } from './plan.ts';
import { settlePlaces } from './recovery.ts';
import { Changes } from './shared.ts';
import { standingOf } from './standing.ts';

/** Nothing but the kernel's own queue stands where a confirmed deployment should; one that awaits confirmation goes back instead. */
export const isLost = ({ owner, inForce }: Standing): boolean =>
  owner === 'kernel-default' && inForce?.state === 'confirmed';

/**
 * @returns the recovery, after which the deployment that was in force is so again; undefined where there is nothing to do
 * @throws DeployFailure; the interface is then as it was
 */
export async function putBack(
  context: EngineContext,
  tenant: string,
  place: Place,
  device: string,
  actor: Actor
): Promise<DeploymentRow | undefined> {
  return exclusively(place, [device], async (lock) => {
    valueOf((await settlePlaces(context, tenant, place, [device], lock))[0]!);
    const standing = valueOf((await standingOf(context, tenant, place, [device]))[0]!);
    const { tree, owner, inForce } = standing;
    if (!isLost(standing) || !inForce) {
      return undefined;
    }
    const after = plainTree(parseTree<TcTree & Partial<LiveTree>>(inForce.after));
    const { binding, target, policy, revision } = inForce;
    const plan = finishPlan({
      intent: { tenant, place, device, binding, target, policy, revision, bandwidth: linkRate(after) },
      changes: Changes.between(tree, after, {}),
      notes: [],
      before: tree,
      after,
      allocation: JSON.parse(inForce.allocation) as Allocation,
      owner,
      inForce,
      previous: inForce.id,
      undoes: null,
    });
    return valueOf((await execute(context, [plan], 'recover', actor, lock))[0]!);
  });
}
