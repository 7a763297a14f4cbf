/** Who calls, and who may what: every route with every role, over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bindingText,
  policyText,
  removeState,
  startSidecar,
  targetText,
  type Answer,
  type Sidecar,
  type Who,
} from '../daemon/testing.ts';
import type { Caller, PolicyDetail, Problem } from './contract.ts';
import { expectProblem } from './testing.ts';

let sidecar: Sidecar;
beforeAll(async () => {
  sidecar = await startSidecar({
    'branch.yaml': policyText(),
    'site.yaml': `${targetText('site', 'cpt-absent')}---\n${bindingText('uplink', 'site')}`,
  });
});
afterAll(async () => {
  await sidecar.close();
  removeState(sidecar.state);
});

const call = <T = Problem>(method: string, path: string, who: Who, body?: unknown): Promise<Answer<T>> =>
  sidecar.call<T>(method, path, who, body);
const editor = () => sidecar.as('Editor');

describe('who calls', () => {
  it('is asked for a token, and told how', async () => {
    const answer = await call('GET', '/api/v1/whoami', {});
    expectProblem(answer, 401, 'CP-TOKEN');
    expect(answer.body.detail).toBe('A token is needed: Authorization: Bearer ….');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });
  it.each(['wrong', '', ' ', 'x'.repeat(100_00), 'é'.repeat(20)])('is refused with an unknown token', async (token) => {
    const answer = await call('GET', '/api/v1/whoami', { token, role: 'Admin', login: 'eve' });
    expectProblem(answer, 401, 'CP-TOKEN');
    expect(answer.body.detail).toMatch(/^(The token is not known here; nothing was done|A token is needed)/);
  });
  it('is a Grafana user where the bridge says so, with an UTF-8 login', async () => {
    const { body } = await call<Caller>('GET', '/api/v1/whoami', sidecar.as('Editor', 'Zoë Łukasz 山田'));
    expect(body).toEqual({
      login: 'Zoë Łukasz 山田',
      role: 'Editor',
      tenant: 'main',
      can: ['read', 'draft', 'plan', 'prove'],
    });
  });
  it('may only read and plan without a login', async () => {
    const rights = async (role: string) => (await call<Caller>('GET', '/api/v1/whoami', sidecar.as(role, ''))).body;
    expect(await rights('Admin')).toEqual({ login: null, role: 'Admin', tenant: 'main', can: ['read', 'plan'] });
    expect((await rights('Viewer')).can).toEqual(['read']);
  });
  it('is a viewer where the bridge names no role', async () => {
    expect((await call<Caller>('GET', '/api/v1/whoami', { token: sidecar.bridge, login: 'ann' })).body.role).toBe(
      'Viewer'
    );
  });
  it.each(['None', 'admin', 'Superuser', 'Admin,Viewer'])('gets nothing with the role %s', async (role) => {
    const answer = await call('GET', '/api/v1/whoami', sidecar.as(role));
    expectProblem(answer, 403, 'CP-ROLE');
    expect(answer.body.detail).toBe(
      'Your role in Grafana gives no access to Clearpath. Ask a Grafana administrator for the role Viewer or more.'
    );
  });
  it('cannot speak for others with the token of a program', async () => {
    const who = { token: sidecar.direct, login: 'eve', role: 'Viewer' };
    expect((await call<Caller>('GET', '/api/v1/whoami', who)).body).toMatchObject({ login: 'direct', role: 'Admin' });
  });
});

describe('who may what', () => {
  const plan = { plan: 'none' };
  const routes: Array<[method: string, path: string, body: unknown, needs: string, writes: boolean]> = [
    ['GET', '/whoami', undefined, 'Viewer', false],
    ['GET', '/policies', undefined, 'Viewer', false],
    ['GET', '/policies/branch', undefined, 'Viewer', false],
    ['POST', '/policies/validate', { source: '' }, 'Viewer', false],
    ['GET', '/findings', undefined, 'Viewer', false],
    ['POST', '/policies/fix', { source: '', code: 'CP-YAML', path: '' }, 'Viewer', false],
    ['PUT', '/policies/branch', { source: '', baseRevision: null }, 'Editor', true],
    ['DELETE', '/policies/branch', { baseRevision: 'x' }, 'Editor', true],
    ['GET', '/policies/branch/versions', undefined, 'Viewer', false],
    ['GET', '/policies/branch/changes?from=1&to=1', undefined, 'Viewer', false],
    ['POST', '/policies/branch/restore', { number: 99, baseRevision: '' }, 'Editor', true],
    ['GET', '/templates', undefined, 'Viewer', false],
    ['GET', '/targets', undefined, 'Viewer', false],
    ['POST', '/targets/site/import', { interface: 'lo' }, 'Editor', false],
    ['GET', '/documents/bindings', undefined, 'Viewer', false],
    ['POST', '/documents/bindings/validate', { name: 'x', source: '' }, 'Viewer', false],
    ['GET', '/documents/bindings/uplink', undefined, 'Viewer', false],
    ['PUT', '/documents/bindings/uplink', { source: '', baseRevision: null }, 'Admin', true],
    ['DELETE', '/documents/bindings/uplink', { baseRevision: 'x' }, 'Admin', true],
    ['GET', '/documents/bindings/uplink/versions', undefined, 'Viewer', false],
    ['GET', '/documents/bindings/uplink/versions/1', undefined, 'Viewer', false],
    ['GET', '/documents/bindings/uplink/changes?from=1&to=1', undefined, 'Viewer', false],
    ['POST', '/documents/bindings/uplink/restore', { number: 99, baseRevision: '' }, 'Admin', true],
    ['GET', '/bindings', undefined, 'Viewer', false],
    ['POST', '/bindings/uplink/plan', {}, 'Editor', false],
    ['POST', '/bindings/uplink/apply', plan, 'Admin', true],
    ['POST', '/bindings/uplink/rollback-plan', {}, 'Editor', false],
    ['POST', '/bindings/uplink/rollback', {}, 'Admin', true],
    ['GET', '/bindings/uplink/drift', undefined, 'Viewer', false],
    ['POST', '/bindings/uplink/adopt', {}, 'Editor', false],
    ['POST', '/bindings/uplink/confirm', {}, 'Admin', true],
    ['GET', '/rollouts', undefined, 'Viewer', false],
    ['GET', '/rollouts/01ARZ3NDEKTSV4RRFFQ69G5FAV', undefined, 'Viewer', false],
    ['POST', '/rollouts/waves', { binding: 'none' }, 'Viewer', false],
    ['POST', '/rollouts', { binding: 'none' }, 'Admin', true],
    ['POST', '/rollouts/01ARZ3NDEKTSV4RRFFQ69G5FAV/stop', undefined, 'Admin', true],
    ['POST', '/rollouts/01ARZ3NDEKTSV4RRFFQ69G5FAV/confirm', undefined, 'Admin', true],
    ['POST', '/rollouts/01ARZ3NDEKTSV4RRFFQ69G5FAV/resume', undefined, 'Admin', true],
    ['GET', '/deployments', undefined, 'Viewer', false],
    ['GET', '/deployments/01ARZ3NDEKTSV4RRFFQ69G5FAV', undefined, 'Viewer', false],
    ['GET', '/audit', undefined, 'Editor', false],
    ['GET', '/audit/verify', undefined, 'Editor', false],
    ['GET', '/sla', undefined, 'Viewer', false],
    ['GET', '/violations', undefined, 'Viewer', false],
    ['GET', '/proofs', undefined, 'Viewer', false],
    ['GET', '/proofs/01ARZ3NDEKTSV4RRFFQ69G5FAV', undefined, 'Viewer', false],
    ['POST', '/bindings/uplink/proofs', undefined, 'Editor', true],
    ['POST', '/query', { from: 0, to: 1, queries: [] }, 'Viewer', false],
    ['GET', '/events?topics=nonsense', undefined, 'Viewer', false],
    ['GET', '/openapi.json', undefined, 'Viewer', false],
  ];
  const roles = ['Viewer', 'Editor', 'Admin'];

  it.each(routes)('%s %s', async (method, path, body, needs, writes) => {
    const status = async (who: Who) => (await call(method, `/api/v1${path}`, who, body)).status;
    expect(await status({})).toBe(401);
    expect(await status({ token: 'wrong', role: 'Admin', login: 'eve' })).toBe(401);
    expect(await status(sidecar.as('None'))).toBe(403);
    for (const role of roles) {
      const enough = roles.indexOf(role) >= roles.indexOf(needs);
      expect([role, (await status(sidecar.as(role))) === 403]).toEqual([role, !enough]);
      expect([role, 'no login', (await status(sidecar.as(role, ''))) === 403]).toEqual([
        role,
        'no login',
        !enough || writes,
      ]);
    }
    expect(await status({ token: sidecar.direct })).not.toBe(403);
  });
  it('is said with the role that is needed, and nothing is changed', async () => {
    const viewer = await call('PUT', '/api/v1/policies/branch', sidecar.as('Viewer'), {
      source: policyText('branch', 'bandwidth: 5mbit'),
      baseRevision: null,
    });
    expectProblem(viewer, 403, 'CP-RIGHTS');
    expect(viewer.body.detail).toBe(
      'You may not do this: it needs the role Editor, and yours is Viewer. Nothing was changed.'
    );
    const nobody = await call('POST', '/api/v1/bindings/uplink/apply', sidecar.as('Admin', ''), { plan: 'x' });
    expect(nobody.body.detail).toBe(
      'You may not do this: it needs a signed-in user, so that the audit can say who did it. Nothing was changed.'
    );
    expect((await call<PolicyDetail>('GET', '/api/v1/policies/branch', editor())).body.source).toBe(policyText());
  });
  it('is every route that there is', async () => {
    const { body } = await call<{ paths: Record<string, Record<string, unknown>> }>(
      'GET',
      '/api/v1/openapi.json',
      editor()
    );
    const listed = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
    );
    const tried = routes.map(
      ([method, path]) =>
        `${method} /api/v1${path
          .split('?')[0]!
          .replace('/documents/bindings', '/documents/{kind}')
          .replace('/versions/1', '/versions/{number}')
          .replace('/branch', '/{name}')
          .replace('/uplink', '/{name}')
          .replace('/site', '/{name}')
          .replace(/01ARZ[^/]*/, '{id}')}`
    );
    const open = ['GET /healthz', 'GET /readyz', 'GET /metrics'];
    expect(listed.sort()).toEqual([...tried.filter((route) => !route.endsWith('openapi.json')), ...open].sort());
  });
});
