/** A tc tree as plain data: what is on one interface, or what should be. Rates bit/s, sizes bytes, times microseconds. */

/** Options of a qdisc in canonical units; only kinds that can be written back exactly have typed options. */
export interface Qdisc {
  handle: string;
  /** "root", or the class it is the leaf of, e.g. "1:10" */
  parent: string;
  kind: string;
  options: Record<string, number | boolean | string>;
}
export interface HtbClass {
  classid: string;
  /** "root" for the class directly below the qdisc */
  parent: string;
  rate: number;
  ceil: number;
  burst: number;
  cburst: number;
  /** Known only for leaves: the kernel neither uses nor shows them on inner classes. */
  prio?: number;
  quantum?: number;
}
export type FilterProtocol = string;
/** A classifier rule; `keys` are canonical and in a fixed order, so that two rules are equal when their texts are. */
export interface Filter {
  parent: string;
  protocol: FilterProtocol;
  pref: number;
  kind: 'u32' | 'flower';
  keys: string[];
  classid: string;
  /** What of it could not be read, in the kernel's words: then `keys` are not all. */
  partial?: string;
}
export interface TcTree {
  qdiscs: Qdisc[];
  classes: HtbClass[];
  filters: Filter[];
}
/** A tree as read from the kernel. */
export interface LiveTree extends TcTree {
  /** Everything that this version could not write back exactly, in the kernel's words. Empty: restorable. */
  inexact: string[];
}

export type TcObject =
  { type: 'qdisc'; value: Qdisc } | { type: 'class'; value: HtbClass } | { type: 'filter'; value: Filter };

/** Where an object of a compiled tree comes from in the policy. */
export interface Origin {
  path: string;
  why: string;
}
export interface CompiledTree extends TcTree {
  /** By objectId() */
  origins: Map<string, Origin>;
}

export const ROOT_CLASS_MINOR = 1;

export const major = (handle: string): string => handle.slice(0, handle.indexOf(':'));
export const rootOf = (tree: TcTree): Qdisc | undefined => tree.qdiscs.find((qdisc) => qdisc.parent === 'root');

/** The kernel's own choice: a root without a handle, which returns by itself when ours is deleted. */
export const isKernelDefault = (tree: TcTree): boolean => {
  const root = rootOf(tree);
  return !root || root.handle === '0:';
};

export function objectId(object: TcObject): string {
  switch (object.type) {
    case 'qdisc':
      return `qdisc ${object.value.parent}`;
    case 'class':
      return `class ${object.value.classid}`;
    case 'filter':
      return `filter ${object.value.parent} ${object.value.protocol} ${object.value.pref}`;
  }
}

/** What a rule selects and where it sends it, without its place in the order. */
export const filterContent = (filter: Filter): string =>
  `${filter.parent} ${filter.protocol} ${filter.kind} ${filter.keys.join(' ')} > ${filter.classid}`;

/** What the kernel under an interface has, as discovered by trying. */
export interface Capabilities {
  qdiscs: string[];
  classifiers: string[];
  kernel: string;
  /** Largest packet that the interface hands down at once, bytes; above the MTU when segmentation is offloaded. */
  gsoMaxSize?: number;
  mtu?: number;
}
