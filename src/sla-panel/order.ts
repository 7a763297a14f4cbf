/** What comes first: violations, then what cannot be judged, then what is well; within that the policy's own order. */
import type { Verdict } from '../../backend/api/contract.ts';
import type { Objective } from './objectives.ts';

/** Blind comes before well: an operator must not have to look for what nobody measures. */
const RANK: Record<Verdict, number> = { violated: 0, 'no-data': 1, insufficient: 2, compliant: 3, 'not-measured': 4 };

export const VERDICT_ORDER = (Object.keys(RANK) as Verdict[]).sort((a, b) => RANK[a] - RANK[b]);

export function worstFirst(objectives: readonly Objective[]): Objective[] {
  return [...objectives].sort(
    (a, b) => RANK[a.verdict] - RANK[b.verdict] || Number(a.severity !== 'critical') - Number(b.severity !== 'critical')
  );
}

export interface Group {
  /** Empty when there is one group and it needs no heading. */
  name: string;
  objectives: Objective[];
}

/** Objectives of one key together, the group with the worst objective first. */
export function grouped(objectives: readonly Objective[], keyOf: (objective: Objective) => string): Group[] {
  const groups = new Map<string, Objective[]>();
  for (const objective of worstFirst(objectives)) {
    const name = keyOf(objective);
    groups.set(name, [...(groups.get(name) ?? []), objective]);
  }
  return [...groups].map(([name, members]) => ({ name, objectives: members }));
}

export const bySite = (objectives: readonly Objective[]) => grouped(objectives, ({ site }) => site);

/** A class of a binding with all its objectives. */
export const byClass = (objectives: readonly Objective[]) =>
  grouped(objectives, ({ binding, trafficClass }) => `${binding} ${trafficClass}`);

export function countByVerdict(objectives: readonly Objective[]): Array<{ verdict: Verdict; count: number }> {
  return VERDICT_ORDER.map((verdict) => ({
    verdict,
    count: objectives.filter((objective) => objective.verdict === verdict).length,
  })).filter(({ count }) => count > 0);
}

/** What must be named beside the class to tell objectives apart: nothing, the binding, or the site. */
export function contextOf(
  objectives: readonly Objective[],
  sitesAreHeadings: boolean
): (objective: Objective) => string {
  const sites = new Set(objectives.map(({ site }) => site));
  const bindings = new Set(objectives.map(({ binding }) => binding));
  const showSite = sites.size > 1 && !sitesAreHeadings;
  const showBinding = bindings.size > sites.size;
  return ({ site, binding }) =>
    [showSite ? site : '', showBinding ? binding : ''].filter((part) => part !== '').join(' · ');
}
