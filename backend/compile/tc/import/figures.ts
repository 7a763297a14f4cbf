/** Figures of classes: HTB's priorities, quanta, bursts and queues as the policy's own words, where they are not its defaults anyway. */
import { formatRate, type Rate } from '../../../policy/quantities.ts';
import { flatten, resolve, type ResolvedClass } from '../../../policy/resolve.ts';
import type { PolicySpec, Queue, TrafficClass } from '../../../policy/schema.ts';
import { MTU_FRAME } from '../frame.ts';
import { burstFor } from '../htb.ts';
import { KINDS } from '../kinds.ts';
import type { Capabilities, Qdisc } from '../model.ts';
import { sameOption } from '../options.ts';
import { leafQueue } from '../queue.ts';
import { sameBurst } from '../units.ts';
import type { Node } from './classes.ts';
import type { Remark } from './model.ts';

export const absolute = (bits: number): Rate => ({ kind: 'absolute', bits });

/** What the compiler writes for a class without a guarantee. */
export const NO_GUARANTEE = 8000;

/** Leaves served before all others: the first priority, with no bandwidth to borrow, and only if no other shares that priority. */
export function strictLeaves(leaves: readonly Node[], isDefault: (node: Node) => boolean): Set<Node> {
  const first = leaves.filter(({ item }) => item.prio === 0);
  const capped = first.every((node) => node.item.rate === node.item.ceil && !isDefault(node));
  return new Set(capped && first.length < leaves.length ? first : []);
}

/** Priorities of the policy by HTB's prio, in the same order. */
export function prioritiesOf(prios: readonly number[], remark: (item: Remark) => void): Map<number, number> {
  const sorted = [...new Set(prios)].sort((a, b) => a - b);
  if (!sorted.includes(0)) {
    return new Map(sorted.map((prio) => [prio, 7 - prio]));
  }
  if (sorted.length === 1) {
    return new Map([[0, 3]]);
  }
  if (sorted.length > 7) {
    remark({ kind: 'approximate', object: 'classes', message: 'HTB has eight priorities and the policy seven besides strict classes: prio 6 and 7 become one.' }); // prettier-ignore
  }
  let last = 7;
  return new Map(sorted.map((prio) => [prio, (last = Math.max(0, Math.min(7 - prio, last - 1)))]));
}

/**
 * Guarantees of one level in bit/s, 0 for none. HTB lets the rates of classes add up to more than their parent has, and then
 * to pass more than it; the policy promises what there is, in the same proportion.
 * @param above what the parent is guaranteed
 */
export function guaranteesOf(
  nodes: readonly Node[],
  above: number,
  strict: ReadonlySet<Node>,
  remark: (item: Remark) => void
): Map<Node, number> {
  const rates = new Map(
    nodes.map((node) => {
      const rate = Math.min(node.item.rate, node.item.ceil);
      return [node, rate === NO_GUARANTEE && !strict.has(node) ? 0 : rate];
    })
  );
  const sum = (list: readonly Node[]) => list.reduce((total, node) => total + rates.get(node)!, 0);
  const fixed = sum(nodes.filter((node) => strict.has(node)));
  const total = sum(nodes);
  if (total <= above || fixed >= above) {
    return rates;
  }
  const unit = above >= 1e6 ? 1000 : 8;
  for (const node of nodes.filter((item) => !strict.has(item))) {
    rates.set(node, Math.floor((rates.get(node)! * (above - fixed)) / (total - fixed) / unit) * unit);
  }
  remark({ kind: 'approximate', object: `classes ${nodes.map(({ item }) => item.classid).join(', ')}`, message: `Their rates add up to ${formatRate(total)}, but there is ${formatRate(above)} above them: HTB lets them pass more than that together. The policy guarantees them what there is, in the same proportion.` }); // prettier-ignore
  return rates;
}

/** tc's own bursts are one frame, or what one tick of the timer passes: nobody chose them. */
const MOST_BY_DEFAULT = 1700;

/** @param own the tree is ours, so that somebody chose even the least */
export function burstOf({ item }: Node, own: boolean, remark: (item: Remark) => void): number | undefined {
  const computed =
    sameBurst(item.burst, burstFor(item.rate), item.rate) && sameBurst(item.cburst, burstFor(item.ceil), item.ceil);
  if (computed) {
    return undefined;
  }
  if (!own && item.burst <= MOST_BY_DEFAULT && item.cburst <= MOST_BY_DEFAULT) {
    remark({ kind: 'approximate', object: `class ${item.classid}`, message: 'Its burst is tc’s default, less than two frames; the policy computes one that the kernel’s timer can keep.' }); // prettier-ignore
    return undefined;
  }
  // Written once, it is kept as time at two rates, and read back as two figures.
  const one = roundest([item.burst, item.cburst], (size) => sameBurst(size, item.burst, item.rate) && sameBurst(size, item.cburst, item.ceil)); // prettier-ignore
  if (one !== undefined) {
    return one;
  }
  if (!sameBurst(item.burst, item.cburst, Math.min(item.rate, item.ceil))) {
    remark({ kind: 'approximate', object: `class ${item.classid}`, message: `Its burst (${item.burst} B) and cburst (${item.cburst} B) differ; the policy has one burst, the larger.` }); // prettier-ignore
  }
  const most = Math.max(item.burst, item.cburst);
  return roundest([most], (size) => sameBurst(size, most, Math.min(item.rate, item.ceil))) ?? most;
}

