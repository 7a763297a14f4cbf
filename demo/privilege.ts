/**
 * The right to make network namespaces: root has it, anybody else may have it inside a user namespace of their own.
 *
 * In the second case a holder process owns a user, a network and a mount namespace with a private /run/netns, and
 * every command of the demo and of the sidecar that concerns a namespace enters the holder first. The holder reads a
 * pipe of ours, so that it ends with us however we end.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { attempt } from './command.ts';

export interface Privilege {
  as: 'root' | 'user-namespace';
  /** Put before `ip netns exec NAME …`, `ip -n NAME …` and `tc -n NAME …`; empty as root. */
  enter: string[];
  holder: number | null;
  release(): Promise<void>;
}

/** The demo network cannot be made here; the message says why and what to do. */
export class NotPermitted extends Error {
  override name = 'NotPermitted';
}

/** linux/capability.h */
const CAP_NET_ADMIN = 12n;
const CAP_SYS_ADMIN = 21n;

function mayAsRoot(): boolean {
  const line = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  const effective = BigInt(`0x${line?.[1] ?? '0'}`);
  return process.getuid?.() === 0 && [CAP_NET_ADMIN, CAP_SYS_ADMIN].every((bit) => ((effective >> bit) & 1n) === 1n);
}

/** Kernel and distribution switches that forbid user namespaces, with the value that allows them. */
const SWITCHES = [
  { name: 'kernel.apparmor_restrict_unprivileged_userns', forbids: '1', allows: '0' }, // Ubuntu 23.10 and later
  { name: 'kernel.unprivileged_userns_clone', forbids: '0', allows: '1' }, // Debian before 11
  { name: 'user.max_user_namespaces', forbids: '0', allows: '10000' },
] as const;

function sysctlValue(name: string): string | null {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
  } catch {
    return null;
  }
}

export function whyNotPermitted(said: string, valueOf: (name: string) => string | null = sysctlValue): string {
  const closed = SWITCHES.find(({ name, forbids }) => valueOf(name) === forbids);
  const cause = closed
    ? `${closed.name} is ${closed.forbids} here, which forbids user namespaces to ordinary users`
    : 'this system does not let an ordinary user make network namespaces (a container needs CAP_SYS_ADMIN and CAP_NET_ADMIN, or a seccomp profile that allows unshare)';
  const remedy = closed
    ? `Run it as root, or allow user namespaces until the next boot with "sudo sysctl -w ${closed.name}=${closed.allows}".`
    : 'Run it as root.';
  return `The demo network was not made: ${cause}${said === '' ? '' : ` ("${said}")`}. Nothing was changed. ${remedy}`;
}

/** A file system of our own on /run/netns, because ordinary users cannot write there; /run where there is no /run/netns yet. */
const HOLD =
  'if [ -d /run/netns ]; then mount -t tmpfs tmpfs /run/netns; else mount -t tmpfs tmpfs /run; fi && echo held && exec cat';

function holderReady(holder: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    let said = '';
    holder.stdout?.once('data', () => resolve(null));
    holder.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    holder.once('error', (error) => resolve(error.message));
    holder.once('close', () => resolve(said.trim() || 'unshare ended without a message'));
  });
}

async function inUserNamespace(): Promise<Privilege> {
  const holder = spawn('unshare', ['-U', '-r', '-n', '-m', '--propagation', 'private', 'sh', '-c', HOLD], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C in a terminal ends us, and the holder only after the network has been taken down.
    detached: true,
  });
  const refused = await holderReady(holder);
  if (refused !== null || holder.pid === undefined) {
    throw new NotPermitted(whyNotPermitted(refused ?? ''));
  }
  const enter = ['nsenter', '-t', String(holder.pid), '-U', '-m', '-n', '--preserve-credentials'];
  const entered = await attempt([...enter, 'ip', 'netns', 'list']);
  if (entered.code !== 0) {
    holder.kill('SIGKILL');
    throw new NotPermitted(whyNotPermitted(entered.stderr.trim()));
  }
  return {
    as: 'user-namespace',
    enter,
    holder: holder.pid,
    release: () =>
      new Promise((resolve) => {
        if (holder.exitCode !== null || holder.signalCode !== null) {
          return resolve();
        }
        holder.once('close', () => resolve());
        holder.stdin?.end();
      }),
  };
}

export async function obtainPrivilege(): Promise<Privilege> {
  return mayAsRoot() ? { as: 'root', enter: [], holder: null, release: () => Promise.resolve() } : inUserNamespace();
}
