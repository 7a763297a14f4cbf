/** daemon/: clearpathd put together. Opens the store, settles what a crash left, measures, and serves. */
import { pino, type Logger } from 'pino';
import {
  createMetrics,
  createServer,
  deploymentView,
  Hub,
  Prover,
  rolloutView,
  type Context,
  type Token,
} from '../api/index.ts';
import { Catalog, Engine, Rollouts } from '../deploy/index.ts';
import { Monitor } from '../measure/index.ts';
import {
  deleteMeasurementsBefore,
  measurementSink,
  openStore,
  type DeploymentRow,
  type Store,
} from '../store/index.ts';
import { readCounters, type Place } from '../target/index.ts';
import { importDocuments } from './documents.ts';
import { measuredBindings } from './monitored.ts';
import { Reapplier } from './reapply.ts';
import { Scheduler } from './schedule.ts';
import { readTokens, SettingsError, type Settings } from './settings.ts';
import { SILENT, Silences } from './silences.ts';
import { ClassTotals } from './totals.ts';

/** Until there are several datasources to serve, everything belongs to one tenant. */
const TENANT = 'main';
const KEEP_MEASUREMENTS_MS = 90 * 24 * 3600_000;
const FOLLOW_EVERY_MS = 5_000;
/** How late a deployment that nobody confirmed may be rolled back */
const CONFIRM_EVERY_MS = 1_000;
const SWEEP_EVERY_MS = 3600_000;

export interface Daemon {
  url: string;
  close: () => Promise<void>;
}

/** @throws SettingsError, StoreError or a system error, each with one sentence; nothing is then left running. */
export async function startDaemon(settings: Settings, version: string): Promise<Daemon> {
  const log = pino({ name: 'clearpathd', level: process.env.CLEARPATH_LOG_LEVEL ?? 'info' });
  const store = await openStore(settings.state, settings.store);
  try {
    return await startWith(store, settings, version, log);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function startWith(store: Store, settings: Settings, version: string, log: Logger): Promise<Daemon> {
  const { bridge, direct } = readTokens(settings);
  const tokens: Token[] = [
    { value: bridge, kind: 'bridge', tenant: TENANT, role: 'Viewer', login: 'grafana' },
    { value: direct, kind: 'direct', tenant: TENANT, role: 'Admin', login: 'direct' },
  ];
  const { stored, files } = await importDocuments(store, TENANT, settings.documents);
  if (stored.length > 0) {
    log.info({ documents: stored }, 'documents stored');
  }

  const hub = new Hub();
  const catalog = new Catalog(store, settings.enter, files);
  const engine: Engine = new Engine(store, {
    watching: true,
    onDeployment: (row) =>
      hub.tell({ topic: 'deployments', tenant: row.tenant, binding: row.binding, data: deploymentView(row, engine) }),
  });
  const rollouts: Rollouts = new Rollouts({
    store,
    engine,
    catalog,
    onChange: async (row) => {
      hub.tell({ topic: 'rollouts', tenant: row.tenant, binding: row.binding, data: await rolloutView(row, rollouts) });
      void changed(row.tenant);
    },
  });
  /** By binding: the network, and the side of an interface there */
  const places = new Map<string, { place: Place; side: string }>();
  const totals = new ClassTotals();
  const monitor = new Monitor({
    sink: measurementSink(store.measurements),
    readCounters: async ({ tenant, binding }) => {
      const at = places.get(binding);
      const classes = at ? await readCounters(at.place, at.side) : [];
      totals.read(tenant, binding, classes);
      return { classes };
    },
  });
  announce(monitor, hub, log);

  const measure = async (tenant: string): Promise<void> => {
    const measured = await measuredBindings(store, catalog, tenant);
    for (const { bound, inForce } of measured) {
      places.set(bound.name, { place: bound.place, side: bound.device });
      monitor.setDeployment(tenant, bound.name, inForce?.id ?? null);
    }
    const classes = measured.flatMap((item) => item.classes);
    totals.watch(classes);
    monitor.update(classes);
  };
  // One after the other, so that what was read first cannot win; what was saved or applied stands, whatever happens here.
  let measuring: Promise<void> = Promise.resolve();
  const changed = (tenant: string): Promise<void> => {
    measuring = measuring.then(() => measure(tenant)).catch((error: unknown) => log.error(error, 'not measured anew'));
    return measuring;
  };

  const actors = { store, engine, catalog, changed, trouble: (message: string) => log.error(message) };
  const scheduler = new Scheduler(TENANT, actors);
  const reapplier = new Reapplier(TENANT, actors);
  /** Documents or deployments are others: what is measured follows, and whose turn it is may have changed. */
  const notice = async (tenant: string): Promise<void> => {
    await changed(tenant);
    void scheduler.look();
  };

  let starting: string | null = 'Settling what an earlier run left.';
  const prover = new Prover(store, hub);
  const context: Context = { store, engine, catalog, rollouts, monitor, hub, prover, tokens, version, changed: notice };
  const registry = createMetrics(monitor, hub, [TENANT], version, () => totals.list());
  const app = await createServer(context, registry, () => starting, log);
  try {
    await listen(app, settings);
    await recover(engine, catalog, store, log);
    await revertOverdue(engine, catalog, store, log);
    await monitor.start();
    await changed(TENANT);
    await rollouts.adopt();
    await scheduler.look();
    await reapplier.look();
  } catch (error) {
    await app.close();
    engine.end();
    await monitor.stop();
    throw error;
  }
  const sweep = setInterval(() => {
    const before = Date.now() - KEEP_MEASUREMENTS_MS;
    deleteMeasurementsBefore(store.measurements, before).catch((error: unknown) => log.error(error));
  }, SWEEP_EVERY_MS);
  // The command line writes to the same store: what it applied is measured as what it is.
  let seen = await store.deployments.inForce(TENANT);
  const follow = setInterval(() => {
    rollouts.adopt().catch((error: unknown) => log.error(error));
    store.deployments.inForce(TENANT).then(
      (now) => {
        if (now !== seen) {
          seen = now;
          void changed(TENANT);
        }
      },
      (error: unknown) => log.error(error)
    );
  }, FOLLOW_EVERY_MS);
  store.audit.verify().then(
    ({ intact, breaks }) => intact || log.error({ breaks }, 'the audit was tampered with'),
    (error: unknown) => log.error(error)
  );
  // Also what the command line applied with a deadline. One after the other: going back may take longer than the interval.
  let reverting: Promise<void> = Promise.resolve();
  let busy = false;
  const watch = setInterval(() => {
    if (!busy) {
      busy = true;
      reverting = revertOverdue(engine, catalog, store, log)
        .catch((error: unknown) => log.error(error, 'what nobody confirmed could not be looked for'))
        .finally(() => (busy = false));
    }
  }, CONFIRM_EVERY_MS);
  starting = null;
  const address = app.server.address();
  const port = typeof address === 'object' && address ? address.port : settings.port;
  return {
    url: `http://${hostPort(settings.host, port)}`,
    close: async () => {
      clearInterval(sweep);
      clearInterval(follow);
      clearInterval(watch);
      await reverting;
      await app.close();
      await prover.stop();
      await scheduler.close();
      await reapplier.close();
      await rollouts.close();
      engine.end();
      await measuring;
      await monitor.stop();
      await store.close();
    },
  };
}

const hostPort = (host: string, port: number) => `${host.includes(':') ? `[${host}]` : host}:${port}`;

async function listen(app: Awaited<ReturnType<typeof createServer>>, { host, port }: Settings): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why: Record<string, string> = {
      EADDRINUSE: 'another program, perhaps another clearpathd, already listens there',
      EACCES: 'this user may not listen there',
      EADDRNOTAVAIL: 'this machine has no such address',
      ENOTFOUND: 'this name has no address',
    };
    throw new SettingsError(
      `CLEARPATH_LISTEN is ${hostPort(host, port)}, but ${why[code ?? ''] ?? message}. Name another host:port.`
    );
  }
}

