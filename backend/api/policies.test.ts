/** Policies over HTTP: listed, judged, saved, and never overwritten. */
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
import type { AuditEntry, Judgement, PolicyDetail, PolicySummary, Problem } from './contract.ts';
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

describe('policies', () => {
  const revision = async () => (await call<PolicyDetail>('GET', '/api/v1/policies/branch', editor())).body.revision;

  it('are listed and read with what is judged of them and who uses them', async () => {
    const { body } = await call<PolicySummary[]>('GET', '/api/v1/policies', sidecar.as('Viewer'));
    expect(body).toMatchObject([
      {
        name: 'branch',
        description: '',
        updatedBy: 'clearpathd',
        classes: 2,
        errors: 0,
        warnings: 0,
        bindings: ['uplink'],
      },
    ]);
    expect(body[0]).not.toHaveProperty('source');
    expect((await call<PolicyDetail>('GET', '/api/v1/policies/branch', sidecar.as('Viewer'))).body).toEqual({
      ...body[0],
      source: policyText(),
    });
  });
  it('are judged with the bandwidth and the values of a binding where one is named', async () => {
    const source = policyText('branch', 'variables: { line: { type: rate, example: 10mbit } }\n  bandwidth: ${line}');
    const judge = (binding?: string) =>
      call<Judgement>('POST', '/api/v1/policies/validate', sidecar.as('Viewer'), { source, binding });
    expect((await judge()).body).toMatchObject({ findings: [], outline: { bandwidth: 10e6 } });
    expect((await judge('uplink')).body).toMatchObject({
      findings: [{ code: 'CP-VARIABLE-MISSING', path: 'spec.variables.line', line: 5 }],
      outline: null,
    });
    expectProblem((await judge('nowhere')) as unknown as Answer<Problem>, 404, 'CP-NOT-FOUND');
  });
  it('are judged without being saved, at path and line', async () => {
    const source = policyText('branch', 'bandwidth: 500kbit');
    const { body } = await call<Judgement>('POST', '/api/v1/policies/validate', sidecar.as('Viewer'), { source });
    expect(body.findings).toMatchObject([
      { code: 'CP-CEILING-PARENT', path: 'spec.classes[0].guarantee', line: 7 },
      { code: 'CP-GUARANTEE-SUM', path: 'spec.classes[0].guarantee', line: 7 },
      { code: 'CP-STRICT-SHARE', severity: 'warning', line: 7 },
    ]);
    expect(body.outline).toMatchObject({
      bandwidth: 500_000,
      classes: [{ path: 'voice', matches: ['DSCP EF'] }, { path: 'rest' }],
    });
    expect(
      (await call<Judgement>('POST', '/api/v1/policies/validate', sidecar.as('Viewer'), { source: '{' })).body.outline
    ).toBeNull();
  });
  it('are saved by an editor, with an entry in the audit', async () => {
    const source = policyText('branch', 'bandwidth: 12mbit # by ann');
    const saved = await call<PolicyDetail>('PUT', '/api/v1/policies/branch', sidecar.as('Editor', 'Zoë'), {
      source,
      baseRevision: await revision(),
    });
    expect([saved.status, saved.body.updatedBy, saved.body.source]).toEqual([200, 'Zoë', source]);
    const { body } = await call<AuditEntry[]>('GET', '/api/v1/audit?limit=1', editor());
    expect(body).toMatchObject([
      {
        by: 'Zoë',
        role: 'Editor',
        action: 'policy.save',
        subject: 'Policy/branch',
        outcome: 'done',
        detail: `revision ${saved.body.revision}`,
      },
    ]);
  });
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
  it('are edited by the fix of a finding, which nothing else may be', async () => {
    const source = policyText('branch', 'bandwidth: 10mbit').replace('default: true', 'default: true, burst: 100B');
    const fix = (path: string) =>
      call<{ source: string }>('POST', '/api/v1/policies/fix', sidecar.as('Viewer'), {
        source,
        code: 'CP-BURST',
        path,
      });
    expect((await fix('spec.classes[1].burst')).body.source).toBe(source.replace(', burst: 100B', ''));
    const none = await fix('spec.classes[0].burst');
    expect([none.status, none.body]).toMatchObject([422, { code: 'CP-NO-FIX' }]);
  });
  it('with errors are not saved, and every error is named', async () => {
    const answer = await call('PUT', '/api/v1/policies/branch', editor(), {
      source: policyText('branch', 'bandwidth: 500kbit'),
      baseRevision: await revision(),
    });
    expectProblem(answer, 422, 'CP-FINDINGS');
    expect(answer.body.detail).toBe('The policy was not saved. Correct what is named below.');
    expect(answer.body.findings).toMatchObject([
      { code: 'CP-CEILING-PARENT', line: 7 },
      { code: 'CP-GUARANTEE-SUM', line: 7 },
      { code: 'CP-STRICT-SHARE' },
    ]);
  });
  it('are saved under their own name only, and by themselves', async () => {
    const other = await call('PUT', '/api/v1/policies/third', editor(), { source: policyText(), baseRevision: null });
    expectProblem(other, 422, 'CP-NAME');
    expect(other.body.detail).toBe(
      'The document calls itself "branch", but it was to be saved as "third". Nothing was saved.'
    );
    const two = await call('PUT', '/api/v1/policies/third', editor(), {
      source: `${policyText('third')}---\n${policyText('fourth')}`,
      baseRevision: null,
    });
    expect(two.body.findings).toMatchObject([
      { message: 'This text holds several policies; a policy is saved by itself.' },
    ]);
    const none = await call('PUT', '/api/v1/policies/third', editor(), {
      source: targetText('third'),
      baseRevision: null,
    });
    expect(none.body.findings).toMatchObject([{ message: 'This text holds other documents than one policy.' }]);
    expectProblem(await call('GET', '/api/v1/policies/third', editor()), 404, 'CP-NOT-FOUND');
  });
});
