/** HTB: the link's class, a class for each of the policy's, a queue for each leaf. */
import { formatRate } from '../../policy/quantities.ts';
import { flatten, type ResolvedClass } from '../../policy/resolve.ts';
import { addLeaf, addRoot, defaultLeaf, type Ground } from './builder.ts';
import { checkBandwidth, checkRates } from './limits.ts';
import type { HtbClass } from './model.ts';
import { MTU_FRAME } from './frame.ts';
import { levelsOf, type Level } from './rules.ts';
import { readable } from './units.ts';

/** The least rate the kernel shares sensibly; a class without a guarantee gets this. */
export const MIN_RATE = 8000;
const MAX_QUANTUM = 200_000;

/** Two full frames, or what passes in 200 µs: less would make the timer the limit, more would let bursts through. */
export const burstFor = (rate: number): number => Math.max(2 * MTU_FRAME, Math.ceil((rate * 200e-6) / 8));

/** Weights of leaves among their priority as quanta: the smallest share gets one full frame. */
function quantumOf(item: ResolvedClass, leaves: readonly ResolvedClass[]): number {
  const least = Math.min(...leaves.filter((leaf) => leaf.priority === item.priority).map((leaf) => leaf.share));
  return Math.min(MAX_QUANTUM, Math.round((MTU_FRAME * item.share) / least));
}

function htbClass(item: ResolvedClass, classid: string, parent: string, quantum: number | undefined): HtbClass {
  const ceil = readable(item.ceiling);
  const rate = readable(Math.min(item.ceiling, Math.max(item.guarantee, MIN_RATE)));
  checkRates(item, rate);
  return {
    kind: 'htb',
    classid,
    parent,
    rate,
    ceil,
    burst: item.burst ?? burstFor(rate),
    cburst: item.burst ?? burstFor(ceil),
    ...(quantum === undefined ? {} : { prio: 7 - item.priority, quantum }),
  };
}

/** The class that stands for the link, below an HTB at the root. @returns its id */
export function addLinkClass({ policy, builder, root, link }: Ground): string {
  checkBandwidth(policy.bandwidth);
  const bandwidth = readable(policy.bandwidth);
  const classid = `${root}${link.toString(16)}`;
  builder.add(
    {
      type: 'class',
      value: {
        kind: 'htb',
        classid,
        parent: 'root',
        rate: bandwidth,
        ceil: bandwidth,
        burst: burstFor(bandwidth),
        cburst: burstFor(bandwidth),
      },
    },
    { path: 'spec.bandwidth', why: `the link: ${formatRate(bandwidth)}` }
  );
  return classid;
}

/** @returns where the rules of each level hang: at the root, and at each class with children. */
export function buildHtb(ground: Ground): Level[] {
  const { policy, builder, root, minorOf } = ground;
  const all = flatten(policy.classes);
  const idOf = (item: ResolvedClass) => `${root}${minorOf(item).toString(16)}`;
  const fallback = defaultLeaf(policy.classes);
  addRoot(ground, 'htb', { default: minorOf(fallback) }, `the tree; what matches nothing goes to ${fallback.path}`);
  const linkClass = addLinkClass(ground);
  const leaves = all.filter((item) => item.classes.length === 0);
  const addLevel = (classes: readonly ResolvedClass[], parent: string): void => {
    for (const item of classes) {
      const classid = idOf(item);
      const leaf = item.classes.length === 0;
      const figures = item.strict
        ? `strict, ${formatRate(item.ceiling)}`
        : `guarantee ${formatRate(item.guarantee)}, ceiling ${formatRate(item.ceiling)}`;
      builder.add(
        { type: 'class', value: htbClass(item, classid, parent, leaf ? quantumOf(item, leaves) : undefined) },
        {
          path: item.source,
          why: `${item.path}: ${figures}${item.guarantee < MIN_RATE && !item.strict ? ' (the kernel’s least rate is 8 kbit/s)' : ''}`,
        }
      );
      if (leaf) {
        addLeaf(ground, item, classid);
      } else {
        addLevel(item.classes, classid);
      }
    }
  };
  addLevel(policy.classes, linkClass);
  return levelsOf(ground, root, idOf);
}
