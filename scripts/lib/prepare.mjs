/** Before anything is started: the right machine, nobody else here, packages installed, products built. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { findNode24, NO_NODE_24 } from '../../backend/node24.mjs';
import { bridgeIsBuilt, buildBridge, buildPlugin, buildTraffic, pluginIsBuilt, trafficIsBuilt } from './build.mjs';
import { install, needsInstall } from './install.mjs';
import { findProgram, missingPrograms } from './programs.mjs';
import { busy, done, seconds, warn } from './terminal.mjs';

const OLDEST_NODE = 20;

function checkMachine() {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    throw new Error(
      `Clearpath is started with Node ${OLDEST_NODE} or later; this is ${process.versions.node}. Nothing was started. Install a newer one.`
    );
  }
  if (process.platform !== 'linux') {
    throw new Error(
      `Clearpath shapes traffic with the Linux kernel; this is ${process.platform}. Nothing was started. Run it on Linux, or with Docker: see docker-compose.yaml.`
    );
  }
}

/** A folder that an earlier start as root made cannot be used by anybody else. */
function openHome(home) {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Error(
      `${home} cannot be used by this user (${error.code}). Nothing was started. If an earlier start ran as root, remove that folder or start as root again; or name another one with --home.`
    );
  }
}

/** Make this start the one of its folder, and end what an earlier one left. */
export async function claimHome(home, note) {
  checkMachine();
  openHome(home);
  const other = note.running();
  if (other !== null) {
    const where = other.url === null ? '' : `, ${other.url}`;
    throw new Error(
      `Clearpath runs here already (process ${other.pid}${where}). Nothing was started. Stop that one first, or give this one another --home and --prefix.`
    );
  }
  const ended = await note.endLeftovers();
  if (ended.length > 0) {
    warn(`An earlier start did not end cleanly; what it left was ended: ${ended.join(', ')}.`);
  }
  note.claim();
}

async function timed(doing, did, work) {
  const began = Date.now();
  busy(doing);
  await work();
  done(`${did} (${seconds(began)})`);
}

/** Only what is missing or has changed. `proceed` throws when the start is to be given up. */
export async function installAndBuild({ root, home, proceed }) {
  const buildsBridge = !bridgeIsBuilt(root, home);
  const missing = missingPrograms({ root, buildsBridge });
  missing.filter(({ needed }) => !needed).forEach(({ text }) => warn(text));
  const stopper = missing.find(({ needed }) => needed);
  if (stopper !== undefined) {
    throw new Error(stopper.text);
  }
  if (needsInstall(root, home)) {
    await timed('Installing packages; a few minutes the first time', 'Packages installed', () => install(root, home));
  }
  proceed();
  if (findNode24() === null) {
    throw new Error(NO_NODE_24);
  }
  if (!pluginIsBuilt(root, home)) {
    await timed('Building the plugin', 'Plugin built', () => buildPlugin(root, home));
  }
  proceed();
  if (buildsBridge) {
    await timed('Building the bridge; a minute the first time', 'Bridge built', () => buildBridge(root, home));
  }
  // Without Go everything but a proof works, and a proof says what is missing.
  if (!trafficIsBuilt(root, home) && findProgram('go') !== null) {
    await timed('Building the traffic program of proofs', 'Traffic program built', () => buildTraffic(root, home));
  }
  proceed();
}
