/** The border, called over HTTP as the bridge and programs call it. */
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
import type { AuditEntry, Caller, Judgement, PolicyDetail, PolicySummary, Problem, QueryResponse } from './contract.ts';

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

/** Every problem has the same form, whoever found it. */
function expectProblem(answer: Answer<Problem>, status: number, code: string): void {
  expect([answer.status, answer.body.code, answer.body.status]).toEqual([status, code, status]);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({ type: `urn:clearpath:problem:${code.toLowerCase()}` });
  expect(answer.body.title).toMatch(/^[A-Z]/);
  expect(answer.body.detail).toMatch(/[.…]$/);
}

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
    expect(body).toEqual({ login: 'Zoë Łukasz 山田', role: 'Editor', tenant: 'main', can: ['read', 'draft', 'plan'] });
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
    expect(answer.body.detail).toBe('Your role in Grafana gives no access to Clearpath. Ask a Grafana administrator for the role Viewer or more.');
  }); // prettier-ignore
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
    ['PUT', '/policies/branch', { source: '', baseRevision: null }, 'Editor', true],
    ['GET', '/bindings', undefined, 'Viewer', false],
    ['POST', '/bindings/uplink/plan', {}, 'Editor', false],
    ['POST', '/bindings/uplink/apply', plan, 'Admin', true],
    ['POST', '/bindings/uplink/rollback-plan', {}, 'Editor', false],
    ['POST', '/bindings/uplink/rollback', {}, 'Admin', true],
    ['GET', '/deployments', undefined, 'Viewer', false],
    ['GET', '/deployments/01ARZ3NDEKTSV4RRFFQ69G5FAV', undefined, 'Viewer', false],
    ['GET', '/audit', undefined, 'Editor', false],
    ['GET', '/sla', undefined, 'Viewer', false],
    ['GET', '/violations', undefined, 'Viewer', false],
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
    const viewer = await call('PUT', '/api/v1/policies/branch', sidecar.as('Viewer'), { source: policyText('branch', 'bandwidth: 5mbit'), baseRevision: null });
    expectProblem(viewer, 403, 'CP-RIGHTS');
    expect(viewer.body.detail).toBe('You may not do this: it needs the role Editor, and yours is Viewer. Nothing was changed.');
    const nobody = await call('POST', '/api/v1/bindings/uplink/apply', sidecar.as('Admin', ''), { plan: 'x' });
    expect(nobody.body.detail).toBe('You may not do this: it needs a signed-in user, so that the audit can say who did it. Nothing was changed.');
    expect((await call<PolicyDetail>('GET', '/api/v1/policies/branch', editor())).body.source).toBe(policyText());
  }); // prettier-ignore
  it('is every route that there is', async () => {
    const { body } = await call<{ paths: Record<string, Record<string, unknown>> }>('GET', '/api/v1/openapi.json', editor());
    const listed = Object.entries(body.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
    const tried = routes.map(([method, path]) => `${method} /api/v1${path.split('?')[0]!.replace('/branch', '/{name}').replace('/uplink', '/{name}').replace(/01ARZ.*/, '{id}')}`);
    const open = ['GET /healthz', 'GET /readyz', 'GET /metrics'];
    expect(listed.sort()).toEqual([...tried.filter((route) => !route.endsWith('openapi.json')), ...open].sort());
  }); // prettier-ignore
});

