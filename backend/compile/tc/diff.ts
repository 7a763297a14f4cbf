/** Desired minus live: the smallest ordered list of operations that leads from one tree to the other. */
import { formatRate } from '../../policy/quantities.ts';
import { KINDS, sameOption } from './kinds.ts';
import {
  filterContent,
  isKernelDefault,
  objectId,
  rootOf,
  type Filter,
  type HtbClass,
  type Origin,
  type Qdisc,
  type TcObject,
  type TcTree,
} from './model.ts';
import { render, type Verb } from './render.ts';
import { sameBurst } from './units.ts';

export interface Operation {
  verb: Verb;
  object: TcObject;
  /** The tc batch line */
  line: string;
  path: string;
  reason: string;
  /** Packets of other classes may be lost or unshaped for a moment. */
  disruptive: boolean;
}

export interface DiffOptions {
  device: string;
  /** Policy path and reason of an object; without it (a rollback) the reason alone is made here. */
  origins?: ReadonlyMap<string, Origin>;
  /** Why a tree of another handle takes the place of the live one, for the words of its operation. */
  rebuild?: string | undefined;
}

type Differences = { fixed: string[]; changed: string[] };

function qdiscDifferences(live: Qdisc, desired: Qdisc): Differences {
  const options = KINDS[desired.kind]?.options ?? {};
  const result: Differences = { fixed: [], changed: [] };
  for (const [name, option] of Object.entries(options)) {
    const wanted = desired.options[name] ?? option.byDefault;
    if (wanted === undefined && option.form !== 'flag') {
      continue;
    }
    if (!sameOption(option.form, live.options[name] ?? option.byDefault, wanted)) {
      (option.fixed ? result.fixed : result.changed).push(name);
    }
  }
  return result;
}

/** What differs between two classes of one id, in words; empty when the kernel would not see a difference. */
function classDifferences(live: HtbClass, desired: HtbClass): string[] {
  const words: string[] = [];
  if (live.rate !== desired.rate) {
    words.push(`guarantee ${formatRate(live.rate)} → ${formatRate(desired.rate)}`);
  }
  if (live.ceil !== desired.ceil) {
    words.push(`ceiling ${formatRate(live.ceil)} → ${formatRate(desired.ceil)}`);
  }
  if (live.rate === desired.rate && !sameBurst(live.burst, desired.burst, desired.rate)) {
    words.push(`burst ${live.burst} → ${desired.burst} B`);
  }
  if (live.ceil === desired.ceil && !sameBurst(live.cburst, desired.cburst, desired.ceil)) {
    words.push(`ceiling burst ${live.cburst} → ${desired.cburst} B`);
  }
  // A class that is becoming a leaf or an inner class shows no or stale values; what it becomes decides.
  if (live.prio !== undefined && desired.prio !== undefined && live.prio !== desired.prio) {
    words.push(`priority ${7 - live.prio} → ${7 - desired.prio}`);
  }
  if (live.quantum !== undefined && desired.quantum !== undefined && live.quantum !== desired.quantum) {
    words.push(`share (quantum ${live.quantum} → ${desired.quantum} B)`);
  }
  return words;
}

const byId = (classes: readonly HtbClass[]) => new Map(classes.map((item) => [item.classid, item]));

/** Parents before children. */
function ordered(classes: readonly HtbClass[]): HtbClass[] {
  const children = new Map<string, HtbClass[]>();
  const ids = new Set(classes.map((item) => item.classid));
  for (const item of classes) {
    const parent = ids.has(item.parent) ? item.parent : '';
    const list = children.get(parent);
    if (list) {
      list.push(item);
    } else {
      children.set(parent, [item]);
    }
  }
  const result: HtbClass[] = [];
  const queue = [...(children.get('') ?? [])];
  for (let i = 0; i < queue.length; i++) {
    result.push(queue[i]!);
    queue.push(...(children.get(queue[i]!.classid) ?? []));
  }
  return result;
}

class Planner {
  readonly operations: Operation[] = [];
  private readonly options: DiffOptions;
  constructor(options: DiffOptions) {
    this.options = options;
  }
  push(verb: Verb, object: TcObject, reason?: string, disruptive = false): void {
    const origin = this.options.origins?.get(objectId(object));
    this.operations.push({
      verb,
      object,
      line: render(verb, object, this.options.device),
      path: origin?.path ?? '',
      reason:
        reason && origin ? `${origin.why.split(':')[0]}: ${reason}` : (reason ?? origin?.why ?? 'as it was before'),
      disruptive,
    });
  }
}

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
  // HTB cannot move a class; `class replace` under another parent answers success and does nothing.
  const parents = new Map(desired.classes.map((item) => [item.classid, item.parent]));
  const moved = live.classes.find((item) => parents.has(item.classid) && parents.get(item.classid) !== item.parent);
  return moved ? `class ${moved.classid} stands under another parent` : undefined;
}

function buildAll(planner: Planner, desired: TcTree): void {
  const queues = new Map(desired.qdiscs.map((qdisc) => [qdisc.parent, qdisc]));
  for (const value of ordered(desired.classes)) {
    planner.push('add', { type: 'class', value });
    const leaf = queues.get(value.classid);
    if (leaf) {
      planner.push('add', { type: 'qdisc', value: leaf });
    }
  }
  for (const value of desired.filters) {
    planner.push('add', { type: 'filter', value });
  }
}

