/** A policy on one link: every percent, default and inherited value as a plain figure in bit/s. */
import { linkOf, type ResolvedLink } from './link.ts';
import { fitted } from './oversubscribe.ts';
import type { Rate } from './quantities.ts';
import type {
  Clause,
  Mark,
  Objective,
  Police,
  PolicySpec,
  Queue,
  RestoreDscp,
  SCHEDULERS,
  TrafficClass,
} from './schema.ts';

/** What happens to packets that are too much */
export type PoliceAction = 'drop' | { dscp: number };
export interface ResolvedPolice {
  /** bit/s */
  rate: number;
  /** bytes, when the document says so */
  burst: number | undefined;
  exceed: PoliceAction;
  /** Above it even what exceeds is too much */
  peak: { rate: number; burst: number | undefined; violate: PoliceAction } | undefined;
}

export interface ResolvedClass {
  /** Names from the root: the identity of the class. */
  path: string;
  name: string;
  /** Where in the document, e.g. spec.classes[0]. */
  source: string;
  match: Clause[];
  default: boolean;
  strict: boolean;
  /** 0-6, 6 the most important; a strict class counts as 7. */
  priority: number;
  /** bit/s */
  guarantee: number;
  /** bit/s, never above the parent's */
  ceiling: number;
  share: number;
  /** bytes, when the document says so */
  burst: number | undefined;
  queue: Queue;
  police?: ResolvedPolice | undefined;
  /** The parents' too, where the class does not say otherwise */
  mark?: Mark | undefined;
  redirect?: string | undefined;
  mirror?: string | undefined;
  objective: Objective | undefined;
  classes: ResolvedClass[];
}
export interface ResolvedPolicy {
  name: string;
  /** bit/s of the link */
  bandwidth: number;
  scheduler: (typeof SCHEDULERS)[number];
  link: ResolvedLink | undefined;
  /** Where the mark of a packet's connection keeps the DSCP that it gets before its class is looked for */
  restoreDscp?: RestoreDscp;
  /** Why more was guaranteed than there is, where it was; the guarantees here are cut to fit. */
  oversubscribed?: string;
  classes: ResolvedClass[];
}

export function toBits(rate: Rate, whole: number): number {
  return rate.kind === 'absolute' ? rate.bits : Math.round((whole * rate.percent) / 100);
}

interface Above {
  path: string;
  source: string;
  guarantee: number;
  ceiling: number;
  mark?: Mark | undefined;
}

/** A percent is of the class's own ceiling. */
function policeOf(police: Police, ceiling: number): ResolvedPolice {
  const { rate, burst, peakRate, peakBurst, exceed = 'drop', violate = 'drop' } = police;
  return {
    rate: toBits(rate, ceiling),
    burst,
    exceed,
    peak: peakRate && { rate: toBits(peakRate, ceiling), burst: peakBurst, violate },
  };
}

/** Weight for what is left over: as written, or in proportion to the guarantees of the same parent, at least 1. */
function shareOf(spec: TrafficClass, guarantee: number, siblings: number): number {
  return spec.share ?? Math.max(1, Math.round((100 * guarantee) / Math.max(1, siblings)));
}

function resolveLevel(specs: readonly TrafficClass[], above: Above): ResolvedClass[] {
  const figures = specs.map((spec) => {
    const ceilingOnly = spec.strict && !spec.guarantee ? spec.ceiling : undefined;
    const guarantee = spec.guarantee
      ? toBits(spec.guarantee, above.guarantee)
      : ceilingOnly
        ? toBits(ceilingOnly, above.ceiling)
        : 0;
    const ceiling = spec.ceiling ? toBits(spec.ceiling, above.ceiling) : spec.strict ? guarantee : above.ceiling;
    return { guarantee, ceiling };
  });
  const total = figures.reduce((sum, figure) => sum + figure.guarantee, 0);
  return specs.map((spec, index) => {
    const { guarantee, ceiling } = figures[index]!;
    const path = above.path ? `${above.path}/${spec.name}` : spec.name;
    const mark = (spec.mark ?? above.mark) && { ...above.mark, ...spec.mark };
    const source = `${above.source}.classes[${index}]`;
    return {
      path,
      name: spec.name,
      source,
      match: spec.match ?? [],
      default: spec.default ?? false,
      strict: spec.strict ?? false,
      priority: spec.strict ? 7 : (spec.priority ?? 3),
      guarantee,
      ceiling,
      share: shareOf(spec, guarantee, total),
      burst: spec.burst,
      queue: spec.queue ?? {},
      police: spec.police && policeOf(spec.police, ceiling),
      mark,
      redirect: spec.redirect,
      mirror: spec.mirror,
      objective: spec.objective,
      classes: resolveLevel(spec.classes ?? [], { path, source, guarantee, ceiling, mark }),
    };
  });
}

/** The class that a policy without classes has: everything, up to the link. */
export const ONE_DEFAULT: TrafficClass[] = [{ name: 'default', default: true }];

/** The tree with every figure in bit/s as the document has it, also where more is guaranteed than there is. */
export function asWritten(spec: PolicySpec, bandwidth: number): ResolvedClass[] {
  return resolveLevel(spec.classes ?? ONE_DEFAULT, { path: '', source: 'spec', guarantee: bandwidth, ceiling: bandwidth }); // prettier-ignore
}

/** @param bandwidth bit/s of the link; @returns the tree with every figure in bit/s. Judge first: this does not complain. */
export function resolve(name: string, spec: PolicySpec, bandwidth: number): ResolvedPolicy {
  const classes = asWritten(spec, bandwidth);
  const { restoreDscp } = spec;
  const common = { name, bandwidth, scheduler: spec.scheduler ?? 'auto', link: linkOf(spec), ...(restoreDscp && { restoreDscp }) } as const; // prettier-ignore
  return spec.oversubscribe
    ? { ...common, oversubscribed: spec.oversubscribe.reason, classes: fitted(classes, bandwidth) }
    : { ...common, classes };
}

/** All classes, parents before children, in document order. */
export function flatten(classes: readonly ResolvedClass[]): ResolvedClass[] {
  return classes.flatMap((item) => [item, ...flatten(item.classes)]);
}
