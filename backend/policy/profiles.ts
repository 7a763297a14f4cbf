/** What each scheduler holds of a policy: the table from which it is judged, chosen and explained. */
import type { SCHEDULERS } from './schema.ts';

export type Scheduler = Exclude<(typeof SCHEDULERS)[number], 'auto'>;

/** What a policy may ask of its scheduler. */
export const NEEDS = ['classes', 'nested', 'guarantee', 'ceiling', 'strict', 'priority', 'share'] as const;
export type Need = (typeof NEEDS)[number];
/** Without these a policy still keeps what it promises: only what is left over goes another way. */
export const SHARING: ReadonlySet<Need> = new Set(['priority', 'share']);

/**
 * Who gets what is left over. `stated`: as the language has it, guarantees first, then by priority, then by share. `weights`:
 * by priority, then by weight, which is the guarantee and the share of what nobody is guaranteed. `levels`: by these weights
 * among the classes of each level. `own`: in a way that no figure of the policy says.
 */
export type Sharing = 'stated' | 'weights' | 'levels' | 'own';

export interface Profile {
  title: string;
  /** What it does not hold, and why. */
  lacks: Partial<Record<Need, string>>;
  /**
   * How it holds the truths of the language: 1 each gets its guarantee, 2 none exceeds its ceiling, 3 who gets what is left
   * over, 4 how long a strict packet waits, 5 no packet is unclassified or unshaped, 6 guarantees fit.
   */
  truths: readonly [string, string, string, string, string, string];
  /** How it keeps truth 3 */
  sharing: Sharing;
  /** The qdiscs that it is made of; one that does not shape stands below a shaper besides. */
  qdiscs: readonly string[];
  shapes: boolean;
  /** bit/s */
  fastest?: number;
}

const none = 'takes none';
const JUDGED = 'judged before it is compiled';
const LINK = 'the link is shaped, no class is';
const BY_RULES = 'rules, and a last one to the default';

const ONE_QUEUE = 'it is one queue';
const alone = (title: string, qdisc: string, shapes = false): Profile => ({
  title,
  lacks: { classes: ONE_QUEUE, nested: ONE_QUEUE, ceiling: 'it has the rate of the link alone', strict: ONE_QUEUE },
  truths: ['one class has the whole link', LINK, none, none, 'everything is in the one class', JUDGED],
  sharing: 'stated',
  qdiscs: [qdisc],
  shapes,
});

const HTB_TRUTHS = [
  'exact: every class is served under its rate before any borrows',
  'exact, within one burst; a class under its rate is not held by its parent’s ceiling, which the sums of truth 6 make up for',
  'exact among leaves: priority first, then by quantum; nothing of it on inner classes',
  'one packet that is being sent, since rate and ceiling of the class are one',
  'rules, and the default of HTB for the rest',
  JUDGED,
] as const;
const MQC_PRIORITY = 'MQC has no priority among classes that are not strict';

/** Measured figures are in the compiler, at what each figure makes. */
export const PROFILES: Readonly<Record<Scheduler, Profile>> = {
  htb: { title: 'HTB', lacks: {}, truths: HTB_TRUTHS, sharing: 'stated', qdiscs: ['htb'], shapes: true },
  hfsc: {
    title: 'HFSC',
    lacks: { priority: 'it shares by weight alone' },
    truths: [
      'exact, by real-time curves of the leaves',
      'exact, by upper limits; real-time curves are not held by them, which the sums of truth 6 make up for',
      'level by level in proportion to guarantee plus share of the rest; no priorities',
      'the first packet of a burst within its curve, 2 ms where the link has room for that',
      'rules, and the default of HFSC for the rest',
      JUDGED,
    ],
    sharing: 'levels',
    qdiscs: ['hfsc'],
    shapes: true,
    // tc keeps bytes per second in 32 bits.
    fastest: 34_359_738_360,
  },
  drr: {
    title: 'DRR',
    lacks: {
      nested: 'its classes have no children',
      ceiling: 'a class may always take what is left over',
      strict: 'its classes take turns',
      priority: 'its classes take turns',
    },
    truths: ['exact, as weights, a turn at a time', LINK, 'in proportion to the weights', none, BY_RULES, JUDGED],
    sharing: 'weights',
    qdiscs: ['drr'],
    shapes: false,
  },
  prio: {
    title: 'PRIO',
    lacks: {
      nested: 'its bands have no children',
      guarantee: 'a higher band takes everything as long as it has packets',
      ceiling: 'a band takes everything as long as it has packets',
      strict: 'no band has a rate, so it could starve every other',
      share: 'bands are served one after another, so no two classes share a priority',
    },
    truths: ['none is given', LINK, 'exact: priority alone', none, 'rules, and the map of priorities to the default’s band', JUDGED], // prettier-ignore
    sharing: 'weights',
    qdiscs: ['prio'],
    shapes: false,
  },
  ets: {
    title: 'ETS',
    lacks: {
      nested: 'its bands have no children',
      ceiling: 'a band may always take what is left over',
      strict: 'no band has a rate, so it could starve every other',
    },
    truths: [
      'exact, as weights, where all classes have one priority',
      LINK,
      'priority first, one class each; in proportion to the weights among those of the least',
      none,
      'rules, and the map of priorities to the default’s band',
      JUDGED,
    ],
    sharing: 'weights',
    qdiscs: ['ets'],
    shapes: false,
  },
  cake: {
    title: 'CAKE',
    lacks: {
      nested: 'its tins have no children',
      ceiling: 'a tin may always take what is left over',
      strict: 'no tin is held to a rate',
      priority: 'the order of its tins is its own',
    },
    truths: [
      'exact up to the share of each tin',
      LINK,
      'its own: a higher tin first within its share, then best effort',
      none,
      'by DSCP; ARP goes with voice',
      JUDGED,
    ],
    sharing: 'own',
    qdiscs: ['cake'],
    shapes: true,
  },
  tbf: alone('TBF', 'tbf', true),
  fq_codel: alone('FQ-CoDel', 'fq_codel'),
  sfq: alone('SFQ', 'sfq'),
  pfifo: alone('PFIFO', 'pfifo'),
  red: alone('RED', 'red'),
  cbwfq: {
    title: 'CBWFQ',
    lacks: { strict: 'that is what LLQ adds to it', priority: MQC_PRIORITY },
    truths: HTB_TRUTHS,
    sharing: 'stated',
    qdiscs: ['htb'],
    shapes: true,
  },
  llq: {
    title: 'LLQ',
    lacks: { priority: MQC_PRIORITY },
    truths: HTB_TRUTHS,
    sharing: 'stated',
    qdiscs: ['htb'],
    shapes: true,
  },
  police: {
    title: 'Police',
    lacks: { priority: 'nothing waits in it, so that nothing goes first' },
    truths: [
      'where the ceilings of each level fit into the one above; otherwise who comes first gets it',
      'exact, within one burst; the narrowest ceiling first',
      'who comes first gets it',
      'nothing waits: there is no queue',
      BY_RULES,
      JUDGED,
    ],
    sharing: 'own',
    qdiscs: ['clsact'],
    shapes: true,
  },
};