/** What the monitor finds, to whoever listens and to the log. */
function announce(monitor: Monitor, hub: Hub, log: Logger): void {
  monitor.on('verdicts', (rows, tenant) => hub.tell({ topic: 'verdicts', tenant, data: rows }));
  monitor.on('violations', (violation, tenant, kind) => {
    hub.tell({ topic: 'violations', tenant, binding: violation.binding, data: violation });
    if (kind !== 'worsened') {
      log.warn({ violation, kind }, 'objective');
    }
  });
  const silences = new Silences();
  monitor.on('counters', (event, tenant) => {
    hub.tell({ topic: 'counters', tenant, binding: event.binding, data: event });
    for (const { binding, trafficClass } of silences.begun(tenant, event.classes)) {
      log.warn({ tenant, binding, trafficClass }, SILENT);
    }
  });
  monitor.on('trouble', (message) => message && log.error(message));
  monitor.on('probes', (of, state) => log.info({ ...of, ...state }, 'probe'));
}

/** Settles what a crash left half done, and says so in the audit. */
async function recover(engine: Engine, catalog: Catalog, store: Store, log: Logger): Promise<void> {
  for (const row of await engine.recover((journalled) => catalog.placeOf(namespaceOf(journalled)))) {
    log.warn({ deployment: row.id, place: row.place, state: row.state }, row.message);
    await audit(store, 'recover', row, row.state !== 'applying');
  }
}

/** Rolls back what nobody confirmed in time. That this fails is told wherever somebody may look. */
async function revertOverdue(engine: Engine, catalog: Catalog, store: Store, log: Logger): Promise<void> {
  for (const { row, done } of await engine.revertOverdue((due) => catalog.placeOf(namespaceOf(due)))) {
    log[done ? 'warn' : 'error']({ deployment: row.id, place: row.place, state: row.state }, row.message);
    await audit(store, 'rollback', row, done);
  }
}

const namespaceOf = ({ place }: DeploymentRow) => (place.includes('/') ? place.split('/')[0] : undefined);

const audit = (store: Store, action: string, row: DeploymentRow, done: boolean) =>
  store.audit.add({
    tenant: row.tenant,
    by: 'clearpathd',
    role: 'system',
    action,
    subject: `${row.id} on ${row.place}`,
    outcome: done ? 'done' : 'failed',
    detail: row.message,
  });

export * from './settings.ts';
