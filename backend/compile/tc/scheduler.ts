/** Which discipline a tree is built with: the one that the policy names, or the first that holds it on this kernel. */
import { NEEDS, PROFILES, SHARING, type Need, type Scheduler } from '../../policy/profiles.ts';
import { HFSC_SILENCE, misfits, needsOf, type Misfit } from '../../policy/scheduling.ts';
import type { ResolvedPolicy } from '../../policy/resolve.ts';
import { buildEts, buildPrio } from './bands.ts';
import type { Ground } from './builder.ts';
import { buildCake } from './cake.ts';
import { CompileError } from './compile-error.ts';
import { buildDrr } from './drr.ts';
import { buildHfsc } from './hfsc.ts';
import { buildHtb } from './htb.ts';
import type { Capabilities } from './model.ts';
import type { Level } from './rules.ts';
import { buildPolice } from './police.ts';
import { shaperOf } from './shaper.ts';
import { buildSingle } from './single.ts';
import { buildTbf } from './tbf.ts';

/** @returns where the rules of each level hang */
export const BUILD: Readonly<Record<Scheduler, (ground: Ground) => Level[]>> = {
  htb: buildHtb,
  hfsc: buildHfsc,
  drr: buildDrr,
  prio: buildPrio,
  ets: buildEts,
  tbf: buildTbf,
  cake: buildCake,
  fq_codel: buildSingle('fq_codel'),
  sfq: buildSingle('sfq'),
  pfifo: buildSingle('pfifo'),
  red: buildSingle('red'),
  // What MQC calls so is HTB with guarantees as weights; judging keeps everything else out.
  cbwfq: buildHtb,
  llq: buildHtb,
  police: buildPolice,
};

/** HTB first: it alone holds everything. The others are for kernels without it. */
const PREFERENCE: readonly Scheduler[] = ['htb', 'hfsc', 'tbf', 'cake', 'drr', 'ets', 'prio'];

/** What police at the hook takes, and the module that has it. */
export function policeMissing({ ingress = [], actions = [], classifiers }: Capabilities): string | undefined {
  const modules = [
    ...(ingress.includes('clsact') ? [] : ['sch_ingress']),
    ...(classifiers.includes('flower') ? [] : ['cls_flower']),
    ...['gact', 'police'].filter((name) => !actions.includes(name)).map((name) => `act_${name}`),
  ];
  return modules.length > 0 ? `no ${modules.join(' and no ')}, which police takes. Load ${modules.length > 1 ? 'these modules' : 'this module'}` : undefined; // prettier-ignore
}

function missing(scheduler: Scheduler, capabilities: Capabilities): string | undefined {
  if (scheduler === 'police') {
    return policeMissing(capabilities);
  }
  const { qdiscs, shapes, title } = PROFILES[scheduler];
  const lacking = qdiscs.find((kind) => !capabilities.qdiscs.includes(kind));
  if (lacking) {
    return `no ${PROFILES[lacking as Scheduler]?.title ?? lacking}. Load the module sch_${lacking}`;
  }
  return shapes || shaperOf(capabilities)
    ? undefined
    : `neither HTB nor TBF, and ${title} does not shape. Load the module sch_htb`;
}

const WORDS: Readonly<Record<Need, string>> = {
  classes: 'several classes',
  nested: 'classes within classes',
  guarantee: 'guarantees',
  ceiling: 'ceilings',
  strict: 'strict classes',
  priority: 'priorities',
  share: 'shares',
};
/** e.g. "guarantees and ceilings" */
const listed = (words: readonly string[]) =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

const sharing = (found: readonly Misfit[]) => found.every(({ need }) => SHARING.has(need));

function choose(policy: ResolvedPolicy, capabilities: Capabilities): { scheduler: Scheduler; note: string } {
  const { received, ingress = [], kernel } = capabilities;
  if (received && !ingress.includes('ifb')) {
    const lacking = missing('police', capabilities);
    if (lacking) {
      throw new CompileError('spec.scheduler', `What an interface receives is shaped on an IFB, and this kernel (${kernel}) has none. Load the modules ifb, sch_ingress and act_mirred. It has ${lacking}.`); // prettier-ignore
    }
    return { scheduler: 'police', note: `Scheduler: police at the hook, since this kernel (${kernel}) has no IFB that could queue what is received.` }; // prettier-ignore
  }
  const here = PREFERENCE.filter((name) => !missing(name, capabilities)).map((name) => ({ name, found: misfits(name, policy) })); // prettier-ignore
  const best = here.find(({ found }) => found.length === 0) ?? here.find(({ found }) => sharing(found));
  if (!best) {
    const lacks = here.map(({ name, found }) => ` ${PROFILES[name].title} cannot hold it: ${found[0]!.why}.`);
    throw new CompileError(
      'spec.scheduler',
      `This kernel (${capabilities.kernel}) has ${missing('htb', capabilities)}.${lacks.join('')}`
    );
  }
  const asked = needsOf(policy);
  const needs = NEEDS.filter((need) => asked.has(need) && (need !== 'classes' || asked.size === 1));
  const why = needs.length > 0 ? `the policy asks for ${listed(needs.map((need) => WORDS[need]))}` : 'one class needs its rate and no more'; // prettier-ignore
  const weaker = best.found.map((misfit) => ` What is left over goes another way than the policy says: ${misfit.why}.`);
  const instead = best.name === 'htb' ? '' : ', since this kernel has no HTB';
  const silent = best.name === 'hfsc' ? ` ${HFSC_SILENCE} Roll back and apply again then.` : '';
  return { scheduler: best.name, note: `Scheduler: ${PROFILES[best.name].title}${instead}; ${why}.${weaker.join('')}${silent}` }; // prettier-ignore
}

/** @throws CompileError when the kernel has not got it, or nothing here holds the policy */
export function schedulerFor(
  policy: ResolvedPolicy,
  capabilities: Capabilities
): { scheduler: Scheduler; note: string | undefined } {
  const { scheduler } = policy;
  if (scheduler === 'auto') {
    return choose(policy, capabilities);
  }
  if (scheduler === 'police' && !capabilities.received) {
    throw new CompileError('spec.scheduler', 'Police in place of queues is for what an interface receives: bind the policy with direction: ingress, or use scheduler: auto.'); // prettier-ignore
  }
  const lacking = missing(scheduler, capabilities);
  if (lacking) {
    throw new CompileError('spec.scheduler', `The policy asks for ${scheduler}, and this kernel (${capabilities.kernel}) has ${lacking}, or use scheduler: auto.`); // prettier-ignore
  }
  const [misfit] = misfits(scheduler, policy);
  if (misfit) {
    throw new CompileError(misfit.path, `${PROFILES[scheduler].title} cannot hold this: ${misfit.why}.`);
  }
  return { scheduler, note: undefined };
}
