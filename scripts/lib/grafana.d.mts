import type { Service } from './service.mjs';

export type FoundGrafana = { kind: 'home'; home: string; binary: string } | { kind: 'docker'; image: string };

export interface GrafanaOptions {
  found: FoundGrafana;
  /** Folder for its database and plugins; a temporary one gives a Grafana of its own. */
  data: string;
  /** The built plugin. */
  dist: string;
  /** Folder of datasources/, dashboards/, alerting/, plugins/. */
  provisioning: string;
  /** 0 takes a free one; a taken one is replaced by a free one. */
  port?: number;
  /** Of `admin`, at the first start with this data. */
  password?: string;
  /** What provisioning files refer to as $NAME, and further GF_ settings. */
  env?: Record<string, string>;
  log?: string;
  /** Milliseconds until it must answer. */
  timeout?: number;
  /** Gets the service as soon as its process exists. */
  spawned?(service: RunningGrafana): void;
}

export interface RunningGrafana extends Service {
  url: string;
  port: number;
  user: string;
  password: string;
  version: string;
  /** Its container's name where it runs in Docker. */
  container: string | null;
}

export const PLUGIN: string;
export const NO_GRAFANA: string;
export function findGrafana(options?: { env?: NodeJS.ProcessEnv }): Promise<FoundGrafana | null>;
export function describeGrafana(found: FoundGrafana): string;
export function startGrafana(options: GrafanaOptions): Promise<RunningGrafana>;
