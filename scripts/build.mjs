#!/usr/bin/env node
/** `npm run build`: the plugin into dist/; the bridge and the traffic program of proofs for every architecture they are shipped for. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ARCHITECTURES, buildBridge, buildPlugin, buildTraffic } from './lib/build.mjs';
import { busy, done, fail } from './lib/terminal.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const home = path.join(root, '.clearpath');

try {
  busy('Building the plugin');
  await buildPlugin(root, home);
  for (const architecture of ARCHITECTURES) {
    busy(`Building the bridge for linux/${architecture}`);
    await buildBridge(root, home, architecture);
    await buildTraffic(root, home, architecture);
  }
  done(
    'dist/ holds the plugin. Grafana finds it when that folder is in its plugins directory under the name clearpath-qos-app.'
  );
} catch (error) {
  fail(error.message);
  process.exit(1);
}
