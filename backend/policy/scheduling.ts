/** Whether a scheduler holds a policy, and where it does not. */
import { BEST_EFFORT, TIN_MODES, TINS, type TinMode } from './cake-tins.ts';
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import { setting } from './fixes.ts';
import { NEEDS, PROFILES, type Need, type Scheduler } from './profiles.ts';
import { formatRate } from './quantities.ts';
import { flatten, type ResolvedClass, type ResolvedPolicy } from './resolve.ts';

export const leavesOf = (policy: ResolvedPolicy): ResolvedClass[] =>
  flatten(policy.classes).filter((item) => item.classes.length === 0);

/** Something that a scheduler does not hold. */
export interface Misfit {
  need: Need;
  path: string;
  /** Continues "NAME cannot hold this: " */
  why: string;
}

/** @returns the first place of each thing that the policy asks of its scheduler */
export function needsOf(policy: ResolvedPolicy): Map<Need, { path: string; what: string }> {
  const needs = new Map<Need, { path: string; what: string }>();
  const need = (name: Need, path: string, what: string) => {
    if (!needs.has(name)) {
      needs.set(name, { path, what });
    }
  };
  const leaves = leavesOf(policy);
  const shared = leaves.filter((item) => !item.strict);
  const visit = (classes: readonly ResolvedClass[], ceiling: number) => {
    for (const item of classes) {
      if (item.classes.length > 0) {
        need('nested', `${item.source}.classes`, `"${item.name}" has classes of its own`);
      }
      if (item.strict) {
        need('strict', `${item.source}.strict`, `"${item.name}" is strict`);
      } else {
        if (item.guarantee > 0 && leaves.length > 1) {
          need('guarantee', `${item.source}.guarantee`, `"${item.name}" is guaranteed ${formatRate(item.guarantee)}`);
        }
        if (item.ceiling < ceiling) {
          need('ceiling', `${item.source}.ceiling`, `"${item.name}" is held to ${formatRate(item.ceiling)}`);
        }
      }
      visit(item.classes, item.ceiling);
    }
  };
  visit(policy.classes, policy.bandwidth);
  if (leaves.length > 1) {
    need('classes', leaves[1]!.source, `"${leaves[1]!.name}" is a second class`);
  }
  const other = shared.find((item) => item.priority !== shared[0]!.priority);
  if (other) {
    need('priority', `${other.source}.priority`, `"${other.name}" has another priority than "${shared[0]!.name}"`);
  }
  const twin = shared.find((item, i) => shared.slice(0, i).some(({ priority }) => priority === item.priority));
  if (twin) {
    need('share', `${twin.source}.priority`, `"${twin.name}" has the priority ${twin.priority} of another class`);
  }
  return needs;
}

/** The kernel's most for prio and ets (TCQ_PRIO_BANDS, TCQ_ETS_MAX_BANDS). */
const MOST_BANDS = 16;

function bandMisfits(policy: ResolvedPolicy): Misfit[] {
  const extra = leavesOf(policy)[MOST_BANDS];
  return extra ? [{ need: 'classes', path: extra.source, why: `it has ${MOST_BANDS} bands` }] : [];
}

/** Above the least priority each band is strict: it has no weight, and nothing below it is sure of anything. */
function etsMisfits(policy: ResolvedPolicy): Misfit[] {
  const leaves = leavesOf(policy);
  const least = Math.min(...leaves.map((item) => item.priority));
  const above = leaves.filter((item) => item.priority > least);
  const twin = above.find((item, i) => above.slice(0, i).some(({ priority }) => priority === item.priority));
  const starved = above.length > 0 ? leaves.find((item) => item.guarantee > 0) : undefined;
  return [
    ...bandMisfits(policy),
    ...(twin ? [{ need: 'share', path: `${twin.source}.priority`, why: 'above the least priority, each class needs one of its own' } as const] : []),
    ...(starved ? [{ need: 'guarantee', path: `${starved.source}.guarantee`, why: 'a class of a higher priority takes everything as long as it has packets' } as const] : []),
  ]; // prettier-ignore
}

