/** The sidecar from start to end: what it keeps, what it does on a real interface, and what a full disk does to it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type {
  AuditEntry,
  BindingSummary,
  Deployment,
  ImportedPolicy,
  Plan,
  PolicyDetail,
  Problem,
  QueryResponse,
  Rollout,
  RolloutWaves,
  TargetSummary,
} from '../api/contract.ts';
import { mountMissing } from '../store/testing.ts';
import {
  bindingText,
  makeNamespace,
  namespaceMissing,
  policyText,
  removeState,
  startSidecar,
  targetText,
  type Sidecar,
} from './testing.ts';

const metric = async ({ url }: Sidecar, line: string) => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(text.split('\n').find((candidate) => candidate.startsWith(`${line} `))?.split(' ').at(-1) ?? NaN);
}; // prettier-ignore
const until = async (holds: () => boolean | Promise<boolean>, ms = 5000) => {
  const end = performance.now() + ms;
  while (!(await holds()) && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await holds()).toBe(true);
};

describe('a second start', () => {
  it('keeps the tokens, the audit and every edit, and takes documents only that are not there yet', async () => {
    const first = await startSidecar({ 'branch.yaml': policyText() });
    const edited = policyText('branch', 'bandwidth: 11mbit');
    const { body } = await first.call<PolicyDetail>('GET', '/api/v1/policies/branch', first.as('Viewer'));
    await first.call('PUT', '/api/v1/policies/branch', first.as('Editor'), {
      source: edited,
      baseRevision: body.revision,
    });
    await first.close();
    const second = await startSidecar({ 'branch.yaml': policyText(), 'other.yaml': policyText('other') }, first.state);
    expect([second.bridge, second.direct]).toEqual([first.bridge, first.direct]);
    expect((await second.call<PolicyDetail>('GET', '/api/v1/policies/branch', second.as('Viewer'))).body.source).toBe(
      edited
    );
    expect((await second.call('GET', '/api/v1/policies/other', second.as('Viewer'))).status).toBe(200);
    expect((await second.call<AuditEntry[]>('GET', '/api/v1/audit', second.as('Editor'))).body).toMatchObject([
      {
        action: 'policy.save',
        by: 'clearpathd',
        subject: 'Policy/other',
        detail: expect.stringContaining('other.yaml'),
      },
      { action: 'policy.save', by: 'ann', subject: 'Policy/branch' },
      { action: 'policy.save', by: 'clearpathd', subject: 'Policy/branch' },
    ]);
    await second.close();
    removeState(first.state);
  });
});

describe.skipIf(namespaceMissing)(`an interface of its own${namespaceMissing ? ` (${namespaceMissing})` : ''}`, () => {
  let sidecar: Sidecar;
  let namespace: ReturnType<typeof makeNamespace>;
  beforeAll(async () => {
    namespace = makeNamespace();
    sidecar = await startSidecar({
      'branch.yaml': policyText(),
      'site.yaml': `${targetText('site', namespace.name)}---\n${bindingText('uplink', 'site')}`,
    });
  });
  afterAll(async () => {
    await sidecar.close();
    removeState(sidecar.state);
    namespace.remove();
  });
  const at = (path: string) => `/api/v1/bindings/uplink/${path}`;
  const plan = async () => (await sidecar.call<Plan>('POST', at('plan'), sidecar.as('Editor'), {})).body;
  const apply = <T = Deployment>(id: string, login = 'bob') =>
    sidecar.call<T>('POST', at('apply'), sidecar.as('Admin', login), { plan: id });
  const binding = async () =>
    (await sidecar.call<BindingSummary[]>('GET', '/api/v1/bindings', sidecar.as('Viewer'))).body[0]!;
  const audit = async () => (await sidecar.call<AuditEntry[]>('GET', '/api/v1/audit', sidecar.as('Editor'))).body;
  const listed = () => namespace.tc('-d', 'class', 'show', 'dev', 'lo').split('\n').filter(Boolean).sort().join('\n');

  it('is planned, applied as planned, and then needs nothing more', async () => {
    expect(await binding()).toMatchObject({ state: 'not-applied', deployment: null });
    const first = await plan();
    expect(first).toMatchObject({
      binding: 'uplink',
      policy: 'branch',
      interface: 'lo',
      bandwidth: 10e6,
      live: { owner: 'kernel-default', restorable: true },
    });
    expect(first.operations[0]!.command).toMatch(/^qdisc add dev lo root handle \d+: htb/);
    const { status, body } = await apply(first.id);
    expect([status, body.state, body.by, body.binding]).toEqual([200, 'confirmed', 'bob', 'uplink']);
    expect(body.operations.map(({ command }) => command)).toEqual(first.operations.map(({ command }) => command));
    expect(await binding()).toMatchObject({ state: 'in-force', deployment: body.id, revision: body.revision });
    expect((await plan()).operations).toEqual([]);
    expect((await audit())[0]).toMatchObject({
      action: 'apply',
      by: 'bob',
      role: 'Admin',
      outcome: 'done',
      subject: 'Binding/uplink on site/lo',
    });
    expect((await audit())[0]!.detail).toContain(first.operations.at(-1)!.command);
    expect(
      (await sidecar.call<Deployment>('GET', `/api/v1/deployments/${body.id}`, sidecar.as('Viewer'))).body
    ).toEqual(body);
    expect(await metric(sidecar, 'clearpath_deployments_total{tenant="main",binding="uplink",state="confirmed"}')).toBe(
      1
    );
  });
  it('is changed by exactly what an edit changes, by the plan that was looked at and no other', async () => {
    const stale = await plan();
    const before = await sidecar.call<PolicyDetail>('GET', '/api/v1/policies/branch', sidecar.as('Viewer'));
    const source = policyText().replace('guarantee: 1mbit', 'guarantee: 2mbit');
    await sidecar.call('PUT', '/api/v1/policies/branch', sidecar.as('Editor'), {
      source,
      baseRevision: before.body.revision,
    });
    const refused = await apply<{ code: string; detail: string }>(stale.id);
    expect([refused.status, refused.body.code]).toEqual([409, 'CP-PLAN-STALE']);
    expect((await audit())[0]).toMatchObject({ action: 'apply', outcome: 'refused', detail: refused.body.detail });
    const next = await plan();
    expect(next.operations.filter(({ object }) => object === 'class')).toMatchObject([
      {
        verb: 'change',
        path: 'spec.classes[0]',
        disruptive: false,
        reason: expect.stringMatching(/guarantee 1 Mbit\/s → 2 Mbit\/s, ceiling 1 Mbit\/s → 2 Mbit\/s/) as string,
      },
    ]);
    expect((await apply(next.id)).status).toBe(200);
    expect(listed()).toMatch(/rate 2Mbit ceil 2Mbit/);
  });
  it('goes back, one deployment after the other, to what was there', async () => {
    const back = async () => {
      const way = await sidecar.call<Plan>('POST', at('rollback-plan'), sidecar.as('Editor'), {});
      const done = await sidecar.call<Deployment>('POST', at('rollback'), sidecar.as('Admin'), {});
      expect(done.body.operations.map(({ command }) => command)).toEqual(
        way.body.operations.map(({ command }) => command)
      );
      return done.body;
    };
    expect(await back()).toMatchObject({ action: 'rollback', state: 'confirmed' });
    expect(listed()).toMatch(/rate 1Mbit ceil 1Mbit/);
    expect(await back()).toMatchObject({ action: 'rollback', state: 'confirmed' });
    expect([listed(), (await binding()).state]).toEqual(['', 'not-applied']);
    const nothing = await sidecar.call('POST', at('rollback'), sidecar.as('Admin'), {});
    expect([nothing.status, nothing.body.code]).toEqual([409, 'CP-NOTHING-TO-ROLL-BACK']);
    const { body } = await sidecar.call<QueryResponse>('POST', '/api/v1/query', sidecar.as('Viewer', ''), {
      from: 0,
      to: Date.now(),
      queries: [{ refId: 'A', type: 'deployments' }],
    });
    const titles = body.results.A!.frames![0]!.fields.find(({ name }) => name === 'title')!.values;
    expect(titles).toEqual([
      'Rolled back branch on site/lo',
      'Rolled back branch on site/lo',
      'Applied branch on site/lo',
      'Applied branch on site/lo',
    ]);
  });
  it('goes back by itself when nobody confirms it in time, and stays when somebody does', async () => {
    const before = await binding();
    const text = await sidecar.call<PolicyDetail>('GET', '/api/v1/policies/branch', sidecar.as('Viewer'));
    const save = (source: string, baseRevision: string) =>
      sidecar.call<PolicyDetail>('PUT', '/api/v1/policies/branch', sidecar.as('Editor'), { source, baseRevision });
    const saved = await save(policyText().replace('guarantee: 1mbit', 'guarantee: 3mbit'), text.body.revision);
    const applyWithin = async (confirm: number) => {
      const { body } = await sidecar.call<Deployment>('POST', at('apply'), sidecar.as('Admin', 'bob'), { plan: (await plan()).id, confirm }); // prettier-ignore
      expect(body).toMatchObject({ state: 'awaiting-confirmation', secondsToConfirm: confirm });
      return body.id;
    };
    const first = await applyWithin(2);
    expect(listed()).toContain('rate 3Mbit');
    await vi.waitFor(async () => expect((await binding()).deployment).toBe(before.deployment), { timeout: 8000, interval: 200 }); // prettier-ignore
    expect(listed()).not.toContain('rate 3Mbit');
    expect((await audit())[0]).toMatchObject({ action: 'rollback', by: 'clearpathd', outcome: 'done', detail: expect.stringContaining('Not confirmed within 2 s.') as string }); // prettier-ignore
    const second = await applyWithin(600);
    const confirmed = await sidecar.call<Deployment>('POST', at('confirm'), sidecar.as('Admin', 'ann'), { deployment: second }); // prettier-ignore
    expect([confirmed.status, confirmed.body.state, confirmed.body.secondsToConfirm]).toEqual([200, 'confirmed', null]);
    expect((await audit())[0]).toMatchObject({ action: 'confirm', by: 'ann', outcome: 'done' });
    const late = await sidecar.call<{ code: string }>('POST', at('confirm'), sidecar.as('Admin'), {
      deployment: first,
    });
    expect([late.status, late.body.code]).toEqual([409, 'CP-NOTHING-TO-CONFIRM']);
    await sidecar.call('POST', at('rollback'), sidecar.as('Admin'), {});
    await save(text.body.source, saved.body.revision);
  });
  it('with a tree that could not be restored is not touched without being told to', async () => {
    namespace.tc(...'qdisc add dev lo root handle 77: htb'.split(' '));
    namespace.tc(...'filter add dev lo parent 77: protocol ip pref 5 handle 100: u32 divisor 256'.split(' '));
    const foreign = await plan();
    expect(foreign.live).toMatchObject({
      owner: 'foreign',
      restorable: false,
      reason: expect.stringMatching(/hash table/) as string,
    });
    const refused = await apply<{ code: string; detail: string }>(foreign.id);
    expect([refused.status, refused.body.code]).toEqual([409, 'CP-FOREIGN']);
    expect(namespace.tc('qdisc', 'show', 'dev', 'lo')).toMatch(/^qdisc htb 77: root/);
    namespace.tc('qdisc', 'del', 'dev', 'lo', 'root');
  });
  it('is imported as a policy, or it is said why there is none', async () => {
    const importing = (device: string) =>
      sidecar.call<ImportedPolicy & { code: string }>('POST', '/api/v1/targets/site/import', sidecar.as('Editor'), {
        interface: device,
      });
    expect((await importing('lo')).body.code).toBe('CP-NOTHING-TO-IMPORT');
    expect((await importing('lo7')).status).toBe(502);
    namespace.tc(...'qdisc add dev lo root handle 5: htb default 1'.split(' '));
    namespace.tc(...'class add dev lo parent 5: classid 5:1 htb rate 7mbit'.split(' '));
    const { status, body } = await importing('lo');
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: 'lo-imported', owner: 'foreign', findings: [] });
    expect(body.source).toMatch(/bandwidth: 7mbit/);
    namespace.tc('qdisc', 'del', 'dev', 'lo', 'root');
  });
  it('is listed with its target', async () => {
    const { body } = await sidecar.call<TargetSummary[]>('GET', '/api/v1/targets', sidecar.as('Viewer'));
    expect(body).toEqual([expect.objectContaining({ name: 'site', namespace: namespace.name, message: null })]);
  });
  it('has its bytes counted exactly as the kernel counts them', async () => {
    expect((await apply((await plan()).id)).status).toBe(200);
    execFileSync('ip', ['-n', namespace.name, 'link', 'set', 'lo', 'up']);
    const rest = 'clearpath_class_sent_bytes_total{tenant="main",binding="uplink",traffic_class="rest"}';
    await until(async () => (await metric(sidecar, rest)) === 0);
    // A first reading sets the base; what is sent after it is counted.
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const kernel = () =>
      Number(
        /class htb \S+ parent[^\n]*prio 4[^\n]*\n Sent (\d+) bytes/.exec(
          namespace.tc('-s', 'class', 'show', 'dev', 'lo')
        )![1]
      );
    const before = kernel();
    execFileSync('ip', [
      'netns',
      'exec',
      namespace.name,
      'bash',
      '-c',
      'for i in $(seq 50); do echo "some bytes $i" > /dev/udp/127.0.0.1/9; done',
    ]);
    const sent = kernel() - before;
    expect(sent).toBeGreaterThan(50 * 40);
    await until(async () => (await metric(sidecar, rest)) >= sent);
    expect(await metric(sidecar, rest)).toBe(kernel() - before);
  });
});

describe.skipIf(namespaceMissing)('one policy on many interfaces', () => {
  it('is planned, applied and seen interface by interface, with a bandwidth and values of its own', async () => {
    const namespace = makeNamespace();
    const devices = ['wan0', 'wan1', 'wan2'];
    devices.forEach((device) =>
      execFileSync('ip', [
        '-n',
        namespace.name,
        'link',
        'add',
        device,
        'type',
        'veth',
        'peer',
        'name',
        `peer-${device}`,
      ])
    );
    const policy = policyText('branch', 'variables: { voice: { type: rate, example: 1mbit } }\n  bandwidth: 10mbit');
    const many = bindingText('uplinks', 'site', "'wan*'").replace(
      'spec: {',
      'spec: { bandwidth: 20mbit, variables: { voice: 3mbit },'
    );
    const sidecar = await startSidecar({
      'branch.yaml': policy.replace('guarantee: 1mbit', 'guarantee: "${voice}"'),
      'site.yaml': `${targetText('site', namespace.name)}---\n${many}`,
    });
    const list = async () =>
      (await sidecar.call<BindingSummary[]>('GET', '/api/v1/bindings', sidecar.as('Viewer'))).body;
    expect((await list()).map(({ name, state }) => [name, state])).toEqual(
      devices.map((device) => [`uplinks.${device}`, 'not-applied'])
    );
    for (const device of ['wan0', 'wan2']) {
      const path = (what: string) => `/api/v1/bindings/uplinks.${device}/${what}`;
      const { body } = await sidecar.call<Plan>('POST', path('plan'), sidecar.as('Editor'), {});
      expect(body).toMatchObject({
        interface: device,
        bandwidth: 20e6,
        variables: [{ name: 'voice', value: '3mbit', from: 'binding' }],
      });
      expect((await sidecar.call('POST', path('apply'), sidecar.as('Admin'), { plan: body.id })).status).toBe(200);
    }
    expect((await list()).map(({ interface: device, state }) => [device, state])).toEqual([
      ['wan0', 'in-force'],
      ['wan1', 'not-applied'],
      ['wan2', 'in-force'],
    ]);
    expect(namespace.tc('class', 'show', 'dev', 'wan2')).toMatch(/rate 3Mbit ceil 3Mbit/);
    expect(namespace.tc('class', 'show', 'dev', 'wan1')).toBe('');
    const rate = 'clearpath_class_sent_bytes_total{tenant="main",binding="uplinks.wan2",traffic_class="voice"}';
    await until(async () => (await metric(sidecar, rate)) === 0);
    const rollout = async <T = Rollout>(path = '', body?: object, role: 'Viewer' | 'Admin' = 'Admin') =>
      sidecar.call<T>(body ? 'POST' : 'GET', `/api/v1/rollouts${path}`, sidecar.as(role), body);
    const waves = await rollout<RolloutWaves>('/waves', { binding: 'uplinks' }, 'Viewer');
    expect(waves.body.waves.map((wave) => wave.map(({ interface: device }) => device))).toEqual([
      ['wan0'],
      ['wan1', 'wan2'],
    ]);
    expect((await rollout('', { binding: 'uplinks' }, 'Viewer')).status).toBe(403);
    expect((await rollout('', { binding: 'nothing' })).status).toBe(422);
    const { body: begun } = await rollout('', { binding: 'uplinks' });
    expect(begun).toMatchObject({ state: 'running', by: 'ann', pause: null, onFailure: 'stop' });
    await until(async () => (await rollout(`/${begun.id}`)).body.state === 'done');
    expect((await rollout(`/${begun.id}`)).body.waves.flat().map(({ state }) => state)).toEqual([
      'unchanged',
      'changed',
      'unchanged',
    ]);
    expect((await rollout<Problem>(`/${begun.id}/stop`, {})).body).toMatchObject({ status: 409, code: 'CP-ROLLOUT' });
    expect((await list()).every(({ state }) => state === 'in-force')).toBe(true);
    // An interface that appears is one more of them.
    execFileSync('ip', ['-n', namespace.name, 'link', 'add', 'wan3', 'type', 'veth', 'peer', 'name', 'peer']);
    expect((await list()).at(-1)).toMatchObject({ name: 'uplinks.wan3', binding: 'uplinks', state: 'not-applied' });
    await sidecar.close();
    removeState(sidecar.state);
    namespace.remove();
  });
});

describe.skipIf(namespaceMissing)('a schedule', () => {
  it('says of its binding when it begins next, also where the interface is not there', async () => {
    const namespace = makeNamespace();
    const begins = Math.ceil(Date.now() / 60_000 + 60) * 60_000;
    const clock = (at: number) => new Date(at).toISOString().slice(11, 16);
    const window = `{ from: '${clock(begins)}', to: '${clock(begins + 60_000)}', zone: UTC }`;
    const night = bindingText('night', 'site', 'away0').replace('spec: {', `spec: { schedule: [${window}],`);
    const sidecar = await startSidecar({
      'branch.yaml': policyText(),
      'site.yaml': [targetText('site', namespace.name), night, bindingText('plain', 'site', 'away0')].join('---\n'),
    });
    const { body } = await sidecar.call<BindingSummary[]>('GET', '/api/v1/bindings', sidecar.as('Viewer'));
    expect(body.map(({ name, state, schedule }) => [name, state, schedule])).toEqual([
      ['night', 'unreachable', { holds: false, begins }],
      ['plain', 'unreachable', null],
    ]);
    await sidecar.close();
    removeState(sidecar.state);
    namespace.remove();
  });
});

describe.skipIf(mountMissing)(`a disk that fills up${mountMissing ? ` (${mountMissing})` : ''}`, () => {
  it('refuses an edit with 507, loses nothing, and goes on when there is space', async () => {
    const disk = mkdtempSync(join(tmpdir(), 'clearpath-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]);
    const state = join(disk, 'state');
    mkdirSync(state);
    const sidecar = await startSidecar({ 'branch.yaml': policyText() }, state);
    const saved = async () =>
      (await sidecar.call<PolicyDetail>('GET', '/api/v1/policies/branch', sidecar.as('Viewer'))).body;
    const before = await saved();
    const audited = async () =>
      (await sidecar.call<AuditEntry[]>('GET', '/api/v1/audit', sidecar.as('Editor'))).body.filter(({ by }) => by !== 'clearpathd'); // prettier-ignore
    execFileSync('sh', ['-c', 'dd if=/dev/zero of="$0" bs=4k 2>/dev/null || true', join(disk, 'ballast')]);
    const edit = (length: number) =>
      sidecar.call('PUT', '/api/v1/policies/branch', sidecar.as('Editor'), {
        source: `${policyText()}# ${'x'.repeat(length)}\n`,
        baseRevision: before.revision,
      });
    const full = await edit(200_000);
    expect([full.status, full.body.code, full.body.title]).toEqual([507, 'CP-STORE', 'The store cannot be used']);
    expect(full.body.detail).toBe(
      `The database ${state}/clearpath.db failed: database or disk is full. The disk is full. Nothing was written; free some space.`
    );
    expect(full.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await saved()).toEqual(before);
    expect(await audited()).toEqual([]);
    rmSync(join(disk, 'ballast'));
    expect((await edit(100)).status).toBe(200);
    expect(await audited()).toHaveLength(1);
    await sidecar.close();
    execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  });
});
