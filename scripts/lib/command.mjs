/** Run a program of ours to its end and keep what it said for the message, should it fail. */
import { spawn } from 'node:child_process';
import { endGroup, identify } from './processes.mjs';

const active = new Set();

/** End the programs that are running, and what they started in turn (npm does not end at SIGTERM); their callers are told so. */
export const endCommands = () => Promise.all([...active].map((identity) => endGroup(identity, 2000)));

/** Resolves with what it printed; rejects with `what`, the exit status and the last lines it printed. */
export function runToEnd(what, argv, { cwd, env, timeout } = {}) {
  return new Promise((resolve, reject) => {
    const [program, ...args] = argv;
    const child = spawn(program, args, { cwd, env, timeout, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const identity = child.pid === undefined ? null : identify(child.pid);
    if (identity !== null) {
      active.add(identity);
    }
    let said = '';
    const keep = (part) => (said += part);
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => reject(new Error(`${what} failed: ${error.message}.`)));
    child.on('close', (code, signal) => {
      active.delete(identity);
      if (code === 0) {
        resolve(said);
      } else {
        reject(
          new Error(
            `${what} failed (${signal ?? `status ${code}`}):\n${said.trimEnd().split('\n').slice(-30).join('\n')}`
          )
        );
      }
    });
  });
}
