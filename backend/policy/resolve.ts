/** A policy on one link: every percent, default and inherited value as a plain figure in bit/s. */
import { linkOf, type ResolvedLink } from './link.ts';
import type { Rate } from './quantities.ts';
import type { Clause, Objective, PolicySpec, Queue, SCHEDULERS, TrafficClass } from './schema.ts';

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
  objective: Objective | undefined;
  classes: ResolvedClass[];
}
export interface ResolvedPolicy {
  name: string;
  /** bit/s of the link */
  bandwidth: number;
  scheduler: (typeof SCHEDULERS)[number];
  link: ResolvedLink | undefined;
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
      objective: spec.objective,
      classes: resolveLevel(spec.classes ?? [], { path, source, guarantee, ceiling }),
    };
  });
}

/** The class that a policy without classes has: everything, up to the link. */
export const ONE_DEFAULT: TrafficClass[] = [{ name: 'default', default: true }];

/** @param bandwidth bit/s of the link; @returns the tree with every figure in bit/s. Judge first: this does not complain. */
export function resolve(name: string, spec: PolicySpec, bandwidth: number): ResolvedPolicy {
  return {
    name,
    bandwidth,
    scheduler: spec.scheduler ?? 'auto',
    link: linkOf(spec),
    classes: resolveLevel(spec.classes ?? ONE_DEFAULT, {
      path: '',
      source: 'spec',
      guarantee: bandwidth,
      ceiling: bandwidth,
    }),
  };
}

/** All classes, parents before children, in document order. */
export function flatten(classes: readonly ResolvedClass[]): ResolvedClass[] {
  return classes.flatMap((item) => [item, ...flatten(item.classes)]);
}
