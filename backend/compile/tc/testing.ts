/** For tests: trees of random policies, and a small model of how the kernel takes operations on a tree. */
import fc from 'fast-check';
import { resolve, type ResolvedPolicy } from '../../policy/resolve.ts';
import type { Clause, TrafficClass } from '../../policy/schema.ts';
import { emptyAllocation, type Allocation } from './allocation.ts';
import { compile, type Compiled } from './compile.ts';
import type { Operation } from './operation.ts';
import { sameKeys } from './actions.ts';
import { major, rootOf, type Capabilities, type Filter, type HtbClass, type Qdisc, type TcTree } from './model.ts';

export const FULL: Capabilities = {
  qdiscs: ['htb', 'fq_codel', 'sfq', 'pfifo', 'bfifo'],
  classifiers: ['flower', 'u32'],
  actions: ['gact', 'police', 'pedit', 'csum', 'skbedit', 'ctinfo', 'vlan', 'mirred'],
  marks: true,
  ingress: ['clsact', 'matchall', 'ifb'],
  kernel: 'Linux 7.2',
};
export const BARE: Capabilities = { qdiscs: ['htb', 'pfifo', 'bfifo'], classifiers: ['u32'], kernel: 'Linux 6.18' };

export const compiled = (
  policy: ResolvedPolicy,
  capabilities = FULL,
  allocation: Allocation = emptyAllocation()
): Compiled => compile(policy, capabilities, allocation);

const CLAUSES: Clause[] = [
  { dscp: [46] },
  { dscp: [34, 36] },
  { protocol: [{ number: 6 }], destinationPorts: [{ from: 80, to: 80 }] },
  { ipVersion: 6, dscp: [8] },
  { protocol: [{ number: 1, family: 4 }] },
];

const figures = {
  guarantee: fc.option(fc.integer({ min: 1, max: 100 }).map((n) => ({ kind: 'absolute' as const, bits: n * 10_000 })), { nil: undefined }),
  ceiling: fc.option(fc.integer({ min: 100, max: 1000 }).map((n) => ({ kind: 'absolute' as const, bits: n * 10_000 })), { nil: undefined }),
  priority: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
  share: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
  queue: fc.option(fc.constantFrom({ algorithm: 'pfifo' as const }, { algorithm: 'sfq' as const }, { limit: { packets: 99 } }), { nil: undefined }),
  match: fc.subarray(CLAUSES, { minLength: 1, maxLength: 2 }),
}; // prettier-ignore

const level = (names: string[], children: fc.Arbitrary<TrafficClass[] | undefined>): fc.Arbitrary<TrafficClass[]> =>
  fc
    .tuple(fc.shuffledSubarray(names, { minLength: 1 }), fc.array(fc.record({ ...figures, classes: children }), { minLength: names.length, maxLength: names.length }), fc.nat())
    .map(([chosen, drafts, pick]) =>
      chosen.map((name, index): TrafficClass => {
        const { match, queue, classes, ...rest } = drafts[index]!;
        const selects = index === pick % chosen.length ? { default: true } : { match };
        return { name, ...rest, ...selects, ...(classes ? { classes } : { queue }) };
      })
    ); // prettier-ignore

/** Policies of one to three levels whose classes often have the same names, so that one grows into another. */
export const policies: fc.Arbitrary<ResolvedPolicy> = level(
  ['a', 'b', 'c', 'constructor'],
  fc.option(level(['d', 'e'], fc.option(level(['f', 'g'], fc.constant(undefined)), { nil: undefined, freq: 2 })), {
    nil: undefined,
    freq: 2,
  })
).map((classes) => resolve('p', { classes }, 10_000_000));

/** What a program sees of a tree: classes with children show neither priority nor quantum. */
export function seen({ qdiscs, classes, filters }: TcTree): TcTree {
  const inner = new Set(classes.map((item) => item.parent));
  const shown = classes.map((item) => {
    if (item.kind !== 'htb' || !inner.has(item.classid)) {
      return item;
    }
    const { prio: _, quantum: __, ...rest } = item;
    return rest;
  });
  return { qdiscs: [...qdiscs], classes: shown, filters: [...filters] };
}

/** A tree without what stands below a qdisc, and without itself. */
function pruned({ qdiscs, classes, filters }: TcTree, gone: Qdisc): TcTree {
  const within = (id: string) => major(id) === major(gone.handle);
  const rest = {
    qdiscs: qdiscs.filter((qdisc) => qdisc !== gone),
    classes: classes.filter(({ classid }) => !within(classid)),
    filters: filters.filter(({ parent }) => !within(parent)),
  };
  return qdiscs.filter(({ parent }) => within(parent)).reduce(pruned, rest);
}

/** How many queues a qdisc of bands has; its classes are these and no others. */
const bandsOf = (qdisc: Qdisc | undefined): number =>
  qdisc?.kind === 'tbf' ? 1 : qdisc?.kind === 'prio' || qdisc?.kind === 'ets' ? Number(qdisc.options.bands) : 0;

