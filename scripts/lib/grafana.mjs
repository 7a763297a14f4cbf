/** Find a Grafana on this machine and run it with the plugin, apart from any other: own data, own port, loopback only. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './ports.mjs';
import { findProgram } from './programs.mjs';
import { startService, untilReady } from './service.mjs';

const run = promisify(execFile);

export const PLUGIN = 'clearpath-qos-app';
/** Every nested id has to be named too, panels included. */
const UNSIGNED = [PLUGIN, 'clearpath-qos-datasource', 'clearpath-sla-panel', 'clearpath-queues-panel'];
const IMAGE = 'grafana/grafana:12.2.0';

export const NO_GRAFANA =
  'No Grafana was found: GRAFANA_HOME is not set, there is none in /usr/share/grafana or on the PATH, and no Docker engine answers. ' +
  'Everything else runs. Install Grafana 12.1 or later (https://grafana.com/grafana/download), or unpack its archive and set GRAFANA_HOME to that folder, and start again.';

function isHome(folder) {
  return existsSync(path.join(folder, 'conf/defaults.ini')) && existsSync(path.join(folder, 'public'));
}

function atHome(home) {
  const inside = path.join(home, 'bin/grafana');
  const binary = existsSync(inside) ? inside : findProgram('grafana');
  return binary === null || !isHome(home) ? null : { kind: 'home', home, binary };
}

function onPath() {
  const binary = findProgram('grafana');
  if (binary === null) {
    return null;
  }
  const folder = path.dirname(realpathSync(binary));
  const home = [path.join(folder, '..'), path.join(folder, '../share/grafana')]
    .map((each) => path.resolve(each))
    .find(isHome);
  return home === undefined ? null : { kind: 'home', home, binary };
}

/** A Docker client without an engine exists on many machines: ask the engine. */
async function inDocker() {
  try {
    await run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 5000 }).then(({ stdout }) => {
      if (stdout.trim() === '') {
        throw new Error('no engine');
      }
    });
    return { kind: 'docker', image: process.env.GRAFANA_IMAGE ?? IMAGE };
  } catch {
    return null;
  }
}

/**
 * Where Grafana is taken from: GRAFANA_HOME, else /usr/share/grafana, else `grafana` on the PATH, else Docker; null where
 * there is none. A GRAFANA_HOME that holds no Grafana is an error, since the operator meant something by it.
 */
export async function findGrafana({ env = process.env } = {}) {
  if (env.GRAFANA_HOME) {
    const home = path.resolve(env.GRAFANA_HOME);
    const found = atHome(home);
    if (found === null) {
      throw new Error(
        `GRAFANA_HOME is ${home}, which holds no Grafana (conf/defaults.ini, public/ and bin/grafana are expected). Grafana was not started.`
      );
    }
    return found;
  }
  return atHome('/usr/share/grafana') ?? onPath() ?? (await inDocker());
}

/** Readable name for the terminal. */
export const describeGrafana = (found) =>
  found.kind === 'home' ? `Grafana in ${found.home}` : `Grafana in Docker (${found.image})`;

function settings({ port, provisioning, paths, password, env }) {
  return {
    GF_SERVER_HTTP_ADDR: '127.0.0.1',
    GF_SERVER_HTTP_PORT: String(port),
    GF_SERVER_ROOT_URL: `http://127.0.0.1:${port}/`,
    GF_PATHS_DATA: paths.data,
    GF_PATHS_LOGS: path.join(paths.data, 'log'),
    GF_PATHS_PLUGINS: paths.plugins,
    GF_PATHS_PROVISIONING: provisioning,
    GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS: UNSIGNED.join(','),
    GF_PLUGINS_PREINSTALL_DISABLED: 'true',
    GF_PLUGINS_PLUGIN_ADMIN_ENABLED: 'false',
    GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED: 'true',
    GF_ANALYTICS_ENABLED: 'false',
    GF_ANALYTICS_REPORTING_ENABLED: 'false',
    GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
    GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
    GF_ANALYTICS_FEEDBACK_LINKS_ENABLED: 'false',
    GF_NEWS_NEWS_FEED_ENABLED: 'false',
    GF_SECURITY_DISABLE_GRAVATAR: 'true',
    GF_SECURITY_ALLOW_EMBEDDING: 'true',
    GF_SECURITY_ADMIN_USER: 'admin',
    GF_SECURITY_ADMIN_PASSWORD: password,
    GF_AUTH_ANONYMOUS_ENABLED: 'false',
    GF_USERS_ALLOW_SIGN_UP: 'false',
    // Contact points from files reach the notifier at its next look at the database: 60 s by default, too late for the first page.
    GF_UNIFIED_ALERTING_ALERTMANAGER_CONFIG_POLL_INTERVAL: '10s',
    // Several writers at once at the first start: without it 12.2 logs "database is locked".
    GF_DATABASE_WAL: 'true',
    GF_LOG_MODE: 'console',
    GF_LOG_LEVEL: 'info',
    ...env,
  };
}

