/** A proof over the sidecar's API: begun, watched, kept, and asked for before an apply. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deployment, Plan, Problem, Proof, ProofDetail } from '../../backend/api/contract.ts';
import {
  bindingText,
  makeNamespace,
  namespaceMissing,
  removeState,
  startSidecar,
  targetText,
  type Sidecar,
} from '../../backend/daemon/testing.ts';
import { haveTraffic, NO_TRAFFIC } from '../kernel/traffic.ts';

const missing = namespaceMissing ?? NO_TRAFFIC;
const ONE_CLASS = `apiVersion: clearpath/v1\nkind: Policy\nmetadata: { name: branch }\nspec:\n  bandwidth: 10mbit\n  classes:\n    - { name: rest, default: true, guarantee: 5mbit }\n`;
const REQUIRING = bindingText('uplink', 'site').replace('interfaces:', 'requireProof: true, interfaces:');

describe.skipIf(missing)(`a proof over the API${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let sidecar: Sidecar;
  let namespace: ReturnType<typeof makeNamespace>;
  beforeAll(async () => {
    await haveTraffic();
    namespace = makeNamespace();
    sidecar = await startSidecar({
      'policy.yaml': ONE_CLASS,
      'site.yaml': `${targetText('site', namespace.name)}---\n${REQUIRING}`,
    });
  }, 60_000);
  afterAll(async () => {
    await sidecar?.close();
    namespace?.remove();
    if (sidecar) removeState(sidecar.state);
  });
  const begin = (role: string) =>
    sidecar.call<Proof & Problem>('POST', '/api/v1/bindings/uplink/proofs', sidecar.as(role));
  const apply = async () => {
    const admin = sidecar.as('Admin');
    const { body: plan } = await sidecar.call<Plan>('POST', '/api/v1/bindings/uplink/plan', admin, {});
    return sidecar.call<Deployment & Problem>('POST', '/api/v1/bindings/uplink/apply', admin, { plan: plan.id });
  };
  const read = (id: string) => sidecar.call<ProofDetail>('GET', `/api/v1/proofs/${id}`, sidecar.as('Viewer'));

  it('is required before an apply where the binding says so, and the refusal says what to do', async () => {
    const { status, body } = await apply();
    expect([status, body.code]).toEqual([409, 'CP-PROOF-MISSING']);
    expect(body.detail).toMatch(/requires a proof.*has not been proved on Linux .*nothing was applied\. Prove it/);
    expect(namespace.tc('qdisc', 'show', 'dev', 'lo')).not.toContain('htb');
  });

  it('is begun by an editor, not by a viewer, and one at a time', async () => {
    expect((await begin('Viewer')).status).toBe(403);
    const first = await begin('Editor');
    expect([first.status, first.body.state, first.body.by]).toEqual([202, 'running', 'ann']);
    const second = await begin('Editor');
    expect([second.status, second.body.code]).toEqual([409, 'CP-PROOF-RUNNING']);
    expect((await read(first.body.id)).body).toMatchObject({ state: 'running', report: null });
  });

  it('is kept with every promise, and then the apply is allowed', { timeout: 120_000 }, async () => {
    const list = async () =>
      (await sidecar.call<Proof[]>('GET', '/api/v1/proofs?policy=branch', sidecar.as('Viewer'))).body;
    let [proof] = await list();
    for (let waited = 0; proof!.state === 'running' && waited < 100; waited++) {
      await sleep(1000);
      [proof] = await list();
    }
    const { body } = await read(proof!.id);
    expect(body.report!.promises.filter(({ verdict }) => verdict !== 'held')).toEqual([]);
    expect(body).toMatchObject({ state: 'held', message: 'Every promise held.', binding: 'uplink', policy: 'branch' });
    expect(body.report!.classes).toEqual([expect.objectContaining({ class: 'rest', guarantee: 5e6 })]);
    expect((await apply()).body.state).toBe('confirmed');
  });

  it('is of exactly one policy: another revision has to be proved again', async () => {
    const source = ONE_CLASS.replace('5mbit', '6mbit');
    const { body } = await sidecar.call<{ revision: string }>('GET', '/api/v1/policies/branch', sidecar.as('Editor'));
    await sidecar.call('PUT', '/api/v1/policies/branch', sidecar.as('Editor'), { source, baseRevision: body.revision });
    expect((await apply()).body.code).toBe('CP-PROOF-MISSING');
  });

  it('is stopped with the sidecar, which leaves no twin', async () => {
    const { body } = await begin('Editor');
    await sleep(1500);
    await sidecar.close();
    sidecar = await startSidecar({}, sidecar.state);
    expect((await read(body.id)).body).toMatchObject({ state: 'failed', report: null });
    expect(namespace.tc('qdisc', 'show', 'dev', 'lo')).toContain('htb');
  });

  it('is not there under another id', async () => {
    expect((await read('01JABCDEFGHJKMNPQRSTVWXYZ0')).status).toBe(404);
  });
});