/** Applies one operation as the kernel would. @throws where the kernel refuses */
function step(tree: TcTree, { verb, object, line }: Operation): TcTree {
  const refuse = (why: string): never => {
    throw new Error(`${why}: ${line}`);
  };
  const { qdiscs, classes, filters } = tree;
  const owner = (id: string) => qdiscs.find(({ handle }) => major(handle) === major(id));
  if (object.type === 'qdisc' && object.value.parent === 'root') {
    const live = rootOf(tree);
    if (verb === 'add' && live) {
      refuse('Exclusivity flag on');
    }
    if (verb === 'replace' && live?.handle === object.value.handle) {
      refuse('taken for a change of the one that is there');
    }
    return verb === 'change'
      ? { qdiscs: [object.value, ...qdiscs.filter((qdisc) => qdisc !== live)], classes, filters }
      : { qdiscs: verb === 'del' ? [] : [object.value], classes: [], filters: [] };
  }
  switch (object.type) {
    case 'link':
      return refuse('no link of a tree');
    case 'qdisc': {
      const { value } = object;
      const there = qdiscs.find((qdisc) => qdisc.parent === value.parent);
      const band = parseInt(value.parent.split(':')[1]!, 16);
      const isBand = band >= 1 && band <= bandsOf(owner(value.parent));
      const isClass = classes.some((item) => item.classid === value.parent);
      if (!isBand && (!isClass || classes.some((item) => item.parent === value.parent))) {
        refuse('no leaf');
      }
      if (
        verb === 'add' ? there || qdiscs.some((qdisc) => qdisc.handle === value.handle) : there?.handle !== value.handle
      ) {
        refuse('handle');
      }
      if (verb === 'del') {
        return pruned(tree, there!);
      }
      const others = qdiscs.filter((qdisc) => qdisc !== there);
      if (verb === 'add') {
        return { qdiscs: [...others, value], classes, filters };
      }
      // With fewer bands the queues of those that are gone go.
      const lost = others.filter(
        ({ parent }) =>
          bandsOf(value) > 0 &&
          major(parent) === major(value.handle) &&
          parseInt(parent.split(':')[1]!, 16) > bandsOf(value)
      );
      return lost.reduce(pruned, { qdiscs: [...others, value], classes, filters });
    }
    case 'class': {
      const { value } = object;
      const there = classes.find((item) => item.classid === value.classid);
      const others = classes.filter((item) => item !== there);
      if (verb === 'add') {
        if (
          there ||
          !(value.parent === 'root' ? owner(value.classid) : classes.some((item) => item.classid === value.parent))
        ) {
          refuse('class');
        }
        const purged = qdiscs.find((qdisc) => qdisc.parent !== 'root' && qdisc.parent === value.parent);
        const left = purged ? pruned(tree, purged) : tree;
        return { ...left, classes: [...left.classes, value] };
      }
      if (!there || there.parent !== value.parent) {
        refuse('no such class there');
      }
      if (verb === 'change') {
        return { qdiscs, classes: [...others, value], filters };
      }
      if (
        classes.some((item) => item.parent === value.classid) ||
        filters.some((filter) => filter.classid === value.classid)
      ) {
        refuse('Device or resource busy');
      }
      const queue = qdiscs.find((qdisc) => qdisc.parent === value.classid);
      const left = queue ? pruned(tree, queue) : tree;
      return {
        qdiscs: left.qdiscs,
        classes: left.classes.filter((item) => item !== there),
        filters: left.filters.filter((filter) => filter.parent !== value.classid),
      };
    }
    case 'filter': {
      const { value } = object;
      const slot = (filter: Filter) => `${filter.parent} ${filter.chain ?? 0} ${filter.pref}`;
      const beside = filters.filter((filter) => slot(filter) === slot(value));
      const whole = verb === 'del' && value.handle === undefined;
      const there = beside.filter((filter) => whole || filter.handle === value.handle);
      const others = filters.filter((filter) => !there.includes(filter));
      if (verb === 'del') {
        return there.length > 0 ? { qdiscs, classes, filters: others } : refuse('no such filter');
      }
      if (beside.some((filter) => filter.protocol !== value.protocol || filter.kind !== value.kind)) {
        refuse('Specified filter protocol does not match');
      }
      if (
        verb === 'replace'
          ? !there.some((filter) => sameKeys(filter, value))
          : beside.some((filter) => sameKeys(filter, value) || filter.handle === value.handle)
      ) {
        refuse(verb === 'replace' ? 'Invalid argument' : 'File exists');
      }
      const parents = new Set([...qdiscs.map(({ handle }) => handle), ...classes.map((item) => item.classid)]);
      const isBand = bandsOf(owner(value.classid)) > 0;
      const leads = value.classid === '' || isBand || classes.some((item) => item.classid === value.classid);
      if (!parents.has(value.parent) || !leads) {
        refuse('Parent or class of the filter not found');
      }
      return { qdiscs, classes, filters: [...others, value] };
    }
  }
}

export const applied = (tree: TcTree, operations: readonly Operation[]): TcTree =>
  seen(operations.reduce((at, operation) => seen(step(at, operation)), tree));

export const htbClasses = (tree: TcTree): HtbClass[] => tree.classes.filter((item) => item.kind === 'htb');

export const EMPTY: TcTree = { qdiscs: [], classes: [], filters: [] };
