/** What is on an interface as a policy document: the rim around the import of a tree. */
import { ImportError, importTree, type Remark } from '../compile/tc/index.ts';
import type { Finding } from '../policy/index.ts';
import { readLink, type Place } from '../target/index.ts';
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
  /** What is on the interface, in words */
  live: string;
}

/** wan0 and veth0@if3 as names of documents. */
const nameOf = (device: string): string => {
  const plain = device.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, ''); // prettier-ignore
  return /^[a-z]/.test(plain) ? `${plain}-imported` : `imported-${plain}`;
};

/**
 * @param name of the policy; by default that of the one in force, or one made of the interface's
 * @throws DeployFailure where there is nothing that a policy could be made of; TargetError when it cannot be read
 */
export async function importPolicy(
  engine: Engine,
  tenant: string,
  place: Place,
  device: string,
  name?: string
): Promise<ImportedPolicy> {
  const { speed } = await readLink(place, device);
  const { tree, owner, inForce, allocation } = await engine.live(tenant, place, device);
  const own = owner === 'clearpath';
  const names = own
    ? new Map(Object.entries(allocation.classes).map(([path, minor]) => [minor, path.split('/').at(-1)!]))
    : undefined;
  const called = name ?? (own && inForce ? inForce.policy : nameOf(device));
  try {
    const { source, remarks } = importTree(tree, {
      name: called,
      capabilities: await engine.capabilitiesOf(place),
      speed,
      ...(names && { names }),
    });
    return {
      name: called,
      source,
      remarks,
      findings: judgeSource(source).findings,
      owner,
      live: engine.describe(tree),
    };
  } catch (error) {
    throw error instanceof ImportError
      ? new DeployFailure('CP-NOTHING-TO-IMPORT', `${device}: ${error.message}`)
      : error;
  }
}
