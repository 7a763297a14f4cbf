/** Desired minus live: the smallest ordered list of operations that leads from one tree to the other. */
import { sameKeys, sameRule } from './actions.ts';
import { classDifferences, lowers, unchangeable } from './diff-class.ts';
import { diffIngress } from './diff-ingress.ts';
import { KINDS } from './kinds.ts';
import {
  isKernelDefault,
  major,
  objectId,
  rootOf,
  type Filter,
  type Origin,
  type Qdisc,
  type TcClass,
  type TcObject,
  type TcTree,
  type TreeObject,
} from './model.ts';
import { sameOption } from './options.ts';
import { isAtHook, render, type Verb } from './render.ts';
import { sideOf } from './side.ts';

export interface Operation {
  verb: Verb;
  object: TcObject;
  /** The tc batch line; of a link, the line of `ip -batch` */
  line: string;
  path: string;
  reason: string;
  /** Packets of other classes may be lost or unshaped for a moment. */
  disruptive: boolean;
}

export interface DiffOptions {
  /** An interface, or a side of it */
  device: string;
  /** Policy path and reason of an object; without it (a rollback) the reason alone is made here. */
  origins?: ReadonlyMap<string, Origin>;
  /** Why a tree of another handle takes the place of the live one, for the words of its operation. */
  rebuild?: string | undefined;
}

type Differences = { fixed: string[]; changed: string[] };

/** Names of options that the kernel would tell apart, and whether it can change them in place. */
export function qdiscDifferences(live: Qdisc, desired: Qdisc): Differences {
  const options = KINDS[desired.kind]?.options ?? {};
  const result: Differences = { fixed: [], changed: [] };
  for (const [name, option] of Object.entries(options)) {
    const wanted = desired.options[name] ?? option.byDefault;
    if (wanted === undefined && option.form !== 'flag') {
      continue;
    }
    if (!sameOption(option.form, live.options[name] ?? option.byDefault, wanted, desired.options.rate)) {
      (option.fixed ? result.fixed : result.changed).push(name);
    }
  }
  if (JSON.stringify(live.stab) !== JSON.stringify(desired.stab)) {
    result.changed.push('link overhead');
  }
  return result;
}

const byId = (classes: readonly TcClass[]) => new Map(classes.map((item) => [item.classid, item]));

