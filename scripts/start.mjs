#!/usr/bin/env node
/**
 * `npm start`: install, build, and run the sidecar, the demo network with its traffic, and Grafana with the plugin and
 * everything provisioned, until Ctrl-C. Plain JavaScript for Node 20, because it runs before anything is installed.
 *
 *   npm start -- [--prefix NAME] [--flood on|off] [--grafana-port N] [--sidecar-port N] [--home FOLDER] [--no-demo] [--no-grafana]
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runNote } from './lib/leftovers.mjs';
import { lifecycle } from './lib/lifecycle.mjs';
import { demoNetwork, grafana, sidecar } from './lib/parts.mjs';
import { freePort } from './lib/ports.mjs';
import { claimHome, installAndBuild } from './lib/prepare.mjs';
import { done, fail, warn } from './lib/terminal.mjs';
import { bridgeToken } from './lib/token.mjs';
import { welcome } from './lib/welcome.mjs';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        prefix: { type: 'string', default: 'clearpath' },
        flood: { type: 'string', default: 'on' },
        'grafana-port': { type: 'string', default: '3001' },
        'sidecar-port': { type: 'string', default: '8003' },
        home: { type: 'string', default: path.join(root, '.clearpath') },
        'no-demo': { type: 'boolean', default: false },
        'no-grafana': { type: 'boolean', default: false },
      },
    });
    return { ...values, home: path.resolve(values.home), flood: values.flood !== 'off' };
  } catch (error) {
    fail(`${error.message}. Nothing was started.`);
    return process.exit(2);
  }
}

async function portFor(what, wanted) {
  const port = await freePort(Number(wanted));
  if (port !== Number(wanted)) {
    warn(`Port ${wanted} is taken by another program: ${what} is on port ${port} instead.`);
  }
  return port;
}

/** A line typed in the terminal: "f" switches the flood. */
function listenToKeyboard(demo, flooding) {
  let on = flooding;
  createInterface({ input: process.stdin }).on('line', async (line) => {
    if (line.trim().toLowerCase() === 'f') {
      try {
        await demo.flood(!on);
        on = !on;
        done(on ? "Bulk floods the provider's hop." : 'The flood is off.');
      } catch (error) {
        warn(error.message);
      }
    }
  });
}

async function main({ life, note, options }) {
  const { home, prefix, flood } = options;
  const logs = path.join(home, 'logs');
  await claimHome(home, note);
  await installAndBuild({ root, home, proceed: life.proceed });
  rmSync(logs, { recursive: true, force: true });

  const tokenFile = path.join(home, 'state', 'bridge.token');
  const token = bridgeToken(tokenFile);
  const sidecarPort = await portFor('the sidecar', options['sidecar-port']);
  const grafanaPort = await portFor('Grafana', options['grafana-port']);
  const common = { root, home, logs, life, note };

  const demo = options['no-demo'] ? null : await demoNetwork({ ...common, prefix, flood });
  life.proceed();
  // Grafana takes longest and needs only the sidecar's address, so both start at once.
  const [runningSidecar, runningGrafana] = await Promise.all([
    sidecar({ ...common, demo, port: sidecarPort, tokenFile }),
    options['no-grafana']
      ? null
      : grafana({ ...common, port: grafanaPort, token, sidecarUrl: `http://127.0.0.1:${sidecarPort}` }),
  ]);
  life.proceed();
  welcome({ grafana: runningGrafana, sidecar: runningSidecar, demo, flooding: flood, logs });
  if (demo !== null && process.stdin.isTTY) {
    listenToKeyboard(demo, flood);
  }
}

const options = readArguments();
const note = runNote(options.home);
const life = lifecycle({ atEnd: () => note.erase() });
life.stopAtSignals();
main({ life, note, options }).catch(async (error) => {
  if (!life.stopping) {
    fail(error.message);
    await life.stop(1);
  }
});
