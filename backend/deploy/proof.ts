/** Whether what is to be applied has been proved, where its binding asks for that. */
import { createHash } from 'node:crypto';
import { sideOf, type Direction } from '../compile/tc/index.ts';
import type { ResolvedPolicy } from '../policy/resolve.ts';
import type { Store } from '../store/index.ts';
import { kernelRelease } from '../target/index.ts';
import { DeployFailure } from './failure.ts';
import type { Intent } from './model.ts';

/** What a proof is of: a policy with all its figures on one link. The same text with other values is another subject. */
export const proofSubject = (policy: ResolvedPolicy, direction: Direction = 'egress'): string =>
  createHash('sha256')
    .update(JSON.stringify(policy) + (direction === 'ingress' ? direction : ''))
    .digest('hex')
    .slice(0, 32);

/** @throws DeployFailure CP-PROOF-MISSING when the last proof on this kernel did not hold, or there is none */
export async function requireProof({ proofs }: Store, { tenant, binding, policy, device }: Intent): Promise<void> {
  const kernel = kernelRelease();
  const last = await proofs.lastOf(tenant, proofSubject(policy, sideOf(device).direction), kernel);
  if (last?.state === 'held') {
    return;
  }
  const why = last
    ? `its last proof here (${last.id}) found promises broken`
    : `it has not been proved on ${kernel} with the figures and in the direction that it has there`;
  throw new DeployFailure(
    'CP-PROOF-MISSING',
    `The binding "${binding}" requires a proof, and of "${policy.name}" ${why}; nothing was applied. Prove it on the Proof tab or with "clearpath prove", then apply again.`
  );
}
