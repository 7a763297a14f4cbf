/** Bindings and Targets over HTTP: judged with all that stands around them, never lost, never overwritten. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindingText, policyText, removeState, startSidecar, targetText, type Sidecar } from '../daemon/testing.ts';
import { openStore, type DeploymentRow, type Store } from '../store/index.ts';
import type { AuditEntry, BindingSummary, DocumentComparison, DocumentDetail, DocumentSummary, DocumentVersion, Problem } from './contract.ts'; // prettier-ignore
import type { Finding } from '../policy/index.ts';
import { expectProblem } from './testing.ts';

let sidecar: Sidecar;
let store: Store;
beforeAll(async () => {
  sidecar = await startSidecar({ 'site.yaml': `${targetText('site')}---\n${bindingText('filed', 'site', 'cpt0')}---\n${policyText()}` }); // prettier-ignore
  store = await openStore(sidecar.state);
});
afterAll(async () => {
  await store.close();
  await sidecar.close();
  removeState(sidecar.state);
});

const admin = () => sidecar.as('Admin', 'ann');
const call = <T = Problem>(method: string, path: string, body?: unknown) =>
  sidecar.call<T>(method, `/api/v1/documents/${path}`, admin(), body);
const put = <T = DocumentDetail>(path: string, source: string, baseRevision: string | null = null) =>
  call<T>('PUT', path, { source, baseRevision });
const validate = async (kind: string, name: string, source: string) =>
  (await call<{ findings: Finding[] }>('POST', `${kind}/validate`, { name, source })).body.findings;
const said = (findings: readonly Finding[] | undefined) => findings?.map(({ code, line, message }) => `${line} ${code} ${message}`); // prettier-ignore
const lo = (name = 'uplink', more = '') => bindingText(name, 'site').replace('[ lo ]', `[ lo ]${more}`);

/** As if the policy were in force on an interface that there is. */
async function inForce(binding: string, device = 'lo'): Promise<() => Promise<void>> {
  const id = `01${binding}`;
  const row: DeploymentRow = { id, tenant: 'main', place: device, action: 'apply', binding, policy: 'branch', revision: 'r', target: 'site', interface: device, state: 'applying', started_at: 1, finished_at: null, by: 'ann', message: '', before: '{}', after: '{"qdiscs":[],"classes":[],"filters":[]}', operations: '[]', previous: null, allocation: '{}', undoes: null, confirm_within: null, confirm_boot: null, confirm_until: null, matching: '' }; // prettier-ignore
  await store.deployments.begin([row]);
  await store.deployments.finish(row, { state: 'confirmed', message: '' }, { deployment: id, allocation: '{}' });
  return async () => {
    await store.deployments.finish({ ...row, undoes: id }, { state: 'rolled-back', message: '' }, { deployment: null, allocation: '{}' }); // prettier-ignore
  };
}

describe('a binding that is written in the page', () => {
  it('is judged with what it names, at line and column, and saved by nobody yet', async () => {
    const text = 'apiVersion: clearpath/v1\nkind: Binding\nmetadata: { name: uplink }\nspec:\n  policy: nowhere\n  target: site\n  interfaces: [ lo ]\n'; // prettier-ignore
    const findings = await validate('bindings', 'uplink', text);
    expect(said(findings)).toEqual(['5 CP-REFERENCE There is no policy "nowhere".']);
    expect(findings[0]).toMatchObject({ path: 'spec.policy', column: 3, document: 'Binding/uplink' });
    expect(said(await validate('bindings', 'uplink', `${text}  bandwith: 1mbit\n`))).toEqual([
      '8 CP-UNKNOWN-KEY "bandwith" is not a key here.',
    ]);
    expect(said(await validate('bindings', 'other', lo()))).toEqual([
      '3 CP-INVALID The document calls itself "uplink", but it is to be saved as "other".',
    ]);
    expect((await call('GET', 'bindings/uplink')).status).toBe(404);
  });
  it('is saved by an admin, with a version and an entry in the audit, and acts at once in every list', async () => {
    const saved = await put('bindings/uplink', lo());
    expect([saved.status, saved.body]).toMatchObject([200, { updatedBy: 'ann', file: null, readable: true, findings: [], source: lo() }]); // prettier-ignore
    const listed = await sidecar.call<BindingSummary[]>('GET', '/api/v1/bindings', admin());
    expect(listed.body.map(({ name }) => name)).toContain('uplink');
    const audit = await sidecar.call<AuditEntry[]>('GET', '/api/v1/audit?limit=1', admin());
    expect(audit.body[0]).toMatchObject({ by: 'ann', action: 'binding.save', subject: 'Binding/uplink', detail: `revision ${saved.body.revision}` }); // prettier-ignore
  });
  it('is not saved over somebody else’s, nor with errors', async () => {
    const other = await put<Problem>('bindings/uplink', lo('uplink', ', bandwidth: 5mbit'));
    expectProblem(other, 409, 'CP-HEAD-MOVED');
    const bad = await put<Problem>('bindings/second', lo('second', ', confirm: 1'));
    expectProblem(bad, 422, 'CP-FINDINGS');
    expect(bad.body.findings?.[0]).toMatchObject({ path: 'spec.confirm', line: 4 });
  });
  it('that would take the interface of another is refused, whichever of the two comes first by name', async () => {
    const clash = await put<Problem>('bindings/a', lo('a'));
    expectProblem(clash, 422, 'CP-FINDINGS');
    expect(said(clash.body.findings)).toEqual([
      '3 CP-BINDING-CONFLICT Binding/uplink would be wrong then: The binding "a" already acts on lo of site in this direction, and so does "uplink".',
    ]);
  });
});