describe('policies', () => {
  const revision = async () => (await call<PolicyDetail>('GET', '/api/v1/policies/branch', editor())).body.revision;

  it('are listed and read with what is judged of them and who uses them', async () => {
    const { body } = await call<PolicySummary[]>('GET', '/api/v1/policies', sidecar.as('Viewer'));
    expect(body).toMatchObject([{ name: 'branch', description: '', updatedBy: 'clearpathd', classes: 2, errors: 0, warnings: 0, bindings: ['uplink'] }]);
    expect(body[0]).not.toHaveProperty('source');
    expect((await call<PolicyDetail>('GET', '/api/v1/policies/branch', sidecar.as('Viewer'))).body).toEqual({ ...body[0], source: policyText() });
  }); // prettier-ignore
  it('are judged without being saved, at path and line', async () => {
    const source = policyText('branch', 'bandwidth: 500kbit');
    const { body } = await call<Judgement>('POST', '/api/v1/policies/validate', sidecar.as('Viewer'), { source });
    expect(body.findings).toMatchObject([
      { code: 'CP-CEILING-PARENT', path: 'spec.classes[0].guarantee', line: 7 },
      { code: 'CP-GUARANTEE-SUM', path: 'spec.classes[0].guarantee', line: 7 },
      { code: 'CP-STRICT-SHARE', severity: 'warning', line: 7 },
    ]);
    expect(body.outline).toMatchObject({ bandwidth: 500_000, classes: [{ path: 'voice', matches: ['DSCP EF'] }, { path: 'rest' }] });
    expect((await call<Judgement>('POST', '/api/v1/policies/validate', sidecar.as('Viewer'), { source: '{' })).body.outline).toBeNull();
  }); // prettier-ignore
  it('are saved by an editor, with an entry in the audit', async () => {
    const source = policyText('branch', 'bandwidth: 12mbit # by ann');
    const saved = await call<PolicyDetail>('PUT', '/api/v1/policies/branch', sidecar.as('Editor', 'Zoë'), { source, baseRevision: await revision() });
    expect([saved.status, saved.body.updatedBy, saved.body.source]).toEqual([200, 'Zoë', source]);
    const { body } = await call<AuditEntry[]>('GET', '/api/v1/audit?limit=1', editor());
    expect(body).toMatchObject([{ by: 'Zoë', role: 'Editor', action: 'policy.save', subject: 'Policy/branch', outcome: 'done', detail: `revision ${saved.body.revision}` }]);
  }); // prettier-ignore
  it('are made by saving under a new name', async () => {
    const made = await call<PolicyDetail>('PUT', '/api/v1/policies/second', editor(), {
      source: policyText('second'),
      baseRevision: null,
    });
    expect([made.status, made.body.bindings]).toEqual([200, []]);
  });
  it('that someone else saved in the meantime are not overwritten', async () => {
    const before = (await call<PolicyDetail>('GET', '/api/v1/policies/branch', editor())).body;
    for (const baseRevision of [null, 'abc']) {
      const answer = await call('PUT', '/api/v1/policies/branch', editor(), { source: policyText(), baseRevision });
      expectProblem(answer, 409, 'CP-HEAD-MOVED');
      expect(answer.body.detail).toBe(`Policy/branch was changed by ${before.updatedBy} in the meantime. Nothing was overwritten. Reload, then make your edit again.`); // prettier-ignore
    }
    expect((await call<PolicyDetail>('GET', '/api/v1/policies/branch', editor())).body).toEqual(before);
  });
  it('with errors are not saved, and every error is named', async () => {
    const answer = await call('PUT', '/api/v1/policies/branch', editor(), { source: policyText('branch', 'bandwidth: 500kbit'), baseRevision: await revision() });
    expectProblem(answer, 422, 'CP-FINDINGS');
    expect(answer.body.detail).toBe('The policy was not saved. Correct what is named below.');
    expect(answer.body.findings).toMatchObject([{ code: 'CP-CEILING-PARENT', line: 7 }, { code: 'CP-GUARANTEE-SUM', line: 7 }, { code: 'CP-STRICT-SHARE' }]);
  }); // prettier-ignore
  it('are saved under their own name only, and by themselves', async () => {
    const other = await call('PUT', '/api/v1/policies/third', editor(), { source: policyText(), baseRevision: null });
    expectProblem(other, 422, 'CP-NAME');
    expect(other.body.detail).toBe('The document calls itself "branch", but it was to be saved as "third". Nothing was saved.');
    const two = await call('PUT', '/api/v1/policies/third', editor(), { source: `${policyText('third')}---\n${policyText('fourth')}`, baseRevision: null });
    expect(two.body.findings).toMatchObject([{ message: 'This text holds several policies; a policy is saved by itself.' }]);
    const none = await call('PUT', '/api/v1/policies/third', editor(), { source: targetText('third'), baseRevision: null });
    expect(none.body.findings).toMatchObject([{ message: 'This text holds other documents than one policy.' }]);
    expectProblem(await call('GET', '/api/v1/policies/third', editor()), 404, 'CP-NOT-FOUND');
  }); // prettier-ignore
});

