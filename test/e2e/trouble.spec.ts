/** Bad input and bad days: each gives one clear message where the operator is looking, and changes nothing. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { expect, type Page } from '@playwright/test';
import type { BindingSummary, Deployment, Plan } from '../../backend/api/contract.ts';
import { testIds } from '../../src/testIds.ts';
import { app, shot } from './operator.ts';
import { login, test, until, type World } from './world.ts';

test.describe.configure({ mode: 'serial' });

const POLICY = 'datasources/uid/clearpath-qos/resources/policies/branch-edge';
const BINDING = 'datasources/uid/clearpath-qos/resources/bindings/branch-wan';

let page: Page;
test.beforeAll(async ({ browser, world }) => {
  page = await browser.newPage();
  await login(page, world.grafana.url);
});
test.afterAll(async () => {
  await page?.close();
});

test('a foreign tree that could not be restored exactly is not replaced without being told to', async ({ world }) => {
  const peak = ['rate', '15mbit', 'burst', '16kb', 'limit', '100kb', 'peakrate', '20mbit', 'mtu', '1600'];
  await world.tc('qdisc', 'add', 'dev', 'wan0', 'root', 'tbf', ...peak);
  const foreign = await world.tc('qdisc', 'show', 'dev', 'wan0');
  await page.goto(app(world, 'policies/branch-edge?tab=plan'));
  await expect(page.getByTestId(testIds.planForeign)).toContainText('tbf');
  await expect(page.getByTestId(testIds.apply)).toHaveAttribute('aria-disabled', 'true');
  await shot(page, 'plan-foreign-dark');
  const plan = await world.grafanaApi<{ id: string }>(
    '/api/datasources/uid/clearpath-qos/resources/bindings/branch-wan/plan',
    { method: 'POST', body: {} }
  );
  const refused = await world.grafanaApi<{ code: string }>(
    '/api/datasources/uid/clearpath-qos/resources/bindings/branch-wan/apply',
    { method: 'POST', body: { plan: plan.id } }
  );
  expect(refused.code).toBe('CP-FOREIGN');
  expect(await world.tc('qdisc', 'show', 'dev', 'wan0')).toBe(foreign);
  await world.tc('qdisc', 'del', 'dev', 'wan0', 'root');
});

test('a sidecar that is down is said where the operator looks, with what to do', async ({ world }) => {
  await world.restartSidecar(async () => {
    await page.goto(app(world, 'overview'));
    const problem = page.getByTestId(testIds.problem).first();
    await expect(problem).toBeVisible({ timeout: 40_000 });
    await expect(problem).toContainText(/not answer|unreachable|down/i);
    await shot(page, 'sidecar-down-dark');
  });
  await page.goto(app(world, 'overview'));
  await expect(page.getByTestId(testIds.bindingState('branch-wan'))).toBeVisible();
});

test('a wrong token is said as that, and does not sign the operator out', async ({ world }) => {
  await world.withOtherToken(async () => {
    await page.goto(app(world, 'overview'));
    const problem = page.getByTestId(testIds.problem).first();
    await expect(problem).toContainText(/token/i, { timeout: 40_000 });
    await shot(page, 'wrong-token-dark');
    expect(new URL(page.url()).pathname).toContain('/a/clearpath-qos-app');
  });
});

test('an interface that is not there is named, with those that are', async ({ world }) => {
  await world.demo.exec('branch', ['ip', 'link', 'set', 'wan0', 'down']);
  await world.demo.exec('branch', ['ip', 'link', 'set', 'wan0', 'name', 'wan9']);
  try {
    await page.goto(app(world, 'policies/branch-edge?tab=plan'));
    await expect(page.getByTestId(testIds.planView)).toContainText('There is no interface "wan0"');
    await expect(page.getByTestId(testIds.planView)).toContainText('wan9');
    await expect(page.getByTestId(testIds.apply)).toHaveAttribute('aria-disabled', 'true');
  } finally {
    await world.demo.exec('branch', ['ip', 'link', 'set', 'wan9', 'name', 'wan0']);
    await world.demo.exec('branch', ['ip', 'link', 'set', 'wan0', 'up']);
  }
});

test('a malformed document is shown at its line and is not saved', async ({ world }) => {
  await page.goto(app(world, 'policies/branch-edge'));
  await page.locator(`[data-testid="${testIds.editor}"] .view-lines`).click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('    gaurantee: 5%');
  const finding = page.getByTestId(testIds.findings);
  await expect(finding).toContainText(/not YAML|not a key/);
  await expect(page.getByTestId(testIds.save)).toHaveAttribute('aria-disabled', 'true');
  const saved = await world.grafanaApi<{ source: string }>(`/api/${POLICY}`);
  expect(saved.source).not.toContain('gaurantee');
});

/** Plans and applies as the page does; the answer may never come. */
async function applyNow(world: World): Promise<unknown> {
  const plan = await world.grafanaApi<Plan>(`/api/${BINDING}/plan`, { method: 'POST', body: {} });
  return world.grafanaApi(`/api/${BINDING}/apply`, { method: 'POST', body: { plan: plan.id } }).catch(() => undefined);
}

