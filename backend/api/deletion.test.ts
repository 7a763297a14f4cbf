/** Deleting a policy over HTTP: never from under a binding or an interface, never for good. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bindingText, policyText, removeState, startSidecar, targetText, type Sidecar } from '../daemon/testing.ts';
import { openStore, type DeploymentRow } from '../store/index.ts';
import type { AuditEntry, DocumentDetail, PolicyComparison, PolicyDetail, PolicySummary, PolicyVersion, Problem } from './contract.ts'; // prettier-ignore
import { expectProblem } from './testing.ts';

const files = { 'branch.yaml': policyText(), 'site.yaml': targetText('site') };
let sidecar: Sidecar;
beforeAll(async () => {
  sidecar = await startSidecar(files);
  await call('PUT', 'documents/bindings/uplink', { source: bindingText('uplink', 'site'), baseRevision: null });
});
afterAll(async () => {
  await sidecar.close();
  removeState(sidecar.state);
});

const call = <T = Problem>(method: string, path: string, body?: unknown, role = 'Admin') =>
  sidecar.call<T>(method, `/api/v1/${path}`, sidecar.as(role, 'zoe'), body);
const revision = async () => (await call<PolicyDetail>('GET', 'policies/branch')).body.revision;
const remove = async (role = 'Editor') => call('DELETE', 'policies/branch', { baseRevision: await revision() }, role);

it('is refused while bindings use it, each named, and nothing is lost', async () => {
  const refused = await remove();
  expectProblem(refused, 409, 'CP-IN-USE');
  expect(refused.body.detail).toBe('Policy/branch was not deleted: Binding/uplink would be wrong then: There is no policy "branch".'); // prettier-ignore
  expect((await call<PolicyDetail>('GET', 'policies/branch')).body.source).toBe(policyText());
});

it('is refused while it is in force on an interface, whoever applied it there', async () => {
  const { body } = await call<DocumentDetail>('GET', 'documents/bindings/uplink');
  expect((await call('DELETE', 'documents/bindings/uplink', { baseRevision: body.revision })).status).toBe(200);
  const store = await openStore(sidecar.state);
  const row: DeploymentRow = { id: '01', tenant: 'main', place: 'lo', action: 'apply', binding: 'lo', policy: 'branch', revision: 'r', target: 'local', interface: 'lo', state: 'applying', started_at: 1, finished_at: null, by: 'root', message: '', before: '{}', after: '{}', operations: '[]', previous: null, allocation: '{}', undoes: null, confirm_within: null, confirm_boot: null, confirm_until: null, matching: '' }; // prettier-ignore
  await store.deployments.begin([row]);
  await store.deployments.finish(row, { state: 'confirmed', message: '' }, { deployment: '01', allocation: '{}' });
  const refused = await remove();
  expectProblem(refused, 409, 'CP-IN-USE');
  expect(refused.body.detail).toBe('Policy/branch was not deleted: The policy is in force on lo, by "lo". Roll it back there first.'); // prettier-ignore
  await store.deployments.finish({ ...row, undoes: '01' }, { state: 'rolled-back', message: '' }, { deployment: null, allocation: '{}' }); // prettier-ignore
  await store.close();
});

it('needs the right to save it, and the head that was seen', async () => {
  expectProblem(await remove('Viewer'), 403, 'CP-RIGHTS');
  expectProblem(await call('DELETE', 'policies/branch', { baseRevision: 'another' }), 409, 'CP-HEAD-MOVED');
  expectProblem(await call('DELETE', 'policies/none', { baseRevision: 'x' }), 404, 'CP-NOT-FOUND');
});

it('takes it from every list, keeps its versions and says who did it; it comes back as a new version', async () => {
  expect((await remove()).status).toBe(200);
  expectProblem(await call('GET', 'policies/branch'), 404, 'CP-NOT-FOUND');
  expect((await call<PolicySummary[]>('GET', 'policies')).body).toEqual([]);
  const versions = async () => (await call<PolicyVersion[]>('GET', 'policies/branch/versions')).body;
  expect((await versions()).map(({ number, removed }) => [number, removed])).toEqual([[2, true], [1, false]]); // prettier-ignore
  const beside = await call<PolicyComparison>('GET', 'policies/branch/changes?from=2&to=1');
  expect(beside.body).toEqual({ changes: null, unreadable: [], sources: ['', policyText()] });
  const restore = (number: number) => call<PolicyDetail>('POST', 'policies/branch/restore', { number, baseRevision: null }); // prettier-ignore
  expect((await restore(2)).status).toBe(422);
  expect((await restore(1)).body.source).toBe(policyText());
  expect((await versions()).map(({ number }) => number)).toEqual([3, 2, 1]);
  const audit = await call<AuditEntry[]>('GET', 'audit?limit=2');
  expect(audit.body.map(({ by, action, subject }) => [by, action, subject])).toEqual([
    ['zoe', 'policy.restore', 'Policy/branch'],
    ['zoe', 'policy.delete', 'Policy/branch'],
  ]);
});

it('holds over a restart, also where a file gave the policy', async () => {
  expect((await remove()).status).toBe(200);
  await sidecar.close();
  sidecar = await startSidecar(files, sidecar.state);
  expect((await call<PolicySummary[]>('GET', 'policies')).body).toEqual([]);
});
