/** TBF: the link's rate around one queue. */
import { formatRate } from '../../policy/quantities.ts';
import { addLeaf, addRoot, type Ground } from './builder.ts';
import { burstFor } from './htb.ts';
import { checkBandwidth } from './limits.ts';
import { readable, writableBurst } from './units.ts';

/** µs; the limit of a queue that is never there, since another takes its place. */
const LATENCY = 50_000;

/** @returns the class that what is shaped hangs at */
export function addTbf(ground: Ground): string {
  checkBandwidth(ground.policy.bandwidth);
  const rate = readable(ground.policy.bandwidth);
  const burst = writableBurst(burstFor(rate), rate);
  const why = `the link: ${formatRate(rate)}; larger packets than a burst of ${burst} B are divided`;
  addRoot(ground, 'tbf', { rate, burst, latency: LATENCY }, why);
  return `${ground.root}1`;
}

export function buildTbf(ground: Ground): [] {
  addLeaf(ground, ground.policy.classes[0]!, addTbf(ground));
  return [];
}
