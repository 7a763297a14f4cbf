/** What is shipped as files: the dashboard can be embedded, the rules route themselves, the ids agree. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { QUERY_TYPES, SLA_FORMATS, SLA_SIGNALS } from './query.ts';

const ROOT = join(import.meta.dirname, '../..');
const yaml = (path: string) => parse(readFileSync(join(ROOT, 'provisioning', path), 'utf8'));
const noc = JSON.parse(readFileSync(join(ROOT, 'dashboards/noc.json'), 'utf8'));
const rules = yaml('alerting/sla-rules.yaml').groups[0].rules;

/** Every object of a tree that has the key. */
function holding(tree: unknown, key: string): Array<Record<string, unknown>> {
  if (tree === null || typeof tree !== 'object') {
    return [];
  }
  return [
    ...(key in tree ? [tree as Record<string, unknown>] : []),
    ...Object.values(tree).flatMap((value) => holding(value, key)),
  ];
}

describe('the NOC dashboard', () => {
  it('holds no variables and no library panels, so that it can be embedded and shared', () => {
    expect(noc.templating.list).toEqual([]);
    expect(holding(noc, 'libraryPanel')).toEqual([]);
    expect(JSON.stringify(noc)).not.toMatch(/\$\{(?!__field)|\[\[|"\$[a-z]/);
  });

  it('asks the one provisioned datasource, in words that it knows', () => {
    for (const { datasource } of holding(noc, 'datasource')) {
      expect(datasource).toEqual({ type: 'clearpath-qos-datasource', uid: 'clearpath-qos' });
    }
    for (const panel of noc.panels) {
      expect(QUERY_TYPES).toContain(panel.targets[0].type);
    }
    expect(noc.annotations.list[0].target.type).toBe('deployments');
  });

  it('has one id for each panel and no two in one place', () => {
    expect(new Set(noc.panels.map(({ id }: { id: number }) => id)).size).toBe(noc.panels.length);
    const cells = noc.panels.flatMap(({ gridPos: { x, y, w, h } }: { gridPos: Record<string, number> }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}/${y + Math.floor(cell / w)}`)
    );
    expect(new Set(cells).size).toBe(cells.length);
  });
});

describe('the alert rules', () => {
  it.each<string>(rules.map((rule: { title: string }) => rule.title))(
    '«%s» routes itself and links to its panel',
    (title) => {
      const rule = rules.find((candidate: { title: string }) => candidate.title === title);
      expect(rule.uid).toMatch(/^[A-Za-z0-9_-]{1,40}$/);
      expect(rule.notification_settings.receiver).toBe(yaml('alerting/contact-point.yaml').contactPoints[0].name);
      expect(rule.annotations.__dashboardUid__).toBe(noc.uid);
      expect(noc.panels.map(({ id }: { id: number }) => String(id))).toContain(rule.annotations.__panelId__);
      expect(rule.data.map(({ refId }: { refId: string }) => refId)).toContain(rule.condition);
      for (const { refId, model } of rule.data) {
        expect(model.refId).toBe(refId);
      }
    }
  );

  it('ask for a signal of the sidecar', () => {
    for (const { data } of rules) {
      expect(SLA_FORMATS).toContain(data[0].model.format);
      expect(SLA_SIGNALS).toContain(data[0].model.signal);
    }
  });

  it('keep what fires when the sidecar cannot be asked, and wake somebody for that by the other rule', () => {
    const byUid = new Map(rules.map((rule: { uid: string; execErrState: string }) => [rule.uid, rule.execErrState]));
    expect(byUid.get('clearpath-sla-violated')).toBe('KeepLast');
    expect(byUid.get('clearpath-sla-blind')).toBe('Alerting');
  });

  it('are evaluated at a multiple of 10 s', () => {
    expect(parseInt(yaml('alerting/sla-rules.yaml').groups[0].interval, 10) % 10).toBe(0);
  });
});

describe('provisioning', () => {
  it('leaves the notification policy tree of the operator alone', () => {
    for (const file of readdirSync(join(ROOT, 'provisioning/alerting'))) {
      expect(Object.keys(yaml(`alerting/${file}`))).not.toContain('policies');
    }
    expect(Object.keys(yaml('alerting-opt-in/notification-policies.yaml'))).toContain('policies');
  });

  it('keeps the token among the secrets', () => {
    const [datasource] = yaml('datasources/clearpath.yaml').datasources;
    expect(datasource.secureJsonData).toEqual({ token: '$CLEARPATH_TOKEN' });
    expect(datasource.jsonData).toEqual({ url: '$CLEARPATH_URL' });
  });

  it('gives the app the datasource that it provisions', () => {
    const [datasource] = yaml('datasources/clearpath.yaml').datasources;
    expect(yaml('plugins/clearpath.yaml').apps[0].jsonData.datasourceUid).toBe(datasource.uid);
  });
});