describe('requests that make no sense', () => {
  it.each([
    ['PUT', '/policies/branch', {}, 'source: '],
    ['PUT', '/policies/branch', { source: 5, baseRevision: null }, 'source: '],
    ['PUT', '/policies/branch', { source: '' }, 'baseRevision: '],
    ['PUT', '/policies/branch', { source: 'x'.repeat(1_000_001), baseRevision: null }, 'source: '],
    ['PUT', '/policies/Branch', { source: '', baseRevision: null }, 'name: '],
    ['PUT', '/policies/..%2f..%2fetc', { source: '', baseRevision: null }, 'name: '],
    ['POST', '/bindings/uplink/apply', {}, 'plan: '],
    ['POST', '/bindings/uplink/apply', { plan: 'x', replaceForeign: 'yes' }, 'replaceForeign: '],
    ['POST', '/query', { from: 'now', to: 1, queries: [] }, 'from: '],
    ['POST', '/query', { from: 0, to: 1, queries: Array(101).fill({}) }, 'queries: '],
    ['POST', '/query', { from: 0, to: 1, maxDataPoints: 0, queries: [] }, 'maxDataPoints: '],
    ['GET', '/deployments?limit=0', undefined, 'limit: '],
    ['GET', '/deployments?limit=1001', undefined, 'limit: '],
    ['GET', '/deployments?binding=No!', undefined, 'binding: '],
    ['GET', '/deployments/none', undefined, 'id: '],
    ['GET', '/violations?from=now', undefined, 'from: '],
    ['GET', '/events?topics=nonsense', undefined, 'topics'],
    ['POST', '/policies/validate', undefined, 'body: '],
  ])('%s %s: %o', async (method, path, body, place) => {
    const answer = await call(method, `/api/v1${path}`, sidecar.as('Admin'), body);
    expectProblem(answer, 400, 'CP-REQUEST');
    expect(answer.body.detail).toMatch(new RegExp(`^${place}.*Nothing was done\\.$`));
  });
  it('are refused when they are no JSON, or another kind of text', async () => {
    expectProblem(await call('POST', '/api/v1/query', editor(), '{"from":'), 400, 'CP-REQUEST');
    const form = await fetch(`${sidecar.url}/api/v1/query`, { method: 'POST', body: 'a=b', headers: { authorization: `Bearer ${sidecar.direct}`, 'content-type': 'application/x-www-form-urlencoded' } });
    expect(form.status).toBe(415);
    expect(((await form.json()) as Problem).code).toBe('CP-REQUEST');
  }); // prettier-ignore
  it('are refused when they are larger than any document', async () => {
    const answer = await call('PUT', '/api/v1/policies/branch', editor(), {
      source: 'x'.repeat(3 * 1024 ** 2),
      baseRevision: null,
    });
    expectProblem(answer, 413, 'CP-REQUEST');
  });
  it('say that there is nothing', async () => {
    for (const [method, path] of [['GET', '/api/v1/nothing'], ['DELETE', '/api/v1/policies/branch'], ['GET', '/'], ['GET', '/api/v1/policies/absent'], ['GET', '/api/v1/deployments/01ARZ3NDEKTSV4RRFFQ69G5FAV'], ['POST', '/api/v1/bindings/absent/rollback-plan']] as const) {
      expectProblem(await call(method, path, editor(), method === 'POST' ? {} : undefined), 404, 'CP-NOT-FOUND');
    }
    expect((await call('DELETE', '/api/v1/policies/branch', editor())).body.detail).toBe('There is no DELETE /api/v1/policies/branch here.');
    expect((await call('POST', '/api/v1/bindings/absent/plan', editor(), {})).body.detail).toBe('There is no binding "absent".');
  }); // prettier-ignore
  it('cannot reach into JavaScript’s own names', async () => {
    expectProblem(await call('GET', '/api/v1/policies/constructor', editor()), 404, 'CP-NOT-FOUND');
    const { body } = await call<Judgement>('POST', '/api/v1/policies/validate', editor(), '{"source": "kind: constructor", "__proto__": {"source": "x"}}').catch(() => ({ body: null }));
    expect(body === null || body.findings === undefined || body.findings[0]!.code === 'CP-INVALID').toBe(true);
  }); // prettier-ignore
});

