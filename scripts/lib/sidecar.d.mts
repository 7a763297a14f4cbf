import type { Service } from './service.mjs';

export interface SidecarOptions {
  root: string;
  /** Folder of its database. */
  state: string;
  port: number;
  tokenFile: string;
  /** The demo's way into its namespaces; empty as root. */
  enter?: string[];
  /** Files and folders imported at the first start. */
  documents?: string[];
  log: string;
  env?: Record<string, string>;
  /** Gets the service as soon as its process exists. */
  spawned?(service: RunningSidecar): void;
}

export interface RunningSidecar extends Service {
  url: string;
}

export function startSidecar(options: SidecarOptions): Promise<RunningSidecar>;