/** Parents before children. */
function ordered(classes: readonly TcClass[]): TcClass[] {
  const children = new Map<string, TcClass[]>();
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
  const result: TcClass[] = [];
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
  private readonly device: string;
  /** What carries the tree */
  private readonly carrier: string;
  constructor(options: DiffOptions, carrier?: string) {
    this.options = options;
    this.device = sideOf(options.device).interface;
    this.carrier = carrier ?? this.device;
  }
  push(verb: Verb, object: TcObject, reason?: string, disruptive = false, more?: string): void {
    const origin = this.options.origins?.get(objectId(object));
    this.operations.push({
      verb,
      object,
      line: render(verb, object, isAtHook(object) ? this.device : this.carrier),
      path: origin?.path ?? '',
      reason:
        more && origin
          ? `${origin.why} (${more})`
          : reason && origin
            ? `${origin.why.split(':')[0]}: ${reason}`
            : (reason ?? origin?.why ?? 'as it was before'),
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

/** Everything of a tree below its root but the rules, in the order in which it can be built. */
function inOrder(tree: TcTree): Array<Exclude<TreeObject, { type: 'filter' }>> {
  const queues = new Map(tree.qdiscs.map((qdisc) => [qdisc.parent, qdisc]));
  const classes = Map.groupBy(tree.classes, ({ classid }) => major(classid));
  const bands = Map.groupBy(
    tree.qdiscs.filter(({ parent }) => parent.includes(':')),
    ({ parent }) => major(parent)
  );
  const ids = new Set(tree.classes.map(({ classid }) => classid));
  const below = ({ handle }: Qdisc): ReturnType<typeof inOrder> => [
    ...ordered(classes.get(major(handle)) ?? []).flatMap((value) => [
      { type: 'class' as const, value },
      ...withBelow(queues.get(value.classid)),
    ]),
    ...(bands.get(major(handle)) ?? []).flatMap((queue) => (ids.has(queue.parent) ? [] : withBelow(queue))),
  ];
  const withBelow = (value: Qdisc | undefined): ReturnType<typeof inOrder> =>
    value ? [{ type: 'qdisc', value }, ...below(value)] : [];
  const root = rootOf(tree);
  return root ? below(root) : [];
}

function buildAll(planner: Planner, desired: TcTree): void {
  for (const object of inOrder(desired)) {
    planner.push('add', object);
  }
  for (const value of desired.filters) {
    planner.push('add', { type: 'filter', value });
  }
}

/** A tree without one of its queues, and without what stands below that. */
function without(tree: TcTree, gone: Qdisc): TcTree {
  const top = major(gone.handle);
  const rest = {
    qdiscs: tree.qdiscs.filter((qdisc) => qdisc !== gone),
    classes: tree.classes.filter(({ classid }) => major(classid) !== top),
    filters: tree.filters.filter(({ parent }) => major(parent) !== top),
  };
  return rest.qdiscs.filter(({ parent }) => major(parent) === top).reduce(without, rest);
}

/**
 * Takes away the queues that cannot become what is wanted at their place, and those whose handle is wanted elsewhere:
 * the kernel refuses another kind under the same handle. Their packets are lost.
 * @returns what is left of the live tree
 */
function clear(planner: Planner, live: TcTree, desired: TcTree): TcTree {
  const wanted = new Map(desired.qdiscs.map((qdisc) => [qdisc.parent, qdisc]));
  const places = new Map(desired.qdiscs.map(({ handle, parent }) => [handle, parent]));
  let left = live;
  for (const qdisc of live.qdiscs) {
    const next = wanted.get(qdisc.parent);
    const elsewhere = (places.get(qdisc.handle) ?? qdisc.parent) !== qdisc.parent;
    const other =
      next &&
      (next.kind !== qdisc.kind || next.handle !== qdisc.handle || qdiscDifferences(qdisc, next).fixed.length > 0);
    if (qdisc.parent !== 'root' && (elsewhere || other) && (left === live || left.qdiscs.includes(qdisc))) {
      const reason = `queue ${qdisc.kind} gives way${next ? ` to ${next.kind}` : ''}`;
      planner.push('del', { type: 'qdisc', value: qdisc }, reason, true);
      left = without(left, qdisc);
    }
  }
  return left;
}

/** Plans what happens to the queues that stay and to those that come. */
class Queues {
  private readonly planner: Planner;
  private readonly before: ReadonlySet<string>;
  private readonly live: ReadonlyMap<string, Qdisc>;
  /** Where a queue’s limit is no longer its own. */
  private readonly overwritten = new Set<string>();
  constructor(planner: Planner, before: TcTree, live: TcTree) {
    this.planner = planner;
    this.before = new Set(before.qdiscs.map(({ parent }) => parent));
    this.live = new Map(live.qdiscs.map((qdisc) => [qdisc.parent, qdisc]));
  }
  push(value: Qdisc): void {
    const object: TcObject = { type: 'qdisc', value };
    const now = this.live.get(value.parent);
    if (!now) {
      const replaces = this.before.has(value.parent);
      this.planner.push('add', object, replaces ? `queue ${value.kind}` : undefined, replaces);
      return;
    }
    const { changed } = qdiscDifferences(now, value);
    if (changed.length > 0) {
      this.planner.push('change', object, `${value.parent === 'root' ? 'the tree’s' : 'queue'} ${changed.join(', ')}`);
      if (value.kind === 'tbf') {
        this.overwritten.add(`${major(value.handle)}:1`);
      }
    } else if (this.overwritten.has(value.parent) && /^[pb]fifo$/.test(value.kind)) {
      // A change of tbf gives its own limit to a fifo below it (sch_tbf.c, fifo_set_limit).
      this.planner.push('change', object, 'queue limit again, which the change above it overwrites');
    }
  }
}

const slotOf = ({ parent, chain = 0, pref }: Filter) => `${parent} ${chain} ${pref}`;
/** Rules journalled before rules of flower had handles were the first of their preference. */
const placeOf = (filter: Filter) => `${slotOf(filter)} ${filter.handle ?? (filter.kind === 'flower' ? 1 : '')}`;

/** Rules by the preference that holds them: the kernel gives a preference to one protocol and one classifier. */
function bySlot(filters: readonly Filter[]): Map<string, Filter[]> {
  const slots = new Map<string, Filter[]>();
  for (const filter of filters) {
    const slot = slots.get(slotOf(filter));
    if (slot) {
      slot.push(filter);
    } else {
      slots.set(slotOf(filter), [filter]);
    }
  }
  return slots;
}

/** A preference with all its rules, as tc names it for deletion. */
const whole = (filters: readonly Filter[]): TcObject => ({
  type: 'filter',
  value: { ...filters[0]!, handle: undefined },
});

function diffFilters(planner: Planner, live: readonly Filter[], desired: readonly Filter[]): void {
  const present = bySlot(live);
  const wanted = bySlot(desired);
  const gone: TcObject[] = [];
  const stays = new Map<Filter, Filter>();
  for (const [slot, filters] of present) {
    const next = wanted.get(slot);
    if (!next) {
      gone.push(whole(filters));
      continue;
    }
    const { protocol, kind } = next[0]!;
    const fits = filters.every((value) => value.protocol === protocol && value.kind === kind);
    const places = new Map(next.map((filter) => [placeOf(filter), filter]));
    // Rules of u32 that the kernel numbered stand in their order.
    const there = (value: Filter, index: number) =>
      kind === 'u32' && value.handle === undefined ? next[index] : places.get(placeOf(value));
    const same =
      filters.length === next.length &&
      filters.every((value, index) => {
        const wanted = there(value, index);
        return wanted && sameRule(value, wanted);
      });
    if (!fits || (kind !== 'flower' && !same)) {
      // What is needed for another rule is freed first; otherwise the new rule stands before the old one goes.
      planner.push('del', whole(filters), 'rule replaced');
      continue;
    }
    const keys = new Set(next.map((filter) => filter.keys.join(' ')));
    filters.forEach((value, index) => {
      const wanted = there(value, index);
      if (wanted && sameKeys(value, wanted)) {
        stays.set(wanted, value);
      } else if (wanted || keys.has(value.keys.join(' '))) {
        planner.push('del', { type: 'filter', value }, 'rule replaced');
      } else {
        gone.push({ type: 'filter', value });
      }
    });
  }
  const order = new Order(live, desired, stays);
  for (const value of desired) {
    const before = stays.get(value);
    if (!before) {
      planner.push('add', { type: 'filter', value }, undefined, false, order.cameFrom(value));
    } else if (!sameRule(before, value)) {
      planner.push('replace', { type: 'filter', value }, 'what is done with the packets of the rule');
    }
  }
  // Those of a class that goes too: the kernel deletes no class that a rule points to.
  for (const object of gone) {
    planner.push('del', object, object.type === 'filter' && order.goesOn(object.value) ? 'rule moved: it stands elsewhere now' : 'rule no longer in the policy'); // prettier-ignore
  }
}

const selects = (filter: Filter) => `${filter.parent} ${filter.chain ?? 0} ${filter.protocol} ${filter.kind} ${filter.keys.join(' ')}`; // prettier-ignore

/** Rules that are taken away at one place and put at another: tc has no word for a move. */
class Order {
  private readonly gone: ReadonlyMap<string, Filter>;
  private readonly come: ReadonlySet<string>;
  private readonly slots: ReadonlyMap<string, Filter[]>;
  constructor(live: readonly Filter[], desired: readonly Filter[], stays: ReadonlyMap<Filter, Filter>) {
    const kept = new Set(stays.values());
    const leaves = live.filter((filter) => !kept.has(filter));
    this.gone = new Map(leaves.map((filter) => [selects(filter), filter]));
    this.come = new Set(desired.filter((filter) => !stays.has(filter)).map(selects));
    this.slots = bySlot(leaves);
  }
  /** What is said of a rule that stood elsewhere, or led to another class. */
  cameFrom(filter: Filter): string | undefined {
    const before = this.gone.get(selects(filter));
    return !before
      ? undefined
      : before.classid === filter.classid
        ? `moved from preference ${before.pref} to ${filter.pref}`
        : `led to ${before.classid} before: reclassified`;
  }
  /** Whether a rule, or each of a preference that goes as a whole, stands elsewhere afterwards. */
  goesOn(filter: Filter): boolean {
    const rules = filter.handle === undefined ? (this.slots.get(slotOf(filter)) ?? [filter]) : [filter];
    return rules.every((rule) => this.come.has(selects(rule)));
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
  diffFilters(planner, live.filters, desired.filters);
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

function diffTree(planner: Planner, live: TcTree, desired: TcTree, options: DiffOptions): void {
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

/**
 * @param live what the kernel has, or another compiled tree.
 * @param desired what should be; without a root (the kernel's default) ours is deleted.
 * @returns operations for one `tc -batch`, in order, with lines of `ip -batch` between for links; empty when nothing differs.
 */
export function diff(live: TcTree, desired: TcTree, options: DiffOptions): Operation[] {
  const { ingress } = desired;
  const planner = new Planner(options, ingress?.ifb?.name);
  const tree = () => diffTree(planner, live, desired, options);
  if (ingress) {
    diffIngress(live.ingress ?? { rules: [] }, ingress, {
      push: planner.push.bind(planner),
      tree,
      rules: (from, to) => diffFilters(planner, from, to),
    });
  } else {
    tree();
  }
  return planner.operations;
}

/** @returns whether the kernel would tell the two trees apart. */
export const sameTree = (a: TcTree, b: TcTree): boolean => diff(a, b, { device: 'x' }).length === 0;