describe('what is in force', () => {
  it('keeps its binding from being deleted, or moved away from it', async () => {
    const end = await inForce('uplink');
    const { revision } = (await call<DocumentDetail>('GET', 'bindings/uplink')).body;
    const gone = await call('DELETE', 'bindings/uplink', { baseRevision: revision });
    expectProblem(gone, 409, 'CP-IN-USE');
    expect(gone.body.detail).toBe(
      'Binding/uplink was not deleted: The policy "branch" is in force on lo, which the binding "uplink" would no longer have: it would go on acting, and nothing would show it. Roll it back there first.'
    );
    const moved = await put<Problem>('bindings/uplink', lo().replace('[ lo ]', '[ cpt9 ]'), revision);
    expect(moved.body.findings).toMatchObject([{ code: 'CP-IN-FORCE', line: 3 }]);
    const target = await validate('targets', 'site', targetText('site', 'elsewhere'));
    expect(target.map(({ code }) => code)).toContain('CP-IN-FORCE');
    await end();
  });
  it('on an interface that is gone keeps nobody from anything', async () => {
    await put('bindings/away', bindingText('away', 'site', 'cptgone'));
    const end = await inForce('away', 'cptgone');
    const { revision } = (await call<DocumentDetail>('GET', 'bindings/away')).body;
    expect((await call('DELETE', 'bindings/away', { baseRevision: revision })).status).toBe(200);
    await end();
  });
});

