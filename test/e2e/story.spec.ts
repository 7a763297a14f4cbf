/** The operator's story, end to end: real packets, real kernel, real Grafana, real browser. Steps build on each other. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { AuditEntry, ComplianceRow, Deployment } from '../../backend/api/contract.ts';
import { testIds } from '../../src/testIds.ts';
import { app, shot } from './operator.ts';
import { login, test, theme, until, type World } from './world.ts';

const VIOLATED_RULE = 'SLA objective violated';
const noc = (world: World) => `${world.grafana.url}/d/clearpath-noc/clearpath-noc?kiosk`;

interface RuleState {
  data: {
    groups: Array<{
      rules: Array<{
        name: string;
        state: string;
        health?: string;
        lastError?: string;
        alerts?: Array<{ state: string; labels: Record<string, string> }>;
      }>;
    }>;
  };
}
const alerts = async (world: World) => {
  const rules = (await world.grafanaApi<RuleState>('/api/prometheus/grafana/api/v1/rules')).data.groups.flatMap(
    (group) => group.rules
  );
  return rules.find((rule) => rule.name === VIOLATED_RULE)?.alerts ?? [];
};
const firing = (world: World, objective: string) => async () =>
  (await alerts(world)).find(
    (alert) =>
      /^(Alerting|Firing)/i.test(alert.state) &&
      alert.labels.traffic_class === 'voice' &&
      alert.labels.objective === objective
  );
const voiceLatency = async (world: World) =>
  (await world.api<ComplianceRow[]>('sla')).find(
    (row) => row.trafficClass === 'voice' && row.objective === 'latency.p95'
  );

test.describe.configure({ mode: 'serial' });

let page: Page;
let before: string;
test.beforeAll(async ({ browser, world }) => {
  page = await browser.newPage();
  await login(page, world.grafana.url);
  before = await world.tc('-d', 'qdisc', 'show', 'dev', 'wan0');
});
test.afterAll(async () => {
  await page?.close();
});

const voicePanelRow = (): Locator =>
  page
    .locator('[data-verdict]')
    .filter({ hasText: /voice/i })
    .filter({ hasText: /latency/i })
    .first();

test('bulk floods the link: within 30 s the panel shows the violation of voice with its numbers', async ({ world }) => {
  await page.goto(noc(world));
  await expect(page.locator('[data-verdict]').first()).toBeVisible({ timeout: 60_000 });
  await until('An idle minute’s first figures', 40, async () => ((await voiceLatency(world))?.samples ?? 0) > 200);
  await world.demo.flood(true);
  const began = Date.now();
  await expect(voicePanelRow()).toHaveAttribute('data-verdict', 'violated', { timeout: 30_000 });
  console.log(`      violation on the panel after ${((Date.now() - began) / 1000).toFixed(1)} s`);
  const row = (await voiceLatency(world))!;
  expect(row.value).toBeGreaterThan(20_000);
  await expect(voicePanelRow()).toContainText(/\d+(\.\d+)?\s*ms/);
});

test('the provisioned alert rule fires with severity, service, site and traffic class, and on-call is told', async ({
  world,
}) => {
  const alert = await until('The alert on voice latency', 60, firing(world, 'latency.p95'));
  expect(alert.labels).toMatchObject({
    severity: 'critical',
    service: 'branch-edge',
    site: 'branch',
    traffic_class: 'voice',
  });
  await until('The page to on-call', 60, async () => world.paged.some((line) => /voice/.test(line)));
  await page.waitForTimeout(3000);
  await shot(page, 'noc-violated-dark');
});

test('the overview says what is violated and that no policy is in force', async ({ world }) => {
  await page.goto(app(world, 'overview'));
  await expect(page.getByTestId(testIds.objective('branch-wan', 'voice', 'latency.p95'))).toHaveAttribute(
    'data-verdict',
    'violated'
  );
  await expect(page.getByTestId(testIds.bindingState('branch-wan'))).toHaveAttribute('data-state', 'not-applied');
  await shot(page, 'overview-violated-dark');
});

test('an edit that guarantees more than the link has is shown as what it is, at its line, and is not saved', async ({
  world,
}) => {
  await page.goto(app(world, 'policies'));
  await page.getByTestId(testIds.policyRow('branch-edge')).getByRole('link').first().click();
  await expect(page.getByTestId(testIds.allocation)).toBeVisible();
  await shot(page, 'policy-dark');
  await page.locator(`[data-testid="${testIds.editor}"] .view-lines`).click();
  await page.keyboard.press('Control+End');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('End');
  for (let i = 0; i < 3; i++) await page.keyboard.press('Backspace');
  await page.keyboard.type('70%');
  const finding = page.getByTestId(testIds.finding('CP-GUARANTEE-SUM'));
  await expect(finding).toBeVisible();
  await expect(finding).toContainText('22.8 Mbit/s');
  await expect(finding).toContainText('29');
  await expect(page.getByTestId(testIds.allocationOver)).toBeVisible();
  await expect(page.getByTestId(testIds.save)).toHaveAttribute('aria-disabled', 'true');
  await shot(page, 'policy-oversubscribed-dark');
});

test('corrected and saved, its plan shows the exact tc operations, and applying confirms them by reading back', async ({
  world,
}) => {
  await page.locator(`[data-testid="${testIds.editor}"] .view-lines`).click();
  await page.keyboard.press('Control+End');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('End');
  for (let i = 0; i < 3; i++) await page.keyboard.press('Backspace');
  await page.keyboard.type('45%');
  await expect(page.getByTestId(testIds.finding('CP-GUARANTEE-SUM'))).toHaveCount(0);
  await page.getByTestId(testIds.save).click();
  await expect(page.getByTestId(testIds.editState)).toHaveAttribute('data-state', 'saved');
  await page.getByTestId(testIds.plan).click();
  await expect(page.getByTestId(testIds.planView)).toContainText(
    'class add dev wan0 parent 1:1 classid 1:10 htb rate 1900kbit ceil 1900kbit'
  );
  await shot(page, 'plan-dark');
  await page.getByTestId(testIds.apply).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByTestId(testIds.outcome)).toHaveAttribute('data-state', 'confirmed');
  await shot(page, 'applied-dark');
  expect(await world.tc('class', 'show', 'dev', 'wan0')).toMatch(
    /class htb 1:10 parent 1:1 .*rate 1900Kbit ceil 1900Kbit/
  );
});

test('the audit says who, what, when, and the plan', async ({ world }) => {
  const [entry] = (await world.api<AuditEntry[]>('audit?limit=10')).filter((item) => item.action === 'apply');
  expect(entry).toMatchObject({ by: 'admin', role: 'Admin', outcome: 'done' });
  expect(entry!.subject).toContain('branch-wan');
  expect(entry!.detail).toContain('class add dev wan0 parent 1:1 classid 1:10 htb rate 1900kbit');
  expect(Math.abs(Date.now() - entry!.at)).toBeLessThan(60_000);
});

test('applying again does nothing, and a changed ceiling would be one class change', async ({ world }) => {
  await page.goto(app(world, 'policies/branch-edge?tab=plan'));
  await expect(page.getByTestId(testIds.planNothing)).toBeVisible();
  await world.grafanaApi('/api/datasources/uid/clearpath-qos/resources/policies/branch-edge');
  const saved = await world.grafanaApi<{ source: string }>(
    '/api/datasources/uid/clearpath-qos/resources/policies/branch-edge'
  );
  const plan = await world.grafanaApi<{ operations: Array<{ command: string }> }>(
    '/api/datasources/uid/clearpath-qos/resources/bindings/branch-wan/plan',
    {
      method: 'POST',
      body: { source: saved.source.replace('ceiling: 20%', 'ceiling: 25%') },
    }
  );
  expect(plan.operations.map((operation) => operation.command)).toEqual([
    expect.stringMatching(/^class change dev wan0 parent 1:1 classid 1:12 .* ceil 4750kbit/),
  ]);
});

test('a viewer may look at everything and change nothing', async ({ browser, world }) => {
  await world.grafanaApi('/api/admin/users', {
    method: 'POST',
    body: { name: 'Vera', login: 'vera', password: 'vera-looks', email: 'vera@example.com', OrgId: 1 },
  });
  const context = await browser.newContext();
  const other = await context.newPage();
  await login(other, world.grafana.url, 'vera', 'vera-looks');
  await other.goto(app(world, 'policies/branch-edge?tab=deployments'));
  const [inForce] = (await world.api<Deployment[]>('deployments')).filter((item) => item.state === 'confirmed');
  await expect(other.getByTestId(testIds.rollback(inForce!.id))).toHaveAttribute('aria-disabled', 'true');
  const refused = await other.request.post(
    `${world.grafana.url}/api/datasources/uid/clearpath-qos/resources/bindings/branch-wan/rollback`,
    { data: {}, headers: { 'X-Grafana-User': 'admin', 'X-Clearpath-Role': 'Admin' } }
  );
  expect(refused.status()).toBe(403);
  expect(await refused.json()).toMatchObject({ code: 'CP-RIGHTS' });
  await context.close();
});

test('voice returns below 20 ms while bulk still floods; panel and alert recover', async ({ world }) => {
  await page.goto(noc(world));
  await expect(voicePanelRow()).toHaveAttribute('data-verdict', 'compliant', { timeout: 150_000 });
  expect(world.demo.flooding).toBe(true);
  const row = (await voiceLatency(world))!;
  console.log(
    `      voice P95 under flood: ${(row.value! / 1000).toFixed(2)} ms, ${row.samples} samples, coverage ${row.coverage.toFixed(3)}`
  );
  expect(row.value).toBeLessThan(20_000);
  await until('The recovery of the alert', 60, async () => !(await firing(world, 'latency.p95')()));
  await expect(page.locator('[data-state]').filter({ hasText: /bulk/i }).first()).toBeVisible();
  await shot(page, 'noc-recovered-dark');
  await page.goto(app(world, 'overview'));
  await expect(page.getByTestId(testIds.bindingState('branch-wan'))).toHaveAttribute('data-state', 'in-force');
  await shot(page, 'overview-recovered-dark');
});

test('light is as readable as dark', async ({ world }) => {
  await theme(page, world.grafana.url, 'light');
  for (const [name, url] of [
    ['noc-light', noc(world)],
    ['overview-light', app(world, 'overview')],
    ['policy-light', app(world, 'policies/branch-edge')],
    ['deployments-light', app(world, 'policies/branch-edge?tab=deployments')],
  ] as const) {
    await page.goto(url);
    await page.waitForTimeout(2500);
    await shot(page, name);
  }
  await expect(page.locator('body')).toHaveCSS('background-color', 'rgb(244, 245, 245)');
  await theme(page, world.grafana.url, 'dark');
});

test('after a restart the policy is still in force and the figures go on', async ({ world }) => {
  await world.restartSidecar();
  expect(await world.tc('class', 'show', 'dev', 'wan0')).toMatch(/class htb 1:10/);
  await page.goto(app(world, 'overview'));
  await expect(page.getByTestId(testIds.bindingState('branch-wan'))).toHaveAttribute('data-state', 'in-force');
});

test('a rollback from the page restores the earlier state of the edge exactly', async ({ world }) => {
  const [inForce] = (await world.api<Deployment[]>('deployments')).filter(
    (item) => item.action === 'apply' && item.state === 'confirmed'
  );
  await page.goto(app(world, 'policies/branch-edge?tab=deployments'));
  await page.getByTestId(testIds.rollback(inForce!.id)).click();
  await expect(page.getByTestId(testIds.rollbackPlan)).toContainText('qdisc del dev wan0 root');
  await page.getByTestId(testIds.rollbackApply).click();
  const confirm = page.getByRole('dialog').getByRole('button', { name: /roll back/i });
  if (await confirm.count()) {
    await confirm
      .last()
      .click()
      .catch(() => undefined);
  }
  await until(
    'The rollback',
    20,
    async () =>
      (await world.api<Deployment[]>('deployments')).find((item) => item.id === inForce!.id)?.state === 'rolled-back'
  );
  expect(await world.tc('-d', 'qdisc', 'show', 'dev', 'wan0')).toBe(before);
});
