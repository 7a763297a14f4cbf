#!/usr/bin/env node
/**
 * `npm test`: everything this machine can check. What it cannot is named with the reason and counted as skipped.
 * `npm test -- units backend/policy` runs one check, vitest's with a filter.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode24, NO_NODE_24 } from '../backend/node24.mjs';
import * as checks from './lib/checks.mjs';
import { install, needsInstall } from './lib/install.mjs';
import { busy, done, fail, heading, say, seconds, warn } from './lib/terminal.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const home = path.join(root, '.clearpath');
const ALL = {
  types: 'Types',
  lint: 'Lint',
  bridge: 'The bridge in Go, and the Compose file',
  units: 'Units, the API and the kernel',
  build: 'The plugin and the bridge, built',
  story: 'The story in a real Grafana',
};

const [only, ...filter] = process.argv.slice(2);
if (only !== undefined && !(only in ALL)) {
  fail(`"${only}" is not a check. Checks: ${Object.keys(ALL).join(', ')}.`);
  process.exit(2);
}
if (needsInstall(root, home)) {
  busy('Installing packages; a few minutes the first time');
  await install(root, home);
}
if (findNode24() === null) {
  fail(NO_NODE_24);
  process.exit(1);
}

const total = { passed: 0, failed: 0, skipped: 0 };
const skipped = [];
const failedChecks = [];
for (const [name, title] of Object.entries(ALL)) {
  if (only !== undefined && only !== name) continue;
  heading(title);
  const began = Date.now();
  const result = await checks[name]({ root, home, filter }).catch((error) => {
    fail(error.stack);
    return { passed: 0, failed: 1, skipped: 0, reasons: [] };
  });
  total.passed += result.passed;
  total.failed += result.failed;
  total.skipped += result.skipped;
  skipped.push(...result.reasons);
  if (result.failed > 0) failedChecks.push(title);
  const line = `${title}: ${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped (${seconds(began)})`;
  (result.failed > 0 ? fail : done)(line);
}
say();
skipped.forEach((reason) => warn(`Skipped: ${reason}`));
failedChecks.forEach((title) => fail(`Failed: ${title}`));
say(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);