describe('an interface that cannot be reached', () => {
  it('is named, in plans and in the list of bindings', async () => {
    const plan = await call('POST', '/api/v1/bindings/uplink/plan', editor(), {});
    expectProblem(plan, 502, 'CP-TARGET-UNREACHABLE');
    expect(plan.body.detail).toMatch(/^cpt-absent\/lo cannot be read: There is no such network namespace, or it may not be entered\. .* Nothing was changed\.$/);
    expect((await call<unknown[]>('GET', '/api/v1/bindings', editor())).body).toMatchObject([
      { name: 'uplink', state: 'unreachable', site: 'site', service: 'branch', deployment: null },
    ]);
  });
  it('leaves a refused apply in the audit', async () => {
    const before = (await call<AuditEntry[]>('GET', '/api/v1/audit', editor())).body.length;
    expectProblem(await call('POST', '/api/v1/bindings/uplink/apply', sidecar.as('Admin', 'bob'), { plan: 'x' }), 502, 'CP-TARGET-UNREACHABLE');
    const { body } = await call<AuditEntry[]>('GET', '/api/v1/audit', editor());
    expect(body).toHaveLength(before + 1);
    expect(body[0]).toMatchObject({ by: 'bob', role: 'Admin', action: 'apply', subject: 'Binding/uplink on site/lo', outcome: 'failed' });
    expect((await call<unknown[]>('GET', '/api/v1/deployments', editor())).body).toEqual([]);
  });
}); // prettier-ignore

describe('queries', () => {
  const query = async (...queries: unknown[]) =>
    (await call<QueryResponse>('POST', '/api/v1/query', sidecar.as('Viewer', ''), { from: 0, to: Date.now(), queries }))
      .body.results;
  it('are each answered by themselves: a malformed one hides no other', async () => {
    const results = await query(
      { refId: 'A', type: 'violations' }, { refId: 'B', type: 'nonsense' }, { refId: 'C', type: 'deployments' }, null, 'x', { type: 'violations' },
      { refId: 'D', type: 'class-statistics', metric: 'love' },
    );
    expect(Object.keys(results)).toEqual(['A', 'B', 'C', '#4', '#5', '#6', 'D']);
    expect([results.A!.frames![0]!.name, results.C!.frames![0]!.name]).toEqual(['violations', 'deployments']);
    for (const bad of ['B', '#4', '#5', '#6', 'D']) {
      expect(results[bad]).toEqual({ error: expect.stringMatching(/^The query is not valid: /) as string, status: 400 });
    }
    expect(results.B!.error).toMatch(/^The query is not valid: type: /);
    expect(results.D!.error).toMatch(/^The query is not valid: metric: /);
  }); // prettier-ignore
  it('have frames of the fields that the panels know', async () => {
    const { A, B, C } = await query({ refId: 'A', type: 'sla-compliance' }, { refId: 'B', type: 'deployments' }, { refId: 'C', type: 'violations', open: true });
    const fields = (result: typeof A) => result!.frames![0]!.fields.map(({ name, type }) => `${name} ${type}`);
    expect(A!.frames![0]).toMatchObject({ name: 'sla', type: 'table' });
    expect(fields(A)).toEqual([
      'site string', 'service string', 'traffic_class string', 'binding string', 'objective string', 'label string', 'verdict string', 'value number', 'threshold number',
      'unit string', 'coverage number', 'samples number', 'expected number', 'reason string', 'severity string', 'since time', 'definition string', 'trend string',
    ]);
    expect(fields(B)).toEqual(['time time', 'timeEnd time', 'title string', 'text string', 'tags string']);
    expect(fields(C).slice(0, 4)).toEqual(['time time', 'timeEnd time', 'title string', 'text string']);
  }); // prettier-ignore
});
