/**
 * Verdicts over time become violations: opened by *violated*, closed by *compliant*. Too little data neither opens nor closes one, so that an outage of the
 * measurement hides nothing; an objective that no longer exists closes its violation, since nothing will judge it again.
 */
import type { Verdict } from './verdict.ts';

export type Violation = {
  id: string;
  binding: string;
  site: string;
  service: string;
  trafficClass: string;
  objective: string;
  label: string;
  unit: string;
  threshold: number;
  worst: number;
  startedAt: number;
  endedAt: number | null;
  severity: 'critical' | 'warning';
  deployment: string | null;
};

/** One judged objective, with what a violation of it would be filed under. */
export type Judged = Omit<Violation, 'id' | 'worst' | 'startedAt' | 'endedAt'> & {
  verdict: Verdict;
  value: number | null;
  worse: 'above' | 'below';
  /** Wall time of the judgement, milliseconds. */
  at: number;
};

export type Transition = { kind: 'opened' | 'worsened' | 'closed'; violation: Violation };

/** Open violations by objective. */
export type Open = ReadonlyMap<string, Violation>;

export const violationKey = (of: Pick<Violation, 'binding' | 'trafficClass' | 'objective'>): string =>
  JSON.stringify([of.binding, of.trafficClass, of.objective]);

/**
 * @param judged every objective there is: one that is missing here is gone
 * @param at wall time for what closes because it is gone
 */
export function advance(
  open: Open,
  judged: readonly Judged[],
  at: number,
  newId: () => string
): { open: Map<string, Violation>; transitions: Transition[] } {
  const next = new Map(open);
  const transitions: Transition[] = [];
  const move = (kind: Transition['kind'], key: string, violation: Violation) => {
    if (kind === 'closed') {
      next.delete(key);
    } else {
      next.set(key, violation);
    }
    transitions.push({ kind, violation });
  };
  for (const row of judged) {
    const key = violationKey(row);
    const current = next.get(key);
    if (row.verdict === 'violated' && !current) {
      move('opened', key, opened(row, newId()));
    } else if (row.verdict === 'violated' && current && row.value !== null && isWorse(row, row.value, current.worst)) {
      move('worsened', key, { ...current, worst: row.value });
    } else if (row.verdict === 'compliant' && current) {
      move('closed', key, { ...current, endedAt: ending(current, row.at) });
    }
  }
  const present = new Set(judged.map(violationKey));
  for (const [key, violation] of open) {
    if (!present.has(key)) {
      move('closed', key, { ...violation, endedAt: ending(violation, at) });
    }
  }
  return { open: next, transitions };
}

const isWorse = (row: Judged, value: number, worst: number): boolean =>
  row.worse === 'above' ? value > worst : value < worst;

/** A clock that was set back must not end a violation before it began. */
const ending = (violation: Violation, at: number): number => Math.max(violation.startedAt, at);

const opened = (row: Judged, id: string): Violation => ({
  id,
  binding: row.binding,
  site: row.site,
  service: row.service,
  trafficClass: row.trafficClass,
  objective: row.objective,
  label: row.label,
  unit: row.unit,
  threshold: row.threshold,
  worst: row.value ?? row.threshold,
  startedAt: row.at,
  endedAt: null,
  severity: row.severity,
  deployment: row.deployment,
});
