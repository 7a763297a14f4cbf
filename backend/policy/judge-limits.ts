/** Judgement of what limits a class twice: what it may send is dropped on arrival and held back behind that again. */
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import { removal } from './fixes.ts';
import { formatRate } from './quantities.ts';
import type { ResolvedClass } from './resolve.ts';

/** @param above bit/s that the parent may send */
export function judgeLimits(classes: readonly ResolvedClass[], above: number): Finding[] {
  return classes.flatMap((item): Finding[] => [
    ...(item.police?.exceed === 'drop' && item.ceiling < above ? [twice(item, item.police.rate)] : []),
    ...judgeLimits(item.classes, item.ceiling),
  ]);
}

function twice(item: ResolvedClass, rate: number): Finding {
  const [policed, shaped] = [formatRate(rate), formatRate(item.ceiling)];
  const effect =
    rate <= item.ceiling
      ? 'what is above the first is dropped at once, so that the ceiling never holds anything back and its queue has nothing to smooth'
      : 'what the police lets through still waits and is dropped behind it, so that a sender loses packets at two places';
  const message = `"${item.name}" is limited twice: policed to ${policed} on arrival and held to ${shaped} behind that; ${effect}.`;
  return finding('CP-LIMITED-TWICE', `${item.source}.police`, message, 'Keep one: the ceiling, which lets a burst wait, or the police, which drops it.', removal(`${item.source}.police`, `Remove the police of "${item.name}"`)); // prettier-ignore
}
