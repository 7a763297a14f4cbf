/** HFSC: a class for each of the policy's, with a real-time curve for its guarantee, a link-sharing one and an upper limit. */
import { formatDuration, formatRate } from '../../policy/quantities.ts';
import type { ResolvedClass } from '../../policy/resolve.ts';
import { leavesOf } from '../../policy/scheduling.ts';
import { addLeaf, addRoot, defaultLeaf, type Ground } from './builder.ts';
import { MIN_RATE } from './htb.ts';
import { checkBandwidth, checkRates } from './limits.ts';
import type { Curve } from './model.ts';
import { MTU_FRAME } from './frame.ts';
import { levelsOf, type Level } from './rules.ts';
import { readable } from './units.ts';
import { fairRates } from './weights.ts';

/** Within this the first packets of a strict class leave, µs. */
const STRICT_DELAY = 2000;

const straight = (rate: number): Curve => ({ m1: 0, d: 0, m2: readable(rate) });

/**
 * Steep until a burst is sent, then the rate: the deadline of its first packets is that of the steep part. What is not
 * guaranteed to anyone is all there is for it, divided among the strict: with more, guarantees of others would be missed
 * (the curves of all leaves must fit under the link's: Stoica, Zhang, Ng, SIGCOMM 1997, theorem 1).
 */
function strictCurve(item: ResolvedClass, leaves: readonly ResolvedClass[], bandwidth: number): Curve {
  const free = bandwidth - leaves.reduce((sum, leaf) => sum + leaf.guarantee, 0);
  const strict = leaves.filter((leaf) => leaf.strict).length;
  const bits = 8 * (item.burst ?? MTU_FRAME);
  const wanted = (bits * 1e6) / STRICT_DELAY;
  const m1 = readable(Math.min(wanted, item.guarantee + Math.max(0, free) / strict));
  const m2 = readable(item.guarantee);
  return m1 > m2 ? { m1, d: Math.ceil((bits * 1e6) / m1), m2 } : straight(item.guarantee);
}

/**
 * Every class has all three curves, since none can be taken away again: a strict one is held by its upper limit, and the
 * real-time curve of a class with children has no effect.
 */
export function buildHfsc(ground: Ground): Level[] {
  const { policy, builder, root, minorOf } = ground;
  const idOf = (item: ResolvedClass) => `${root}${minorOf(item).toString(16)}`;
  const leaves = leavesOf(policy);
  const fallback = defaultLeaf(policy.classes);
  addRoot(ground, 'hfsc', { default: minorOf(fallback) }, `the tree; what matches nothing goes to ${fallback.path}`);
  checkBandwidth(policy.bandwidth);
  const link = straight(policy.bandwidth);
  const linkClass = `${root}${ground.link.toString(16)}`;
  builder.add(
    { type: 'class', value: { kind: 'hfsc', classid: linkClass, parent: 'root', ls: link, ul: link } },
    { path: 'spec.bandwidth', why: `the link: ${formatRate(link.m2)}` }
  );
  const addLevel = (classes: readonly ResolvedClass[], parent: string, whole: number): void => {
    const rates = fairRates(classes, whole);
    for (const item of classes) {
      const classid = idOf(item);
      const most = Math.min(item.ceiling, policy.bandwidth);
      const share = Math.max(MIN_RATE, Math.min(most, rates.get(item)!));
      const rt = item.strict ? strictCurve(item, leaves, policy.bandwidth) : straight(Math.min(most, Math.max(item.guarantee, MIN_RATE))); // prettier-ignore
      checkRates(item, rt.m2);
      const value = {
        kind: 'hfsc' as const,
        classid,
        parent,
        rt,
        ls: straight(Math.min(most, share)),
        ul: straight(most),
      };
      const figures = !item.strict
        ? `guarantee ${formatRate(item.guarantee)}, share ${formatRate(value.ls.m2)}, ceiling ${formatRate(most)}`
        : rt.d > 0
          ? `strict, ${formatRate(rt.m2)}; the first ${item.burst ?? MTU_FRAME} B of a burst within ${formatDuration(rt.d)}, at ${formatRate(rt.m1)}`
          : `strict, ${formatRate(rt.m2)}; nothing is free for a steeper start`;
      builder.add({ type: 'class', value }, { path: item.source, why: `${item.path}: ${figures}` });
      if (item.classes.length === 0) {
        addLeaf(ground, item, classid);
      } else {
        addLevel(item.classes, classid, share);
      }
    }
  };
  addLevel(policy.classes, linkClass, policy.bandwidth);
  return levelsOf(ground, root, idOf);
}
