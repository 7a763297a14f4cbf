/** How the daemon is told what to do: environment variables, each with a safe default. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { StoreOptions } from '../store/index.ts';
import { enterPrefix } from '../target/index.ts';

export interface Settings {
  /** CLEARPATH_STATE: directory of the store and the tokens */
  state: string;
  /** DATABASE_URL, CLEARPATH_AUDIT_KEY_FILE */
  store: StoreOptions;
  /** CLEARPATH_LISTEN: host:port; loopback unless asked otherwise */
  host: string;
  port: number;
  /** CLEARPATH_DOCUMENTS: files or directories, divided by colons, whose documents are stored when they are not yet */
  documents: string[];
  bridgeTokenFile: string;
  directTokenFile: string;
  enter: string[];
}
export class SettingsError extends Error {}

/** CLEARPATH_STATE, else the user's state directory (XDG Base Directory Specification). */
export function stateDirectory(environment: NodeJS.ProcessEnv): string {
  return (
    environment.CLEARPATH_STATE || join(environment.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'clearpath')
  );
}

/** DATABASE_URL: PostgreSQL instead of SQLite in the state directory. CLEARPATH_AUDIT_KEY_FILE: what the audit is sealed with. */
export const storeOptions = (environment: NodeJS.ProcessEnv): StoreOptions => ({
  databaseUrl: environment.DATABASE_URL || undefined,
  auditKeyFile: environment.CLEARPATH_AUDIT_KEY_FILE || undefined,
});

function enterOf(environment: NodeJS.ProcessEnv): string[] {
  try {
    return enterPrefix(environment);
  } catch {
    throw new SettingsError(
      'CLEARPATH_ENTER is not a JSON list of strings, e.g. ["nsenter", "-t", "4711", "-U", "-m"].'
    );
  }
}

export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const state = stateDirectory(environment);
  const listen = environment.CLEARPATH_LISTEN || '127.0.0.1:8003';
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(listen);
  if (!match || Number(match[3]) > 65535) {
    throw new SettingsError(`CLEARPATH_LISTEN is "${listen}"; write host:port, e.g. 127.0.0.1:8003.`);
  }
  return {
    state,
    store: storeOptions(environment),
    host: match[1] ?? match[2]!,
    port: Number(match[3]),
    documents: (environment.CLEARPATH_DOCUMENTS ?? '').split(':').filter(Boolean),
    bridgeTokenFile: environment.CLEARPATH_BRIDGE_TOKEN_FILE || join(state, 'bridge.token'),
    directTokenFile: environment.CLEARPATH_DIRECT_TOKEN_FILE || join(state, 'direct.token'),
    enter: enterOf(environment),
  };
}

/** Reads a token, or makes one at first start; only its owner may read the file. */
export function readToken(path: string): string {
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  }
  const token = readFileSync(path, 'utf8').trim();
  if (token.length < 16) {
    throw new SettingsError(
      `${path} holds no usable token (at least 16 characters). Delete it to have a new one made.`
    );
  }
  return token;
}

/** @throws SettingsError where both are one: whoever has it could then speak for any user. */
export function readTokens({ bridgeTokenFile, directTokenFile }: Settings): { bridge: string; direct: string } {
  const [bridge, direct] = [readToken(bridgeTokenFile), readToken(directTokenFile)];
  if (bridge === direct) {
    throw new SettingsError(
      `${bridgeTokenFile} and ${directTokenFile} hold the same token; each needs its own. Delete one to have a new one made.`
    );
  }
  return { bridge, direct };
}
