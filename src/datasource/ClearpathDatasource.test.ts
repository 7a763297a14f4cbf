import {
  type DataFrameJSON,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
  dateTime,
  FieldType,
  type LiveChannelEvent,
  LiveChannelConnectionState,
  LiveChannelEventType,
  LoadingState,
} from '@grafana/data';
import { setBackendSrv, setDataSourceSrv, setGrafanaLiveSrv, setTemplateSrv } from '@grafana/runtime';
import { of, Subject, throwError } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { ClearpathDatasource } from './ClearpathDatasource.ts';
import type { ClearpathQuery } from './query.ts';
import type { ClearpathOptions } from './settings.ts';

/** Grafana's three services, as small as the datasource uses them: what Grafana itself hands to every plugin. */
const grafana = {
  sent: [] as Array<{ url: string; data?: { queries: ClearpathQuery[] } }>,
  channels: new Map<string, Subject<LiveChannelEvent<DataFrameJSON>>>(),
  fails: undefined as string | undefined,
};

const historyFrame = {
  schema: {
    refId: 'A',
    fields: [
      { name: 'time', type: FieldType.time },
      { name: 'rate', type: FieldType.number, labels: { traffic_class: 'voice' } },
    ],
  },
  data: {
    values: [
      [1000, 2000],
      [1, 2],
    ],
  },
};

beforeEach(() => {
  grafana.sent = [];
  grafana.channels = new Map();
  grafana.fails = undefined;
  const fetch = (request: { url: string; data?: { queries: ClearpathQuery[] } }) => {
    grafana.sent.push(request);
    if (grafana.fails) {
      return request.url.includes('/resources/')
        ? throwError(() => ({ status: 502, data: { title: 'No answer', detail: grafana.fails } }))
        : of({ data: { results: { A: { error: grafana.fails, status: 502 } } } });
    }
    if (request.url.endsWith('/resources/bindings')) {
      return of({ data: ['branch', 'dc'].map((site) => ({ name: `${site}-uplink`, site, service: 'branch-edge' })) });
    }
    return of({ data: { results: { A: { frames: [historyFrame] } } } });
  };
  setBackendSrv({ fetch } as unknown as Parameters<typeof setBackendSrv>[0]);
  setTemplateSrv({ replace: (text: string) => text.replace('$binding', 'branch-uplink') } as unknown as Parameters<
    typeof setTemplateSrv
  >[0]);
  setDataSourceSrv({ getInstanceSettings: () => undefined } as unknown as Parameters<typeof setDataSourceSrv>[0]);
  setGrafanaLiveSrv({
    getStream: ({ path }: { path: string }) => {
      const channel = new Subject<LiveChannelEvent<DataFrameJSON>>();
      grafana.channels.set(path, channel);
      return channel;
    },
  } as unknown as Parameters<typeof setGrafanaLiveSrv>[0]);
});

const datasource = () =>
  new ClearpathDatasource({
    uid: 'clearpath-qos',
    type: 'clearpath-qos-datasource',
    jsonData: {},
  } as DataSourceInstanceSettings<ClearpathOptions>);

function ask(source: ClearpathDatasource, query: Partial<ClearpathQuery>, to = 'now') {
  const responses: DataQueryResponse[] = [];
  const range = { from: dateTime(0), to: dateTime(60_000), raw: { from: 'now-1m', to } };
  const request = { requestId: 'Q1', targets: [{ refId: 'A', ...query }], range, scopedVars: {} };
  const subscription = source
    .query(request as unknown as DataQueryRequest<ClearpathQuery>)
    .subscribe((response) => responses.push(response));
  return { responses, stop: () => subscription.unsubscribe() };
}

const stream = (path: string, at: number, rate: number) =>
  grafana.channels.get(path)?.next({
    type: LiveChannelEventType.Message,
    message: {
      schema: {
        fields: [
          { name: 'time', type: FieldType.time },
          { name: 'rate', type: FieldType.number, labels: { traffic_class: 'voice' } },
          { name: 'drops', type: FieldType.number, labels: { traffic_class: 'voice' } },
        ],
      },
      data: { values: [[at], [rate], [0]] },
    },
  });

