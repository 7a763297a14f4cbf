/** The classes of an HTB tree as a hierarchy below the link. */
import { formatRate } from '../../../policy/quantities.ts';
import type { HtbClass, Qdisc, TcTree } from '../model.ts';
import type { Remark } from './model.ts';

export interface Node {
  item: HtbClass;
  children: Node[];
  queue: Qdisc | undefined;
  /** bit/s that it can really get to: no more than anything above it */
  ceiling: number;
}
export interface Hierarchy {
  /** bit/s of the link */
  bandwidth: number;
  top: Node[];
  /** The class that is the link; undefined where several stand side by side. */
  link: HtbClass | undefined;
}

export const minorOf = (classid: string): number => parseInt(classid.slice(classid.indexOf(':') + 1), 16);
export const within = (node: Node): Node[] => [node, ...node.children.flatMap(within)];
export const leavesOf = (nodes: readonly Node[]): Node[] =>
  nodes.flatMap(within).filter((node) => node.children.length === 0);

/** Other disciplines may hang in its leaves, with classes of their own. */
export const htbClasses = (tree: TcTree): HtbClass[] => tree.classes.filter((item) => item.kind === 'htb');

export function hierarchyOf(tree: TcTree, remark: (item: Remark) => void): Hierarchy {
  const classes = htbClasses(tree);
  const ids = new Set(classes.map((item) => item.classid));
  const queues = new Map(tree.qdiscs.map((qdisc) => [qdisc.parent, qdisc]));
  const nodeOf = (item: HtbClass, above: number): Node => {
    const ceiling = Math.min(Math.max(item.ceil, Math.min(item.rate, item.ceil)), above);
    const children = classes.filter((child) => child.parent === item.classid);
    if (item.ceil > above) {
      remark({ kind: 'notice', object: `class ${item.classid}`, message: `Its ceil of ${formatRate(item.ceil)} is above what its parent passes on (${formatRate(above)}), so it is not written.` }); // prettier-ignore
    }
    if (item.rate > item.ceil) {
      remark({ kind: 'notice', object: `class ${item.classid}`, message: `Its rate of ${formatRate(item.rate)} is above its ceil of ${formatRate(item.ceil)}, which is what it really gets.` }); // prettier-ignore
    }
    return {
      item,
      queue: queues.get(item.classid),
      ceiling,
      children: children.map((child) => nodeOf(child, ceiling)),
    };
  };
  // HTB takes a class under a parent that does not exist for a root class.
  const roots = classes.filter((item) => !ids.has(item.parent));
  const hasChildren = (item: HtbClass) => classes.some((child) => child.parent === item.classid);
  const own = (item: HtbClass) => Math.min(item.rate, item.ceil);
  const [link] = roots;
  if (roots.length === 1 && hasChildren(link!)) {
    if (link!.ceil > link!.rate) {
      remark({ kind: 'notice', object: `class ${link!.classid}`, message: `Nothing stands above it to borrow from, so its ceil of ${formatRate(link!.ceil)} was never reached: the link has its rate, ${formatRate(link!.rate)}.` }); // prettier-ignore
    }
    const bandwidth = own(link!);
    const children = classes.filter((child) => child.parent === link!.classid);
    return { bandwidth, top: children.map((child) => nodeOf(child, bandwidth)), link };
  }
  // Classes at the root never borrow: each has its rate, and together they are the link.
  const bandwidth = roots.reduce((sum, item) => sum + own(item), 0);
  if (roots.length > 1) {
    remark({ kind: 'notice', object: `classes ${roots.map((item) => item.classid).join(', ')}`, message: `They stand side by side at the root and lend nothing to each other. The link is their sum, ${formatRate(bandwidth)}: check that it really has as much.` }); // prettier-ignore
  }
  return { bandwidth, top: roots.map((item) => nodeOf({ ...item, ceil: own(item) }, bandwidth)), link: undefined };
}
