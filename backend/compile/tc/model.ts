/** A tc tree as plain data: what is on one interface, or what should be. Rates bit/s, sizes bytes, times microseconds. */
import type { HashTable } from './hash-table.ts';

/** Options of a qdisc in canonical units; only kinds that can be written back exactly have typed options. */
export interface Qdisc {
  handle: string;
  /** "root", or the class it is the leaf of, e.g. "1:10" */
  parent: string;
  kind: string;
  options: Record<string, number | boolean | string>;
  /** What the wire adds to each packet; the kernel takes it at the root alone. */
  stab?: SizeTable;
  /** What a TBF of another hand counts by itself: read, and named as inexact */
  counts?: SizeTable;
}
/** How many bytes of the link a packet takes: its own and `overhead`, at least `mpu`, in whole cells where there are cells. */
export interface SizeTable {
  cells: boolean;
  /** bytes; negative where less is sent than the kernel counts */
  overhead: number;
  mpu: number;
}
interface ClassOf<K extends string> {
  kind: K;
  classid: string;
  /** "root" for a class directly below its qdisc */
  parent: string;
}
export interface HtbClass extends ClassOf<'htb'> {
  rate: number;
  ceil: number;
  burst: number;
  cburst: number;
  /** Known only for leaves: the kernel neither uses nor shows them on inner classes. */
  prio?: number;
  quantum?: number;
  /** What a class of another hand counts for the wire: read, and named as inexact */
  counts?: SizeTable;
}
/** A service curve: m1 for the first d of a backlog, then m2. A straight one has m1 = d = 0. */
export interface Curve {
  m1: number;
  d: number;
  m2: number;
}
export const CURVES = ['rt', 'ls', 'ul'] as const;
/** `rt` is what is guaranteed (to a leaf), `ls` the weight for the rest, `ul` the most. */
export interface HfscClass extends ClassOf<'hfsc'> {
  rt?: Curve;
  ls?: Curve;
  ul?: Curve;
}
export interface DrrClass extends ClassOf<'drr'> {
  /** bytes a turn */
  quantum: number;
}
/** The bands of prio and ets, and the one class of tbf, are made by their qdisc and hold nothing: they are no objects here. */
export type TcClass = HtbClass | HfscClass | DrrClass;
/** What follows a police: the next action, the next rule, or another chain. */
export type Verdict = 'drop' | 'pipe' | 'continue' | { chain: number };
/** What the mark of the packet's connection keeps: its DSCP goes into the header, bits of it become the packet's own mark. */
export interface Ctinfo {
  kind: 'ctinfo';
  /** Where one of the bits of `state` is set, or always where that is 0 */
  dscp?: { mask: number; state: number };
  mark?: number;
  then: 'pipe' | 'continue';
}
export type Action =
  | { kind: 'goto'; chain: number }
  | { kind: 'police'; rate: number; burst: number; mtu: number; overhead?: number; exceed: Verdict; conform: Verdict }
  /** Into the header of that IP version; the ECN bits stay */
  | { kind: 'dscp'; family: 4 | 6; dscp: number }
  | { kind: 'checksum' }
  | { kind: 'mark'; value: number; mask: number }
  | Ctinfo
  | { kind: 'vlan'; id: number; priority: number }
  | { kind: 'mirror' | 'redirect'; device: string }
  /** In tc's words, since it cannot be written back: the tree is inexact */
  | { kind: 'other'; text: string };
export type FilterProtocol = string;
/** A classifier rule; `keys` are canonical and in a fixed order, so that two rules are equal when their texts are. */
export interface Filter {
  parent: string;
  protocol: FilterProtocol;
  pref: number;
  kind: 'u32' | 'flower' | 'fw' | 'matchall';
  /** Which of the rules of its preference; a rule of u32 that stands alone has none, one in a table the kernel's, that of fw is the mark. */
  handle?: number | undefined;
  /** Without it, the one that packets come to first */
  chain?: number | undefined;
  keys: string[];
  /** Empty where the rule only acts, and the next one says the class */
  classid: string;
  actions?: Action[] | undefined;
  /** What of its keys could not be read, in the kernel's words: then `keys` are not all. */
  partial?: string;
}
/** Whether a rule can be written back as it was read. */
export const isExact = ({ partial, actions = [] }: Filter): boolean =>
  partial === undefined && !actions.some(({ kind }) => kind === 'other');
