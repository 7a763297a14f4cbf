/**
 * The kernel's tree from the text of `tc -d qdisc|class|filter show`. Text and not JSON: iproute2 6.1 prints HTB classes
 * as text even with -j, and repeats the key "match" in the JSON of u32. What cannot be written back exactly is said.
 */
import { blocks } from './listing.ts';
import { isKernelDefault, type LiveTree } from './model.ts';
import { readClass } from './read-class.ts';
import { readFilter } from './read-filter.ts';
import { readQdisc } from './read-qdisc.ts';

export interface Listing {
  qdiscs: string;
  classes: string;
  /** by scope: '' for the root's rules, a classid for those of an inner class */
  filters: Record<string, string>;
}

/** @param listing what `tc -d` printed for one interface; @returns its tree, with everything inexact named. */
export function read(listing: Listing): LiveTree {
  const tree: LiveTree = { qdiscs: [], classes: [], filters: [], inexact: [] };
  for (const block of blocks(listing.qdiscs)) {
    readQdisc(block.join(' '), tree);
  }
  for (const block of blocks(listing.classes)) {
    readClass(block.join(' '), tree);
  }
  for (const [scope, text] of Object.entries(listing.filters)) {
    for (const block of blocks(text)) {
      readFilter(block, scope, tree);
    }
  }
  nameAmbiguous(tree);
  if (isKernelDefault(tree)) {
    // A queue of its own below the kernel's mq goes when another root comes, and does not return with it.
    for (const { kind, handle, parent } of tree.qdiscs.filter((qdisc) => qdisc.handle !== '0:')) {
      tree.inexact.push(`qdisc ${kind} ${handle} (at ${parent} of the kernel’s default)`);
    }
  }
  tree.classes.sort((a, b) => minorOf(a.classid) - minorOf(b.classid));
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

const minorOf = (classid: string) => parseInt(classid.slice(classid.indexOf(':') + 1), 16);

/** Classes that have children: their rules are listed on their own. */
export function innerClasses(classes: string): string[] {
  const parents = new Set<string>();
  for (const [line = ''] of blocks(classes)) {
    const parent = / parent (\S+)/.exec(line)?.[1];
    if (parent && !parent.endsWith(':')) {
      parents.add(parent);
    }
  }
  return [...parents];
}
