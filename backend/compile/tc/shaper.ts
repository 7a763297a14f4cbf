/** What stands above a discipline that does not shape: one class of the link's rate. */
import { addRoot, type Ground } from './builder.ts';
import { addLinkClass } from './htb.ts';
import type { Capabilities } from './model.ts';
import { addTbf } from './tbf.ts';

/**
 * HTB before TBF: it takes a packet from below only when it may be sent, where TBF holds one back that a more important
 * one then waits for; and a change of it leaves a queue below alone.
 */
export const shaperOf = ({ qdiscs }: Capabilities): 'htb' | 'tbf' | undefined =>
  (['htb', 'tbf'] as const).find((kind) => qdiscs.includes(kind));

/** @param title of the discipline below; @returns the class that it hangs at, and its handle */
export function addShaper(ground: Ground, title: string): { parent: string; handle: string } {
  const taken = new Set([ground.root, ...ground.policy.classes.map(ground.handleOf)]);
  let major = ground.bands ?? 0xf;
  while (taken.has(`${major.toString(16)}:`)) {
    major--;
  }
  const handle = `${major.toString(16)}:`;
  if (shaperOf(ground.capabilities) !== 'htb') {
    return { parent: addTbf(ground), handle };
  }
  addRoot(ground, 'htb', { default: ground.link }, `HTB of one class, since ${title} does not shape`);
  return { parent: addLinkClass(ground), handle };
}
