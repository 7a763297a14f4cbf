/** Queries of panels, alert rules and annotations, as tables that the bridge turns into Grafana data frames. */
import { type z } from 'zod';
import { readCounterMinutes, readViolations, readWindows } from '../store/index.ts';
import { objectiveTerms, windowSeries, type MeasurementWindow } from '../sla/index.ts';
import type { ClassSample, ComplianceRow, Frame, QueryResponse } from './contract.ts';
import { Query, type QueryRequest } from './contract.ts';
import type { Context } from './context.ts';

type Field = Frame['fields'][number];
type Range = { from: number; to: number; maxDataPoints: number };

const time = (name: string, values: Array<number | null>): Field => ({ name, type: 'time', values });
const number = (name: string, values: Array<number | null>, extra: Partial<Field> = {}): Field => ({
  name,
  type: 'number',
  values,
  ...extra,
});
const text = (name: string, values: Array<string | null>): Field => ({ name, type: 'string', values });

const LABEL_OF = (
  row: Pick<ComplianceRow, 'severity' | 'service' | 'site' | 'trafficClass' | 'objective' | 'binding'>
) => ({
  severity: row.severity,
  service: row.service,
  site: row.site,
  traffic_class: row.trafficClass,
  objective: row.objective,
  binding: row.binding,
});

function slaTable(rows: readonly ComplianceRow[]): Frame {
  const column = <K extends keyof ComplianceRow>(key: K) => rows.map((row) => row[key]);
  return {
    name: 'sla',
    type: 'table',
    fields: [
      text('site', column('site')),
      text('service', column('service')),
      text('traffic_class', column('trafficClass')),
      text('binding', column('binding')),
      text('objective', column('objective')),
      text('label', column('label')),
      text('verdict', column('verdict')),
      number('value', column('value')),
      number('threshold', column('threshold')),
      text('unit', column('unit')),
      number('coverage', column('coverage'), { config: { unit: 'percentunit' } }),
      number('samples', column('samples')),
      number('expected', column('expected')),
      text('reason', column('reason')),
      text('severity', column('severity')),
      time('since', column('since')),
      text('definition', column('definition')),
      text(
        'trend',
        rows.map((row) => JSON.stringify(row.trend.map((point) => [point.at, point.value])))
      ),
    ],
  };
}

/** One number per objective; what cannot be measured at all is not blind, it is not expected. */
function slaSignals(rows: readonly ComplianceRow[], signal: 'violated' | 'blind'): Frame[] {
  const judged = rows.filter((row) => row.verdict !== 'not-measured');
  if (judged.length === 0) {
    return [];
  }
  const value = (row: ComplianceRow) =>
    Number(signal === 'violated' ? row.verdict === 'violated' : row.verdict === 'no-data');
  return [
    {
      name: signal,
      type: 'numeric-wide',
      fields: judged.map((row) => number(signal, [value(row)], { labels: LABEL_OF(row) })),
    },
  ];
}

async function slaSeries(
  context: Context,
  tenant: string,
  rows: readonly ComplianceRow[],
  range: Range
): Promise<Frame[]> {
  const windows = await readWindows(context.store.measurements, { tenant, from: range.from, to: range.to });
  const of = new Map<string, MeasurementWindow[]>();
  for (const window of windows) {
    const key = `${window.binding} ${window.trafficClass}`;
    of.set(key, [...(of.get(key) ?? []), window]);
  }
  const terms = new Map((await termsOf(context, tenant)).map((item) => [item.key, item.term]));
  return rows.flatMap((row): Frame[] => {
    const term = terms.get(`${row.binding} ${row.trafficClass} ${row.objective}`);
    if (!term) {
      return [];
    }
    const stored = windowSeries(term, of.get(`${row.binding} ${row.trafficClass}`) ?? [], range.maxDataPoints);
    const last = stored.at(-1)?.at ?? -Infinity;
    // The trend reaches from the last whole minute to now.
    const recent = row.trend.filter(
      (point) => point.at > last + 60_000 && point.at >= range.from && point.at <= range.to
    );
    const points = [...stored, ...recent];
    const unit = row.unit === 'us' ? 'µs' : row.unit === 'percent' ? 'percent' : 'short';
    return [
      {
        name: 'sla',
        type: 'timeseries-multi',
        fields: [
          time(
            'time',
            points.map((p) => p.at)
          ),
          number(
            row.label,
            points.map((p) => p.value),
            { labels: LABEL_OF(row), config: { unit } }
          ),
        ],
      },
    ];
  });
}

