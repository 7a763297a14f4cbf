/** Service levels as frames: the table of a panel, the signals of an alert rule, the series of a graph. */
import type { Bound } from '../deploy/index.ts';
import type { PolicyDocument } from '../policy/index.ts';
import { objectiveTerms, windowSeries, type MeasurementWindow, type ObjectiveTerm } from '../sla/index.ts';
import { readWindows } from '../store/index.ts';
import type { ComplianceRow, Frame } from './contract.ts';
import type { Context } from './context.ts';
import { columns, number, series, type Range } from './frame.ts';

const labelsOf = (row: ComplianceRow) => ({
  severity: row.severity,
  service: row.service,
  site: row.site,
  traffic_class: row.trafficClass,
  objective: row.objective,
  binding: row.binding,
});

export function slaTable(rows: readonly ComplianceRow[]): Frame {
  const column = columns(rows);
  return {
    name: 'sla',
    type: 'table',
    fields: [
      column.text('site', (row) => row.site),
      column.text('service', (row) => row.service),
      column.text('traffic_class', (row) => row.trafficClass),
      column.text('binding', (row) => row.binding),
      column.text('objective', (row) => row.objective),
      column.text('label', (row) => row.label),
      column.text('verdict', (row) => row.verdict),
      column.number('value', (row) => row.value),
      column.number('threshold', (row) => row.threshold),
      column.text('unit', (row) => row.unit),
      column.number('coverage', (row) => row.coverage, { config: { unit: 'percentunit' } }),
      column.number('samples', (row) => row.samples),
      column.number('expected', (row) => row.expected),
      column.text('reason', (row) => row.reason),
      column.text('severity', (row) => row.severity),
      column.time('since', (row) => row.since),
      column.text('definition', (row) => row.definition),
      column.text('trend', (row) => JSON.stringify(row.trend.map((point) => [point.at, point.value]))),
    ],
  };
}

/** One number per objective; what cannot be measured at all is not blind, it is not expected. */
export function slaSignals(rows: readonly ComplianceRow[], signal: 'violated' | 'blind'): Frame[] {
  const sought = signal === 'violated' ? 'violated' : 'no-data';
  const fields = rows
    .filter((row) => row.verdict !== 'not-measured')
    .map((row) => number(signal, [Number(row.verdict === sought)], { labels: labelsOf(row) }));
  return fields.length === 0 ? [] : [{ name: signal, type: 'numeric-wide', fields }];
}

const termKey = (of: { binding: string; trafficClass: string }, objective: string) =>
  `${of.binding} ${of.trafficClass} ${objective}`;

type Classes = PolicyDocument['spec']['classes'];

/** The terms of every objective of the saved policies, by binding, class and objective. */
function termsOf(bindings: readonly Bound[]): Map<string, ObjectiveTerm> {
  const terms = new Map<string, ObjectiveTerm>();
  const walk = (binding: string, classes: Classes, above: string): void => {
    for (const item of classes ?? []) {
      const trafficClass = above ? `${above}/${item.name}` : item.name;
      for (const term of item.objective ? objectiveTerms(item.objective) : []) {
        terms.set(termKey({ binding, trafficClass }, term.key), term);
      }
      walk(binding, item.classes, trafficClass);
    }
  };
  bindings.forEach((bound) => walk(bound.name, bound.policy?.document?.spec.classes, ''));
  return terms;
}

const UNITS: Partial<Record<ComplianceRow['unit'], string>> = { us: 'µs', percent: 'percent' };

export async function slaSeries(
  context: Context,
  tenant: string,
  rows: readonly ComplianceRow[],
  range: Range
): Promise<Frame[]> {
  const windows = new Map<string, MeasurementWindow[]>();
  for (const window of await readWindows(context.store.measurements, { tenant, from: range.from, to: range.to })) {
    const key = termKey(window, '');
    const known = windows.get(key);
    if (known) {
      known.push(window);
    } else {
      windows.set(key, [window]);
    }
  }
  const terms = termsOf(await context.catalog.bindings(tenant));
  return rows.flatMap((row): Frame[] => {
    const term = terms.get(termKey(row, row.objective));
    if (!term) {
      return [];
    }
    const stored = windowSeries(term, windows.get(termKey(row, '')) ?? [], range.maxDataPoints);
    const last = stored.at(-1)?.at ?? -Infinity;
    // The trend reaches from the last whole minute to now.
    const recent = row.trend.filter(({ at }) => at > last + 60_000 && at >= range.from && at <= range.to);
    const points = [...stored, ...recent].map(({ at, value }) => [at, value] as const);
    return [series('sla', row.label, points, { labels: labelsOf(row), config: { unit: UNITS[row.unit] ?? 'short' } })];
  });
}
