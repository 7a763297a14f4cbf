/** The tree of one device, desired minus live: in place where the kernel can, else under a new root. */
import { inOrder, ordered } from './build-order.ts';
import { classDifferences, lowers, unchangeable } from './diff-class.ts';
import { clear, qdiscDifferences, Queues } from './diff-queues.ts';
import { diffRules } from './diff-rules.ts';
import { linkFilter, tableFilter } from './hash-table.ts';
import { isKernelDefault, major, rootOf, type TcClass, type TcObject, type TcTree } from './model.ts';
import type { DiffOptions, Planner } from './operation.ts';

const byId = (classes: readonly TcClass[]) => new Map(classes.map((item) => [item.classid, item]));

/** Why the tree must be built anew, or undefined when it can be changed in place. */
export function needsNewRoot(live: TcTree, desired: TcTree): string | undefined {
  const from = rootOf(live);
  const to = rootOf(desired);
  if (!from || !to) {
    return 'no tree yet';
  }
  if (from.kind !== to.kind) {
    return `${from.kind} gives way to ${to.kind}`;
  }
  if (from.handle !== to.handle) {
    return 'a new tree';
  }
  const { fixed } = qdiscDifferences(from, to);
  if (fixed.length > 0) {
    return `the kernel cannot change ${fixed.join(', ')} in place`;
  }
  const inside = (tree: TcTree) => tree.qdiscs.some(({ parent }) => parent === `${to.handle}1`);
  if (to.kind === 'tbf' && inside(live) && !inside(desired)) {
    // Without a queue TBF drops everything (sch_tbf.c, tbf_graft).
    return 'the kernel gives tbf a queue of its own only once';
  }
  if (JSON.stringify(live.tables ?? []) !== JSON.stringify(desired.tables ?? [])) {
    return 'hash tables of rules come and go with their tree';
  }
  const wanted = byId(desired.classes);
  const top = major(to.handle);
  for (const item of live.classes.filter(({ classid }) => major(classid) === top)) {
    const target = wanted.get(item.classid);
    const why = target && unchangeable(item, target);
    if (why) {
      return why;
    }
  }
  return undefined;
}

function buildAll(planner: Planner, desired: TcTree): void {
  for (const object of inOrder(desired)) {
    planner.push('add', object);
  }
  const tables = desired.tables ?? [];
  for (const table of tables) {
    planner.push('add', { type: 'filter', value: tableFilter(table) }, `a hash table for the rules of preference ${table.pref}`); // prettier-ignore
  }
  for (const value of desired.filters) {
    planner.push('add', { type: 'filter', value });
  }
  for (const table of tables) {
    planner.push('add', { type: 'filter', value: linkFilter(table) }, `to the rules of preference ${table.pref}, by their bucket`); // prettier-ignore
  }
}

function diffWithin(planner: Planner, before: TcTree, desired: TcTree): void {
  const live = clear(planner, before, desired);
  const liveClasses = byId(live.classes);
  const wantedIds = new Set(desired.classes.map((item) => item.classid));
  const parentsOf = (tree: TcTree) => new Set(tree.classes.map((item) => item.parent));
  const liveInner = parentsOf(live);
  const wantedInner = parentsOf(desired);
  const gone = live.classes.filter((item) => !wantedIds.has(item.classid));

  const changes: Array<{ value: TcClass; words: string[]; lowers: boolean }> = [];
  const becomeLeaves = new Set<string>();
  const leaves: TcObject[] = [];
  const queues = new Queues(planner, before, live);
  // HFSC drops what its default class would take while there is none, so that class comes first.
  const root = rootOf(desired)!;
  const late = root.kind === 'hfsc';
  if (!late) {
    queues.push(root);
  }
  for (const object of inOrder(desired)) {
    if (object.type === 'qdisc') {
      if (becomeLeaves.has(object.value.parent)) {
        leaves.push(object);
      } else {
        queues.push(object.value);
      }
      continue;
    }
    const { value } = object;
    const known = liveClasses.get(value.classid);
    if (!known) {
      // The first child takes its parent's queue away, with the packets in it.
      const purges = liveClasses.has(value.parent) && !liveInner.has(value.parent);
      planner.push('add', object, purges ? 'new class; its parent’s queue goes' : undefined, purges);
    } else if (liveInner.has(value.classid) && !wantedInner.has(value.classid)) {
      becomeLeaves.add(value.classid);
      leaves.push(object);
    } else {
      const words = classDifferences(known, value);
      if (words.length > 0) {
        changes.push({ value, words, lowers: lowers(known, value) });
      }
    }
  }
  // Lower before raising, so that at no moment more is promised than there is.
  for (const { value, words } of changes.sort((a, b) => Number(b.lowers) - Number(a.lowers))) {
    planner.push('change', { type: 'class', value }, words.join(', '));
  }
  diffRules(planner, live.filters, desired.filters);
  if (late) {
    queues.push(root);
  }
  for (const value of ordered(gone).reverse()) {
    planner.push('del', { type: 'class', value }, 'class no longer in the policy');
  }
  // Priority and quantum of a class take effect only once it has no children (HTB, htb_change_class).
  for (const object of leaves) {
    if (object.type === 'class') {
      planner.push('change', object, 'no longer divided');
    } else {
      planner.push('add', object);
    }
  }
}

export function diffTree(planner: Planner, live: TcTree, desired: TcTree, options: DiffOptions): void {
  const from = rootOf(live);
  const to = rootOf(desired);
  if (!to || isKernelDefault(desired)) {
    if (from && !isKernelDefault(live)) {
      planner.push('del', { type: 'qdisc', value: from }, 'the kernel’s default queue returns', true);
    }
    return;
  }
  const why = needsNewRoot(live, desired);
  if (why) {
    const replaces = from !== undefined && !isKernelDefault(live);
    // The kernel takes a root of a handle that is there already for a change of that one, or moves it to the root.
    const clash = replaces && live.qdiscs.some((qdisc) => qdisc.handle === to.handle);
    if (clash) {
      planner.push('del', { type: 'qdisc', value: from }, options.rebuild ?? why, true);
    }
    planner.push(
      replaces && !clash ? 'replace' : 'add',
      { type: 'qdisc', value: to },
      replaces ? (options.rebuild ?? why) : undefined,
      replaces
    );
    buildAll(planner, desired);
  } else {
    diffWithin(planner, live, desired);
  }
}