/** The DSCPs of a class that matches by nothing else, or undefined. */
function dscpOnly(item: ResolvedClass): string | undefined {
  const plain = item.match.every((clause) => clause.dscp && Object.values(clause).filter((v) => v !== undefined).length === 1); // prettier-ignore
  return plain ? [...new Set(item.match.flatMap((clause) => clause.dscp!))].sort((a, b) => a - b).join() : undefined;
}

const modeOf = (policy: ResolvedPolicy): TinMode | undefined =>
  TIN_MODES.find((mode) => TINS[mode].length === leavesOf(policy).length);

/** @returns the tins of a policy in their order, or 'besteffort' for one class, or undefined when they do not fit */
export function tinsOf(policy: ResolvedPolicy): TinMode | 'besteffort' | undefined {
  return policy.classes.length === 1 && policy.classes[0]!.classes.length === 0
    ? 'besteffort'
    : cakeMisfits(policy).length === 0
      ? modeOf(policy)
      : undefined;
}

function cakeMisfits(policy: ResolvedPolicy): Misfit[] {
  const leaves = leavesOf(policy);
  const queued = leaves.find(({ queue }) => Object.keys(queue).some((key) => key !== 'algorithm') || !['auto', 'cake', undefined].includes(queue.algorithm)); // prettier-ignore
  const misfits: Misfit[] = queued
    ? [{ need: 'classes', path: `${queued.source}.queue`, why: 'its tins have queues of their own' }]
    : [];
  if (leaves.length === 1) {
    return misfits;
  }
  const mode = modeOf(policy);
  if (!mode) {
    const why = `it has 1 class, or ${TIN_MODES.map((name) => `${TINS[name].length} (${name})`).join(', ')}, and this policy has ${leaves.length}`;
    return [...misfits, { need: 'classes', path: 'spec.classes', why }];
  }
  const taken = new Set<number>();
  for (const item of leaves) {
    const dscp = dscpOnly(item);
    const tin = item.default
      ? BEST_EFFORT[mode]
      : TINS[mode].findIndex((candidate, i) => i !== BEST_EFFORT[mode] && candidate.dscp.join() === dscp);
    const own = TINS[mode][tin];
    if (!own || taken.has(tin)) {
      const tins = TINS[mode].flatMap(({ name, dscp: list }, i) => (i === BEST_EFFORT[mode] ? [] : [`${name} ${list.join(' ')}`])); // prettier-ignore
      misfits.push({
        need: 'classes',
        path: `${item.source}.match`,
        why: `with ${mode} a class is all DSCPs of one tin and nothing else (${tins.join('; ')})`,
      });
      continue;
    }
    taken.add(tin);
    const most = Math.floor(own.share * policy.bandwidth);
    if (item.guarantee > most) {
      const path = `${item.source}.guarantee`;
      misfits.push({ need: 'guarantee', path, why: `the tin of ${own.name} is sure of ${formatRate(most)}` });
    }
  }
  return misfits;
}

/**
 * Nothing is kept for anyone where more may arrive than goes on: what a class is sure of holds only where the ceilings at
 * its level, and at each level above it, fit into the one above them.
 */
function policeMisfits(policy: ResolvedPolicy): Misfit[] {
  const visit = (classes: readonly ResolvedClass[], room: number, whose: string, tooMuch: string | undefined): Misfit[] => {
    const sum = classes.reduce((total, { ceiling }) => total + ceiling, 0);
    const why =
      classes.length > 1 && sum > room
        ? `the ceilings of the classes of ${whose} sum to ${formatRate(sum)} of ${formatRate(room)}, and it keeps nothing free for one while others take it`
        : tooMuch;
    return classes.flatMap((item): Misfit[] => {
      const [need, what] = item.strict ? (['strict', 'is strict'] as const) : (['guarantee', `is guaranteed ${formatRate(item.guarantee)}`] as const);
      return [
        ...(why && (item.strict || item.guarantee > 0) ? [{ need, path: `${item.source}.${need}`, why: `"${item.name}" ${what}, ${why}` }] : []),
        ...visit(item.classes, item.ceiling, `"${item.name}"`, why),
      ];
    });
  };
  return visit(policy.classes, policy.bandwidth, 'the link', undefined);
} // prettier-ignore

const OWN: Partial<Record<Scheduler, (policy: ResolvedPolicy) => Misfit[]>> = {
  prio: bandMisfits,
  ets: etsMisfits,
  cake: cakeMisfits,
  police: policeMisfits,
};

