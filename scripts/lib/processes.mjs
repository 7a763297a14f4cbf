/**
 * Processes that outlive the one that started them: remembered by pid *and* start time, so that after a crash no
 * stranger who got the pid is ever ended.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const bootId = readOrNull('/proc/sys/kernel/random/boot_id')?.trim() ?? '';

function readOrNull(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** Fields of /proc/PID/stat after the name, which may itself hold blanks and brackets (proc(5)); null for a zombie. */
function stat(pid) {
  const line = readOrNull(`/proc/${pid}/stat`);
  if (line === null) {
    return null;
  }
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? null : { group: Number(fields[2]), start: `${bootId}/${fields[19]}` };
}

/** `{ pid, start }` of a running process, or null where there is none. */
export function identify(pid) {
  const found = stat(pid);
  return found === null ? null : { pid, start: found.start };
}

/** Whether the very process that was identified still runs. */
export function isRunning({ pid, start }) {
  return stat(pid)?.start === start;
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') {
      throw error;
    }
  }
}

async function until(condition, milliseconds) {
  for (const deadline = Date.now() + milliseconds; Date.now() < deadline; await sleep(20)) {
    if (condition()) {
      return true;
    }
  }
  return condition();
}

/** End one process: SIGTERM, and SIGKILL after `grace` milliseconds. True when it is gone. */
export async function endProcess(identity, grace = 3000) {
  if (isRunning(identity)) {
    signal(identity.pid, 'SIGTERM');
  }
  if (await until(() => !isRunning(identity), grace)) {
    return true;
  }
  signal(identity.pid, 'SIGKILL');
  return until(() => !isRunning(identity), 2000);
}

/**
 * Members of the process group that `leader` led. While a group has members its number is not given to a new process,
 * so where the leader is gone and the number is free, they are still the leader's.
 */
export function groupOf(leader) {
  const now = stat(leader.pid);
  if (now !== null && now.start !== leader.start) {
    return [];
  }
  if (bootId !== '' && !leader.start.startsWith(bootId)) {
    return [];
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => stat(pid)?.group === leader.pid);
}

/** End a process started as leader of its own group and everything left in that group. True when all are gone. */
export async function endGroup(leader, grace = 8000) {
  if (isRunning(leader)) {
    signal(leader.pid, 'SIGTERM');
    await until(() => !isRunning(leader), grace);
  }
  if (groupOf(leader).length > 0) {
    signal(-leader.pid, 'SIGTERM');
    await until(() => groupOf(leader).length === 0, 1000);
  }
  if (groupOf(leader).length > 0) {
    signal(-leader.pid, 'SIGKILL');
  }
  return until(() => groupOf(leader).length === 0, 2000);
}
