/**
 * What a panel, an alert rule or an annotation may ask of the datasource.
 *
 * The sidecar's `Query` is the one definition; a saved query carries in addition what Grafana itself needs (`refId`,
 * `hide`, `datasource`) and what only the page acts on (`live`, `liveFields`), which the sidecar ignores.
 */
import type { DataQuery } from '@grafana/schema';
import type { Query } from '../../backend/api/contract.ts';

export type QueryType = Query['type'];
export type ClassMetric = Extract<Query, { type: 'class-statistics' }>['metric'];
export type SlaFormat = Extract<Query, { type: 'sla-compliance' }>['format'];
export type SlaSignal = Extract<Query, { type: 'sla-compliance' }>['signal'];

export interface ClearpathQuery extends DataQuery {
  type?: QueryType;
  /** All bindings when absent. */
  binding?: string;
  metric?: ClassMetric;
  /** Class statistics: after the history, one row a second from the sidecar's stream. */
  live?: boolean;
  /** `everything`: rate, drops, backlog, guarantee and ceiling of each class (what the queues panel draws); else the metric alone. */
  liveFields?: 'metric' | 'everything';
  trafficClass?: string;
  format?: SlaFormat;
  signal?: SlaSignal;
  open?: boolean;
}

export const QUERY_TYPES: readonly QueryType[] = ['class-statistics', 'sla-compliance', 'violations', 'deployments'];
export const CLASS_METRICS: readonly ClassMetric[] = ['rate', 'packets', 'drops', 'backlog'];
export const SLA_FORMATS: readonly SlaFormat[] = ['table', 'timeseries', 'alert'];
export const SLA_SIGNALS: readonly SlaSignal[] = ['violated', 'blind'];

export const DEFAULT_QUERY = { type: 'sla-compliance', format: 'table' } satisfies Partial<ClearpathQuery>;

/**
 * The query of another type: keeps what both types understand (the binding) and drops the rest, so that a saved
 * query holds nothing that its type does not read.
 */
export function ofType(query: ClearpathQuery, type: QueryType): ClearpathQuery {
  const { refId, key, hide, datasource, binding } = query;
  const kept = { refId, key, hide, datasource, binding, type };
  switch (type) {
    case 'class-statistics':
      return { ...kept, metric: 'rate' };
    case 'sla-compliance':
      return { ...kept, format: 'table' };
    case 'violations':
      return { ...kept, open: true };
    case 'deployments':
      return kept;
  }
}