async function termsOf(context: Context, tenant: string) {
  const bindings = await context.catalog.bindings(tenant);
  return bindings.flatMap((bound) => {
    const flat = (
      classes: NonNullable<typeof bound.policy>['document']['spec']['classes'],
      prefix: string
    ): Array<{ key: string; term: ReturnType<typeof objectiveTerms>[number] }> =>
      (classes ?? []).flatMap((item) => {
        const path = prefix ? `${prefix}/${item.name}` : item.name;
        const own = item.objective
          ? objectiveTerms(item.objective).map((term) => ({ key: `${bound.name} ${path} ${term.key}`, term }))
          : [];
        return [...own, ...flat(item.classes, path)];
      });
    return flat(bound.policy?.document.spec.classes, '');
  });
}

/**
 * Keeps at most `most` points, each the greatest of its step: a peak is what matters in a queue. Steps begin at the same
 * times for every class, so that a stacked chart adds up what belongs together.
 */
function thin(points: Array<[number, number]>, range: Range): Array<[number, number]> {
  if (points.length <= range.maxDataPoints) {
    return points;
  }
  const step = Math.max(1000, Math.ceil((range.to - range.from) / range.maxDataPoints / 1000) * 1000);
  const steps = new Map<number, number>();
  for (const [at, value] of points) {
    const start = Math.floor(at / step) * step;
    steps.set(start, Math.max(value, steps.get(start) ?? 0));
  }
  return [...steps];
}

const METRICS = {
  rate: { of: (sample: ClassSample) => sample.rate, unit: 'bps' },
  packets: { of: (sample: ClassSample) => sample.packetRate, unit: 'pps' },
  drops: { of: (sample: ClassSample) => sample.drops, unit: 'pps' },
  backlog: { of: (sample: ClassSample) => sample.backlogBytes, unit: 'bytes' },
} as const;

async function classStatistics(
  context: Context,
  tenant: string,
  query: Extract<Query, { type: 'class-statistics' }>,
  range: Range
): Promise<Frame[]> {
  const metric = METRICS[query.metric];
  const places = new Map((await context.catalog.bindings(tenant)).map((bound) => [bound.name, bound]));
  const recent = context.monitor.counters(tenant, query.binding);
  const minutes = await readCounterMinutes(context.store.measurements, {
    tenant,
    from: range.from,
    to: range.to,
    ...(query.binding ? { binding: query.binding } : {}),
  });
  return recent.map(({ binding, trafficClass, samples }): Frame => {
    const first = samples[0]?.at ?? Infinity;
    const past = minutes
      .filter(
        (minute) => minute.binding === binding && minute.trafficClass === trafficClass && minute.start + 60_000 <= first
      )
      .map((minute): [number, number] => {
        const seconds = Math.max(1, minute.coveredMs / 1000);
        const value = {
          rate: (minute.bytes * 8) / seconds,
          packets: minute.packets / seconds,
          drops: minute.drops / seconds,
          backlog: minute.maxBacklogBytes,
        }[query.metric];
        return [minute.start, value];
      });
    const now = samples
      .filter((sample) => sample.at >= range.from && sample.at <= range.to)
      .map((sample): [number, number] => [sample.at, metric.of(sample)]);
    const points = thin([...past, ...now], range);
    const bound = places.get(binding);
    const labels = { binding, site: bound?.site ?? '', service: bound?.service ?? '', traffic_class: trafficClass };
    return {
      name: query.metric,
      type: 'timeseries-multi',
      fields: [
        time(
          'time',
          points.map(([at]) => at)
        ),
        number(
          query.metric,
          points.map(([, value]) => value),
          { labels, config: { unit: metric.unit, displayName: trafficClass } }
        ),
      ],
    };
  });
}

const UNIT_WORD: Record<string, (value: number) => string> = {
  us: (value) => `${Number((value / 1000).toFixed(1))} ms`,
  percent: (value) => `${Number(value.toFixed(2))} %`,
};
const figure = (unit: string, value: number) => (UNIT_WORD[unit] ?? String)(value);

