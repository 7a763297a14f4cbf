/** For tests: the border over real rooms, with its inner ends in hand. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Catalog, Engine, Rollouts } from '../deploy/index.ts';
import { Monitor, type MonitorOptions } from '../measure/index.ts';
import { openStore, type Store } from '../store/index.ts';
import { expect } from 'vitest';
import type { Answer } from '../daemon/testing.ts';
import type { Problem } from './contract.ts';
import { createMetrics, createServer, Hub, Prover, type ClassTotal } from './index.ts';

export const TOKEN = 'a token of these tests';

export interface Border {
  url: string;
  store: Store;
  hub: Hub;
  monitor: Monitor;
  totals: ClassTotal[];
  /** Why it is not ready, or null */
  starting: string | null;
  get: (path: string) => Promise<Response>;
  close: () => Promise<void>;
}

export async function openBorder(options: { keepAliveMs?: number; monitor?: MonitorOptions } = {}): Promise<Border> {
  const state = mkdtempSync(join(tmpdir(), 'clearpath-border-'));
  const store = await openStore(state);
  const hub = new Hub();
  const monitor = new Monitor(options.monitor);
  const tokens = (['main', 'other'] as const).map((tenant) => ({
    value: tenant === 'main' ? TOKEN : `${TOKEN} of another tenant`,
    kind: 'direct' as const,
    tenant,
    role: 'Admin' as const,
    login: 'test',
  }));
  const border: Border = {
    url: '',
    store,
    hub,
    monitor,
    totals: [],
    starting: null,
    get: (path) => fetch(border.url + path, { headers: { authorization: `Bearer ${TOKEN}` } }),
    close: async () => {
      await app.close();
      await monitor.stop();
      await store.close().catch(() => undefined);
      rmSync(state, { recursive: true });
    },
  };
  const engine = new Engine(store);
  const catalog = new Catalog(store, []);
  const app = await createServer(
    {
      store,
      engine,
      catalog,
      rollouts: new Rollouts({ store, engine, catalog }),
      monitor,
      hub,
      prover: new Prover(store, hub),
      tokens,
      version: '0.0.0-test',
      changed: async () => undefined,
      ...(options.keepAliveMs === undefined ? {} : { keepAliveMs: options.keepAliveMs }),
    },
    createMetrics(monitor, hub, ['main'], '0.0.0-test', () => border.totals),
    () => border.starting,
    pino({ level: 'silent' })
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  border.url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return border;
}

/** Every problem has the same form, whoever found it. */
export function expectProblem(answer: Answer<Problem>, status: number, code: string): void {
  expect([answer.status, answer.body.code, answer.body.status]).toEqual([status, code, status]);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({ type: `urn:clearpath:problem:${code.toLowerCase()}` });
  expect(answer.body.title).toMatch(/^[A-Z]/);
  expect(answer.body.detail).toMatch(/[.…]$/);
}
