/** What is on an interface as a policy document: the rim around the import of a tree. */
import { carrierIn, ImportError, importReceived, importTree, sideOf, sideWords, type Allocation, type Direction, type Imported, type ImportOptions, type Remark } from '../compile/tc/index.ts'; // prettier-ignore
import type { Finding } from '../policy/index.ts';
import { readHook, readLink, readTree, type Place } from '../target/index.ts';
import { judgeSource } from './judged.ts';
import type { Engine } from './engine.ts';
import { DeployFailure } from './failure.ts';
import type { Standing } from './model.ts';

export interface ImportedPolicy {
  name: string;
  /** YAML, saved nowhere */
  source: string;
  /** What the policy does not say as the tree did */
  remarks: Remark[];
  findings: Finding[];
  owner: Standing['owner'];
  /** In which a binding has to use the policy */
  direction: Direction;
  /** What is on the interface, in words */
  live: string;
}

/** wan0 and veth0@if3 as names of documents. */
const nameOf = (device: string): string => {
  const plain = device.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, ''); // prettier-ignore
  return /^[a-z]/.test(plain) ? `${plain}-imported` : `imported-${plain}`;
};

/** Minors of the classes whose police is a rule of its own. */
const policingIn = ({ filters }: Allocation): Set<number> =>
  new Set(Object.keys(filters).flatMap((key) => Number(/ chain (\d+) police$/.exec(key)?.[1] ?? [])));

/** What another hand made of what the interface receives, with its words. */
async function foreignReceived(engine: Engine, place: Place, device: string, options: ImportOptions): Promise<{ live: string; imported: Imported }> {
  const hook = await readHook(place, device, 'ingress');
  const through = carrierIn(hook);
  const carried = through === undefined ? undefined : { device: through, tree: await readTree(place, through) };
  const rules = `${hook.filters.length} ${hook.filters.length === 1 ? 'rule' : 'rules'} on what it receives`;
  return {
    live: carried ? `${engine.describe(carried.tree)} on ${carried.device}, by ${rules}` : rules,
    imported: importReceived(device, hook, carried, options),
  };
} // prettier-ignore

/**
 * @param side of an interface
 * @param name of the policy; by default that of the one in force, or one made of the interface's
 * @throws DeployFailure where there is nothing that a policy could be made of; TargetError when it cannot be read
 */
export async function importPolicy(
  engine: Engine,
  tenant: string,
  place: Place,
  side: string,
  name?: string
): Promise<ImportedPolicy> {
  const { speed, gsoMaxSize, mtu } = await readLink(place, side);
  const { interface: device, direction } = sideOf(side);
  const { tree, owner, inForce, allocation } = await engine.live(tenant, place, side);
  const own = owner === 'clearpath';
  const names = own
    ? new Map(Object.entries(allocation.classes).map(([path, minor]) => [minor, path.split('/').at(-1)!]))
    : undefined;
  const called = name ?? (own && inForce ? inForce.policy : nameOf(side));
  const options: ImportOptions = {
    name: called,
    capabilities: { ...(await engine.capabilitiesOf(place)), gsoMaxSize, mtu },
    speed,
    ...(names && { names, policing: policingIn(allocation) }),
  };
  try {
    const { live, imported } =
      direction === 'ingress' && !own
        ? await foreignReceived(engine, place, device, options)
        : {
            live: engine.describe(tree),
            imported:
              tree.ingress && !tree.ingress.ifb
                ? importReceived(device, { filters: tree.ingress.rules, inexact: tree.inexact }, undefined, options)
                : importTree(tree, {
                    ...options,
                    ...(direction === 'egress' && { leaving: await readHook(place, device, 'egress') }),
                  }),
          };
    const { source, remarks } = imported;
    return { name: called, source, remarks, findings: judgeSource(source).findings, owner, direction, live };
  } catch (error) {
    throw error instanceof ImportError
      ? new DeployFailure('CP-NOTHING-TO-IMPORT', `${sideWords(side)}: ${error.message}`)
      : error;
  }
}
