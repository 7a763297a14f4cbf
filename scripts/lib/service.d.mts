import type { ProcessIdentity } from './processes.mjs';

export interface Service {
  name: string;
  log: string;
  identity: ProcessIdentity | null;
  /** How it ended, or null while it runs. */
  readonly ended: string | null;
  exited: Promise<string>;
  /** Ends it and everything in its process group. */
  stop(): Promise<void>;
}
export function tailOf(log: string, lines?: number): string;
export function startService(options: {
  name: string;
  argv: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  log: string;
}): Service;
export function untilReady(service: Service, url: string, timeout?: number): Promise<void>;
