/** Requests that make no sense, interfaces that cannot be reached, and queries, over HTTP. */
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
import type { AuditEntry, Judgement, Problem, QueryResponse } from './contract.ts';
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
    ['GET', '/audit?from=yesterday', undefined, 'from: '],
    ['GET', '/audit?before=0', undefined, 'before: '],
    ['GET', '/audit?outcome=good', undefined, 'outcome: '],
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
    const form = await fetch(`${sidecar.url}/api/v1/query`, {
      method: 'POST',
      body: 'a=b',
      headers: { authorization: `Bearer ${sidecar.direct}`, 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form.status).toBe(415);
    expect(((await form.json()) as Problem).code).toBe('CP-REQUEST');
  });
  it('are refused when they are larger than any document', async () => {
    const answer = await call('PUT', '/api/v1/policies/branch', editor(), {
      source: 'x'.repeat(3 * 1024 ** 2),
      baseRevision: null,
    });
    expectProblem(answer, 413, 'CP-REQUEST');
  });
  it('say that there is nothing', async () => {
    for (const [method, path, body] of [
      ['GET', '/api/v1/nothing'],
      ['DELETE', '/api/v1/policies'],
      ['GET', '/'],
      ['GET', '/api/v1/policies/absent'],
      ['GET', '/api/v1/deployments/01ARZ3NDEKTSV4RRFFQ69G5FAV'],
      ['POST', '/api/v1/bindings/absent/rollback-plan'],
      ['POST', '/api/v1/targets/absent/import', { interface: 'lo' }],
    ] as const) {
      expectProblem(
        await call(method, path, editor(), body ?? (method === 'POST' ? {} : undefined)),
        404,
        'CP-NOT-FOUND'
      );
    }
    expect((await call('DELETE', '/api/v1/policies', editor())).body.detail).toBe(
      'There is no DELETE /api/v1/policies here.'
    );
    expect((await call('POST', '/api/v1/bindings/absent/plan', editor(), {})).body.detail).toBe(
      'There is no binding "absent".'
    );
  });
  it('cannot reach into JavaScript’s own names', async () => {
    expectProblem(await call('GET', '/api/v1/policies/constructor', editor()), 404, 'CP-NOT-FOUND');
    const { body } = await call<Judgement>(
      'POST',
      '/api/v1/policies/validate',
      editor(),
      '{"source": "kind: constructor", "__proto__": {"source": "x"}}'
    ).catch(() => ({ body: null }));
    expect(body === null || body.findings === undefined || body.findings[0]!.code === 'CP-INVALID').toBe(true);
  });
});

describe('an interface that cannot be reached', () => {
  it('is named, in plans and in the list of bindings', async () => {
    const plan = await call('POST', '/api/v1/bindings/uplink/plan', editor(), {});
    expectProblem(plan, 502, 'CP-TARGET-UNREACHABLE');
    expect(plan.body.detail).toMatch(
      /^cpt-absent\/lo cannot be read: There is no such network namespace, or it may not be entered\. .* Nothing was changed\.$/
    );
    expect((await call<unknown[]>('GET', '/api/v1/bindings', editor())).body).toMatchObject([
      { name: 'uplink', state: 'unreachable', site: 'site', service: 'branch', deployment: null },
    ]);
  });
  it('leaves a refused apply in the audit', async () => {
    const before = (await call<AuditEntry[]>('GET', '/api/v1/audit', editor())).body.length;
    expectProblem(
      await call('POST', '/api/v1/bindings/uplink/apply', sidecar.as('Admin', 'bob'), { plan: 'x' }),
      502,
      'CP-TARGET-UNREACHABLE'
    );
    const { body } = await call<AuditEntry[]>('GET', '/api/v1/audit', editor());
    expect(body).toHaveLength(before + 1);
    expect(body[0]).toMatchObject({
      by: 'bob',
      role: 'Admin',
      action: 'apply',
      subject: 'Binding/uplink on site/lo',
      outcome: 'failed',
    });
    expect((await call<unknown[]>('GET', '/api/v1/deployments', editor())).body).toEqual([]);
  });
});

describe('queries', () => {
  const query = async (...queries: unknown[]) =>
    (await call<QueryResponse>('POST', '/api/v1/query', sidecar.as('Viewer', ''), { from: 0, to: Date.now(), queries }))
      .body.results;
  it('are each answered by themselves: a malformed one hides no other', async () => {
    const results = await query(
      { refId: 'A', type: 'violations' },
      { refId: 'B', type: 'nonsense' },
      { refId: 'C', type: 'deployments' },
      null,
      'x',
      { type: 'violations' },
      { refId: 'D', type: 'class-statistics', metric: 'love' }
    );
    expect(Object.keys(results)).toEqual(['A', 'B', 'C', '#4', '#5', '#6', 'D']);
    expect([results.A!.frames![0]!.name, results.C!.frames![0]!.name]).toEqual(['violations', 'deployments']);
    for (const bad of ['B', '#4', '#5', '#6', 'D']) {
      expect(results[bad]).toEqual({
        error: expect.stringMatching(/^The query is not valid: /) as string,
        status: 400,
      });
    }
    expect(results.B!.error).toMatch(/^The query is not valid: type: /);
    expect(results.D!.error).toMatch(/^The query is not valid: metric: /);
  });
  it('have frames of the fields that the panels know', async () => {
    const { A, B, C } = await query(
      { refId: 'A', type: 'sla-compliance' },
      { refId: 'B', type: 'deployments' },
      { refId: 'C', type: 'violations', open: true }
    );
    const fields = (result: typeof A) => result!.frames![0]!.fields.map(({ name, type }) => `${name} ${type}`);
    expect(A!.frames![0]).toMatchObject({ name: 'sla', type: 'table' });
    expect(fields(A)).toEqual([
      'site string',
      'service string',
      'traffic_class string',
      'binding string',
      'objective string',
      'label string',
      'verdict string',
      'value number',
      'threshold number',
      'unit string',
      'coverage number',
      'samples number',
      'expected number',
      'reason string',
      'severity string',
      'since time',
      'definition string',
      'trend string',
    ]);
    expect(fields(B)).toEqual(['time time', 'timeEnd time', 'title string', 'text string', 'tags string']);
    expect(fields(C).slice(0, 4)).toEqual(['time time', 'timeEnd time', 'title string', 'text string']);
  });
});
