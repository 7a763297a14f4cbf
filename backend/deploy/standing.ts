/** What is on interfaces now, and whose it is. */
import {
  emptyAllocation,
  isKernelDefault,
  parseTree,
  rootOf,
  type Allocation,
  type Filter,
  type LiveTree,
  type TcTree,
} from '../compile/tc/index.ts';
import type { Store } from '../store/index.ts';
import { oneByOne, placeKey, rulesAtQueues, valueOf, type Outcomes, type Place } from '../target/index.ts';
import type { DeploymentPlan, EngineContext, Standing } from './model.ts';
import { onceForText } from './shared.ts';

/** Of interfaces of one network. */
export async function standingOf(
  { store: { deployments }, watched }: EngineContext,
  tenant: string,
  place: Place,
  devices: readonly string[]
): Promise<Outcomes<Standing>> {
  return standingWith(deployments, tenant, place, devices, await watched.readTrees(place, devices));
}

/** Texts of the journal as what they say: thousands of interfaces share few of them. */
export const readings = () => ({
  allocationIn: onceForText((text) => JSON.parse(text) as Allocation),
  treeIn: onceForText((text) => parseTree<TcTree & Partial<LiveTree>>(text)),
  nothing: emptyAllocation(),
});

/** The same of what was read already. */
export async function standingWith(
  deployments: Store['deployments'],
  tenant: string,
  place: Place,
  devices: readonly string[],
  trees: Outcomes<LiveTree>,
  { allocationIn, treeIn, nothing } = readings()
): Promise<Outcomes<Standing>> {
  const keys = devices.map((device) => placeKey(place, device));
  const places = await deployments.inForceAt(tenant, keys);
  const standing = (read: (typeof trees)[number], index: number): Standing | Promise<Standing> => {
    const tree = valueOf(read);
    const state = places.get(keys[index]!);
    const inForce = state?.row;
    const allocation = state?.allocation ? allocationIn(state.allocation) : nothing;
    const after = inForce && treeIn(inForce.after);
    const owner = ownerOf(tree, after);
    // Words of a newer tc that this version does not know were there when the deployment was confirmed: no change.
    const known = owner === 'clearpath' ? (after?.inexact ?? []) : [];
    const having = (more: readonly string[]): Standing => {
      const changed = known.length > 0 || more.length > 0;
      const inexact = () => [...tree.inexact.filter((item) => !known.includes(item)), ...more];
      return { tree: changed ? { ...tree, inexact: inexact() } : tree, owner, inForce, allocation };
    };
    return owner === 'clearpath' ? having([]) : rulesAtQueues(place, devices[index]!, tree).then(having);
  };
  return oneByOne(trees, standing);
}

/** Rules at the hook without an IFB are ours as long as one stands where we put it. */
function ownerOfPolice({ ingress, inexact }: LiveTree, ours: readonly Filter[]): DeploymentPlan['owner'] {
  const rules = ingress?.rules ?? [];
  const placeOf = ({ chain = 0, pref, kind, handle }: Filter) => [chain, pref, kind, handle].join(' ');
  const places = new Set(ours.map(placeOf));
  return rules.some((rule) => places.has(placeOf(rule)))
    ? 'clearpath'
    : rules.length > 0 || inexact.length > 0
      ? 'foreign'
      : 'kernel-default';
}

function ownerOf(tree: LiveTree, after: TcTree | undefined): DeploymentPlan['owner'] {
  const ours = after && rootOf(after);
  const root = rootOf(tree);
  if (after?.ingress && !after.ingress.ifb && after.ingress.rules.length > 0 && !tree.ingress?.ifb) {
    return ownerOfPolice(tree, after.ingress.rules);
  }
  if (isKernelDefault(tree)) {
    const { ifb, rules = [] } = tree.ingress ?? {};
    // Nobody but us leads anything to our own IFB, also where the tree on it is gone.
    const elsewhere = rules.some(({ actions = [] }) => !actions.some((action) => 'device' in action && action.device === ifb?.name)); // prettier-ignore
    return elsewhere || (tree.inexact.length > 0 && tree.ingress)
      ? 'foreign'
      : rules.length > 0 && ours
        ? 'clearpath'
        : 'kernel-default';
  }
  return ours && root?.kind === ours.kind && root.handle === ours.handle ? 'clearpath' : 'foreign';
}
