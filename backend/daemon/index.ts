/** daemon/: clearpathd put together. Opens the store, settles what a crash left, measures, and serves. */
import { pino } from 'pino';
import { createMetrics, createServer, deploymentView, Hub, type Context, type Token } from '../api/index.ts';
import { Catalog, Engine } from '../deploy/index.ts';
import { Monitor } from '../measure/index.ts';
import { deleteMeasurementsBefore, measurementSink, openStore } from '../store/index.ts';
import { readCounters, type Place } from '../target/index.ts';
import { importDocuments } from './documents.ts';
import { measuredBindings } from './monitored.ts';
import { readToken, type Settings } from './settings.ts';

/** Until there are several datasources to serve, everything belongs to one tenant. */
const TENANT = 'main';
const KEEP_MEASUREMENTS_MS = 90 * 24 * 3600_000;

export interface Daemon {
  url: string;
  close: () => Promise<void>;
}

export async function startDaemon(settings: Settings, version: string): Promise<Daemon> {
  const log = pino({ name: 'clearpathd', level: process.env.CLEARPATH_LOG_LEVEL ?? 'info' });
  const store = await openStore(settings.state);
  const tokens: Token[] = [
    { value: readToken(settings.bridgeTokenFile), kind: 'bridge', tenant: TENANT, role: 'Viewer', login: 'grafana' },
    { value: readToken(settings.directTokenFile), kind: 'direct', tenant: TENANT, role: 'Admin', login: 'direct' },
  ];
  const added = await importDocuments(store, TENANT, settings.documents);
  if (added.length > 0) {
    log.info({ documents: added }, 'documents stored');
  }

  const hub = new Hub();
  const catalog = new Catalog(store, settings.enter);
  const engine = new Engine(store, {
    onDeployment: (row) =>
      hub.tell({ topic: 'deployments', tenant: row.tenant, binding: row.binding, data: deploymentView(row) }),
  });
  const places = new Map<string, Place>();
  const monitor = new Monitor({
    sink: measurementSink(store.measurements),
    readCounters: async ({ binding, interface: device }) => {
      const place = places.get(binding);
      return { classes: place ? await readCounters(place, device) : [] };
    },
  });
  monitor.on('verdicts', (rows, tenant) => hub.tell({ topic: 'verdicts', tenant, data: rows }));
  monitor.on('violations', (violation, tenant, kind) => {
    hub.tell({ topic: 'violations', tenant, binding: violation.binding, data: violation });
    if (kind !== 'worsened') {
      log.warn({ violation, kind }, 'objective');
    }
  });
  monitor.on('counters', (event, tenant) =>
    hub.tell({ topic: 'counters', tenant, binding: event.binding, data: event })
  );
  monitor.on('trouble', (message) => message && log.error(message));
  monitor.on('probes', (of, state) => log.info({ ...of, ...state }, 'probe'));

  const changed = async (tenant: string): Promise<void> => {
    const measured = await measuredBindings(store, catalog, tenant);
    for (const { bound, inForce } of measured) {
      places.set(bound.name, bound.place);
      monitor.setDeployment(tenant, bound.name, inForce?.id ?? null);
    }
    monitor.update(measured.flatMap((item) => item.classes));
  };

  let starting: string | null = 'Settling what an earlier run left.';
  const context: Context = { store, engine, catalog, monitor, hub, tokens, version, changed };
  const registry = createMetrics(monitor, hub, [TENANT], version);
  const app = await createServer(context, registry, () => starting, log);
  try {
    await app.listen({ host: settings.host, port: settings.port });
  } catch (error) {
    await store.close();
    throw error;
  }

  for (const row of await engine.recover((journalled) =>
    catalog.placeOf(journalled.place.includes('/') ? journalled.place.split('/')[0] : undefined)
  )) {
    log.warn({ deployment: row.id, place: row.place, state: row.state }, row.message);
    await store.audit.add({
      tenant: row.tenant, by: 'clearpathd', role: 'system', action: 'recover', subject: `${row.id} on ${row.place}`,
      outcome: row.state === 'applying' ? 'failed' : 'done', detail: row.message,
    }); // prettier-ignore
  }
  await monitor.start();
  await changed(TENANT);
  const sweep = setInterval(
    () =>
      void deleteMeasurementsBefore(
        store.measurements,
        Date.now() - KEEP_MEASUREMENTS_MS
      ).catch((error: unknown) => log.error(error)),
    3600_000
  );
  starting = null;
  const address = app.server.address();
  const port = typeof address === 'object' && address ? address.port : settings.port;
  return {
    url: `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`,
    close: async () => {
      clearInterval(sweep);
      await app.close();
      await monitor.stop();
      await store.close();
    },
  };
}

export * from './settings.ts';