test('killed in the middle of an apply, the sidecar comes back to the old tree or the new one', async ({ world }) => {
  const ended = new Map<string, number>();
  for (const delay of [5, 20, 35, 50, 70, 100]) {
    await world.tc('qdisc', 'del', 'dev', 'wan0', 'root');
    const { source, revision } = await world.grafanaApi<{ source: string; revision: string }>(`/api/${POLICY}`);
    await world.grafanaApi(`/api/${POLICY}`, {
      method: 'PUT',
      body: { source: `${source.trimEnd()}\n# ${delay}\n`, baseRevision: revision },
    });
    const plan = await world.grafanaApi<Plan>(`/api/${BINDING}/plan`, { method: 'POST', body: {} });
    const answer = world
      .grafanaApi(`/api/${BINDING}/apply`, { method: 'POST', body: { plan: plan.id } })
      .catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, delay));
    await world.killSidecar();
    await answer;
    const [last] = await world.api<Deployment[]>('deployments?limit=1');
    expect(last?.state).not.toBe('applying');
    const tree = await world.tc('class', 'show', 'dev', 'wan0');
    const rules = await world.tc('filter', 'show', 'dev', 'wan0');
    const state = tree === '' ? 'old' : 'new';
    if (state === 'new') {
      expect(tree.match(/^class htb /gm)).toHaveLength(6);
      expect(rules.match(/flowid|classid/g)!.length).toBeGreaterThanOrEqual(48);
      const [binding] = await world.api<BindingSummary[]>('bindings');
      expect(binding!.state).toBe('in-force');
    }
    ended.set(state, (ended.get(state) ?? 0) + 1);
  }
  console.log(`      ended in ${[...ended].map(([state, count]) => `the ${state} tree ${count} times`).join(', ')}`);
  await applyNow(world);
  await until(
    'The policy in force',
    10,
    async () => (await world.api<BindingSummary[]>('bindings'))[0]!.state === 'in-force'
  );
});

/** Every process below one, itself included. */
function family(pid: number): Set<number> {
  const all = new Set([pid]);
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const children = execFileSync('cat', [`/proc/${pid}/task/${task}/children`], { encoding: 'utf8' }).trim();
    for (const child of children.split(' ').filter(Boolean)) {
      family(Number(child)).forEach((each) => all.add(each));
    }
  }
  return all;
}

test('nothing listens beyond loopback', ({ world }) => {
  const ours = new Set(world.pids().flatMap((pid) => [...family(pid)]));
  const listening = execFileSync('ss', ['-Hltnp'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => [...line.matchAll(/pid=(\d+)/g)].some(([, pid]) => ours.has(Number(pid))))
    .map((line) => line.trim().split(/\s+/)[3]!);
  expect(listening.length).toBeGreaterThanOrEqual(2);
  expect(listening.filter((address) => !/^(127\.|\[::1\])/.test(address))).toEqual([]);
});
