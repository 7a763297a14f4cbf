/** The three things that `npm start` runs, each with its line on the terminal and its place in the note of what runs. */
import path from 'node:path';
import { startDemo } from './demo.mjs';
import { describeGrafana, findGrafana, NO_GRAFANA, startGrafana } from './grafana.mjs';
import { keep } from './keeper.mjs';
import { startOnCall } from './oncall.mjs';
import { findProgram } from './programs.mjs';
import { startSidecar } from './sidecar.mjs';
import { busy, done, fail, seconds, warn } from './terminal.mjs';

/** The demo network, or null where it cannot be made: everything else runs without it. */
export async function demoNetwork({ root, home, life, prefix, flood }) {
  if (findProgram('ip') === null || findProgram('tc') === null) {
    return null;
  }
  const began = Date.now();
  try {
    const start = () => startDemo({ root, prefix, flood, documents: path.join(home, 'documents'), note: warn });
    const child = life.own('The demo network', start);
    const demo = await child.ready;
    child.exited.then((how) => {
      if (!life.stopping) {
        warn(`The demo network ended by itself (${how}). Everything else goes on. Start again to have it back.`);
      }
    });
    const { namespaces, as } = demo.network;
    done(
      `Demo network: ${Object.values(namespaces).join(' — ')}${as === 'root' ? '' : ', in a user namespace'} (${seconds(began)})`
    );
    return demo;
  } catch (error) {
    if (!life.stopping) {
      warn(error.message);
    }
    return null;
  }
}

export async function sidecar({ root, home, logs, life, note, demo, port, tokenFile }) {
  const began = Date.now();
  const start = (spawned) =>
    startSidecar({
      root,
      state: path.join(home, 'state'),
      port,
      tokenFile,
      enter: demo?.network.enter ?? [],
      documents: demo?.documents ?? [path.join(root, 'examples/branch-edge.yaml'), path.join(root, 'demo/documents')],
      log: path.join(logs, 'sidecar.log'),
      spawned(service) {
        note.service('sidecar', service.identity);
        spawned(service);
      },
    });
  const service = await life.own('The sidecar', () => keep({ start, note: warn })).ready;
  done(`Sidecar: ${service.url} (${seconds(began)})`);
  return service;
}

async function startFound({ found, root, home, logs, life, note, port, token, sidecarUrl }) {
  const began = Date.now();
  const onCall = await startOnCall({ print: warn });
  life.own('The on-call listener', () => ({ stop: onCall.close }));
  const start = (spawned) =>
    startGrafana({
      found,
      data: path.join(home, 'grafana'),
      dist: path.join(root, 'dist'),
      provisioning: path.join(root, 'provisioning'),
      port,
      password: process.env.GF_SECURITY_ADMIN_PASSWORD ?? 'admin',
      env: {
        CLEARPATH_URL: sidecarUrl,
        CLEARPATH_TOKEN: token,
        CLEARPATH_ONCALL_URL: onCall.url,
        CLEARPATH_DASHBOARDS: path.join(root, 'dashboards'),
      },
      log: path.join(logs, 'grafana.log'),
      spawned(service) {
        note.service('Grafana', service.identity);
        note.address(service.url);
        if (found.kind === 'docker') {
          note.container(service.container);
        }
        spawned(service);
      },
    });
  busy(`Starting ${describeGrafana(found)}`);
  const service = await life.own('Grafana', () => keep({ start, note: warn })).ready;
  done(`${describeGrafana(found)}, version ${service.version}: ${service.url} (${seconds(began)})`);
  return service;
}

/** Grafana with the plugin, or null where there is none or it does not start: everything else runs without it. */
export async function grafana(options) {
  try {
    const found = await findGrafana();
    if (found !== null) {
      return await startFound({ ...options, found });
    }
    warn(NO_GRAFANA);
  } catch (error) {
    if (!options.life.stopping) {
      fail(error.message);
      warn('Everything else runs without Grafana.');
    }
  }
  return null;
}
