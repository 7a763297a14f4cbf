/** The app's manifest against what it includes, and every list of plugin ids against the manifests. */
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { app, dashboardFiles, nested, text } from './files.ts';

const IDS = [app.id, ...[...nested.values()].map(({ id }) => id)].sort();
const KINDS = ['datasource', 'panel'];

it('includes every nested plugin under its type and name, and no other', () => {
  const included = app.includes!.filter(({ type }) => KINDS.includes(type));
  expect(included.map(({ type, name, path }) => [path, type, name]).sort()).toEqual(
    [...nested].map(([path, { type, name }]) => [path, type, name]).sort()
  );
});

it('includes every dashboard, and no other', () => {
  const included = app.includes!.filter(({ type }) => type === 'dashboard');
  expect(included.map(({ path }) => path).sort()).toEqual(dashboardFiles);
});

it('has the one manifest where Grafana’s tools look for it as well', () => {
  expect(JSON.parse(text('src/plugin.json'))).toEqual(app);
  expect(
    existsSync(new URL('../../src/module.tsx', import.meta.url)) ||
      existsSync(new URL('../../src/module.ts', import.meta.url))
  ).toBe(true);
});

/** Grafana loads an unsigned plugin only when it is named, nested ones too. */
const ALLOWED: Record<string, (source: string) => string[]> = {
  'scripts/lib/grafana.mjs': (source) => {
    const [, list = ''] = /UNSIGNED = \[(.*?)\]/s.exec(source) ?? [];
    return list.split(',').map((word) =>
      word
        .trim()
        .replace(/^'|'$/g, '')
        .replace(/^PLUGIN$/, app.id)
    );
  },
  'docker-compose.yaml': (source) => /ALLOW_LOADING_UNSIGNED_PLUGINS: (\S+)/.exec(source)?.[1]?.split(',') ?? [],
};

it.each(Object.entries(ALLOWED))('%s lets Grafana load exactly these plugins', (file, listed) => {
  expect(listed(text(file)).sort()).toEqual(IDS);
});

it('calls the app by its id in the launcher', () => {
  expect(text('scripts/lib/grafana.mjs')).toContain(`PLUGIN = '${app.id}'`);
});
