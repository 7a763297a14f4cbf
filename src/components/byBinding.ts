/** Bindings with their interfaces, those that need somebody first. */
import type { BindingSummary } from '../data/index.ts';

export type State = BindingSummary['state'];

const URGENCY: Record<State, number> = { unreachable: 0, drifted: 1, 'not-applied': 2, standby: 3, 'in-force': 4 };

export interface OfBinding {
  binding: string;
  /** Worst first, then by place */
  links: BindingSummary[];
  worst: State;
}

const placeOf = ({ site, target, interface: device }: BindingSummary) => `${site}\u0000${target}\u0000${device}`;

/** In the order in which the bindings come. */
export function byBinding(bindings: BindingSummary[]): OfBinding[] {
  const groups = new Map<string, BindingSummary[]>();
  for (const link of bindings) {
    groups.set(link.binding, [...(groups.get(link.binding) ?? []), link]);
  }
  return [...groups].map(([binding, unsorted]) => {
    const links = [...unsorted].sort(
      (a, b) =>
        URGENCY[a.state] - URGENCY[b.state] || placeOf(a).localeCompare(placeOf(b), undefined, { numeric: true })
    );
    return { binding, links, worst: links[0]!.state };
  });
}

/** How many interfaces are in each state, worst first. */
export function countStates(links: BindingSummary[]): Array<[state: State, count: number]> {
  const states = (Object.keys(URGENCY) as State[]).sort((a, b) => URGENCY[a] - URGENCY[b]);
  return states
    .map((state): [State, number] => [state, links.filter((link) => link.state === state).length])
    .filter(([, count]) => count > 0);
}
