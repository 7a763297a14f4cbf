/** Queries of panels, alert rules and annotations, each answered by itself. */
import type { z } from 'zod';
import { Query, type Frame, type QueryRequest, type QueryResponse } from './contract.ts';
import type { Context } from './context.ts';
import type { Range } from './frame.ts';
import { deploymentFrame, violationFrame } from './frames-annotations.ts';
import { classStatistics } from './frames-classes.ts';
import { slaSeries, slaSignals, slaTable } from './frames-sla.ts';

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
      return [await violationFrame(context, tenant, query, range)];
    case 'deployments':
      return [await deploymentFrame(context, tenant, query, range)];
  }
}

/** The name a result is found under; a query without one must not take another's. */
function refIdOf(raw: unknown, index: number): string {
  const refId = (raw as { refId?: unknown } | null | undefined)?.refId;
  return typeof refId === 'string' && refId !== '' ? refId : `#${index + 1}`;
}

/** Each query on its own: one that is malformed or fails does not hide the others. */
export async function answerQueries(
  context: Context,
  tenant: string,
  request: z.infer<typeof QueryRequest>
): Promise<QueryResponse> {
  const results: Array<[string, QueryResponse['results'][string]]> = [];
  for (const [index, raw] of request.queries.entries()) {
    const refId = refIdOf(raw, index);
    const query = Query.safeParse(raw);
    if (!query.success) {
      const issue = query.error.issues[0];
      const error = `The query is not valid: ${issue?.path.join('.') || 'type'}: ${issue?.message}`;
      results.push([refId, { error, status: 400 }]);
      continue;
    }
    try {
      results.push([refId, { frames: await answer(context, tenant, query.data, request) }]);
    } catch (error) {
      results.push([refId, { error: error instanceof Error ? error.message : String(error), status: 500 }]);
    }
  }
  return { results: Object.fromEntries(results) };
}
