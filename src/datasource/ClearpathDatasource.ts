/**
 * The road from panels and pages to the sidecar: queries, resources and streams go through the bridge, under the
 * caller's own login. Nothing is computed here; only history and stream of the same counters are put together.
 */
import {
  type DataQueryError,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
  type Labels,
  LoadingState,
  type ScopedVars,
} from '@grafana/data';
import { config, DataSourceWithBackend, getGrafanaLiveSrv, getTemplateSrv } from '@grafana/runtime';
import { catchError, defer, map, merge, type Observable, of, scan, switchMap } from 'rxjs';
import type { BindingSummary } from '../../backend/api/contract.ts';
import { callSidecar } from '../data/sidecar.ts';
import { annotations } from './annotations.ts';
import { typeChoices } from './choices.ts';
import { append, type Counters, NO_COUNTERS, prepend, toFrame } from './counters.ts';
import { countersChannel, type LiveEvent, liveEvents } from './live.ts';
import { type ClearpathQuery, DEFAULT_QUERY } from './query.ts';
import type { ClearpathOptions } from './settings.ts';

/** Every second row of this many bindings; more is a dashboard per site. */
const MOST_STREAMS = 8;

const LONGEST_GAP_MS = 5_000;

export class ClearpathDatasource extends DataSourceWithBackend<ClearpathQuery, ClearpathOptions> {
  override annotations = annotations;

  /** Rows so far and when the last one came, so that a dashboard's refresh goes on where it was instead of starting over. */
  private readonly followedSoFar = new Map<string, { table: Counters; seenAt: number }>();

  constructor(settings: DataSourceInstanceSettings<ClearpathOptions>) {
    super(settings);
  }

  override getDefaultQuery(): Partial<ClearpathQuery> {
    return DEFAULT_QUERY;
  }

  /** What a collapsed query row says. */
  override getQueryDisplayText(query: ClearpathQuery): string {
    const type = typeChoices()[query.type ?? DEFAULT_QUERY.type].label;
    return [type, query.binding].filter((part) => part).join(' · ');
  }

  override filterQuery(query: ClearpathQuery): boolean {
    return !query.hide && query.type !== undefined;
  }

  override applyTemplateVariables(query: ClearpathQuery, scopedVars: ScopedVars): ClearpathQuery {
    const replace = (value?: string) => (value ? getTemplateSrv().replace(value, scopedVars) : value);
    return { ...query, binding: replace(query.binding), trafficClass: replace(query.trafficClass) };
  }

  bindings(): Promise<BindingSummary[]> {
    return callSidecar(this.uid, 'GET', 'bindings');
  }

  override query(request: DataQueryRequest<ClearpathQuery>): Observable<DataQueryResponse> {
    // A shared dashboard has no login that could subscribe; an absolute range that ended holds no live rows.
    const live = request.targets.filter((target) => target.live && target.type === 'class-statistics');
    if (live.length === 0 || config.publicDashboardAccessToken || !endsNow(request)) {
      return super.query(request);
    }
    const still = request.targets.filter((target) => !live.includes(target));
    return merge(
      ...(still.length > 0
        ? [super.query({ ...request, targets: still }).pipe(map((response) => ({ ...response, key: 'still' })))]
        : []),
      ...live.map((target) => this.followed(request, target))
    );
  }

  /** One class-statistics query: each of its bindings' history, growing at its end by one row a second. */
  private followed(request: DataQueryRequest<ClearpathQuery>, target: ClearpathQuery): Observable<DataQueryResponse> {
    const asked = this.applyTemplateVariables(target, request.scopedVars).binding;
    const bindings: Observable<Array<{ name: string; labels: Labels }>> = asked
      ? of([{ name: asked, labels: { binding: asked } }])
      : defer(() => this.bindings()).pipe(
          map((all) =>
            all
              .slice(0, MOST_STREAMS)
              .map(({ name, site, service }) => ({ name, labels: { site, service, binding: name } }))
          )
        );
    const key = `live-${target.refId}`;

    return bindings.pipe(
      switchMap((found) =>
        found.length === 0
          ? of({ key, data: [], state: LoadingState.Done })
          : merge(
              ...found.map(({ name, labels }) => this.followedBinding(request, { ...target, binding: name }, labels))
            )
      ),
      // Without bindings there is still a message to give, through the same road as any other query's.
      catchError(() => super.query({ ...request, targets: [target] }))
    );
  }

  private followedBinding(
    request: DataQueryRequest<ClearpathQuery>,
    target: ClearpathQuery,
    labels: Labels
  ): Observable<DataQueryResponse> {
    const binding = target.binding ?? '';
    const key = `live-${target.refId}-${binding}`;
    const span = request.range.to.valueOf() - request.range.from.valueOf();
    const only = target.liveFields === 'everything' ? undefined : (target.metric ?? 'rate');
    const { requestId, ...rest } = request;

    const history = super
      .query({ ...rest, requestId: `${requestId}-${key}`, targets: [target] })
      .pipe(map((response) => ({ response })));
    const live = liveEvents(getGrafanaLiveSrv().getStream(countersChannel(this.uid, binding)));

    type Progress = { table: Counters; streams: boolean; failed?: DataQueryError; refused?: DataQueryError };
    return merge(history, live).pipe(
      scan(
        (progress: Progress, event: LiveEvent | { response: DataQueryResponse }): Progress => {
          if ('response' in event) {
            const { response } = event;
            return { ...progress, table: prepend(progress.table, response.data, labels), failed: failureOf(response) };
          }
          if ('error' in event) {
            return { ...progress, refused: { refId: target.refId, message: notStreaming(binding, event.error) } };
          }
          const table = append(progress.table, event.frame, labels);
          this.followedSoFar.set(binding, { table, seenAt: Date.now() });
          return { ...progress, table, streams: true, refused: undefined };
        },
        { table: this.recentRows(binding), streams: false }
      ),
      map(({ table, streams, failed, refused }): DataQueryResponse => {
        const since = (table.times.at(-1) ?? 0) - span;
        const errors = [failed, refused].filter((error) => error !== undefined);
        return {
          key,
          data: [toFrame(table, target.refId, since, only)],
          // «Streaming» is a promise to whoever looks: only once a row has really come.
          state: errors.length > 0 ? LoadingState.Error : streams ? LoadingState.Streaming : LoadingState.Done,
          ...(errors.length > 0 ? { errors } : {}),
        };
      })
    );
  }

  /** Nothing after a gap: the sidecar's history fills it, rows from before it would only hide it. */
  private recentRows(binding: string): Counters {
    const soFar = this.followedSoFar.get(binding);
    return soFar && Date.now() - soFar.seenAt < LONGEST_GAP_MS ? soFar.table : NO_COUNTERS;
  }
}

/** A refused query is in `errors`; a call that Grafana itself did not answer only in `error` (12.2, 12.4). */
// eslint-disable-next-line @typescript-eslint/no-deprecated
const failureOf = ({ errors, error }: DataQueryResponse) => errors?.[0] ?? error;

const endsNow = ({ range }: DataQueryRequest<ClearpathQuery>) =>
  typeof range.raw.to === 'string' && range.raw.to.startsWith('now');

const notStreaming = (binding: string, reason: string) =>
  `Live counters of ${binding} do not arrive: ${reason}. What is shown is the history at the last refresh.`;