/** An intermediate functional block: a device that packets are sent through for the queues that it has. */
export interface Ifb {
  name: string;
  /** Names whose it is: see ifbAddress() */
  address: string;
  alias: string;
  /** Down, it drops what it is sent. */
  up: boolean;
}
/** What brings received packets to a tree: a hook on the interface, its rules, and the IFB that carries the tree. */
export interface Ingress {
  hook?: 'clsact' | 'ingress';
  rules: Filter[];
  ifb?: Ifb;
}
export interface LiveIngress extends Ingress {
  /** The name that an IFB of ours has or would get */
  ifbName: string;
  /** Chains that have rules, where the hook has some beside `rules`: those that cannot be written again, and those whose device is gone */
  more?: number[];
  /** Somebody has rules on the hook's way out, so that it stays */
  shared?: true;
}
export interface TcTree {
  qdiscs: Qdisc[];
  classes: TcClass[];
  filters: Filter[];
  /** Those that rules of u32 stand in (hash-table.ts) */
  tables?: HashTable[];
  /** Of the tree for what an interface receives. Without it the tree is at the interface's own root, on the way out. */
  ingress?: Ingress;
}
/** A tree as read from the kernel. */
export interface LiveTree extends TcTree {
  /** Everything that this version could not write back exactly, in the kernel's words. Empty: restorable. */
  inexact: string[];
  ingress?: LiveIngress;
}

export type TcObject =
  | { type: 'qdisc'; value: Qdisc }
  | { type: 'class'; value: TcClass }
  | { type: 'filter'; value: Filter }
  | { type: 'link'; value: Ifb };

/** What stands on one device, and no device itself */
export type TreeObject = Exclude<TcObject, { type: 'link' }>;

/** Where an object of a compiled tree comes from in the policy. */
export interface Origin {
  path: string;
  why: string;
}
export interface CompiledTree extends Omit<TcTree, 'ingress'> {
  /** By objectId() */
  origins: Map<string, Origin>;
}

export const ROOT_CLASS_MINOR = 1;

/** A tree from the journal. Version 0.1 knew classes of HTB alone and did not write their kind. */
export function parseTree<T extends TcTree = TcTree>(json: string): T {
  const tree = JSON.parse(json) as T;
  return { ...tree, classes: tree.classes.map((item) => ({ ...item, kind: item.kind ?? 'htb' })) };
}

export const major = (handle: string): string => handle.slice(0, handle.indexOf(':'));
export const rootOf = (tree: TcTree): Qdisc | undefined => tree.qdiscs.find((qdisc) => qdisc.parent === 'root');

/**
 * @param minor of a policy's class; @param queueMajor of the handle of its queue
 * @returns its class or band: where its queue hangs, or, with children, its own in the root; its chain at the hook where
 * police stands there; null in CAKE
 */
export function classidOf(tree: TcTree, minor: number, queueMajor = minor): string | null {
  const own = minor.toString(16);
  if (tree.ingress && !tree.ingress.ifb) {
    return tree.ingress.rules.some(({ chain }) => chain === minor) ? `:${own}` : null;
  }
  const queue = tree.qdiscs.find(({ handle, parent }) => handle === `${queueMajor.toString(16)}:` && parent !== 'root');
  const top = major(rootOf(tree)?.handle ?? ':');
  return queue?.parent ?? tree.classes.find(({ classid }) => classid === `${top}:${own}`)?.classid ?? null;
}

/** bit/s that a tree lets through in all, or 0 where nothing of it says so. */
export function linkRate(tree: TcTree): number {
  const { rate, bandwidth } = rootOf(tree)?.options ?? {};
  const top = tree.classes.find((item) => item.parent === 'root');
  const ofClass = top?.kind === 'htb' ? top.ceil : top?.kind === 'hfsc' ? top.ul?.m2 : undefined;
  return Number(rate ?? bandwidth ?? ofClass ?? 0);
}

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
      return `filter ${object.value.parent} ${object.value.chain ?? 0} ${object.value.protocol} ${object.value.pref} ${object.value.handle ?? ''}`;
    case 'link':
      return `link ${object.value.name}`;
  }
}

/** What the kernel under an interface has, as discovered by trying. */
export interface Capabilities {
  qdiscs: string[];
  classifiers: string[];
  /** Actions of rules, by tc's names */
  actions?: string[];
  /** u32 tells fwmarks; where the kernel was built without, it takes the condition and forgets it */
  marks?: boolean;
  /** What shaping on arrival takes: clsact, ifb, matchall */
  ingress?: string[];
  kernel: string;
  /** Largest packet that the interface hands down at once, bytes; above the MTU when segmentation is offloaded. */
  gsoMaxSize?: number;
  mtu?: number;
  /** The tree is for what the interface receives */
  received?: boolean;
}
