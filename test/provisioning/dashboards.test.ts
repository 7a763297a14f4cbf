/** Dashboards that can be embedded and shared as they are: one identity, one datasource, nothing to choose. */
import { describe, expect, it } from 'vitest';
import { app, dashboardFiles, dashboards, datasources, nested, text, under } from './files.ts';

/** Panels of Grafana itself that the dashboards use. */
const CORE_PANELS = ['table', 'timeseries'];
const OWN_PANELS = [...nested].flatMap(([path, { id, type }]) =>
  type === 'panel' && app.includes?.some((include) => include.type === 'panel' && include.path === path) ? [id] : []
);

describe.each(dashboards.map((dashboard, index) => [dashboardFiles[index]!, dashboard] as const))(
  '%s',
  (file, dashboard) => {
    it('has a fixed identity and no number of one database', () => {
      expect(dashboard.uid).toMatch(/^[a-z0-9-]{1,40}$/);
      expect(dashboard.id ?? null).toBeNull();
    });

    it('has no variables', () => {
      expect(dashboard.templating.list).toEqual([]);
      expect(text(file)).not.toMatch(/\$\{(?!__field\b)|\[\[|"\$[A-Za-z]/);
    });

    it('has no library panels', () => {
      expect(under(dashboard, 'libraryPanel')).toEqual([]);
      expect(under(dashboard, '__elements')).toEqual([]);
    });

    it('asks only the datasource that is provisioned', () => {
      const asked = under(dashboard, 'datasource');
      expect(asked.length).toBeGreaterThan(dashboard.panels.length);
      const known = datasources.map(({ type, uid }) => ({ type, uid }));
      for (const each of asked) expect(known).toContainEqual(each);
      expect(known).toContainEqual({ type: 'clearpath-qos-datasource', uid: 'clearpath-qos' });
    });

    it('shows panels that Grafana or this app has', () => {
      for (const { type, title } of dashboard.panels) expect([...CORE_PANELS, ...OWN_PANELS], title).toContain(type);
    });

    it('gives each panel its own number and its own place', () => {
      const ids = dashboard.panels.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}/${y + Math.floor(cell / w)}`)
      );
      expect(new Set(cells).size).toBe(cells.length);
      for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    });

    it('is shipped with the app under its own title', () => {
      expect(app.includes).toContainEqual(
        expect.objectContaining({ type: 'dashboard', name: dashboard.title, path: file })
      );
    });
  }
);

it('has no identity twice', () => {
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
});