function diffLeaf(planner: Planner, live: Qdisc | undefined, desired: Qdisc): void {
  const object: TcObject = { type: 'qdisc', value: desired };
  if (!live) {
    planner.push('add', object);
    return;
  }
  const { fixed, changed } = qdiscDifferences(live, desired);
  if (live.kind !== desired.kind || live.handle !== desired.handle || fixed.length > 0) {
    // The kernel refuses another kind under the same handle, so the old one goes first; its packets are lost.
    planner.push('del', { type: 'qdisc', value: live }, `queue ${live.kind} gives way to ${desired.kind}`, true);
    planner.push('add', object, `queue ${desired.kind}`, true);
  } else if (changed.length > 0) {
    planner.push('change', object, `queue ${changed.join(', ')}`);
  }
}

/** Rules by the preference that holds them: the kernel gives a preference to one protocol, and deletes it as a whole. */
function bySlot(filters: readonly Filter[]): Map<string, Filter[]> {
  const slots = new Map<string, Filter[]>();
  for (const filter of filters) {
    const slot = `${filter.parent} ${filter.pref}`;
    slots.set(slot, [...(slots.get(slot) ?? []), filter]);
  }
  return slots;
}

const slotContent = (filters: readonly Filter[] | undefined) => (filters ?? []).map(filterContent).join('\n');

function diffFilters(planner: Planner, live: readonly Filter[], desired: readonly Filter[]): void {
  const present = bySlot(live);
  const wanted = bySlot(desired);
  const changed = (slot: string) => slotContent(present.get(slot)) !== slotContent(wanted.get(slot));
  // A preference that is needed for another rule is freed first; otherwise the new rule stands before the old one goes.
  for (const [slot, [value]] of present) {
    if (value && wanted.has(slot) && changed(slot)) {
      planner.push('del', { type: 'filter', value }, 'rule replaced');
    }
  }
  for (const [slot, values] of wanted) {
    for (const value of changed(slot) ? values : []) {
      planner.push('add', { type: 'filter', value });
    }
  }
  // Those of a class that goes too: the kernel deletes no class that a rule points to.
  for (const [slot, [value]] of present) {
    if (value && !wanted.has(slot)) {
      planner.push('del', { type: 'filter', value }, 'rule no longer in the policy');
    }
  }
}

function diffWithin(planner: Planner, live: TcTree, desired: TcTree): void {
  const liveClasses = byId(live.classes);
  const wantedIds = new Set(desired.classes.map((item) => item.classid));
  const liveQueues = new Map(live.qdiscs.map((qdisc) => [qdisc.parent, qdisc]));
  const wantedQueues = new Map(desired.qdiscs.map((qdisc) => [qdisc.parent, qdisc]));
  const parentsOf = (tree: TcTree) => new Set(tree.classes.map((item) => item.parent));
  const liveInner = parentsOf(live);
  const wantedInner = parentsOf(desired);
  const gone = live.classes.filter((item) => !wantedIds.has(item.classid));

  const changes: Array<{ value: HtbClass; words: string[]; lowers: boolean }> = [];
  const becomeLeaves: HtbClass[] = [];
  for (const value of ordered(desired.classes)) {
    const before = liveClasses.get(value.classid);
    const queue = wantedQueues.get(value.classid);
    if (!before) {
      // The first child takes its parent's queue away, with the packets in it.
      const purges = liveClasses.has(value.parent) && !liveInner.has(value.parent);
      planner.push('add', { type: 'class', value }, purges ? 'new class; its parent’s queue goes' : undefined, purges);
      if (queue) {
        planner.push('add', { type: 'qdisc', value: queue });
      }
      continue;
    }
    if (liveInner.has(value.classid) && !wantedInner.has(value.classid)) {
      becomeLeaves.push(value);
      continue;
    }
    const words = classDifferences(before, value);
    if (words.length > 0) {
      changes.push({ value, words, lowers: value.ceil < before.ceil || value.rate < before.rate });
    }
    if (queue) {
      diffLeaf(planner, liveQueues.get(value.classid), queue);
    }
  }
  // Lower before raising, so that at no moment more is promised than there is.
  for (const { value, words } of changes.sort((a, b) => Number(b.lowers) - Number(a.lowers))) {
    planner.push('change', { type: 'class', value }, words.join(', '));
  }
  diffFilters(planner, live.filters, desired.filters);
  for (const value of ordered(gone).reverse()) {
    planner.push('del', { type: 'class', value }, 'class no longer in the policy');
  }
  // Priority and quantum of a class take effect only once it has no children (HTB, htb_change_class).
  for (const value of becomeLeaves) {
    planner.push('change', { type: 'class', value }, 'no longer divided');
    const queue = wantedQueues.get(value.classid);
    if (queue) {
      planner.push('add', { type: 'qdisc', value: queue });
    }
  }
}

/**
 * @param live what the kernel has, or another compiled tree.
 * @param desired what should be; without a root (the kernel's default) ours is deleted.
 * @returns operations for one `tc -batch`, in order; empty when nothing differs.
 */
export function diff(live: TcTree, desired: TcTree, options: DiffOptions): Operation[] {
  const planner = new Planner(options);
  const from = rootOf(live);
  const to = rootOf(desired);
  if (!to || isKernelDefault(desired)) {
    if (from && !isKernelDefault(live)) {
      planner.push('del', { type: 'qdisc', value: from }, 'the kernel’s default queue returns', true);
    }
    return planner.operations;
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
  return planner.operations;
}

/** @returns whether the kernel would tell the two trees apart. */
export const sameTree = (a: TcTree, b: TcTree): boolean => diff(a, b, { device: 'x' }).length === 0;
