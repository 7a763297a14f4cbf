/** Queues and roots, desired minus live: what can be changed in place, and what gives way. */
import { KINDS } from './kinds.ts';
import { major, type Qdisc, type TcObject, type TcTree } from './model.ts';
import type { Planner } from './operation.ts';
import { sameOption } from './options.ts';

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

/** Classes that have the queue that the kernel gave them, where no other is listed. */
function leavesOf({ classes, qdiscs }: TcTree): string[] {
  const inner = new Set(classes.map(({ parent }) => parent));
  const root = qdiscs.find(({ parent }) => parent === 'root');
  const within = root?.kind === 'tbf' ? [`${root.handle}1`] : [];
  return [...classes.flatMap(({ classid }) => (inner.has(classid) ? [] : [classid])), ...within];
}

/**
 * Takes away the queues that cannot become what is wanted at their place, those in place of which the kernel's own is
 * wanted, and those whose handle is wanted elsewhere: the kernel refuses another kind under the same handle. Their packets
 * are lost.
 * @returns what is left of the live tree
 */
export function clear(planner: Planner, live: TcTree, desired: TcTree): TcTree {
  const wanted = new Map(desired.qdiscs.map((qdisc) => [qdisc.parent, qdisc]));
  const places = new Map(desired.qdiscs.map(({ handle, parent }) => [handle, parent]));
  const leaves = new Set(leavesOf(desired));
  let left = live;
  for (const qdisc of live.qdiscs) {
    const next = wanted.get(qdisc.parent);
    const elsewhere = (places.get(qdisc.handle) ?? qdisc.parent) !== qdisc.parent;
    const other = next
      ? next.kind !== qdisc.kind || next.handle !== qdisc.handle || qdiscDifferences(qdisc, next).fixed.length > 0
      : leaves.has(qdisc.parent);
    if (qdisc.parent !== 'root' && (elsewhere || other) && (left === live || left.qdiscs.includes(qdisc))) {
      const reason = `queue ${qdisc.kind} gives way${next ? ` to ${next.kind}` : leaves.has(qdisc.parent) ? ' to the kernel’s own' : ''}`;
      planner.push('del', { type: 'qdisc', value: qdisc }, reason, true);
      left = without(left, qdisc);
    }
  }
  return left;
}

/** Plans what happens to the queues that stay and to those that come. */
export class Queues {
  private readonly planner: Planner;
  private readonly before: ReadonlySet<string>;
  private readonly live: ReadonlyMap<string, Qdisc>;
  /** Where a queue’s limit is no longer its own. */
  private readonly overwritten = new Set<string>();
  constructor(planner: Planner, before: TcTree, live: TcTree) {
    this.planner = planner;
    this.before = new Set([...before.qdiscs.map(({ parent }) => parent), ...leavesOf(before)]);
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
