/**
 * The kernel's tree from the text of `tc -d qdisc|class|filter show`. Text and not JSON: iproute2 6.1 prints HTB classes
 * as text even with -j, and repeats the key "match" in the JSON of u32. What cannot be written back exactly is said.
 */
import { KINDS } from './kinds.ts';
import { blocks, words } from './listing.ts';
import { isKernelDefault, type LiveTree } from './model.ts';
import { readClass } from './read-class.ts';
import { readFilter } from './read-filter.ts';
import { readQdisc } from './read-qdisc.ts';
import { keepTables, readTables } from './read-table.ts';

export interface Listing {
  qdiscs: string;
  classes: string;
  /** by scope: '' for the root's rules, else what of ruleHolders() they hang at */
  filters: Record<string, string>;
}

/** @param listing what `tc -d` printed for one interface; @returns its tree, with everything inexact named. */
export function read(listing: Listing): LiveTree {
  const tree: LiveTree = { qdiscs: [], classes: [], filters: [], inexact: [] };
  for (const block of blocks(listing.qdiscs)) {
    readQdisc(block, tree);
  }
  for (const block of blocks(listing.classes)) {
    readClass(block.join(' '), tree);
  }
  const rules = Object.entries(listing.filters).map(([scope, text]) => [scope, blocks(text)] as const);
  const tables = readTables(rules);
  for (const [scope, listed] of rules) {
    for (const block of listed) {
      readFilter(block, scope, tree, tables);
    }
  }
  keepTables(tree, tables);
  nameAmbiguous(tree);
  if (isKernelDefault(tree)) {
    // A queue of its own below the kernel's mq goes when another root comes, and does not return with it.
    for (const { kind, handle, parent } of tree.qdiscs.filter((qdisc) => qdisc.handle !== '0:')) {
      tree.inexact.push(`qdisc ${kind} ${handle} (at ${parent} of the kernel’s default)`);
    }
  }
  tree.classes.sort((a, b) => place(a.classid) - place(b.classid));
  return tree;
}

/** The kernel lists u32 rules of one preference at every parent that has one (cls_u32, u32_walk): whose they are is lost. */
function nameAmbiguous(tree: LiveTree): void {
  const first = new Map<number, string>();
  const named = new Set<number>();
  for (const { kind, parent, pref } of tree.filters) {
    if (kind === 'u32' && (first.get(pref) ?? parent) !== parent && !named.has(pref)) {
      tree.inexact.push(`filter ${first.get(pref)} and ${parent} pref ${pref} u32 (one preference at two parents)`);
      named.add(pref);
    }
    first.set(pref, first.get(pref) ?? parent);
  }
}

/** By major, then by minor. */
function place(classid: string): number {
  const [major = '', minor = ''] = classid.split(':');
  return parseInt(major, 16) * 0x10000 + parseInt(minor, 16);
}

/** Where rules may hang beside the root. */
export interface RuleHolder {
  /** A class, or the handle of a qdisc */
  parent: string;
  /** The class itself, or the one that the qdisc hangs at */
  classid: string;
}
/** Classes with children, and classful qdiscs below the root. Each has its own listing. */
export function ruleHolders({ qdiscs, classes }: Pick<Listing, 'qdiscs' | 'classes'>): RuleHolder[] {
  const below = blocks(qdiscs).flatMap(([line = '']) => {
    const [, kind = '', handle = ''] = words(line);
    const [, classid] = / parent (?!ffff:)(\S+)/.exec(line) ?? [];
    return classid && KINDS[kind]?.classful ? [{ parent: handle, classid }] : [];
  });
  const parents = blocks(classes).flatMap(([line = '']) => / parent (\S+)/.exec(line)?.[1] ?? []);
  const inner = [...new Set(parents)].filter((parent) => !parent.endsWith(':'));
  return [...inner.map((classid) => ({ parent: classid, classid })), ...below];
}
