/** Trees of other disciplines as the HTB tree that says the same, so that there is one import of classes and rules. */
import { formatRate } from '../../../policy/quantities.ts';
import type { Scheduler } from '../../../policy/profiles.ts';
import { burstFor } from '../htb.ts';
import { rootOf, type HfscClass, type HtbClass, type LiveTree, type Qdisc } from '../model.ts';
import { NO_GUARANTEE } from './figures.ts';
import { ImportError, type Remark } from './model.ts';

/** What the tree is in truth, for the words of remarks. */
export interface Guise {
  tree: LiveTree;
  scheduler?: Scheduler;
  /** e.g. "qdisc hfsc 1:" */
  object: string;
  /** What becomes of what no rule takes */
  lost: 'unshaped' | 'dropped';
  /** By classid: what is left over is shared in proportion to these, level by level; without them by HTB's quanta */
  weights?: ReadonlyMap<string, number>;
  /** By classid, where nothing is queued: the bursts that somebody chose */
  bursts?: ReadonlyMap<string, number>;
}

/** HTB's priority of a class that the policy gives its own default. */
const MIDDLE = 4;

export const htbClass = (classid: string, parent: string, rate: number, ceil: number, more: Partial<HtbClass> = {}): HtbClass => ({
  kind: 'htb', classid, parent, rate, ceil, burst: burstFor(rate), cburst: burstFor(ceil), prio: MIDDLE, ...more,
}); // prettier-ignore

/** @param root handle of what holds the classes; @param above the HTB class or qdisc that shapes for it */
const htbTree = (tree: LiveTree, root: Qdisc, fallback: number, classes: HtbClass[]): LiveTree => ({
  ...tree,
  qdiscs: [
    { ...root, parent: 'root', kind: 'htb', options: { default: fallback } },
    ...tree.qdiscs.filter(({ parent }) => classes.some(({ classid }) => classid === parent)),
  ],
  classes,
});

/** HFSC: what its curves come to after their first part is guarantee, share and ceiling. */
export function fromHfsc(tree: LiveTree, remark: (item: Remark) => void): Guise {
  const root = rootOf(tree)!;
  const object = `qdisc hfsc ${root.handle}`;
  const own = tree.classes.filter((item): item is HfscClass => item.kind === 'hfsc');
  const childrenOf = (classid: string) => own.filter((item) => item.parent === classid);
  const guaranteeOf = (item: HfscClass): number => {
    const children = childrenOf(item.classid);
    return children.length > 0 ? children.reduce((sum, child) => sum + guaranteeOf(child), 0) : (item.rt?.m2 ?? 0);
  };
  const tops = own.filter((item) => item.parent === 'root');
  const whole = (item: HfscClass) => item.ul?.m2 ?? item.ls?.m2 ?? item.rt?.m2 ?? 0;
  for (const item of tops.filter(({ ul }) => !ul)) {
    remark({ kind: 'approximate', object: `class ${item.classid}`, message: `Nothing holds it to its rate; the policy shapes to ${formatRate(whole(item))}.` }); // prettier-ignore
  }
  const ceilingOf = (item: HfscClass): number => {
    const above = own.find(({ classid }) => classid === item.parent);
    return above ? Math.min(item.ul?.m2 ?? Infinity, ceilingOf(above)) : whole(item);
  };
  const classOf = (item: HfscClass): HtbClass => {
    const isLink = tops.length === 1 && item === tops[0] && childrenOf(item.classid).length > 0;
    const ceil = ceilingOf(item);
    const rate = isLink ? ceil : Math.max(NO_GUARANTEE, Math.min(ceil, guaranteeOf(item)));
    const steep = [item.rt, item.ls, item.ul].filter((curve) => curve && curve.d > 0);
    const strict = item.rt !== undefined && item.rt.d > 0 && item.rt.m1 > item.rt.m2 && item.rt.m2 === ceil;
    if (steep.length > (strict ? 1 : 0)) {
      remark({ kind: 'approximate', object: `class ${item.classid}`, message: `Its curves begin otherwise than they go on (${steep.map((curve) => `${formatRate(curve!.m1)} for ${curve!.d} us`).join(', ')}); the policy has what they come to.` }); // prettier-ignore
    }
    return htbClass(item.classid, item.parent, rate, ceil, strict ? { prio: 0 } : {});
  };
  const fallback = Number(root.options.default ?? 0);
  // What the policy will say is guaranteed: the least rate stands for nothing.
  const stated = (item: HfscClass) => (guaranteeOf(item) > NO_GUARANTEE ? guaranteeOf(item) : 0);
  const weights = new Map(own.map((item) => [item.classid, Math.max(0, (item.ls?.m2 ?? 0) - stated(item))]));
  return { tree: htbTree(tree, root, fallback, own.map(classOf)), scheduler: 'hfsc', object, lost: 'dropped', weights };
}

