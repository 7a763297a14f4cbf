/** For tests: the sidecar as it is started, on a free port of loopback with a state of its own, and what calls it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '../api/contract.ts';
import { readSettings, startDaemon, type Daemon } from './index.ts';

process.env.CLEARPATH_LOG_LEVEL = 'silent';

export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}
/** Whose word a call is: a token, and for the bridge's the Grafana user it speaks for. */
export interface Who {
  token?: string | undefined;
  login?: string;
  role?: string;
}

export interface Sidecar {
  url: string;
  state: string;
  bridge: string;
  direct: string;
  /** @param body an object is sent as JSON, a string as it is */
  call: <T = Problem>(method: string, path: string, who: Who, body?: unknown) => Promise<Answer<T>>;
  as: (role: string, login?: string) => Who;
  close: () => Promise<void>;
}

export async function call<T>(url: string, method: string, path: string, who: Who, body?: unknown): Promise<Answer<T>> {
  const headers: Record<string, string> = {
    ...(who.token === undefined ? {} : { authorization: `Bearer ${who.token}` }),
    // Logins travel as UTF-8 bytes; fetch writes each character as one byte.
    ...(who.login === undefined ? {} : { 'x-clearpath-login': Buffer.from(who.login).toString('latin1') }),
    ...(who.role === undefined ? {} : { 'x-clearpath-role': who.role }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const sent = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const response = await fetch(url + path, { method, headers, ...(sent === undefined ? {} : { body: sent }) });
  const text = await response.text();
  const json = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: (json ? JSON.parse(text) : text) as T };
}

/**
 * @param documents texts that are given as files at the start, by file name
 * @param more of the environment
 */
export async function startSidecar(
  documents: Record<string, string> = {},
  state = mkdtempSync(join(tmpdir(), 'clearpath-sidecar-')),
  more: Record<string, string> = {}
): Promise<Sidecar> {
  const files = Object.entries(documents).map(([name, text]) => {
    const file = join(state, name);
    writeFileSync(file, text);
    return file;
  });
  const environment = {
    CLEARPATH_STATE: state,
    CLEARPATH_LISTEN: '127.0.0.1:0',
    CLEARPATH_DOCUMENTS: files.join(':'),
    ...more,
  };
  const daemon: Daemon = await startDaemon(readSettings(environment), '0.0.0-test');
  const token = (name: string) => readFileSync(join(state, name), 'utf8').trim();
  const bridge = token('bridge.token');
  return {
    url: daemon.url,
    state,
    bridge,
    direct: token('direct.token'),
    call: (method, path, who, body) => call(daemon.url, method, path, who, body),
    as: (role, login = 'ann') => ({ token: bridge, role, login }),
    close: daemon.close,
  };
}

export const policyText = (name = 'branch', spec = 'bandwidth: 10mbit'): string =>
  `apiVersion: clearpath/v1\nkind: Policy\nmetadata: { name: ${name} }\nspec:\n  ${spec}\n  classes:\n    - { name: voice, match: [ { dscp: [ef] } ], strict: true, guarantee: 1mbit, objective: { latency: { p95: 20ms }, loss: 1% } }\n    - { name: rest, default: true }\n`;

export const targetText = (name: string, namespace?: string): string =>
  `apiVersion: clearpath/v1\nkind: Target\nmetadata: { name: ${name}, labels: { site: ${name} } }\nspec: { platform: linux${namespace ? `, namespace: ${namespace}` : ''} }\n`;

export const bindingText = (name: string, target: string, device = 'lo', policy = 'branch'): string =>
  `apiVersion: clearpath/v1\nkind: Binding\nmetadata: { name: ${name} }\nspec: { policy: ${policy}, target: ${target}, interfaces: [ ${device} ] }\n`;

/** Why no network namespace can be made and shaped here, or null. */
export const namespaceMissing: string | null = (() => {
  const name = `cpt-try-${process.pid}`;
  const made = spawnSync('ip', ['netns', 'add', name]);
  if (made.status !== 0) {
    return 'needs root to make a network namespace';
  }
  const shaped = spawnSync('tc', ['-n', name, 'qdisc', 'add', 'dev', 'lo', 'root', 'htb', 'default', '1']);
  spawnSync('ip', ['netns', 'del', name]);
  return shaped.status === 0 ? null : 'this kernel has no HTB';
})();

/** A network namespace whose only interface is its loopback. */
export function makeNamespace(): {
  name: string;
  tc: (...args: string[]) => string;
  ip: (...args: string[]) => string;
  remove: () => void;
} {
  const name = `cpt-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  execFileSync('ip', ['netns', 'add', name]);
  return {
    name,
    tc: (...args) => execFileSync('tc', ['-n', name, ...args], { encoding: 'utf8' }),
    ip: (...args) => execFileSync('ip', ['-n', name, ...args], { encoding: 'utf8' }),
    remove: () => execFileSync('ip', ['netns', 'del', name]),
  };
}

export const removeState = (state: string): void => rmSync(state, { recursive: true, force: true });
