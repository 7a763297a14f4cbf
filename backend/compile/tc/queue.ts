/** The queue of a leaf: what the policy asks for, what the kernel has, and figures computed where none are given. */
import { formatDuration, formatRate } from '../../policy/quantities.ts';
import type { ResolvedClass } from '../../policy/resolve.ts';
import { CompileError } from './compile-error.ts';
import { checkQueue } from './limits.ts';
import type { Capabilities, Qdisc } from './model.ts';

/** Largest Ethernet frame without its checksum, bytes; what a queue serves at least at a time. */
export const MTU_FRAME = 1514;

/** 127 packets of each of 128 flows (sch_sfq.c). */
const SFQ_MOST = 127 * 128;

const PREFERENCE = ['fq_codel', 'sfq', 'pfifo'] as const;
type Algorithm = (typeof PREFERENCE)[number];

function choose(item: ResolvedClass, capabilities: Capabilities): { algorithm: Algorithm; why: string } {
  const asked = item.queue.algorithm ?? 'auto';
  if (asked !== 'auto') {
    if (!capabilities.qdiscs.includes(asked)) {
      throw new CompileError(
        `${item.source}.queue.algorithm`,
        `"${item.name}" asks for ${asked}, which this kernel (${capabilities.kernel}) does not have. Use queue.algorithm: auto, or load its module.`
      );
    }
    return { algorithm: asked as Algorithm, why: `${asked} as asked for` };
  }
  const algorithm = PREFERENCE.find((kind) => capabilities.qdiscs.includes(kind)) ?? 'pfifo';
  return {
    algorithm,
    why:
      algorithm === 'fq_codel'
        ? 'fq_codel keeps the queue short and flows apart'
        : `${algorithm}: the best queue this kernel has`,
  };
}

/** The rate at which the queue drains when everything is full. Not the ceiling: a changed ceiling leaves the queue alone. */
const drainRate = (item: ResolvedClass) => item.guarantee || item.ceiling;

/** Target by priority, and at low rates at least the time of one and a half full frames (the low-rate rule of CoDel). */
function codelTimes(item: ResolvedClass): { target: number; interval: number } {
  const wanted = item.priority >= 7 ? 2000 : item.priority >= 5 ? 3000 : 5000;
  const frames = Math.ceil((1.5 * MTU_FRAME * 8 * 1e6) / drainRate(item));
  const target = item.queue.target ?? Math.max(wanted, frames);
  return { target, interval: item.queue.interval ?? (target > 5000 ? 95_000 + target : 100_000) };
}

/** Packets for a tenth of a second of full frames, within reason; fewer in a strict class, whose excess is to be dropped and not to wait. */
const packetsFor = (item: ResolvedClass) =>
  Math.min(1000, Math.max(item.strict ? 32 : 64, Math.ceil((drainRate(item) * 0.1) / (8 * MTU_FRAME))));

const FIGURES: Record<Algorithm, ReadonlyArray<keyof ResolvedClass['queue']>> = {
  fq_codel: ['limit', 'target', 'interval', 'quantum', 'flows', 'ecn', 'memory'],
  sfq: ['limit', 'quantum'],
  pfifo: ['limit'],
};

/** What the document asks of a queue that `auto` did not get. */
function unused({ queue, path }: ResolvedClass, algorithm: Algorithm): string | undefined {
  const inBytes = algorithm === 'sfq' && queue.limit && 'bytes' in queue.limit;
  const has = (key: keyof typeof queue) => FIGURES[algorithm].includes(key) && !(key === 'limit' && inBytes);
  const left = FIGURES.fq_codel.filter((key) => queue[key] !== undefined && !has(key));
  return left.length > 0
    ? `${path}: ${left.join(', ')} of the queue has no effect on this kernel, since ${algorithm} has no such figure.`
    : undefined;
}

export function leafQueue(
  item: ResolvedClass,
  classid: string,
  capabilities: Capabilities
): { qdisc: Qdisc; why: string; note: string | undefined } {
  const { algorithm, why } = choose(item, capabilities);
  checkQueue(item, algorithm);
  const { limit } = item.queue;
  const handle = `${classid.slice(classid.indexOf(':') + 1)}:`;
  const at = (kind: string, options: Qdisc['options'], more: string) => ({
    qdisc: { handle, parent: classid, kind, options },
    why: `${why}; ${more}`,
    note: unused(item, algorithm),
  });
  switch (algorithm) {
    case 'fq_codel': {
      const { target, interval } = codelTimes(item);
      const memory =
        item.queue.memory ??
        (limit && 'bytes' in limit
          ? limit.bytes
          : Math.min(2 ** 31, Math.max(32 * 1024 ** 2, Math.ceil((4 * target * item.ceiling) / 8e6))));
      const options = {
        limit:
          limit && 'packets' in limit
            ? limit.packets
            : Math.max(10240, Math.ceil((4 * target * item.ceiling) / (8e6 * 1000))),
        flows: item.queue.flows ?? 1024,
        quantum: item.queue.quantum ?? MTU_FRAME,
        target,
        interval,
        memory_limit: memory,
        ecn: item.queue.ecn ?? true,
      };
      return at(
        'fq_codel',
        options,
        `target ${formatDuration(target)} for priority ${item.priority} at ${formatRate(item.ceiling)}`
      );
    }
    case 'sfq': {
      const wanted = limit && 'packets' in limit ? limit.packets : Math.min(127, packetsFor(item));
      const packets = Math.min(SFQ_MOST, wanted);
      // Flows are given because the kernel keeps no more of them than packets, and would read back otherwise.
      return at(
        'sfq',
        { limit: packets, flows: Math.min(128, packets), quantum: item.queue.quantum ?? MTU_FRAME, perturb: 10 },
        `${packets} packets shared fairly between flows${packets < wanted ? ', the most it holds' : ''}`
      );
    }
    case 'pfifo': {
      if (limit && 'bytes' in limit) {
        return at('bfifo', { limit: limit.bytes }, `${limit.bytes} bytes as asked for`);
      }
      const packets = limit?.packets ?? packetsFor(item);
      return at(
        'pfifo',
        { limit: packets },
        limit ? `${packets} packets as asked for` : `${packets} packets, for ${formatRate(drainRate(item))}`
      );
    }
  }
}
