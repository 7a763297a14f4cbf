/** Which of the bindings of an interface is to be in force at a time: a scheduled one while it holds, else the unscheduled. */
import { hasErrors, standing, type Schedule } from '../policy/index.ts';
import { placeKey } from '../target/index.ts';
import type { Bound } from './catalog.ts';
import { onceFor } from './shared.ts';

export interface Duty {
  /** Whether this binding is the one that is to act now */
  on: boolean;
  /** Which one acts in its stead, where there is one */
  instead: Bound | undefined;
  scheduled: boolean;
  /** Of a scheduled one that holds: ms since the epoch */
  since: number | undefined;
  /** When that changes; undefined where it does not */
  changes: number | undefined;
}

const keyOf = ({ place, device, binding }: Bound) =>
  JSON.stringify([place.enter, placeKey(place, device), binding.spec.direction]);

/** How a binding's own schedule stands at a time, worked out once for all of its interfaces; undefined where it has none. */
export function schedulesAt(at: number): (bound: Bound) => ReturnType<typeof standing> | undefined {
  const once = onceFor((schedule: Schedule) => standing(schedule, at));
  return ({ binding: { spec } }) => spec.schedule && once(spec.schedule);
}

/** Bindings with errors act nowhere and keep nobody from it. */
export function dutyOf(bounds: readonly Bound[], at: number): Map<Bound, Duty> {
  const duties = new Map<Bound, Duty>();
  const scheduleOf = schedulesAt(at);
  const acting = bounds.filter((bound) => bound.device !== '' && !hasErrors(bound.findings));
  for (const group of Map.groupBy(acting, keyOf).values()) {
    const states = group.map((bound) => {
      const schedule = scheduleOf(bound);
      return { bound, scheduled: schedule !== undefined, ...(schedule ?? { holds: true, since: undefined, changes: undefined }) }; // prettier-ignore
    });
    const holding = states.find(({ scheduled, holds }) => scheduled && holds) ?? states.find(({ scheduled }) => !scheduled); // prettier-ignore
    const next = states.flatMap(({ changes }) => changes ?? []);
    for (const { bound, scheduled, since, changes } of states) {
      duties.set(bound, {
        on: bound === holding?.bound,
        instead: bound === holding?.bound ? undefined : holding?.bound,
        scheduled,
        since,
        changes: scheduled ? changes : next.length > 0 ? Math.min(...next) : undefined,
      });
    }
  }
  return duties;
}
