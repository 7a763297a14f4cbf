/** The figures of each queue, as the policy gives them or computed, with the rule of each in words. */
import { formatDuration, formatRate } from '../../policy/quantities.ts';
import type { ResolvedClass } from '../../policy/resolve.ts';
import type { QUEUE_ALGORITHMS } from '../../policy/schema.ts';
import { CAKE_DEFAULTS } from './cake-options.ts';
import { MTU_FRAME } from './frame.ts';
import type { Qdisc } from './model.ts';
import { redAverage, redFigures } from './red.ts';

export type Algorithm = Exclude<(typeof QUEUE_ALGORITHMS)[number], 'auto'>;
interface Figures {
  kind: Algorithm;
  options: Qdisc['options'];
  why: string;
}

/** 127 packets of each of 128 flows (sch_sfq.c). */
const SFQ_MOST = 127 * 128;

/** The rate at which the queue drains when everything is full. Not the ceiling: a changed ceiling leaves the queue alone. */
const drainRate = (item: ResolvedClass) => item.guarantee || item.ceiling;

/** Target by priority, and at low rates at least the time of one and a half full frames (the low-rate rule of CoDel). */
function codelTimes(item: ResolvedClass): { target: number; interval: number; why: string } {
  const wanted = item.priority >= 7 ? 2000 : item.priority >= 5 ? 3000 : 5000;
  const frames = Math.ceil((1.5 * MTU_FRAME * 8 * 1e6) / drainRate(item));
  const target = item.queue.target ?? Math.max(wanted, frames);
  const interval = item.queue.interval ?? (target > 5000 ? 95_000 + target : 100_000);
  const rule =
    item.queue.target !== undefined
      ? 'as asked for'
      : frames > wanted
        ? `for one and a half full frames at ${formatRate(drainRate(item))}`
        : `for priority ${item.priority}`;
  const room = item.queue.interval === undefined && target > 5000 ? ' (95 ms and the target)' : '';
  return {
    target,
    interval,
    why: `target ${formatDuration(target)} ${rule} at ${formatRate(item.ceiling)}, interval ${formatDuration(interval)}${room}`,
  };
}

/** Packets for a tenth of a second of full frames, within reason; fewer in a strict class, whose excess is to be dropped and not to wait. */
const packetsFor = (item: ResolvedClass) =>
  Math.min(1000, Math.max(item.strict ? 32 : 64, Math.ceil((drainRate(item) * 0.1) / (8 * MTU_FRAME))));

/** Four targets at the ceiling: less would drop before CoDel could. */
function fqCodel(item: ResolvedClass): Figures {
  const { limit, memory, flows, quantum, ecn } = item.queue;
  const { target, interval, why } = codelTimes(item);
  const room = (4 * target * item.ceiling) / 8e6;
  const options = {
    limit: limit && 'packets' in limit ? limit.packets : Math.max(10240, Math.ceil(room / 1000)),
    flows: flows ?? 1024,
    quantum: quantum ?? MTU_FRAME,
    target,
    interval,
    memory_limit:
      memory ??
      (limit && 'bytes' in limit ? limit.bytes : Math.min(2 ** 31, Math.max(32 * 1024 ** 2, Math.ceil(room)))),
    ecn: ecn ?? true,
  };
  const turn = quantum === undefined ? ' (one full frame)' : '';
  return {
    kind: 'fq_codel',
    options,
    why: `${why}, ${options.quantum} B a turn${turn}, at most ${options.limit} packets in ${options.memory_limit} B`,
  };
}

/** As many packets as fq_codel’s rule of four targets, and no fewer than codel’s own thousand. */
function codel(item: ResolvedClass): Figures {
  const { limit, ecn } = item.queue;
  const { target, interval, why } = codelTimes(item);
  const packets = limit && 'packets' in limit ? limit.packets : Math.max(1000, Math.ceil((4 * target * item.ceiling) / 8e9)); // prettier-ignore
  return { kind: 'codel', options: { limit: packets, target, interval, ecn: ecn ?? true }, why: `${why}, at most ${packets} packets` }; // prettier-ignore
}

function sfq(item: ResolvedClass): Figures {
  const { limit, quantum } = item.queue;
  const wanted = limit && 'packets' in limit ? limit.packets : Math.min(127, packetsFor(item));
  const packets = Math.min(SFQ_MOST, wanted);
  // Flows are given because the kernel keeps no more of them than packets, and would read back otherwise.
  return {
    kind: 'sfq',
    options: { limit: packets, quantum: quantum ?? MTU_FRAME, flows: Math.min(128, packets), perturb: 10 },
    why: `${packets} packets shared fairly between flows${packets < wanted ? ', the most it holds' : ''}`,
  };
}

function bfifo(item: ResolvedClass): Figures {
  const { limit } = item.queue;
  const bytes = limit ? ('bytes' in limit ? limit.bytes : limit.packets * MTU_FRAME) : packetsFor(item) * MTU_FRAME;
  const why = limit ? 'as asked for' : `for ${formatRate(drainRate(item))}: 100 ms of it`;
  return { kind: 'bfifo', options: { limit: bytes }, why: `${bytes} bytes ${why}` };
}

function pfifo(item: ResolvedClass): Figures {
  const { limit } = item.queue;
  if (limit && 'bytes' in limit) {
    return bfifo(item);
  }
  const packets = limit?.packets ?? packetsFor(item);
  const why = limit ? `${packets} packets as asked for` : `${packets} packets, for ${formatRate(drainRate(item))}`;
  return { kind: 'pfifo', options: { limit: packets }, why };
}

function red(item: ResolvedClass): Figures {
  const { why, ...figures } = redFigures(item, drainRate(item));
  const average = redAverage(figures.min, figures.max, drainRate(item))!;
  return { kind: 'red', options: { ...figures, ...average, ecn: item.queue.ecn ?? true }, why };
}

const ISOLATION = { flow: 'flows', source: 'dual-srchost', destination: 'dual-dsthost' } as const;

/** CAKE as the queue of a class shapes nothing: the class does. */
function cake(item: ResolvedClass): Figures {
  const { isolation, interval, memory } = item.queue;
  const options: Qdisc['options'] = { bandwidth: 0, tins: 'besteffort', ...CAKE_DEFAULTS };
  if (isolation) {
    options.isolation = ISOLATION[isolation];
  }
  options.rtt = interval ?? 100_000;
  if (memory !== undefined) {
    options.memlimit = memory;
  }
  const parts = isolation === 'flow' ? 'every flow its part' : `every ${isolation ?? 'host'} its part, and every flow of it`; // prettier-ignore
  return { kind: 'cake', options, why: `${parts}; round trips of ${formatDuration(Number(options.rtt))}` };
}

export const QUEUE_FIGURES: Readonly<Record<Algorithm, (item: ResolvedClass) => Figures>> = {
  fq_codel: fqCodel,
  codel,
  sfq,
  pfifo,
  bfifo,
  red,
  cake,
};
