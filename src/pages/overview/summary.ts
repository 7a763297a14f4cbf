/** The overview's figures and order, as pure functions over what the sidecar answered. */
import type { BindingSummary, ComplianceRow, Violation } from '../../data/index.ts';

export interface Summary {
  critical: number;
  warnings: number;
  compliant: number;
  /** Objectives that something measures: the whole that `compliant` is a part of. */
  measured: number;
  /** Measured, but without enough evidence for a verdict now. */
  unjudged: number;
  inForce: number;
  bindings: number;
}

export function summarise(bindings: BindingSummary[], rows: ComplianceRow[], violations: Violation[]): Summary {
  const count = (...verdicts: Array<ComplianceRow['verdict']>) =>
    rows.filter((row) => verdicts.includes(row.verdict)).length;
  return {
    critical: violations.filter((violation) => violation.severity === 'critical').length,
    warnings: violations.filter((violation) => violation.severity === 'warning').length,
    compliant: count('compliant'),
    measured: rows.length - count('not-measured'),
    unjudged: count('insufficient', 'no-data'),
    inForce: bindings.filter((binding) => binding.state === 'in-force').length,
    // Whose turn it is not is not missed.
    bindings: bindings.filter((binding) => binding.state !== 'standby').length,
  };
}

/** Worst first, then the longest-lasting: the order in which an operator would take them up. */
export function byUrgency(violations: Violation[]): Violation[] {
  const rank = (violation: Violation) => (violation.severity === 'critical' ? 0 : 1);
  return [...violations].sort((a, b) => rank(a) - rank(b) || a.startedAt - b.startedAt);
}

export interface ClassObjectives {
  trafficClass: string;
  rows: ComplianceRow[];
}

/** A binding's objectives by class, in the order of the policy (the order the sidecar gives them in). */
export function byClass(rows: ComplianceRow[]): ClassObjectives[] {
  const classes = new Map<string, ComplianceRow[]>();
  for (const row of rows) {
    classes.set(row.trafficClass, [...(classes.get(row.trafficClass) ?? []), row]);
  }
  return [...classes].map(([trafficClass, objectives]) => ({ trafficClass, rows: objectives }));
}

/** Site, then service, then interface: a place keeps its place on the page whatever happens there. */
export function byPlace(bindings: BindingSummary[]): BindingSummary[] {
  const key = (binding: BindingSummary) => `${binding.site}\u0000${binding.service}\u0000${binding.interface}`;
  return [...bindings].sort((a, b) => key(a).localeCompare(key(b)));
}
