/**
 * Police in place of a tree, for what an interface receives where there is no IFB: the rules stand at the hook itself. A
 * class is a chain there; a packet goes from the chain of its class through those of the ceilings above it, the narrowest
 * first, so that what a class loses at its own ceiling is taken from no other.
 */
import { FRAME_HEADER } from '../../policy/link.ts';
import { formatRate } from '../../policy/quantities.ts';
import { flatten, type ResolvedClass } from '../../policy/resolve.ts';
import { misfits } from '../../policy/scheduling.ts';
import type { Ground } from './builder.ts';
import { chainOf, chainRules, limitRule, type ChainRule, type Onward } from './chains.ts';
import { ARRIVING } from './ingress.ts';
import { checkBandwidth } from './limits.ts';
import type { Level } from './rules.ts';

/** Chains of the ceilings above classes, and of the link's; above all others. A class may have any minor. */
export const ABOVE = 0x30000;
export const LINK = 0x40000;

/** The police at the hook counts packets without the header of their frame (measured on Linux 7.2), which the link carries. */
const overheadOf = ({ policy }: Ground): number => Math.max(0, FRAME_HEADER + (policy.link?.overhead ?? 0));

export function buildPolice(ground: Ground): Level[] {
  const { policy, builder, capabilities, minorOf } = ground;
  checkBandwidth(policy.bandwidth);
  const overhead = overheadOf(ground);
  const idOf = (item: ResolvedClass) => `:${minorOf(item).toString(16)}`;
  const level = (holder: ResolvedClass | undefined, above: Onward): Level[] => {
    const classes = holder?.classes ?? policy.classes;
    const chains: Array<{ owner: string; rules: ChainRule[] }> = [];
    const below = classes.flatMap((item): Level[] => {
      const limited = item.ceiling < above.rate;
      if (item.classes.length === 0) {
        const own = chainRules(item, idOf(item), capabilities, above);
        const limit = limited ? [limitRule(item, chainOf(idOf(item)), above, capabilities)] : [];
        chains.push({ owner: item.path, rules: [...limit, ...own] });
        return [];
      }
      chains.push({ owner: item.path, rules: chainRules(item, idOf(item), capabilities, above) });
      if (!limited) {
        return level(item, above);
      }
      const chain = ABOVE + minorOf(item);
      chains.push({ owner: item.path, rules: [limitRule(item, chain, above, capabilities, above.chain)] });
      return level(item, { chain, rate: item.ceiling, overhead });
    });
    const chain = holder && chainOf(idOf(holder));
    return [{ parent: ARRIVING, holder, classes, idOf, needsLast: true, chains, ...(chain && { chain }) }, ...below];
  };
  const link: Onward = { chain: LINK, rate: policy.bandwidth, overhead };
  const levels = level(undefined, link);
  const whole = { path: '', source: 'spec', ceiling: policy.bandwidth, burst: undefined };
  levels[0]!.chains!.unshift({ owner: '', rules: [limitRule(whole, LINK, link, capabilities)] });
  notes(ground).forEach((note) => builder.notes.add(note));
  return levels;
}

function notes({ policy }: Ground): string[] {
  const lost = misfits('police', policy);
  return [
    `Police: what is above a ceiling is dropped as it arrives, and nothing waits. A class gets what it is sent up to its ceiling; of ${formatRate(policy.bandwidth)} in all, who comes first gets it.`,
    ...lost.map(({ why }) => `Police does not hold this: ${why}.`),
    ...(flatten(policy.classes).some(({ queue }) => Object.keys(queue).some((key) => key !== 'algorithm' || queue.algorithm !== 'auto'))
      ? ['Police has no queues: what the policy says of them is not used.']
      : []),
    ...(policy.link && (policy.link.mpu > 0 || policy.link.cell)
      ? [`Link: police counts ${policy.link.overhead} B more for each packet, and neither cells nor a least size; keep bandwidth below the line’s rate.`]
      : []),
  ];
} // prettier-ignore