async function violationFrame(
  context: Context,
  tenant: string,
  query: Extract<Query, { type: 'violations' }>,
  range: Range
): Promise<Frame[]> {
  const rows = await readViolations(context.store.measurements, {
    tenant,
    ...(query.binding ? { binding: query.binding } : {}),
    ...(query.open ? { open: true } : { from: range.from, to: range.to }),
  });
  // What is open is known here before it is stored.
  const open = context.monitor
    .openViolations(tenant)
    .filter((item) => !query.binding || item.binding === query.binding);
  const all = [
    ...open,
    ...rows.filter((row) => !open.some((item) => item.id === row.id) && !(query.open && row.endedAt !== null)),
  ];
  return [
    {
      name: 'violations',
      type: 'table',
      fields: [
        time(
          'time',
          all.map((item) => item.startedAt)
        ),
        time(
          'timeEnd',
          all.map((item) => item.endedAt)
        ),
        text(
          'title',
          all.map((item) => `${item.trafficClass}: ${item.label}`)
        ),
        text(
          'text',
          all.map(
            (item) =>
              `${item.site}, ${item.service}: worst ${figure(item.unit, item.worst)} against ${figure(item.unit, item.threshold)}`
          )
        ),
        text(
          'site',
          all.map((item) => item.site)
        ),
        text(
          'service',
          all.map((item) => item.service)
        ),
        text(
          'traffic_class',
          all.map((item) => item.trafficClass)
        ),
        text(
          'objective',
          all.map((item) => item.label)
        ),
        text(
          'severity',
          all.map((item) => item.severity)
        ),
        text(
          'threshold',
          all.map((item) => figure(item.unit, item.threshold))
        ),
        text(
          'worst',
          all.map((item) => figure(item.unit, item.worst))
        ),
      ],
    },
  ];
}

async function deploymentFrame(
  context: Context,
  tenant: string,
  query: Extract<Query, { type: 'deployments' }>,
  range: Range
): Promise<Frame[]> {
  const rows = await context.store.deployments.list(tenant, {
    binding: query.binding,
    from: range.from,
    to: range.to,
    limit: 1000,
  });
  return [
    {
      name: 'deployments',
      type: 'table',
      fields: [
        time(
          'time',
          rows.map((row) => Number(row.started_at))
        ),
        time(
          'timeEnd',
          rows.map((row) => (row.finished_at === null ? null : Number(row.finished_at)))
        ),
        text(
          'title',
          rows.map(
            (row) =>
              `${row.action === 'rollback' ? 'Rolled back' : 'Applied'} ${row.policy} on ${row.target}/${row.interface}`
          )
        ),
        text(
          'text',
          rows.map((row) => `${row.by}: ${row.message}`)
        ),
        text(
          'tags',
          rows.map((row) => ['clearpath', row.action, row.state, row.binding].join(','))
        ),
      ],
    },
  ];
}

async function answer(context: Context, tenant: string, query: Query, range: Range): Promise<Frame[]> {
  switch (query.type) {
    case 'class-statistics':
      return classStatistics(context, tenant, query, range);
    case 'sla-compliance': {
      const rows = context.monitor
        .rows(tenant, query.binding)
        .filter((row) => !query.trafficClass || row.trafficClass === query.trafficClass);
      if (query.format === 'table') {
        return [slaTable(rows)];
      }
      return query.format === 'alert' ? slaSignals(rows, query.signal) : slaSeries(context, tenant, rows, range);
    }
    case 'violations':
      return violationFrame(context, tenant, query, range);
    case 'deployments':
      return deploymentFrame(context, tenant, query, range);
  }
}

/** Each query on its own: one that is malformed or fails does not hide the others. */
export async function answerQueries(
  context: Context,
  tenant: string,
  request: z.infer<typeof QueryRequest>
): Promise<QueryResponse> {
  const results: QueryResponse['results'] = {};
  for (const raw of request.queries) {
    const refId = String((raw as { refId?: unknown } | null)?.refId ?? 'A');
    const query = Query.safeParse(raw);
    if (!query.success) {
      const issue = query.error.issues[0];
      results[refId] = {
        error: `The query is not valid: ${issue?.path.join('.') || 'type'}: ${issue?.message}`,
        status: 400,
      };
      continue;
    }
    try {
      results[refId] = { frames: await answer(context, tenant, query.data, request) };
    } catch (error) {
      results[refId] = { error: error instanceof Error ? error.message : String(error), status: 500 };
    }
  }
  return { results };
}

/** One second of one binding as a row: what the queues panel is streamed. */
export function counterFrame(at: number, classes: readonly ClassSample[]): Frame {
  return {
    name: 'counters',
    type: 'timeseries-wide',
    fields: [
      time('time', [at]),
      ...classes.flatMap((sample) => {
        const labels = { traffic_class: sample.trafficClass };
        const field = (name: string, value: number, unit: string) =>
          number(name, [value], { labels, config: { unit } });
        return [
          field('rate', sample.rate, 'bps'),
          field('drops', sample.drops, 'pps'),
          field('backlog', sample.backlogBytes, 'bytes'),
          field('guarantee', sample.guarantee, 'bps'),
          field('ceiling', sample.ceiling, 'bps'),
        ];
      }),
    ],
  };
}
