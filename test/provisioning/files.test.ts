/** The provisioning files as files: they parse, and what they leave open is filled in wherever Grafana is started. */
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { apps, app, datasources, files, nested, text } from './files.ts';

const PROVISIONING = files('provisioning/*/*.yaml');

it('are there', () => {
  expect(PROVISIONING.length).toBeGreaterThanOrEqual(5);
});

describe.each(PROVISIONING)('%s', (file) => {
  it('is one YAML document without errors, warnings and repeated keys', () => {
    const documents = parseAllDocuments(text(file), { uniqueKeys: true });
    expect(documents).toHaveLength(1);
    expect([...documents[0]!.errors, ...documents[0]!.warnings]).toEqual([]);
    expect(documents[0]!.get('apiVersion')).toBe(1);
  });

  it('leaves open only what `npm start` and docker-compose.yaml give', () => {
    // Grafana expands $NAME and ${NAME} in values; $labels is a word of its own templates.
    const values = text(file)
      .replaceAll(/^\s*#.*$/gm, '')
      .replaceAll(/\{\{.*?\}\}/g, '');
    const open = [...values.matchAll(/(?<!\$)\$\{?([A-Za-z_]\w*)/g)].map(([, name]) => name!);
    const starters = {
      'scripts/lib': files('scripts/lib/*.mjs').map(text).join('\n'),
      'docker-compose.yaml': text('docker-compose.yaml'),
    };
    for (const [starter, source] of Object.entries(starters)) {
      expect(
        open.filter((name) => !new RegExp(`\\b${name}[:=]`).test(source)),
        starter
      ).toEqual([]);
    }
  });
});

it('keep secrets out of what a Viewer may read', () => {
  for (const { jsonData } of datasources as Array<{ jsonData?: object }>) {
    expect(Object.keys(jsonData ?? {}).filter((key) => /token|password|secret/i.test(key))).toEqual([]);
  }
});

it('provision the datasource that the pages, panels and rules ask, by the type of its manifest', () => {
  const type = nested.get('datasource/plugin.json')!.id;
  expect(datasources.map(({ uid }) => uid)).toContain('clearpath-qos');
  expect(datasources.find(({ uid }) => uid === 'clearpath-qos')!.type).toBe(type);
});

it('switch the app on, with that datasource', () => {
  expect(apps.map(({ type, jsonData }) => [type, jsonData.datasourceUid])).toEqual([[app.id, 'clearpath-qos']]);
});
