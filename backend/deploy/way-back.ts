/** Back to an earlier tree, as far as it can be written again. */
import { diff, sameTree, type LiveTree, type TcTree } from '../compile/tc/index.ts';
import { applyBatch, readTree, type Lock, type Place } from '../target/index.ts';
import { DeployFailure } from './failure.ts';

/**
 * Back to an earlier tree; to the kernel's own queue when that tree could not be written again exactly.
 * @returns what is there now, in words. @throws when even that failed
 */
export async function restore(place: Place, device: string, before: LiveTree, lock: Lock): Promise<string> {
  const live = await readTree(place, device);
  if (sameTree(live, before) && before.inexact.every((item) => live.inexact.includes(item))) {
    return 'The interface is as it was before.';
  }
  const exact = before.inexact.length === 0;
  await move(place, device, live, exact ? before : nothing(before), lock);
  return exact
    ? 'The interface is as it was before.'
    : `What was there before could not be restored exactly (${before.inexact.join('; ')}), so the kernel’s default queue is there now.`;
}

const nothing = ({ ingress }: TcTree): TcTree => ({ qdiscs: [], classes: [], filters: [], ...(ingress && { ingress: { rules: [] } }) }); // prettier-ignore

/** @throws when the kernel refuses or does not read back as wanted */
export async function move(place: Place, device: string, from: TcTree, to: TcTree, lock: Lock): Promise<void> {
  const lines = diff(from, to, { device }).map((operation) => operation.line);
  const { refusal } = await applyBatch(place, lines, lock);
  if (refusal) {
    throw new DeployFailure('CP-KERNEL-REFUSED', `${refusal.plain} (${refusal.original})`);
  }
  if (!sameTree(await readTree(place, device), to)) {
    throw new DeployFailure('CP-NOT-VERIFIED', 'it does not read back as it should.');
  }
}