describe('a deleted document', () => {
  it('is gone from every list, keeps its versions, and comes back as a new one', async () => {
    const { revision } = (await call<DocumentDetail>('GET', 'bindings/uplink')).body;
    expectProblem(await call('DELETE', 'bindings/uplink', { baseRevision: 'another' }), 409, 'CP-HEAD-MOVED');
    expect((await call('DELETE', 'bindings/uplink', { baseRevision: revision })).status).toBe(200);
    expect((await call('GET', 'bindings/uplink')).status).toBe(404);
    expectProblem(await call('DELETE', 'bindings/uplink', { baseRevision: revision }), 404, 'CP-NOT-FOUND');
    const versions = async () => (await call<DocumentVersion[]>('GET', 'bindings/uplink/versions')).body;
    expect((await versions()).map(({ number, removed }) => [number, removed])).toEqual([[2, true], [1, false]]); // prettier-ignore
    expectProblem(await call('POST', 'bindings/uplink/restore', { number: 2, baseRevision: null }), 422, 'CP-NOTHING-TO-RESTORE'); // prettier-ignore
    const back = await call<DocumentDetail>('POST', 'bindings/uplink/restore', { number: 1, baseRevision: null });
    expect([back.status, back.body.source]).toEqual([200, lo()]);
    expect((await versions()).map(({ number }) => number)).toEqual([3, 2, 1]);
    const audit = await sidecar.call<AuditEntry[]>('GET', '/api/v1/audit?limit=2', admin());
    expect(audit.body.map(({ action }) => action)).toEqual(['binding.restore', 'binding.delete']);
  });
  it('stands beside another in words, which say too what would change interfaces by itself', async () => {
    const { revision } = (await call<DocumentDetail>('GET', 'bindings/uplink')).body;
    await put('bindings/uplink', lo('uplink', ', confirm: 60s, reapply: true'), revision);
    const beside = (from: number, to: number) => call<DocumentComparison>('GET', `bindings/uplink/changes?from=${from}&to=${to}`); // prettier-ignore
    const { body } = await beside(3, 4);
    expect(body.changes?.map(({ path, text }) => [path, text])).toEqual([
      ['spec.confirm', 'confirm without → 60s'],
      ['spec.reapply', 'reapply no → yes'],
    ]);
    expect([body.alone, body.sources[0]]).toEqual([['reapply'], lo()]);
    expect((await beside(4, 3)).body.alone).toEqual([]);
    expect((await beside(2, 3)).body).toEqual({ changes: null, unreadable: [], sources: ['', lo()], alone: [] });
    expectProblem(await call('GET', 'bindings/uplink/changes?from=1&to=9'), 404, 'CP-NOT-FOUND');
  });
  it('is not a target that a binding still names', async () => {
    const made = await put('targets/spare', targetText('spare'));
    await put('bindings/there', bindingText('there', 'spare', 'cpt7'));
    const refused = await call('DELETE', 'targets/spare', { baseRevision: made.body.revision });
    expectProblem(refused, 409, 'CP-IN-USE');
    expect(refused.body.detail).toBe('Targets/spare was not deleted: Binding/there would be wrong then: There is no target "spare".'.replace('Targets', 'Target')); // prettier-ignore
  });
});

describe('a document of a file', () => {
  it('is named as such and changed nowhere but there', async () => {
    const { body } = await call<DocumentSummary[]>('GET', 'bindings');
    const filed = body.find(({ name }) => name === 'filed')!;
    expect(filed.file).toBe(`${sidecar.state}/site.yaml`);
    const refused = await put<Problem>('bindings/filed', bindingText('filed', 'site', 'cpt1'), filed.revision);
    expectProblem(refused, 409, 'CP-FROM-FILE');
    expectProblem(await call('DELETE', 'targets/site', { baseRevision: 'x' }), 409, 'CP-FROM-FILE');
  });
});

describe('a stored document that this version does not take', () => {
  const old = 'apiVersion: clearpath/v1\nkind: Binding\nmetadata: { name: old }\nspec: { policy: branch, target: site, interfaces: [ cpt3 ], colour: red }\n'; // prettier-ignore
  it('is listed with what is wrong with it, and can be corrected', async () => {
    await store.documents.save('main', 'Binding', 'old', old, 'ann', null);
    const { body } = await sidecar.call<BindingSummary[]>('GET', '/api/v1/bindings', admin());
    expect(body.find(({ name }) => name === 'old')).toMatchObject({
      state: 'unreachable',
      message: 'The stored document is not one that this version takes: line 4: "colour" is not a key here. Correct it, or restore a version of it.', // prettier-ignore
    });
    const listed = (await call<DocumentSummary[]>('GET', 'bindings')).body.find(({ name }) => name === 'old')!;
    expect(listed).toMatchObject({ readable: false, findings: [{ code: 'CP-UNKNOWN-KEY', line: 4 }] });
    const fixed = await put('bindings/old', old.replace(', colour: red', ''), listed.revision);
    expect([fixed.status, fixed.body.readable]).toEqual([200, true]);
  });
  it('is named by the bindings that need it, whether a target or a policy', async () => {
    await store.documents.save('main', 'Target', 'strange', targetText('strange').replace('linux', 'linux, colour: red'), 'ann', null); // prettier-ignore
    await store.documents.save('main', 'Policy', 'strange', policyText('strange', 'colour: red'), 'ann', null);
    expect(said(await validate('bindings', 'b', bindingText('b', 'strange', 'cpt4', 'strange')))).toEqual([
      '4 CP-UNREADABLE The policy "strange" is stored, but this version does not take it: line 5: "colour" is not a key here. What is in force stays; nothing new can be applied.',
      '4 CP-REFERENCE The target "strange" is stored, but this version does not take it: line 4: "colour" is not a key here.',
    ].reverse()); // prettier-ignore
  });
});
