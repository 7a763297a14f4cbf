/** What Grafana reads at its start, as plain data: provisioning files, dashboards, and the manifests of what they name. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
export const files = (pattern: string): string[] => globSync(pattern, { cwd: ROOT }).sort();
/** @param kind a folder of provisioning/ that Grafana looks into */
export const provisioned = <T>(kind: string): T[] =>
  files(`provisioning/${kind}/*.yaml`).map((file) => parse(text(file)) as T);

export interface DatasourceRef {
  type: string;
  uid: string;
}
export interface Rule {
  uid: string;
  title: string;
  condition: string;
  data: Array<{ refId: string; datasourceUid: string; model: { refId: string; datasource: DatasourceRef } }>;
  for: string;
  noDataState: string;
  execErrState: string;
  labels?: Record<string, string>;
  annotations: Record<string, string>;
  notification_settings?: { receiver: string };
}
export interface AlertingFile {
  groups?: Array<{ orgId: number; name: string; folder: string; interval: string; rules: Rule[] }>;
  contactPoints?: Array<{ orgId: number; name: string; receivers: Array<{ uid: string; type: string }> }>;
}
export interface Dashboard {
  uid: string;
  title: string;
  id?: number | null;
  templating: { list: unknown[] };
  panels: Array<{ id: number; type: string; title: string; gridPos: Record<'x' | 'y' | 'w' | 'h', number> }>;
}
export interface Manifest {
  id: string;
  type: string;
  name: string;
  includes?: Array<{ type: string; name: string; path: string }>;
}

export const groups = provisioned<AlertingFile>('alerting').flatMap((file) => file.groups ?? []);
export const rules = groups.flatMap((group) => group.rules);
export const contactPoints = provisioned<AlertingFile>('alerting').flatMap((file) => file.contactPoints ?? []);
export const datasources = provisioned<{ datasources: Array<DatasourceRef & { name: string }> }>('datasources').flatMap(
  (file) => file.datasources
);
export const apps = provisioned<{ apps: Array<{ type: string; jsonData: { datasourceUid: string } }> }>(
  'plugins'
).flatMap((file) => file.apps);

export const dashboardFiles = files('dashboards/*.json');
export const dashboards = dashboardFiles.map((file) => JSON.parse(text(file)) as Dashboard);

const manifest = (file: string) => JSON.parse(text(file)) as Manifest;
export const app = manifest('plugin.json');
/** By the path that the app's manifest gives them. */
export const nested = new Map(
  files('src/*/plugin.json').map((file) => [file.slice('src/'.length), manifest(file)] as const)
);

/** Every value under the key, wherever it stands in the tree. */
export function under(tree: unknown, key: string): unknown[] {
  if (tree === null || typeof tree !== 'object') {
    return [];
  }
  return Object.entries(tree).flatMap(([name, value]) => [...(name === key ? [value] : []), ...under(value, key)]);
}