/**
 * The roundest number near some that the kernel would not tell from them: 40960 read back at 100 Mbit/s is 40961, and what
 * passes in less than a microsecond is 0.
 */
export const roundest = (sizes: readonly number[], same: (size: number) => boolean): number | undefined =>
  [1024, 1000, 100, 10, 1]
    .flatMap((unit) => sizes.map((size) => Math.round(size / unit) * unit))
    .concat(MTU_FRAME)
    .find((size) => size > 0 && same(size));

const quantumFor = (share: number, least: number) => Math.round((MTU_FRAME * share) / least);

/** Whole shares up to 100 whose quanta are these, as nearly as can be. */
function sharesFor(quanta: readonly number[]): { shares: number[]; exact: boolean } {
  const least = Math.min(...quanta);
  const wanted = quanta.map((quantum) => quantum / least);
  let best = { shares: quanta.map(() => 1), error: Infinity };
  for (let unit = 1; unit <= 100; unit++) {
    const shares = wanted.map((ratio) => Math.min(100, Math.max(1, Math.round(ratio * unit))));
    const error = Math.max(...shares.map((share, i) => Math.abs(share / unit / wanted[i]! - 1)));
    // A rounded quantum is off by half a byte in a frame.
    const same = least === MTU_FRAME && shares.every((share, i) => quantumFor(share, unit) === quanta[i]);
    if (same) {
      return { shares, exact: true };
    }
    if (error < best.error) {
      best = { shares, error };
    }
  }
  return { shares: best.shares, exact: best.error < 0.05 };
}

/**
 * Weights of leaves of one priority, unless the policy would give them anyway.
 * @param leaves with what the policy resolves to without shares
 */
export function writeShares(
  leaves: ReadonlyArray<{ node: Node; draft: TrafficClass; resolved: ResolvedClass }>,
  remark: (item: Remark) => void
): void {
  for (const priority of new Set(leaves.map(({ resolved }) => resolved.priority))) {
    const group = leaves.filter(({ resolved, node }) => resolved.priority === priority && node.item.quantum);
    if (group.length < 2) {
      continue;
    }
    const quanta = group.map(({ node }) => node.item.quantum!);
    const { shares, exact } = sharesFor(quanta);
    const least = Math.min(...group.map(({ resolved }) => resolved.share));
    const ownLeast = Math.min(...quanta);
    const alike = group.every(({ resolved }, i) => {
      const ratio = quanta[i]! / ownLeast;
      return (
        Math.abs(quantumFor(resolved.share, least) - MTU_FRAME * ratio) <=
        (ownLeast === MTU_FRAME ? 0.5 : MTU_FRAME * ratio * 0.1)
      );
    });
    if (alike) {
      continue;
    }
    group.forEach(({ draft }, i) => (draft.share = shares[i]!));
    if (!exact) {
      remark({ kind: 'approximate', object: `classes ${group.map(({ node }) => node.item.classid).join(', ')}`, message: `Their quanta (${quanta.join(', ')}) as shares from 1 to 100: ${shares.join(', ')}.` }); // prettier-ignore
    }
  }
}

/** The same where what is left over is shared level by level, by weights of any unit. */
export function writeWeights(
  level: ReadonlyArray<{ classid: string; weight: number; draft: TrafficClass; resolved: ResolvedClass }>,
  remark: (item: Remark) => void
): void {
  const shared = level.filter(({ resolved }) => !resolved.strict);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const [given, own] = [sum(shared.map(({ weight }) => weight)), sum(shared.map(({ resolved }) => resolved.share))];
  if (given === 0 || shared.every(({ weight, resolved }) => Math.abs(weight / given - resolved.share / own) < 0.005)) {
    return;
  }
  // No share is nothing.
  const { shares, exact } = sharesFor(shared.map(({ weight }) => Math.max(weight, given / 100)));
  shared.forEach(({ draft }, i) => (draft.share = shares[i]!));
  if (!exact || shared.some(({ weight }) => weight < given / 100)) {
    remark({ kind: 'approximate', object: `classes ${shared.map(({ classid }) => classid).join(', ')}`, message: `What they take of what is left over, as shares from 1 to 100: ${shares.join(', ')}.` }); // prettier-ignore
  }
}

