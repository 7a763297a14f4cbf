/** Everything the story needs, started for real and for itself: the network, the sidecar, the on-call listener and Grafana. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { test as base, type Page } from '@playwright/test';
import { Demo, documentFiles } from '../../demo/index.ts';
import { findGrafana, startGrafana, type RunningGrafana } from '../../scripts/lib/grafana.mjs';
import { startOnCall } from '../../scripts/lib/oncall.mjs';
import { freePort } from '../../scripts/lib/ports.mjs';
import { startSidecar, type RunningSidecar } from '../../scripts/lib/sidecar.mjs';
import { bridgeToken } from '../../scripts/lib/token.mjs';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PREFIX = 'clearpath-story';
const PASSWORD = 'story-password';

export interface World {
  demo: Demo;
  sidecar: RunningSidecar;
  grafana: RunningGrafana;
  /** What the on-call engineer was told, in order. */
  paged: string[];
  /** Stops the sidecar and starts it again with the same state; `during` runs while it is down. */
  restartSidecar(during?: () => Promise<void>): Promise<void>;
  /** Runs `work` while a sidecar with another token is there. */
  withOtherToken(work: () => Promise<void>): Promise<void>;
  /** SIGKILL, wait, start again. */
  killSidecar(): Promise<void>;
  /** A process's addresses that listen, itself and its children. */
  pids(): number[];
  /** The sidecar's own API, as a program with a direct token. */
  api<T>(path: string): Promise<T>;
  /** Text of a tc command on the branch's uplink. */
  tc(...words: string[]): Promise<string>;
  /** A call of Grafana's API as admin. */
  grafanaApi<T>(path: string, init?: { method: string; body: unknown }): Promise<T>;
}

async function createWorld(): Promise<{ world: World; end: () => Promise<void> }> {
  const found = await findGrafana();
  if (!found) throw new Error('No Grafana was found.');
  const home = mkdtempSync(path.join(tmpdir(), 'clearpath-story-'));
  const ends: Array<() => Promise<unknown>> = [async () => rmSync(home, { recursive: true, force: true })];
  const end = async () => {
    for (const stop of ends.reverse()) await stop();
  };
  try {
    const demo = await Demo.start({ prefix: PREFIX });
    ends.push(() => demo.stop());
    const tokenFile = path.join(home, 'bridge.token');
    const token = bridgeToken(tokenFile);
    const port = await freePort();
    const start = (token = tokenFile) =>
      startSidecar({
        root: ROOT,
        state: path.join(home, 'state'),
        port,
        tokenFile: token,
        enter: demo.enter,
        documents: documentFiles(PREFIX, path.join(home, 'documents')),
        log: path.join(home, 'sidecar.log'),
      });
    let sidecar = await start();
    ends.push(() => sidecar.stop());
    const paged: string[] = [];
    const onCall = await startOnCall({ print: (line) => paged.push(line) });
    ends.push(() => onCall.close());
    const grafana = await startGrafana({
      found,
      data: path.join(home, 'grafana'),
      dist: path.join(ROOT, 'dist'),
      provisioning: path.join(ROOT, 'provisioning'),
      port: 0,
      password: PASSWORD,
      env: {
        CLEARPATH_URL: sidecar.url,
        CLEARPATH_TOKEN: token,
        CLEARPATH_ONCALL_URL: onCall.url,
        CLEARPATH_DASHBOARDS: path.join(ROOT, 'dashboards'),
      },
      log: path.join(home, 'grafana.log'),
    });
    ends.push(() => grafana.stop());
    const direct = () => readFileSync(path.join(home, 'state/direct.token'), 'utf8').trim();
    const world: World = {
      demo,
      get sidecar() {
        return sidecar;
      },
      grafana,
      paged,
      async restartSidecar(during) {
        await sidecar.stop();
        await during?.();
        sidecar = await start();
      },
      async withOtherToken(work) {
        await sidecar.stop();
        const other = path.join(home, 'other.token');
        bridgeToken(other);
        sidecar = await start(other);
        await work();
        await sidecar.stop();
        sidecar = await start();
      },
      async killSidecar() {
        process.kill(sidecar.identity!.pid, 'SIGKILL');
        await sidecar.exited;
        sidecar = await start();
      },
      pids: () => [sidecar.identity!.pid, grafana.identity!.pid],
      async api<T>(route: string) {
        const response = await fetch(`${sidecar.url}/api/v1/${route}`, {
          headers: { authorization: `Bearer ${direct()}` },
        });
        return (await response.json()) as T;
      },
      async tc(...words) {
        const { stdout } = await demo.exec('branch', ['tc', ...words]);
        return stdout;
      },
      async grafanaApi<T>(route: string, init?: { method: string; body: unknown }) {
        const response = await fetch(`${grafana.url}${route}`, {
          method: init?.method ?? 'GET',
          headers: {
            authorization: `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}`,
            'content-type': 'application/json',
          },
          ...(init ? { body: JSON.stringify(init.body) } : {}),
        });
        return (await response.json()) as T;
      },
    };
    return { world, end };
  } catch (error) {
    await end();
    throw error;
  }
}

export const test = base.extend<{ page: Page }, { world: World }>({
  world: [
    async ({}, use) => {
      const { world, end } = await createWorld();
      await use(world);
      await end();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
});

/** Signs in as a person does. */
export async function login(page: Page, url: string, user = 'admin', password = PASSWORD): Promise<void> {
  await page.goto(`${url}/login`);
  await page.locator('input[name="user"]').fill(user);
  await page.locator('input[name="password"]').fill(password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.waitForURL((at) => !at.pathname.startsWith('/login'));
}

/** Light or dark, for the signed-in user; the next page load shows it. */
export async function theme(page: Page, url: string, name: 'light' | 'dark'): Promise<void> {
  await page.request.patch(`${url}/api/user/preferences`, { data: { theme: name } });
}

export async function until<T>(what: string, seconds: number, look: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} did not happen within ${seconds} s.`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