/** A queue that is named elsewhere is another than the scheduler itself is. */
function queueMisfits(scheduler: Scheduler, policy: ResolvedPolicy): Misfit[] {
  const [item] = policy.classes;
  const asked = item?.queue.algorithm ?? 'auto';
  return ['fq_codel', 'sfq', 'pfifo', 'red'].includes(scheduler) && asked !== 'auto' && asked !== scheduler
    ? [{ need: 'classes', path: `${item!.source}.queue.algorithm`, why: `it is the queue itself, and ${asked} is another` }]
    : []; // prettier-ignore
}

const WITHOUT_RULES: ReadonlySet<Scheduler> = new Set(['cake', 'tbf', 'fq_codel', 'sfq', 'pfifo', 'red']);
const ACTIONS = ['police', 'mark', 'redirect', 'mirror'] as const;

/** What is done to packets is done by rules, and these have none. */
function actionMisfits(scheduler: Scheduler, policy: ResolvedPolicy): Misfit[] {
  const leaves = WITHOUT_RULES.has(scheduler) ? leavesOf(policy) : [];
  return leaves.flatMap((item) =>
    ACTIONS.filter((key) => item[key] !== undefined).map((key): Misfit => ({
      need: 'classes',
      path: `${item.source}.${key}`,
      why: `it has no rules that could ${key}`,
    }))
  );
}

/** TBF alone takes no rules at all, also none that leads nowhere. */
const restoreMisfits = (scheduler: Scheduler, { restoreDscp }: ResolvedPolicy): Misfit[] =>
  scheduler === 'tbf' && restoreDscp
    ? [{ need: 'classes', path: 'spec.restoreDscp', why: 'it has no rules that could look a connection up' }]
    : [];

/** @returns what a scheduler does not hold of a policy, each at its place; empty when it holds it whole */
export function misfits(scheduler: Scheduler, policy: ResolvedPolicy): Misfit[] {
  const { lacks, fastest } = PROFILES[scheduler];
  const needs = needsOf(policy);
  const lacking = NEEDS.flatMap((need): Misfit[] => {
    const asked = needs.get(need);
    return asked && lacks[need] ? [{ need, path: asked.path, why: `${asked.what}, and ${lacks[need]}` }] : [];
  });
  if (fastest !== undefined && policy.bandwidth > fastest) {
    lacking.push({ need: 'guarantee', path: 'spec.bandwidth', why: `it counts to ${formatRate(fastest)}` });
  }
  return lacking.length > 0
    ? lacking
    : [
        ...(OWN[scheduler]?.(policy) ?? []),
        ...queueMisfits(scheduler, policy),
        ...actionMisfits(scheduler, policy),
        ...restoreMisfits(scheduler, policy),
      ];
}

/** Measured twelve times of twelve. Classes without a real-time curve go on, and so do those of HTB and of DRR below TBF. */
export const HFSC_SILENCE =
  'HFSC may fall silent (Linux 7.2): a class that holds packets while its interface goes down sends nothing any more once it is up again, until it is changed.';

const hfscLink = finding(
  'CP-HFSC-LINK',
  'spec.scheduler',
  HFSC_SILENCE,
  'Choose htb. Else, after the interface was down, look for classes with a backlog that send nothing, roll back and apply again.',
  setting('spec.scheduler', 'htb', 'Schedule with htb, which goes on')
);

/** The scheduler that the operator named holds the policy, or it is said where not and which one does. */
export function judgeScheduler(policy: ResolvedPolicy): Finding[] {
  const { scheduler } = policy;
  if (scheduler === 'auto') {
    return [];
  }
  const found = misfits(scheduler, policy);
  const others = found.length > 0 ? (Object.keys(PROFILES) as Scheduler[]).filter((other) => other !== 'police' && misfits(other, policy).length === 0) : []; // prettier-ignore
  const hint = others.length > 0 ? `Schedulers that hold this policy: ${others.join(', ')}.` : undefined;
  return [
    ...(scheduler === 'hfsc' ? [hfscLink] : []),
    ...found.map(({ path, why }) =>
      finding('CP-SCHEDULER', path, `${PROFILES[scheduler].title} cannot hold this: ${why}.`, hint)
    ),
  ];
}
