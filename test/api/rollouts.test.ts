/** A roll-out with a deadline over HTTP: wave by wave, kept or taken back, as the page does it. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditEntry, Problem, Rollout } from '../../backend/api/contract.ts';
import {
  makeNamespace, namespaceMissing, policyText, removeState, startSidecar, targetText, type Sidecar,
} from '../../backend/daemon/testing.ts'; // prettier-ignore

describe.skipIf(namespaceMissing)(`a roll-out over HTTP${namespaceMissing ? `: ${namespaceMissing}` : ''}`, () => {
  let namespace: ReturnType<typeof makeNamespace>;
  let sidecar: Sidecar;
  beforeAll(async () => {
    namespace = makeNamespace();
    for (const device of ['up1', 'up2']) {
      namespace.ip('link', 'add', device, 'type', 'veth', 'peer', 'name', `far-${device}`);
      namespace.ip('link', 'set', device, 'up');
    }
    const uplinks = `apiVersion: clearpath/v1\nkind: Binding\nmetadata: { name: uplinks }\nspec: { policy: branch, target: site, interfaces: [ up* ] }\n`;
    sidecar = await startSidecar({
      'branch.yaml': policyText(),
      'site.yaml': `${targetText('site', namespace.name)}---\n${uplinks}`,
    });
  });
  afterAll(async () => {
    await sidecar.close();
    removeState(sidecar.state);
    namespace.remove();
  });

  const call = <T = Rollout>(method: string, path: string, body?: unknown, role = 'Admin') =>
    sidecar.call<T>(method, `/api/v1/rollouts${path}`, sidecar.as(role, 'ines'), body);
  const now = async (id: string) => (await call('GET', `/${id}`)).body;
  const states = ({ waves }: Rollout) => waves.map((wave) => wave.map(({ state }) => state));
  const until = (id: string, wanted: string[][]) =>
    vi.waitFor(async () => expect(states(await now(id))).toEqual(wanted), { timeout: 15_000, interval: 100 });
  const shaped = () => ['up1', 'up2'].filter((device) => namespace.tc('qdisc', 'show', 'dev', device).includes('htb'));

  it('keeps each wave that is confirmed, with the seconds that are left for it', async () => {
    const { body: begun } = await call('POST', '', { binding: 'uplinks', confirm: 60 });
    await until(begun.id, [['awaiting'], ['waiting']]);
    const { secondsToConfirm, confirm } = await now(begun.id);
    expect(confirm).toBe(60);
    expect(secondsToConfirm).toBeGreaterThan(45);
    expect(secondsToConfirm).toBeLessThanOrEqual(60);
    const [listed] = (await call<Rollout[]>('GET', '?binding=uplinks')).body;
    expect(listed?.secondsToConfirm).not.toBeNull();
    const refused = await call<Problem>('POST', `/${begun.id}/confirm`, {}, 'Editor');
    expect([refused.status, refused.body.code]).toEqual([403, 'CP-RIGHTS']);

    expect((await call('POST', `/${begun.id}/confirm`, {})).status).toBe(200);
    await until(begun.id, [['changed'], ['awaiting']]);
    expect((await call('POST', `/${begun.id}/confirm`, {})).status).toBe(200);
    await until(begun.id, [['changed'], ['changed']]);
    await vi.waitFor(async () => expect(await now(begun.id)).toMatchObject({ state: 'done', secondsToConfirm: null }), 5000); // prettier-ignore
    expect(shaped()).toEqual(['up1', 'up2']);

    const late = await call<Problem>('POST', `/${begun.id}/confirm`, {});
    expect([late.status, late.body.code]).toEqual([409, 'CP-ROLLOUT']);
    expect(late.body.detail).toContain('No wave of the roll-out');
    const { body: audit } = await sidecar.call<AuditEntry[]>('GET', '/api/v1/audit', sidecar.as('Editor'));
    expect(audit.filter(({ action, by }) => action === 'rollout.confirm' && by === 'ines')).toHaveLength(2);
  }, 60_000);

  it('takes a wave back that nobody confirms in time, and touches no further interface', async () => {
    const { body: head } = await sidecar.call<{ revision: string }>('GET', '/api/v1/policies/branch', sidecar.as('Editor')); // prettier-ignore
    const source = policyText().replace('guarantee: 1mbit', 'guarantee: 3mbit');
    await sidecar.call('PUT', '/api/v1/policies/branch', sidecar.as('Editor'), { source, baseRevision: head.revision });
    const { body: begun } = await call('POST', '', { binding: 'uplinks', confirm: 2 });
    await until(begun.id, [['rolled-back'], ['waiting']]);
    await vi.waitFor(async () => expect((await now(begun.id)).state).toBe('failed'), 5000);
    expect((await now(begun.id)).message).toBe('Wave 1 was not confirmed in time and went back, 1 interface not touched.'); // prettier-ignore
    for (const device of ['up1', 'up2']) {
      expect(namespace.tc('class', 'show', 'dev', device)).not.toContain('rate 3Mbit');
    }
  }, 60_000);
});
