/** A long-running program of ours in a process group of its own, with a log file, a readiness check and an orderly end. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endGroup, identify } from './processes.mjs';

/** Last lines of a log, for a message. */
export function tailOf(log, lines = 15) {
  try {
    return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}

/**
 * Start `argv` as leader of its own process group: Ctrl-C in the terminal reaches only us, and `stop()` also ends what
 * a crashed program left in its group (Grafana leaves the bridge's process).
 */
export function startService({ name, argv, env, cwd, log }) {
  mkdirSync(path.dirname(log), { recursive: true });
  const out = openSync(log, 'a', 0o600);
  const [program, ...args] = argv;
  const child = spawn(program, args, { env, cwd, detached: true, stdio: ['ignore', out, out] });
  closeSync(out);
  const identity = child.pid === undefined ? null : identify(child.pid);
  let ended = null;
  const exited = new Promise((resolve) => {
    const end = (how) => {
      ended ??= how;
      resolve(ended);
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(signal ?? `status ${code}`));
  });
  return {
    name,
    log,
    identity,
    exited,
    /** How it ended, or null while it runs. */
    get ended() {
      return ended;
    },
    async stop() {
      if (identity === null) {
        return;
      }
      if (!(await endGroup(identity))) {
        throw new Error(`${name} (process ${identity.pid}) could not be ended.`);
      }
      await exited;
    },
  };
}

/** Wait until `url` answers 200; throws with the end of the log when the service dies first or time is up. */
export async function untilReady(service, url, timeout = 90_000) {
  let last = 'no answer';
  for (const deadline = Date.now() + timeout; Date.now() < deadline; await sleep(100)) {
    if (service.ended !== null) {
      throw new Error(
        `${service.name} ended while it was starting (${service.ended}). Its log ${service.log} ends with:\n${tailOf(service.log)}`
      );
    }
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
      if (response.ok) {
        return;
      }
      last = `status ${response.status}`;
    } catch (error) {
      last = error.cause?.code ?? error.message;
    }
  }
  await service.stop();
  throw new Error(
    `${service.name} did not get ready within ${timeout / 1000} s (${url}: ${last}). Its log ${service.log} ends with:\n${tailOf(service.log)}`
  );
}