/** Keys of the policy's queue by tc's options. */
const QUEUE_KEYS: Readonly<Record<string, Readonly<Record<string, keyof Queue>>>> = {
  fq_codel: { limit: 'limit', target: 'target', interval: 'interval', quantum: 'quantum', flows: 'flows', ecn: 'ecn', memory_limit: 'memory' },
  codel: { limit: 'limit', target: 'target', interval: 'interval', ecn: 'ecn' },
  sfq: { limit: 'limit', quantum: 'quantum' },
  pfifo: { limit: 'limit' },
  bfifo: { limit: 'limit' },
  red: { limit: 'limit', ecn: 'ecn' },
  cake: { isolation: 'isolation', rtt: 'interval', memlimit: 'memory' },
}; // prettier-ignore

const ISOLATION: Readonly<Record<string, Queue['isolation']>> = { flows: 'flow', 'dual-srchost': 'source', 'dual-dsthost': 'destination' }; // prettier-ignore

/** Options that differ between two qdiscs of one kind. */
const differing = (live: Qdisc, wanted: Qdisc): string[] =>
  Object.entries(KINDS[live.kind]?.options ?? {}).flatMap(([name, { form, byDefault }]) =>
    sameOption(form, live.options[name] ?? byDefault, wanted.options[name] ?? byDefault, live.options.rate)
      ? []
      : [name]
  );

/** @returns the queue to write; empty where the kernel gets the same one anyway. */
export function queueOf(
  live: Qdisc | undefined,
  classid: string,
  item: ResolvedClass,
  capabilities: Capabilities,
  remark: (item: Remark) => void
): Queue {
  const wanted = (queue: Queue) => leafQueue({ ...item, queue }, '1:10', '10:', capabilities).qdisc;
  const auto = wanted({});
  if (!live) {
    remark({ kind: 'approximate', object: `class ${classid}`, message: `It has no queue of its own, so the kernel gave it a pfifo as long as the interface’s. The policy gives it ${auto.kind}.` }); // prettier-ignore
    return {};
  }
  const keys = QUEUE_KEYS[live.kind];
  if (!keys) {
    remark({ kind: 'left-out', object: `qdisc ${live.kind} ${live.handle}`, message: `The policy has nothing for it and gives ${classid} ${auto.kind} instead.` }); // prettier-ignore
    return {};
  }
  if (auto.kind === live.kind && differing(live, auto).length === 0) {
    return {};
  }
  const algorithm = (live.kind === 'bfifo' ? 'pfifo' : live.kind) as Queue['algorithm'] & string;
  if (live.kind !== 'bfifo' && !capabilities.qdiscs.includes(live.kind)) {
    return { algorithm };
  }
  const inBytes = live.kind === 'bfifo' && { limit: { bytes: Number(live.options.limit) } };
  const asked: Record<string, unknown> = { algorithm, ...inBytes };
  if (live.kind === 'red') {
    const { min, max, probability } = live.options;
    const curve = [{ min: { bytes: Number(min) }, max: { bytes: Number(max) }, probability: +(100 * Number(probability)).toPrecision(6) }]; // prettier-ignore
    const computed = differing(live, wanted({ algorithm, limit: { bytes: Number(live.options.limit) } }));
    Object.assign(asked, computed.some((name) => ['min', 'max', 'probability'].includes(name)) && { drop: curve });
  }
  // One at a time, the target first: other figures follow from it.
  for (;;) {
    const open = differing(live, wanted(asked as Queue)).filter((name) => keys[name] !== undefined);
    const name = open.includes('target') ? 'target' : open[0];
    const key = name && keys[name];
    if (!name || !key || key in asked) {
      break;
    }
    const value = live.options[name] ?? KINDS[live.kind]!.options[name]!.byDefault;
    if (key === 'isolation' && !ISOLATION[String(value)]) {
      break;
    }
    asked[key] =
      key === 'isolation'
        ? ISOLATION[String(value)]
        : key === 'limit'
          ? { [live.kind === 'red' ? 'bytes' : 'packets']: value }
          : value;
  }
  // No more flows are kept than packets, so that more of them say nothing (sch_sfq.c).
  const idle = (name: string) => name === 'flows' && Number(live.options.flows) > Number(live.options.limit);
  const left = differing(live, wanted(asked as Queue)).filter((name) => !idle(name));
  const lost = left.map((name) => `${name} ${String(live.options[name] ?? 'off')}`);
  if (lost.length > 0) {
    remark({ kind: 'approximate', object: `qdisc ${live.kind} ${live.handle}`, message: `The policy does not say ${lost.join(', ')}.` }); // prettier-ignore
  }
  const { algorithm: _, ...figures } = asked;
  return (auto.kind === live.kind ? figures : asked) as Queue;
}

/** Every class with what it resolves to, by path. */
export const resolvedByPath = (name: string, spec: PolicySpec, bandwidth: number): Map<string, ResolvedClass> =>
  new Map(flatten(resolve(name, spec, bandwidth).classes).map((item) => [item.path, item]));
