/** What happened, as frames that are tables and annotations at once: violations and deployments. */
import { sideWords } from '../compile/tc/index.ts';
import { readViolations, type DeploymentRow } from '../store/index.ts';
import type { Frame, Query } from './contract.ts';
import type { Context } from './context.ts';
import { columns, type Range } from './frame.ts';

const UNIT_WORD: Readonly<Record<string, (value: number) => string>> = {
  us: (value) => `${Number((value / 1000).toFixed(1))} ms`,
  percent: (value) => `${Number(value.toFixed(2))} %`,
};
const figure = (unit: string, value: number) => (UNIT_WORD[unit] ?? String)(value);

export async function violationFrame(
  context: Context,
  tenant: string,
  query: Extract<Query, { type: 'violations' }>,
  range: Range
): Promise<Frame> {
  // What is open is known here before it is stored.
  const open = context.monitor
    .openViolations(tenant)
    .filter((item) => !query.binding || item.binding === query.binding)
    .filter((item) => query.open || item.startedAt <= range.to);
  const stored = await readViolations(context.store.measurements, {
    tenant,
    binding: query.binding,
    ...(query.open ? { open: true } : { from: range.from, to: range.to }),
  });
  const known = new Set(open.map((item) => item.id));
  const column = columns([...open, ...stored.filter((row) => !known.has(row.id))]);
  return {
    name: 'violations',
    type: 'table',
    fields: [
      column.time('time', (item) => item.startedAt),
      column.time('timeEnd', (item) => item.endedAt),
      column.text('title', (item) => `${item.trafficClass}: ${item.label}`),
      column.text(
        'text',
        (item) =>
          `${item.site}, ${item.service}: worst ${figure(item.unit, item.worst)} against ${figure(item.unit, item.threshold)}`
      ),
      column.text('site', (item) => item.site),
      column.text('service', (item) => item.service),
      column.text('traffic_class', (item) => item.trafficClass),
      column.text('objective', (item) => item.label),
      column.text('severity', (item) => item.severity),
      column.text('threshold', (item) => figure(item.unit, item.threshold)),
      column.text('worst', (item) => figure(item.unit, item.worst)),
    ],
  };
}

/** What a deployment came to; a failed one changed nothing. */
function did({ action, state }: Pick<DeploymentRow, 'action' | 'state'>): string {
  const rollback = action === 'rollback';
  if (action === 'recover') {
    return state === 'failed' ? 'Not put back' : state === 'applying' ? 'Putting back' : 'Put back';
  }
  if (state === 'failed') {
    return rollback ? 'Not rolled back' : 'Not applied';
  }
  if (state === 'applying') {
    return rollback ? 'Rolling back' : 'Applying';
  }
  return rollback ? 'Rolled back' : 'Applied';
}

export async function deploymentFrame(
  context: Context,
  tenant: string,
  query: Extract<Query, { type: 'deployments' }>,
  range: Range
): Promise<Frame> {
  const rows = await context.store.deployments.list(tenant, {
    binding: query.binding,
    from: range.from,
    to: range.to,
    limit: 1000,
  });
  const column = columns(rows);
  return {
    name: 'deployments',
    type: 'table',
    fields: [
      column.time('time', (row) => Number(row.started_at)),
      column.time('timeEnd', (row) => (row.finished_at === null ? null : Number(row.finished_at))),
      column.text('title', (row) => `${did(row)} ${row.policy} on ${row.target}/${sideWords(row.interface)}`),
      column.text('text', (row) => `${row.by}: ${row.message}`),
      column.text('tags', (row) => ['clearpath', row.action, row.state, row.binding].join(',')),
    ],
  };
}
