/** The packages of package.json in node_modules: whether they are there, and putting them there. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { runToEnd } from './command.mjs';
import { hashOf, stamps } from './stamp.mjs';

const MANIFESTS = ['package.json', 'package-lock.json', 'backend/package.json'];

const changedAt = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

export function needsInstall(root, home) {
  const installed = changedAt(path.join(root, 'node_modules/.package-lock.json'));
  if (installed === 0) {
    return true;
  }
  const newer = MANIFESTS.some((name) => changedAt(path.join(root, name)) > installed);
  return newer && stamps(home).get('packages') !== hashOf(root, MANIFESTS);
}

/**
 * `npm install`, not `npm ci`: the latter fails where a registry lacks a package for another platform that the lock
 * file names.
 */
export async function install(root, home) {
  const npm = process.env.npm_execpath;
  const argv = npm !== undefined && existsSync(npm) && npm.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  await runToEnd('Installing packages with "npm install"', [...argv, 'install', '--no-audit', '--no-fund'], {
    cwd: root,
  });
  stamps(home).set('packages', hashOf(root, MANIFESTS));
}
