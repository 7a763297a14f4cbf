/** The sidecar's HTTP border, as a program and as Grafana's bridge meet it: a real server on a free port with a state of its own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyDetail, Problem, QueryResponse } from '../../backend/api/contract.ts';
import { readSettings, SettingsError, startDaemon, type Daemon } from '../../backend/daemon/index.ts';

const SOURCE = readFileSync(fileURLToPath(new URL('../../examples/branch-edge.yaml', import.meta.url)), 'utf8');
const settingsIn = (state: string, more: NodeJS.ProcessEnv = {}) =>
  readSettings({ CLEARPATH_STATE: state, CLEARPATH_LISTEN: '127.0.0.1:0', ...more });

let home: string;
let daemon: Daemon;
const token = (name: string) => readFileSync(path.join(home, `${name}.token`), 'utf8').trim();

beforeAll(async () => {
  process.env.CLEARPATH_LOG_LEVEL = 'silent';
  home = mkdtempSync(path.join(tmpdir(), 'clearpath-api-'));
  daemon = await startDaemon(settingsIn(home), '0.0.0');
});
afterAll(async () => {
  await daemon.close();
  rmSync(home, { recursive: true, force: true });
});

interface As {
  token?: string;
  login?: string;
  role?: string;
}
async function call<T>(method: string, route: string, as: As, body?: unknown, text?: string) {
  const response = await fetch(`${daemon.url}/api/v1/${route}`, {
    method,
    headers: {
      ...(as.token === undefined ? {} : { authorization: `Bearer ${as.token}` }),
      ...(as.login === undefined ? {} : { 'x-clearpath-login': as.login }),
      ...(as.role === undefined ? {} : { 'x-clearpath-role': as.role }),
      ...(body === undefined && text === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined && text === undefined ? {} : { body: text ?? JSON.stringify(body) }),
  });
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    body: (await response.json()) as T,
  };
}
const direct = (): As => ({ token: token('direct') });
const grafana = (role: string, login = 'otto'): As => ({ token: token('bridge'), login, role });

describe('who may call', () => {
  it('refuses a call without a token, and one with a wrong token, as problem+json that says what to do', async () => {
    for (const as of [{}, { token: 'wrong-token-of-some-length' }]) {
      const { status, type, body } = await call<Problem>('GET', 'whoami', as);
      expect(status).toBe(401);
      expect(type).toContain('application/problem+json');
      expect(body).toMatchObject({ code: 'CP-TOKEN', status: 401 });
      expect(body.detail).toMatch(/token/i);
    }
  });

  it('gives the bridge the rights of the Grafana user it speaks for, and a direct token its own', async () => {
    expect((await call('GET', 'whoami', grafana('Viewer'))).body).toMatchObject({
      login: 'otto',
      role: 'Viewer',
      can: ['read'],
    });
    expect((await call('GET', 'whoami', grafana('Editor'))).body).toMatchObject({ can: ['read', 'draft', 'plan', 'prove'] });
    expect((await call('GET', 'whoami', grafana('Admin'))).body).toMatchObject({
      can: ['read', 'draft', 'plan', 'prove', 'bind', 'apply', 'rollback'],
    });
    // A direct token cannot speak for anyone.
    expect((await call('GET', 'whoami', { ...direct(), login: 'otto', role: 'Viewer' })).body).toMatchObject({
      login: 'direct',
      role: 'Admin',
    });
  });

  it('refuses the role None, and a write without a login whatever the role', async () => {
    expect((await call<Problem>('GET', 'policies', grafana('None'))).status).toBe(403);
    const { status, body } = await call<Problem>('PUT', 'policies/branch-edge', grafana('Admin', ''), {
      source: SOURCE,
      baseRevision: null,
    });
    expect([status, body.code]).toEqual([403, 'CP-RIGHTS']);
    expect(body.detail).toContain('signed-in');
  });

  it.each([
    ['PUT', 'policies/branch-edge', 'Viewer', { source: SOURCE, baseRevision: null }],
    ['POST', 'bindings/x/plan', 'Viewer', {}],
    ['POST', 'bindings/x/apply', 'Editor', { plan: 'x' }],
    ['POST', 'bindings/x/rollback', 'Editor', {}],
    ['GET', 'audit', 'Viewer', undefined],
    ['GET', 'audit/verify', 'Viewer', undefined],
  ])('%s %s is not for a %s', async (method, route, role, body) => {
    const answer = await call<Problem>(method, route, grafana(role), body);
    expect([answer.status, answer.body.code]).toEqual([403, 'CP-RIGHTS']);
  });
});

describe('policies', () => {
  it('saves a policy, keeps who did it, and gives the source back as it was', async () => {
    const saved = await call<PolicyDetail>('PUT', 'policies/branch-edge', grafana('Editor', 'Jürgen'), {
      source: SOURCE,
      baseRevision: null,
    });
    expect(saved.status).toBe(200);
    expect(saved.body).toMatchObject({ name: 'branch-edge', classes: 5, errors: 0, source: SOURCE });
    const audit = await call<Array<{ by: string; action: string }>>('GET', 'audit', direct());
    expect(audit.body[0]).toMatchObject({ action: 'policy.save' });
    expect((await call('GET', 'audit/verify', grafana('Editor', 'ann'))).body).toMatchObject({ intact: true, entries: 1, verified: 1, anchored: 1 }); // prettier-ignore
  });

  it('does not overwrite what someone else saved in the meantime', async () => {
    const { status, body } = await call<Problem>('PUT', 'policies/branch-edge', direct(), {
      source: `${SOURCE}# mine\n`,
      baseRevision: null,
    });
    expect([status, body.code]).toEqual([409, 'CP-HEAD-MOVED']);
    expect((await call<PolicyDetail>('GET', 'policies/branch-edge', direct())).body.source).toBe(SOURCE);
  });

  it('does not save a policy that guarantees more than the link has, and says where', async () => {
    const { body: head } = await call<PolicyDetail>('GET', 'policies/branch-edge', direct());
    const over = SOURCE.replace('guarantee: 50%', 'guarantee: 70%');
    const { status, body } = await call<Problem>('PUT', 'policies/branch-edge', direct(), {
      source: over,
      baseRevision: head.revision,
    });
    expect(status).toBe(422);
    expect(body.findings).toContainEqual(
      expect.objectContaining({ code: 'CP-GUARANTEE-SUM', path: 'spec.classes[4].guarantee', line: 29 })
    );
    expect((await call<PolicyDetail>('GET', 'policies/branch-edge', direct())).body.revision).toBe(head.revision);
  });

  it('says 404 for a policy that is not there, and 400 for a name that cannot be one', async () => {
    expect((await call('GET', 'policies/nobody', direct())).status).toBe(404);
    expect((await call('GET', 'policies/..%2F..%2Fetc', direct())).status).toBeGreaterThanOrEqual(400);
    expect((await call('GET', 'policies/UPPER', direct())).status).toBe(400);
  });
});

describe('bad requests', () => {
  it('answers bodies that are no JSON, of the wrong shape or too large with a problem, and nothing is done', async () => {
    const notJson = await call<Problem>('POST', 'policies/validate', direct(), undefined, '{"source": ');
    expect([notJson.status, notJson.type]).toEqual([400, expect.stringContaining('problem+json')]);
    const wrong = await call<Problem>('POST', 'policies/validate', direct(), { source: 5 });
    expect([wrong.status, wrong.body.code]).toEqual([400, 'CP-REQUEST']);
    const large = await call<Problem>('POST', 'policies/validate', direct(), { source: 'x'.repeat(3_000_000) });
    expect(large.status).toBe(413);
    expect((await call<Problem>('GET', 'nothing/here', direct())).body).toMatchObject({
      status: 404,
      code: 'CP-NOT-FOUND',
    });
  });

  it('answers a malformed query beside a good one, each for itself', async () => {
    const { status, body } = await call<QueryResponse>('POST', 'query', grafana('Viewer'), {
      from: 0,
      to: Date.now(),
      queries: [
        { refId: 'A', type: 'sla-compliance', format: 'table', datasource: {}, hide: false },
        { refId: 'B', type: 'no-such-type' },
        { refId: 'C', type: 'violations' },
        { refId: 'D', type: 'deployments' },
        { refId: 'E', type: 'class-statistics' },
      ],
    });
    expect(status).toBe(200);
    expect(Object.keys(body.results).sort()).toEqual(['A', 'B', 'C', 'D', 'E']);
    expect(body.results.B).toMatchObject({ status: 400, error: expect.any(String) });
    expect(body.results.A!.frames![0]!.fields.map(({ name }) => name)).toContain('verdict');
    expect(body.results.C!.error).toBeUndefined();
  });
});

describe('what it says of itself', () => {
  it('is alive and ready without a token, and its metrics are in the text format', async () => {
    for (const route of ['healthz', 'readyz']) {
      expect((await fetch(`${daemon.url}/${route}`)).status).toBe(200);
    }
    const metrics = await (await fetch(`${daemon.url}/metrics`)).text();
    expect(metrics).toContain('clearpath_build_info{version="0.0.0"} 1');
    for (const [, name, kind] of metrics.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
      expect(kind === 'counter' ? name!.endsWith('_total') : !name!.endsWith('_total'), name).toBe(true);
    }
  });

  it('describes every route in OpenAPI 3.1, with the shape of its answer', async () => {
    const { body } = await call<{
      openapi: string;
      paths: Record<string, Record<string, { responses: Record<string, unknown>; summary?: string }>>;
    }>('GET', 'openapi.json', direct());
    expect(body.openapi).toMatch(/^3\.1/);
    const routes = Object.entries(body.paths).flatMap(([route, methods]) =>
      Object.keys(methods).map((method) => `${method} ${route}`)
    );
    expect(routes).toEqual(
      expect.arrayContaining([
        'get /api/v1/policies', 'put /api/v1/policies/{name}', 'post /api/v1/bindings/{name}/apply', 'post /api/v1/bindings/{name}/rollback', 'get /api/v1/deployments',
        'get /api/v1/audit', 'get /api/v1/sla', 'post /api/v1/query', 'get /api/v1/events', 'get /healthz',
      ]) // prettier-ignore
    );
    expect(
      Object.values(body.paths)
        .flatMap((methods) => Object.values(methods))
        .every((operation) => operation.summary)
    ).toBe(true);
  });

  it('streams what happens, to whoever may read', async () => {
    const abort = new AbortController();
    const response = await fetch(`${daemon.url}/api/v1/events?topics=policies`, {
      headers: { authorization: `Bearer ${token('direct')}` },
      signal: abort.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const { body: head } = await call<PolicyDetail>('GET', 'policies/branch-edge', direct());
    await call('PUT', 'policies/branch-edge', direct(), {
      source: `${SOURCE}# streamed\n`,
      baseRevision: head.revision,
    });
    let seen = '';
    while (!seen.includes('event: policies')) seen += (await reader.read()).value ?? '';
    expect(seen).toContain('"name":"branch-edge"');
    abort.abort();
  });
});

describe('bad days', () => {
  const mounted = path.join(tmpdir(), `clearpath-full-${process.pid}`);
  let mayMount = process.getuid!() === 0;
  if (mayMount) {
    try {
      mkdirSync(mounted, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mounted], { stdio: 'ignore' });
    } catch {
      mayMount = false;
    }
  }
  afterAll(() => {
    if (mayMount) execFileSync('umount', ['-l', mounted]);
    rmSync(mounted, { recursive: true, force: true });
  });

  it.skipIf(!mayMount)(
    `a full disk is said, and what was saved stays${mayMount ? '' : ' — skipped: no small file system may be mounted here'}`,
    async () => {
      const full = await startDaemon(settingsIn(mounted), '0.0.0');
      const put = (source: string, baseRevision: string | null) =>
        fetch(`${full.url}/api/v1/policies/branch-edge`, {
          method: 'PUT',
          headers: {
            authorization: `Bearer ${readFileSync(path.join(mounted, 'direct.token'), 'utf8').trim()}`,
            'content-type': 'application/json',
          },
          body: JSON.stringify({ source, baseRevision }),
        });
      try {
        const { revision } = (await (await put(SOURCE, null)).json()) as PolicyDetail;
        const fill = () => {
          for (let i = 0; i < 64; i++) writeFileSync(path.join(mounted, `ballast-${i}`), Buffer.alloc(64 * 1024));
        };
        expect(fill).toThrow(/ENOSPC/);
        const answer = await put(`${SOURCE}# ${'x'.repeat(200_000)}\n`, revision);
        expect(answer.status).toBe(507);
        const problem = (await answer.json()) as Problem;
        expect(problem.code).toBe('CP-STORE');
        expect(problem.detail).toContain(mounted);
        const kept = await fetch(`${full.url}/api/v1/policies/branch-edge`, {
          headers: { authorization: `Bearer ${readFileSync(path.join(mounted, 'direct.token'), 'utf8').trim()}` },
        });
        expect(((await kept.json()) as PolicyDetail).source).toBe(SOURCE);
      } finally {
        await full.close();
      }
    }
  );

  it('does not start on an address that is no address, or over a port that is taken', async () => {
    expect(() => readSettings({ CLEARPATH_LISTEN: 'everywhere' })).toThrow(SettingsError);
    const port = new URL(daemon.url).port;
    const other = mkdtempSync(path.join(tmpdir(), 'clearpath-api-'));
    await expect(startDaemon(settingsIn(other, { CLEARPATH_LISTEN: `127.0.0.1:${port}` }), '0.0.0')).rejects.toThrow(
      port
    );
    rmSync(other, { recursive: true, force: true });
  });

  it('does not start with a document that is wrong, and names file, line and place', async () => {
    const other = mkdtempSync(path.join(tmpdir(), 'clearpath-api-'));
    const file = path.join(other, 'bad.yaml');
    writeFileSync(file, SOURCE.replace('guarantee: 50%', 'guarantee: 70%'));
    await expect(startDaemon(settingsIn(other, { CLEARPATH_DOCUMENTS: file }), '0.0.0')).rejects.toThrow(
      /bad\.yaml:29.*Guarantees add up/s
    );
    rmSync(other, { recursive: true, force: true });
  });
});
