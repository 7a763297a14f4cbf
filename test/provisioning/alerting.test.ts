/** Alert rules and contact points as Grafana takes them from files, and what they leave to the operator. */
import { describe, expect, it } from 'vitest';
import { contactPoints, dashboards, datasources, files, groups, provisioned, rules, text } from './files.ts';

const UID = /^[A-Za-z0-9_-]{1,40}$/;
const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };
function seconds(duration: string): number {
  const parts = [...duration.matchAll(/(\d+)([smhd])/g)];
  expect(parts.map(([whole]) => whole).join('')).toBe(duration);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * SECONDS[unit!]!, 0);
}
const unique = (values: readonly string[]) => expect(values.toSorted()).toEqual([...new Set(values)].sort());

describe.each(groups.map((group) => [group.name, group] as const))('the group "%s"', (_name, group) => {
  it('is evaluated at a multiple of 10 s, which is all that Grafana does', () => {
    expect(seconds(group.interval)).toBeGreaterThan(0);
    expect(seconds(group.interval) % 10).toBe(0);
  });

  it('names its organisation, folder and rules', () => {
    expect(group).toMatchObject({ orgId: expect.any(Number), folder: expect.stringMatching(/\S/) });
    expect(group.rules.length).toBeGreaterThan(0);
  });
});

describe.each(rules.map((rule) => [rule.title, rule] as const))('the rule "%s"', (_title, rule) => {
  it('has an identity that Grafana takes: at most 40 letters, digits, "-" and "_"', () => {
    expect(rule.uid).toMatch(UID);
  });

  it('is routed by its own notification settings, to a contact point that is provisioned', () => {
    expect(contactPoints.map(({ name }) => name)).toContain(rule.notification_settings?.receiver);
  });

  it('decides on one of its own queries, each of which asks a datasource that is there', () => {
    const refIds = rule.data.map(({ refId }) => refId);
    unique(refIds);
    expect(refIds).toContain(rule.condition);
    for (const { refId, datasourceUid, model } of rule.data) {
      expect(model).toMatchObject({ refId, datasource: { uid: datasourceUid } });
      const type = datasources.find(({ uid }) => uid === datasourceUid)?.type;
      expect(model.datasource.type).toBe(datasourceUid === '__expr__' ? '__expr__' : type);
      expect(model.datasource.type).toBeDefined();
    }
  });

  it('says for how long, and what no data and an error mean', () => {
    expect(seconds(rule.for) % 10).toBe(0);
    expect(['NoData', 'Alerting', 'OK', 'KeepLast']).toContain(rule.noDataState);
    expect(['Error', 'Alerting', 'OK', 'KeepLast']).toContain(rule.execErrState);
  });

  it('leaves severity, service, site and class to the figures, one alert for each', () => {
    for (const label of ['severity', 'service', 'site', 'traffic_class']) {
      expect(rule.labels ?? {}).not.toHaveProperty(label);
    }
  });

  it('leads to a panel that exists', () => {
    const { __dashboardUid__: uid, __panelId__: panel } = rule.annotations;
    const dashboard = dashboards.find((each) => each.uid === uid);
    expect(dashboard?.panels.map(({ id }) => String(id))).toContain(panel);
  });
});

it('gives no identity twice', () => {
  unique(rules.map(({ uid }) => uid));
  unique(groups.flatMap(({ folder, rules: own }) => own.map(({ title }) => `${folder}/${title}`)));
  unique(contactPoints.map(({ name }) => name));
  const receivers = contactPoints.flatMap((point) => point.receivers);
  unique(receivers.map(({ uid }) => uid));
  for (const { uid, type } of receivers) {
    expect([uid, type]).toEqual([expect.stringMatching(UID), expect.stringMatching(/\S/)]);
  }
});

it('leaves the operator’s notification policies alone, unless the opt-in file is copied in', () => {
  for (const file of provisioned<object>('alerting')) {
    expect(Object.keys(file)).not.toContain('policies');
    expect(Object.keys(file)).not.toContain('resetPolicies');
  }
  for (const loader of ['docker-compose.yaml', ...files('scripts/lib/*.mjs')]) {
    expect(text(loader), loader).not.toContain('alerting-opt-in');
  }
});
