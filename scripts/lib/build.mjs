/** What is built, each only when its sources changed: the plugin's pages by webpack; the bridge and the prover's traffic program by Go. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { findNode24, NO_NODE_24 } from '../../backend/node24.mjs';
import { runToEnd } from './command.mjs';
import { findProgram, howToGet } from './programs.mjs';
import { hashOf, stamps } from './stamp.mjs';

/** Go's names of the architectures that Node names. */
const GOARCH = { x64: 'amd64', arm64: 'arm64' };
export const ARCHITECTURES = Object.values(GOARCH);
export const architectureHere = () => GOARCH[process.arch];

const PLUGIN_SOURCES = [
  ...['src', 'plugin.json', 'package.json', 'package-lock.json', 'README.md', 'CHANGELOG.md', 'LICENSE'],
  ...['.config', 'webpack.config.ts', 'tsconfig.json', 'dashboards'],
  // The page takes types and schemas from these rooms.
  ...['backend/policy', 'backend/api'],
];
const BRIDGE_SOURCES = ['backend/bridge', 'go.mod', 'go.sum'];
const TRAFFIC_SOURCES = ['backend/prove/traffic', 'go.mod', 'go.sum'];
const isTest = (file) => /\.test\.tsx?$|_test\.go$/.test(file);

/** The nested plugin that has an executable: `{ folder, executable }` as its manifest names them. */
export function bridgeManifest(root) {
  for (const folder of readdirSync(path.join(root, 'src'))) {
    const file = path.join(root, 'src', folder, 'plugin.json');
    if (existsSync(file)) {
      const { executable } = JSON.parse(readFileSync(file, 'utf8'));
      if (executable !== undefined) {
        return { folder, executable };
      }
    }
  }
  throw new Error(
    'No manifest below src/ names an executable: the bridge was not built. One src/*/plugin.json must have "executable".'
  );
}

function bridgeFile(root, architecture) {
  const { folder, executable } = bridgeManifest(root);
  return path.join(root, 'dist', folder, `${executable}_linux_${architecture}`);
}

export function bridgeIsBuilt(root, home, architecture = architectureHere()) {
  return (
    existsSync(bridgeFile(root, architecture)) &&
    stamps(home).get(`bridge-${architecture}`) === hashOf(root, BRIDGE_SOURCES, (file) => !isTest(file))
  );
}

export function pluginIsBuilt(root, home) {
  return (
    existsSync(path.join(root, 'dist/module.js')) &&
    stamps(home).get('plugin') === hashOf(root, PLUGIN_SOURCES, (file) => !isTest(file))
  );
}

/** Package of the bridge's `main`, whichever folder below backend/bridge holds it. */
async function mainPackage(root, go) {
  const found = await runToEnd(
    "Looking for the bridge's main package",
    [go, 'list', '-f', '{{if eq .Name "main"}}{{.ImportPath}}{{end}}', './backend/bridge/...'],
    { cwd: root }
  );
  return found.trim().split('\n')[0];
}

export async function buildBridge(root, home, architecture = architectureHere()) {
  const go = findProgram('go');
  if (go === null) {
    throw new Error(`The bridge was not built: Go is not installed. ${howToGet('go')}`);
  }
  const stamp = hashOf(root, BRIDGE_SOURCES, (file) => !isTest(file));
  const source = await mainPackage(root, go);
  await goBuild(
    root,
    `Building the bridge for linux/${architecture}`,
    [go, bridgeFile(root, architecture), source],
    architecture
  );
  stamps(home).set(`bridge-${architecture}`, stamp);
}

/** Static and stripped, as it must also start in an Alpine image; the build information that Grafana's validator reads stays. */
async function goBuild(root, what, [go, file, source], architecture) {
  await runToEnd(what, [go, 'build', '-trimpath', '-ldflags', '-s -w', '-o', file, source], {
    cwd: root,
    env: { ...process.env, CGO_ENABLED: '0', GOOS: 'linux', GOARCH: architecture },
  });
}

/** Where backend/prove/traffic.ts looks for it. */
const trafficFile = (root, architecture) => path.join(root, `backend/prove/bin/traffic_linux_${architecture}`);

export function trafficIsBuilt(root, home, architecture = architectureHere()) {
  return (
    existsSync(trafficFile(root, architecture)) &&
    stamps(home).get(`traffic-${architecture}`) === hashOf(root, TRAFFIC_SOURCES, (file) => !isTest(file))
  );
}

export async function buildTraffic(root, home, architecture = architectureHere()) {
  const go = findProgram('go');
  if (go === null) {
    throw new Error(`The traffic program of proofs was not built: Go is not installed. ${howToGet('go')}`);
  }
  const stamp = hashOf(root, TRAFFIC_SOURCES, (file) => !isTest(file));
  const what = `Building the traffic program for linux/${architecture}`;
  await goBuild(root, what, [go, trafficFile(root, architecture), './backend/prove/traffic'], architecture);
  stamps(home).set(`traffic-${architecture}`, stamp);
}

/** Webpack clears dist/ of everything but executables, so that a bridge built before stays. */
export async function buildPlugin(root, home) {
  const node = findNode24();
  if (node === null) {
    throw new Error(NO_NODE_24);
  }
  const stamp = hashOf(root, PLUGIN_SOURCES, (file) => !isTest(file));
  const webpack = path.join(root, 'node_modules/webpack/bin/webpack.js');
  await runToEnd('Building the plugin', [node, webpack, '-c', 'webpack.config.ts', '--env', 'production'], {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'production', PATH: `${path.dirname(node)}:${process.env.PATH ?? ''}` },
  });
  stamps(home).set('plugin', stamp);
}
