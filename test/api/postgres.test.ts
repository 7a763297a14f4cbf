/** Sidecar and command line on one PostgreSQL, on a real interface: what one does the other knows. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry, BindingSummary, Deployment, Plan, PolicyDetail } from '../../backend/api/contract.ts';
import {
  bindingText, makeNamespace, namespaceMissing, policyText, removeState, startSidecar, targetText, type Sidecar,
} from '../../backend/daemon/testing.ts'; // prettier-ignore
import { postgresMissing, PostgresServer } from '../../backend/store/testing-postgres.ts';

const CLI = fileURLToPath(new URL('../../backend/cli/main.ts', import.meta.url));
const missing = postgresMissing ?? namespaceMissing;

describe.skipIf(missing)(`state on PostgreSQL${missing ? ` (${missing})` : ''}`, () => {
  let server: PostgresServer;
  let namespace: ReturnType<typeof makeNamespace>;
  let environment: { DATABASE_URL: string };
  let sidecar: Sidecar;
  const documents = () => ({
    'branch.yaml': policyText(),
    'site.yaml': `${targetText('site', namespace.name)}---\n${bindingText('uplink', 'site')}`,
  });
  beforeAll(async () => {
    server = await PostgresServer.start();
    namespace = makeNamespace();
    environment = { DATABASE_URL: server.url(await server.database()) };
    sidecar = await startSidecar(documents(), mkdtempSync(join(tmpdir(), 'clearpath-sidecar-')), environment);
  });
  afterAll(async () => {
    await sidecar.close();
    removeState(sidecar.state);
    namespace.remove();
    await server.remove();
  });
  const clearpath = (...words: string[]) =>
    spawnSync(process.execPath, [CLI, ...words, '--interface', 'lo', '--namespace', namespace.name, '--json'], {
      encoding: 'utf8',
      env: { ...process.env, CLEARPATH_STATE: sidecar.state, ...environment },
    });
  const get = async <T>(path: string) => (await sidecar.call<T>('GET', path, sidecar.as('Editor'))).body;

  it('holds what is saved, applied and audited, and no file of SQLite beside it', async () => {
    const { revision } = await get<PolicyDetail>('/api/v1/policies/branch');
    const source = policyText('branch', 'bandwidth: 11mbit');
    const edit = { source, baseRevision: revision };
    expect((await sidecar.call('PUT', '/api/v1/policies/branch', sidecar.as('Editor'), edit)).status).toBe(200);
    expect((await sidecar.call('PUT', '/api/v1/policies/branch', sidecar.as('Editor'), edit)).status).toBe(409);
    const at = '/api/v1/bindings/uplink';
    const { body: plan } = await sidecar.call<Plan>('POST', `${at}/plan`, sidecar.as('Editor'), {});
    const applied = await sidecar.call<Deployment>('POST', `${at}/apply`, sidecar.as('Admin'), { plan: plan.id });
    expect([applied.status, applied.body.state]).toEqual([200, 'confirmed']);
    expect((await get<BindingSummary[]>('/api/v1/bindings'))[0]).toMatchObject({ state: 'in-force' });
    // What the files say comes first, then what people did.
    const saved = ['binding.save', 'target.save', 'policy.save'];
    expect((await get<AuditEntry[]>('/api/v1/audit')).map(({ action }) => action)).toEqual(['apply', 'policy.save', ...saved]); // prettier-ignore
    expect(existsSync(join(sidecar.state, 'clearpath.db'))).toBe(false);
  });
  it('is shared with the command line', async () => {
    const status = clearpath('status');
    expect(JSON.parse(status.stdout)).toMatchObject({ state: 'in-force', deployment: { by: 'ann', policy: 'branch' } });
    const file = join(sidecar.state, 'edited.yaml');
    writeFileSync(file, policyText('branch', 'bandwidth: 9mbit'));
    const applied = clearpath('apply', file, '--yes');
    expect(applied.stderr).toBe('');
    expect(applied.status).toBe(0);
    const [latest] = await get<Deployment[]>('/api/v1/deployments');
    expect(latest).toMatchObject({ binding: 'uplink', state: 'confirmed' });
    expect((await get<AuditEntry[]>('/api/v1/audit')).map(({ role }) => role)[0]).toBe('command line');
    expect(execFileSync('tc', ['-n', namespace.name, 'class', 'show', 'dev', 'lo'], { encoding: 'utf8' })).toMatch(/9Mbit/); // prettier-ignore
  });
  it('is taken up by the next start', async () => {
    await sidecar.close();
    sidecar = await startSidecar(documents(), sidecar.state, environment);
    expect((await get<BindingSummary[]>('/api/v1/bindings'))[0]).toMatchObject({ state: 'in-force' });
    expect((await get<PolicyDetail>('/api/v1/policies/branch')).source).toContain('11mbit');
  });
  it('that is away is said by both, without the password, and used again when it is back', async () => {
    await server.stop('SIGQUIT');
    try {
      const status = clearpath('status');
      expect([status.status, JSON.parse(status.stdout)]).toEqual([
        3,
        { error: { code: 'CP-STORE', message: expect.stringMatching(/No server answers there\. Nothing was done/) as string } },
      ]); // prettier-ignore
      await sidecar.call('GET', '/api/v1/policies', sidecar.as('Viewer'));
      const list = await sidecar.call('GET', '/api/v1/policies', sidecar.as('Viewer'));
      expect([list.status, list.body.code]).toEqual([507, 'CP-STORE']);
      expect(status.stdout + JSON.stringify(list.body)).not.toContain('these');
      expect((await fetch(`${sidecar.url}/readyz`)).status).toBe(503);
    } finally {
      await server.resume();
    }
    expect((await fetch(`${sidecar.url}/readyz`)).status).toBe(200);
    expect(clearpath('status').status).toBe(0);
  });
});