/** Settings of another Grafana in our environment are not ours. */
function withoutGrafanaSettings(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GF_')));
}

/** Grafana looks for plugins in a folder of folders: a link there leads to the build. */
function linkPlugin(plugins, dist) {
  mkdirSync(plugins, { recursive: true });
  const link = path.join(plugins, PLUGIN);
  rmSync(link, { force: true });
  symlinkSync(dist, link, 'dir');
}

function atHomeArguments(found) {
  return [found.binary, 'server', '--homepath', found.home];
}

function inDockerArguments({ found, name, dist, provisioning, dashboards, data, variables }) {
  const mounts = [
    `${data}:/var/lib/grafana`,
    `${dist}:/var/lib/grafana-plugins/${PLUGIN}:ro`,
    `${provisioning}:${provisioning}:ro`,
  ];
  if (dashboards !== undefined) {
    mounts.push(`${dashboards}:${dashboards}:ro`);
  }
  return [
    ...['docker', 'run', '--rm', '--name', name, '--network', 'host', '--user', `${process.getuid()}:0`],
    ...mounts.flatMap((mount) => ['--volume', mount]),
    // Names only: the values are read from our environment, so that no token stands on a command line.
    ...variables.flatMap((variable) => ['--env', variable]),
    found.image,
  ];
}

/**
 * Run Grafana until `stop()`. Resolves when it answers; throws with the end of its log when it does not.
 *
 *   found         from findGrafana()
 *   data          folder for its database, made when missing; a temporary one gives a Grafana of its own
 *   dist          the built plugin
 *   provisioning  folder of datasources/, dashboards/, alerting/, plugins/
 *   port          0 for a free one; a taken one is replaced by a free one
 *   password      of `admin`, at the first start with this data
 *   env           what provisioning files refer to as $NAME, and GF_ settings beyond the ones here
 *   spawned       gets the service as soon as its process exists
 *
 * Returns the service with `url`, `port`, `user`, `password` and `version`.
 */
export async function startGrafana({
  found,
  data,
  dist,
  provisioning,
  port = 0,
  password = 'admin',
  env = {},
  log = path.join(data, 'grafana.log'),
  timeout,
  spawned = () => undefined,
}) {
  const taken = await freePort(port);
  const docker = found.kind === 'docker';
  mkdirSync(data, { recursive: true });
  const paths = docker
    ? { data: '/var/lib/grafana', plugins: '/var/lib/grafana-plugins' }
    : { data, plugins: path.join(data, 'plugins') };
  if (!docker) {
    linkPlugin(paths.plugins, dist);
  }
  const own = settings({ port: taken, provisioning, paths, password, env });
  const name = `clearpath-grafana-${taken}`;
  const argv = docker
    ? inDockerArguments({
        found,
        name,
        dist,
        provisioning,
        dashboards: env.CLEARPATH_DASHBOARDS,
        data,
        variables: Object.keys(own),
      })
    : atHomeArguments(found);
  const service = startService({
    name: 'Grafana',
    argv,
    cwd: docker ? undefined : found.home,
    log,
    env: { ...withoutGrafanaSettings(process.env), ...own },
  });
  const stopProcess = service.stop.bind(service);
  const grafana = Object.assign(service, {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    user: 'admin',
    password,
    container: docker ? name : null,
    async stop() {
      if (docker) {
        await run('docker', ['stop', '--time', '8', name]).catch(() => undefined);
      }
      await stopProcess();
    },
  });
  spawned(grafana);
  await untilReady(grafana, `${grafana.url}/api/health`, timeout);
  const { version } = await fetch(`${grafana.url}/api/health`).then((response) => response.json());
  return Object.assign(grafana, { version });
}
