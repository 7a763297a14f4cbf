/** Versions of a policy over HTTP: listed, compared, and gone back to without rewriting anything. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { policyText, removeState, startSidecar, type Sidecar, type Who } from '../daemon/testing.ts';
import { openStore } from '../store/index.ts';
import type { AuditEntry, PolicyComparison, PolicyDetail, PolicyVersion, Problem } from './contract.ts';
import { expectProblem } from './testing.ts';

let sidecar: Sidecar;
const first = policyText();
const second = `# more for voice\n${first.replace('guarantee: 1mbit', 'guarantee: 2mbit')}`;
beforeAll(async () => {
  sidecar = await startSidecar({ 'branch.yaml': first });
  await save(second);
});
afterAll(async () => {
  await sidecar.close();
  removeState(sidecar.state);
});

const get = <T = Problem>(path: string) => sidecar.call<T>('GET', `/api/v1/policies/${path}`, sidecar.as('Viewer'));
const head = async () => (await get<PolicyDetail>('branch')).body;
const save = async (source: string) =>
  sidecar.call('PUT', '/api/v1/policies/branch', sidecar.as('Editor'), { source, baseRevision: (await head()).revision }); // prettier-ignore
const restore = <T = Problem>(number: number, baseRevision: string, who: Who = sidecar.as('Editor', 'bob')) =>
  sidecar.call<T>('POST', '/api/v1/policies/branch/restore', who, { number, baseRevision });
const versions = async () => (await get<PolicyVersion[]>('branch/versions')).body;

describe('the versions of a policy', () => {
  it('are listed newest first, with who saved them and where they are in force', async () => {
    expect(await versions()).toMatchObject([
      { number: 2, savedBy: 'ann', inForce: [] },
      { number: 1, savedBy: 'clearpathd', inForce: [] },
    ]);
    const store = await openStore(sidecar.state);
    const { revision } = (await versions())[1]!;
    const row = { id: '01', tenant: 'main', place: 'wan0', action: 'apply', binding: 'uplink', policy: 'branch', revision, target: 't', interface: 'wan0', state: 'applying', started_at: 1, finished_at: null, by: 'ann', message: '', before: '{}', after: '{}', operations: '[]', previous: null, allocation: '{}', undoes: null, confirm_within: null, confirm_boot: null, confirm_until: null, matching: '' } as const; // prettier-ignore
    await store.deployments.begin([row]);
    await store.deployments.finish(
      row,
      { state: 'confirmed', message: 'done' },
      { deployment: '01', allocation: '{}' }
    );
    await store.close();
    expect((await versions()).map(({ inForce }) => inForce)).toEqual([[], ['wan0']]);
  });
  it('are compared in what they mean, both ways, with their texts', async () => {
    const forth = await get<PolicyComparison>('branch/changes?from=1&to=2');
    expect([forth.status, forth.body]).toEqual([
      200,
      {
        changes: [
          { kind: 'changed', path: 'spec.classes[0].guarantee', class: 'voice', text: 'voice: guarantee 1 Mbit/s → 2 Mbit/s' },
          { kind: 'changed', path: 'spec.classes[0].ceiling', class: 'voice', text: 'voice: ceiling 1 Mbit/s → 2 Mbit/s' },
        ],
        unreadable: [],
        sources: [first, second],
      },
    ]); // prettier-ignore
    expect((await get<PolicyComparison>('branch/changes?from=2&to=1')).body.changes?.[0]!.text).toBe('voice: guarantee 2 Mbit/s → 1 Mbit/s'); // prettier-ignore
    expect((await get<PolicyComparison>('branch/changes?from=2&to=2')).body.changes).toEqual([]);
  });
  it('that are not there are named', async () => {
    for (const path of ['nothing/versions', 'branch/changes?from=1&to=9', 'nothing/changes?from=1&to=1']) {
      expectProblem(await get(path), 404, 'CP-NOT-FOUND');
    }
    for (const path of ['branch/changes', 'branch/changes?from=0&to=1', 'branch/changes?from=1&to=99999999999']) {
      expect((await get(path)).status).toBe(400);
    }
  });
});

describe('going back', () => {
  it('saves the old text as a new version, and rewrites nothing', async () => {
    const before = await versions();
    const { status, body } = await restore<PolicyDetail>(1, before[0]!.revision);
    expect([status, body.source, body.updatedBy]).toEqual([200, first, 'bob']);
    const after = await versions();
    expect(after.slice(1)).toEqual(before);
    expect(after[0]).toMatchObject({ number: 3, savedBy: 'bob', revision: before[1]!.revision, inForce: ['wan0'] });
    const audit = await sidecar.call<AuditEntry[]>('GET', '/api/v1/audit', sidecar.as('Editor'));
    expect(audit.body[0]).toMatchObject({ action: 'policy.restore', by: 'bob', subject: 'Policy/branch', detail: `version 1, revision ${body.revision}` }); // prettier-ignore
  });
  it('is refused over a head that the operator has not seen, and where it changes nothing', async () => {
    expectProblem(await restore(2, 'another'), 409, 'CP-HEAD-MOVED');
    expectProblem(await restore(1, (await head()).revision), 422, 'CP-NOTHING-TO-RESTORE');
    expectProblem(await restore(9, (await head()).revision), 404, 'CP-NOT-FOUND');
    expect(await versions()).toHaveLength(3);
  });
  it('is refused to a text that this version judges to be wrong, with what is wrong; it can still be looked at', async () => {
    const store = await openStore(sidecar.state);
    await store.documents.save(
      'main',
      'Policy',
      'branch',
      'kind: Policy\nspec: { ancient: words }\n',
      'zoe',
      undefined
    );
    await store.documents.save('main', 'Policy', 'branch', second, 'zoe', undefined);
    await store.close();
    const refused = await restore(4, (await head()).revision);
    expectProblem(refused, 422, 'CP-FINDINGS');
    expect(refused.body.findings!.length).toBeGreaterThan(0);
    const { body } = await get<PolicyComparison>('branch/changes?from=4&to=5');
    expect([body.changes, body.unreadable, body.sources[1]]).toEqual([null, [4], second]);
  });
});
