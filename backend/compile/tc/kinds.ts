/** The qdiscs that are written and read back: one row an option, in tc's own words, in the order in which tc takes them. */
import type { Qdisc } from './model.ts';
import type { Option } from './options.ts';
import { redArguments } from './red.ts';

export interface Kind {
  options: Record<string, Option>;
  /** Words that tc prints and that are counters: how many values follow each. */
  ignored?: Record<string, number>;
  /** What the wire adds may be counted by itself, which is read and not written. */
  counts?: true;
  /** Rules may hang at it, and its classes or bands have queues. */
  classful?: true;
  /** More words for tc, where it takes other figures than it shows. */
  also?: (options: Qdisc['options']) => string;
  /** What of it the kernel does not show. */
  hidden?: string;
}

const BANDS = { bands: { form: 'count' }, priomap: { form: 'list' } } as const;
const CODEL = { target: { form: 'time' }, interval: { form: 'time' } } as const;

/** Tried on Linux 7.2 with iproute2 6.1, but for ets, which that kernel was built without. */
export const KINDS: Readonly<Record<string, Kind>> = {
  htb: {
    options: {
      default: { form: 'hex', fixed: true, byDefault: 0 },
      r2q: { form: 'count', fixed: true, byDefault: 10 },
      direct_qlen: { form: 'count', fixed: true },
    },
    ignored: { direct_packets_stat: 1, ver: 1 },
    classful: true,
  },
  // Unlike HTB's, its default changes in place.
  hfsc: { options: { default: { form: 'hex', byDefault: 0 } }, classful: true },
  drr: { options: {}, classful: true },
  prio: { options: BANDS, classful: true },
  ets: {
    options: {
      bands: BANDS.bands,
      strict: { form: 'count', byDefault: 0 },
      quanta: { form: 'list', byDefault: '' },
      priomap: BANDS.priomap,
    },
    classful: true,
  },
  tbf: {
    // tc shows the limit as the time that it takes (three digits), and takes it so.
    options: { rate: { form: 'rate' }, burst: { form: 'burst' }, latency: { form: 'time', shown: 'lat' } },
    counts: true,
    classful: true,
  },
  fq_codel: {
    options: {
      limit: { form: 'packets' },
      flows: { form: 'count', fixed: true, byDefault: 1024 },
      quantum: { form: 'count' },
      ...CODEL,
      memory_limit: { form: 'size' },
      ecn: { form: 'flag' },
      drop_batch: { form: 'count', byDefault: 64 },
    },
  },
  codel: { options: { limit: { form: 'packets' }, ...CODEL, ecn: { form: 'flag' } } },
  // It takes no change at all (sch_sfq.c has no operation for it).
  sfq: {
    options: {
      limit: { form: 'packets', fixed: true },
      quantum: { form: 'bytes', fixed: true },
      depth: { form: 'count', fixed: true, byDefault: 127 },
      flows: { form: 'count', fixed: true, byDefault: 128 },
      divisor: { form: 'count', fixed: true, byDefault: 1024 },
      perturb: { form: 'seconds', fixed: true, byDefault: 0 },
    },
  },
  red: {
    options: {
      limit: { form: 'size' },
      min: { form: 'size' },
      max: { form: 'size' },
      ewma: { form: 'count', shownOnly: true },
      Scell_log: { form: 'count', shownOnly: true },
      probability: { form: 'fraction' },
      ecn: { form: 'flag', off: '' },
      harddrop: { form: 'flag', off: '' },
      adaptive: { form: 'flag', off: '' },
      nodrop: { form: 'flag', off: '' },
    },
    classful: true,
    also: redArguments,
    hidden: 'the packet size and rate its average was made for',
  },
  cake: {
    options: {
      bandwidth: { form: 'rate', none: 'unlimited' },
      tins: { form: 'choice', among: ['besteffort', 'precedence', 'diffserv8', 'diffserv4', 'diffserv3', 'diffserv5'] },
      isolation: {
        form: 'choice',
        among: ['triple-isolate', 'dual-srchost', 'dual-dsthost', 'srchost', 'dsthost', 'hosts', 'flows', 'flowblind'],
      },
      nat: { form: 'choice', among: ['nonat', 'nat'] },
      wash: { form: 'choice', among: ['nowash', 'wash'] },
      side: { form: 'choice', among: ['egress', 'ingress'], byDefault: 'egress' },
      acks: { form: 'choice', among: ['no-ack-filter', 'ack-filter', 'ack-filter-aggressive'] },
      gso: { form: 'choice', among: ['split-gso', 'no-split-gso'] },
      rtt: { form: 'time' },
      // The framing comes before the overhead, which `raw` alone does without.
      framing: { form: 'choice', among: ['noatm', 'atm', 'ptm', 'raw'] },
      overhead: { form: 'count', byDefault: 0 },
      // Once set, neither goes back to nothing.
      mpu: { form: 'count', fixed: true, byDefault: 0 },
      memlimit: { form: 'size', fixed: true, byDefault: 0 },
    },
  },
  pfifo: { options: { limit: { form: 'packets' } } },
  bfifo: { options: { limit: { form: 'size' } } },
};

export const isClassful = ({ kind }: Qdisc): boolean => KINDS[kind]?.classful ?? false;