const BANDS: Readonly<Record<string, 'prio' | 'ets' | 'drr'>> = { prio: 'prio', ets: 'ets', drr: 'drr' };

/** PRIO, ETS or DRR at the root or below a shaper of one class: where, and the rate of the link where something shapes. */
export function bandsIn(tree: LiveTree): { root: Qdisc; rate: number } | undefined {
  const top = rootOf(tree)!;
  if (BANDS[top.kind]) {
    return { root: top, rate: 0 };
  }
  const shapers = tree.classes.filter((item) => item.kind === 'htb');
  const below = tree.qdiscs.filter(({ parent, kind }) => parent.startsWith(top.handle) && BANDS[kind]);
  const one = top.kind === 'tbf' || (top.kind === 'htb' && shapers.length === 1);
  return one && below.length === 1
    ? { root: below[0]!, rate: top.kind === 'tbf' ? Number(top.options.rate) : Math.min(shapers[0]!.rate, shapers[0]!.ceil) } // prettier-ignore
    : undefined;
}

/** @param speed bit/s of the interface, for a tree that shapes nothing */
export function fromBands(
  tree: LiveTree,
  { root, rate }: { root: Qdisc; rate: number },
  speed: number | undefined,
  remark: (item: Remark) => void
): Guise {
  const { handle, kind, options } = root;
  const object = `qdisc ${kind} ${handle}`;
  const link = rate || (speed ?? 0);
  if (link === 0) {
    throw new ImportError(`The interface has a tree of ${kind} (${handle}), which shapes nothing, and no speed of its own. Write a policy with the rate of the link.`); // prettier-ignore
  }
  if (rate === 0) {
    remark({ kind: 'approximate', object, message: `It shapes nothing; the policy shapes to the interface’s speed, ${formatRate(link)}. Set the bandwidth to the rate of the line.` }); // prettier-ignore
  }
  const linkClass = htbClass(`${handle}0`, 'root', link, link);
  const classOf = (minor: string, more: Partial<HtbClass>) =>
    htbClass(`${handle}${minor}`, linkClass.classid, NO_GUARANTEE, link, more);
  if (kind === 'drr') {
    const own = tree.classes.flatMap((item) => (item.kind === 'drr' && item.classid.startsWith(handle) ? item : []));
    const classes = own.map((item) => classOf(item.classid.slice(handle.length), { quantum: item.quantum }));
    return { tree: htbTree(tree, root, 0, [linkClass, ...classes]), scheduler: 'drr', object, lost: 'dropped' };
  }
  const map = String(options.priomap ?? '0').split(' ').map(Number); // prettier-ignore
  if (new Set(map).size > 1) {
    remark({ kind: 'left-out', object, message: 'Its map of priorities that packets bring (TOS) is no match of the policy: what no rule takes goes to the band of priority 0.' }); // prettier-ignore
  }
  const quanta = String(options.quanta ?? '').split(' ').filter(Boolean).map(Number); // prettier-ignore
  const strict = kind === 'prio' ? Number(options.bands) : Number(options.strict ?? 0);
  const used = (band: number) =>
    band === map[0] || tree.filters.some(({ classid }) => classid === `${handle}${(band + 1).toString(16)}`);
  // Bands that nothing comes to are no classes.
  const bands = Array.from({ length: Number(options.bands) }, (_, band) => band).filter(used);
  const classes = bands.map((band) =>
    classOf((band + 1).toString(16), {
      prio: Math.min(band, strict),
      ...(band >= strict && { quantum: quanta[band - strict] ?? 1514 }),
    })
  );
  return { tree: htbTree(tree, root, map[0]! + 1, [linkClass, ...classes]), scheduler: BANDS[kind]!, object, lost: 'unshaped' }; // prettier-ignore
}