const rates = (response: DataQueryResponse | undefined) => response?.data[0].fields[1].values;
const LIVE = { type: 'class-statistics', binding: 'branch-uplink', live: true, liveFields: 'everything' } as const;

describe('a live query', () => {
  it('begins with the history and grows by one row a second, in one frame', () => {
    const { responses } = ask(datasource(), LIVE);
    expect(rates(responses.at(-1))).toEqual([1, 2]);
    expect(responses.at(-1)?.state).toBe(LoadingState.Done);
    stream('counters/branch-uplink', 3000, 3);
    expect(rates(responses.at(-1))).toEqual([1, 2, 3]);
    expect(responses.at(-1)?.state).toBe(LoadingState.Streaming);
  });

  it('goes on at a refresh of the dashboard instead of starting over', () => {
    const source = datasource();
    const first = ask(source, LIVE);
    stream('counters/branch-uplink', 3000, 3);
    first.stop();
    expect(rates(ask(source, LIVE).responses.at(-1))).toEqual([1, 2, 3]);
  });

  it('without a binding follows each binding of the sidecar, labelled with site and service', async () => {
    const { responses } = ask(datasource(), { ...LIVE, binding: undefined });
    await expect.poll(() => responses.length).toBe(2);
    expect([...grafana.channels.keys()]).toEqual(['counters/branch-uplink', 'counters/dc-uplink']);
    expect(responses.map(({ data }) => data[0].fields[1].labels.site)).toEqual(['branch', 'dc']);
    expect(new Set(responses.map(({ key }) => key)).size).toBe(2);
  });

  it('gives a chart its one metric only', () => {
    const { responses } = ask(datasource(), { ...LIVE, liveFields: 'metric', metric: 'drops' });
    stream('counters/branch-uplink', 3000, 3);
    expect(responses.at(-1)?.data[0].fields.map(({ name }: { name: string }) => name)).toEqual(['time', 'drops']);
  });

  it('replaces a dashboard variable in the binding', () => {
    ask(datasource(), { ...LIVE, binding: '$binding' });
    expect([...grafana.channels.keys()]).toEqual(['counters/branch-uplink']);
  });

  it('streams nothing for a time range that has ended', () => {
    ask(datasource(), LIVE, '2026-01-01');
    expect(grafana.channels.size).toBe(0);
    expect(grafana.sent).toHaveLength(1);
  });

  it('says that the stream is refused, keeps the history, and takes it back when rows come', () => {
    const { responses } = ask(datasource(), LIVE);
    grafana.channels.get('counters/branch-uplink')?.next({
      type: LiveChannelEventType.Status,
      id: 'x',
      timestamp: 0,
      state: LiveChannelConnectionState.Disconnected,
    });
    expect(responses.at(-1)?.errors?.[0].message).toContain('Live counters of branch-uplink do not arrive');
    expect(rates(responses.at(-1))).toEqual([1, 2]);
    stream('counters/branch-uplink', 3000, 3);
    expect(responses.at(-1)?.errors).toBeUndefined();
  });

  it('passes on why the sidecar cannot be asked', async () => {
    grafana.fails = 'The sidecar at http://127.0.0.1:8003 does not answer.';
    const { responses } = ask(datasource(), { ...LIVE, binding: undefined });
    await expect
      .poll(() => responses.at(-1)?.errors?.[0].message)
      .toBe('The sidecar at http://127.0.0.1:8003 does not answer.');
  });
});

describe('any other query', () => {
  it('goes through the bridge as it is', () => {
    ask(datasource(), { type: 'sla-compliance', format: 'table' });
    expect(grafana.sent[0].data?.queries[0]).toMatchObject({ type: 'sla-compliance', format: 'table' });
    expect(grafana.channels.size).toBe(0);
  });

  it('is not asked while it is hidden or has no type', () => {
    expect(datasource().filterQuery({ refId: 'A' })).toBe(false);
    expect(datasource().filterQuery({ refId: 'A', type: 'deployments', hide: true })).toBe(false);
    expect(datasource().filterQuery({ refId: 'A', type: 'deployments' })).toBe(true);
  });

  it('begins an annotation with deployments', () => {
    const { annotations } = datasource();
    expect(annotations.prepareAnnotation?.({ name: 'x' })).toMatchObject({
      target: { refId: 'Anno', type: 'deployments' },
    });
  });
});
