/** A binding on forty interfaces, rolled out wave by wave; what happens when one of them refuses, and when the program dies. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Catalog, DeployFailure, linksIn, Rollouts, type RolloutLink } from '../../backend/deploy/index.ts';
import type { RolloutRow } from '../../backend/store/index.ts';
import { OWN, onEach } from './kernel.ts';
import { ACTOR, BRANCH_EDGE, Operator, TENANT } from './operator.ts';

const COUNT = 40;
const DEVICES = Array.from({ length: COUNT }, (_, i) => `up${i + 1}`);
const document = (kind: string, name: string, spec: object) =>
  JSON.stringify({ apiVersion: 'clearpath/v1', kind, metadata: { name }, spec });

onEach([OWN], 'a roll-out', ({ network, place: placeOf, sh }) => {
  let name: string;
  let operator: Operator;
  let rollouts: Rollouts;
  const open = new Set<Rollouts>();

  beforeAll(async () => {
    name = await network.make();
    const lines = DEVICES.flatMap((device) => [`link add ${device} type veth peer name far-${device}`, `link set ${device} up`]); // prettier-ignore
    await sh('sh', '-ec', `printf '%s\\n' "$2" | ip -n "$1" -batch -`, 'sh', name, lines.join('\n'));
  });
  beforeEach(async () => {
    operator = await Operator.start();
    rollouts = another();
    await save('Target', 'edge', { platform: 'linux', namespace: name });
    await operator.store.documents.save(TENANT, 'Policy', 'branch-edge', BRANCH_EDGE, 'ann', undefined);
  });
  afterEach(async () => {
    for (const one of open) await one.close();
    open.clear();
    await operator.stop();
    await sh('sh', '-c', `for d in $2; do tc -n "$1" qdisc del dev $d root 2>/dev/null; done; :`, 'sh', name, DEVICES.join(' ')); // prettier-ignore
  });
  afterAll(async () => network.remove());

  /** Another program on the same state. */
  const another = () => {
    const { store, engine } = operator;
    const made = new Rollouts({ store, engine, catalog: new Catalog(store, placeOf(name).enter) });
    open.add(made);
    return made;
  };
  const save = (kind: string, of: string, spec: object) =>
    operator.store.documents.save(TENANT, kind, of, document(kind, of, spec), 'ann', undefined);
  const bind = (rollout?: object) =>
    save('Binding', 'uplinks', {
      policy: 'branch-edge',
      target: 'edge',
      interfaces: ['up*'],
      ...(rollout && { rollout }),
    });
  const start = () => rollouts.start(TENANT, 'uplinks', ACTOR);
  const now = async ({ id }: RolloutRow) => (await operator.store.rollouts.get(TENANT, id))!;
  const rested = async (row: RolloutRow) => {
    await rollouts.rest(row.id);
    return now(row);
  };
  const count = (row: RolloutRow, state: RolloutLink['state']) =>
    linksIn(row).filter((link) => link.state === state).length;
  const shaped = async () => {
    const text = await sh('tc', '-n', name, 'qdisc', 'show');
    return DEVICES.filter((device) => new RegExp(`^qdisc htb \\S+ dev ${device} root`, 'm').test(text));
  };
  /** A tree of somebody else's that could not be written back exactly. */
  const occupy = (device: string) =>
    network.tc(
      name,
      `qdisc add dev ${device} root handle 77: tbf rate 1mbit burst 10k limit 10k peakrate 2mbit mtu 1540`
    );

  it('changes canary and waves in their order, and is done on all', async () => {
    await bind({ canary: '5%', waves: ['25%'] });
    const row = await rested(await start());
    expect([row.state, row.message, count(row, 'changed')]).toEqual(['done', '40 changed.', COUNT]);
    expect([0, 1, 2].map((wave) => linksIn(row).filter((link) => link.wave === wave).length)).toEqual([2, 8, 30]);
    expect((await shaped()).length).toBe(COUNT);
    const rows = await operator.store.deployments.list(TENANT, { limit: 100 });
    const begun = (wave: number) =>
      linksIn(row)
        .filter((link) => link.wave === wave)
        .map(({ deployment }) => rows.find(({ id }) => id === deployment)!.started_at);
    expect(Math.max(...begun(0))).toBeLessThanOrEqual(Math.min(...begun(1)));
    expect(Math.max(...begun(1))).toBeLessThanOrEqual(Math.min(...begun(2)));
    const again = await rested(await start());
    expect([again.state, again.message]).toEqual(['done', '40 unchanged.']);
  }, 60_000);

  it('stops on the first failure: the rest is not touched, and it goes on when the cause is gone', async () => {
    await bind({ canary: 2, waves: [10] });
    await occupy('up5');
    const row = await rested(await start());
    expect([row.state, count(row, 'changed'), count(row, 'failed'), count(row, 'waiting')]).toEqual([
      'failed',
      9,
      1,
      30,
    ]);
    expect(row.message).toMatch(
      /^Wave 2 failed on 1 interface, 30 interfaces not touched. uplinks.up\d+: .*up5 carries a tree that Clearpath did not make/
    );
    expect((await shaped()).length).toBe(9);
    await sh('tc', '-n', name, 'qdisc', 'del', 'dev', 'up5', 'root');
    await rollouts.resume(TENANT, row.id, ACTOR);
    const end = await rested(row);
    expect([end.state, end.message, (await shaped()).length]).toEqual(['done', '40 changed.', COUNT]);
  }, 60_000);

  it('goes on once somebody confirms a wave, and takes all of a wave back that nobody confirms', async () => {
    await bind({ canary: 2, waves: [6] });
    const row = await rollouts.start(TENANT, 'uplinks', ACTOR, { confirm: 4 });
    const awaiting = async (of: number) => {
      await expect.poll(async () => count(await now(row), 'awaiting'), { timeout: 10_000 }).toBe(of);
    };
    await awaiting(2);
    expect((await now(row)).message).toMatch(/^Wave 1 is in force on 2 interfaces and awaits confirmation until /);
    await rollouts.confirm(TENANT, row.id, ACTOR);
    await awaiting(4);
    const second = linksIn(await now(row)).filter(({ state }) => state === 'awaiting');
    // One that a person confirms by itself goes back with the others.
    await operator.engine.confirm(TENANT, placeOf(name), second[0]!.interface, ACTOR);
    const end = await rested(row);
    expect([end.state, end.message]).toEqual(['failed', 'Wave 2 was not confirmed in time and went back, 34 interfaces not touched.']); // prettier-ignore
    expect([count(end, 'changed'), count(end, 'rolled-back'), (await shaped()).length]).toEqual([2, 4, 2]);
    await expect(rollouts.confirm(TENANT, row.id, ACTOR)).rejects.toMatchObject({ code: 'CP-ROLLOUT' });
  }, 60_000);

  it('takes the wave back that awaits confirmation when it is stopped', async () => {
    await bind({ canary: 2 });
    const row = await rollouts.start(TENANT, 'uplinks', ACTOR, { confirm: 60 });
    await expect.poll(async () => count(await now(row), 'awaiting'), { timeout: 10_000 }).toBe(2);
    const stopped = await rollouts.stop(TENANT, row.id, ACTOR);
    expect([stopped.state, count(stopped, 'rolled-back'), await shaped()]).toEqual(['stopped', 2, []]);
  }, 60_000);

  it('goes back everywhere where the operator chose that, and says so', async () => {
    await bind({ canary: 3, waves: [10], onFailure: 'rollback' });
    await occupy('up7');
    const row = await rested(await start());
    expect([row.state, count(row, 'rolled-back'), count(row, 'failed'), count(row, 'waiting')]).toEqual([
      'failed',
      9,
      1,
      30,
    ]);
    expect(await shaped()).toEqual([]);
    await expect(rollouts.resume(TENANT, row.id, ACTOR)).rejects.toThrow(/nothing to go on with/);
    expect((await operator.store.audit.list(TENANT)).map(({ action }) => action).slice(0, 2)).toEqual([
      'rollout.end',
      'rollback',
    ]);
  }, 60_000);

  it('counts an interface that has gone as a failure of its wave', async () => {
    await bind({ canary: 1, waves: [2], pause: 'manual' });
    const row = await rested(await start());
    expect([row.state, row.message]).toEqual(['paused', 'Wave 1 is done; 39 interfaces wait for somebody to go on.']);
    const second = linksIn(row).find(({ wave }) => wave === 1)!.interface;
    await sh('ip', '-n', name, 'link', 'del', second);
    await rollouts.resume(TENANT, row.id, ACTOR);
    const end = await rested(row);
    expect([end.state, count(end, 'changed'), count(end, 'waiting')]).toEqual(['failed', 1, 38]);
    await sh('ip', '-n', name, 'link', 'add', second, 'type', 'veth', 'peer', 'name', 'far-again');
    await sh('ip', '-n', name, 'link', 'set', second, 'up');
  }, 60_000);

  it('waits between waves, and is stopped there by whoever asks, from another program too', async () => {
    await bind({ canary: 1, pause: '1h' });
    const row = await start();
    while (!/Wave 1 is done/.test((await now(row)).message)) await new Promise((wait) => setTimeout(wait, 50));
    await expect(start()).rejects.toThrow(DeployFailure);
    const stopped = await another().stop(TENANT, row.id, { login: 'eve', role: 'Admin' });
    expect(stopped).toMatchObject({ state: 'stopped', message: expect.stringMatching(/^Stopped by eve/) as string });
    await rollouts.rest(row.id);
    expect((await shaped()).length).toBe(1);
  }, 60_000);

  it('is not carried on with documents other than those it began with', async () => {
    await bind({ canary: 1, pause: 'manual' });
    const row = await rested(await start());
    await bind({ canary: 2 });
    await rollouts.resume(TENANT, row.id, ACTOR);
    expect(await rested(row)).toMatchObject({
      state: 'stopped',
      message: expect.stringMatching(/was changed since/) as string,
    });
    expect((await shaped()).length).toBe(1);
  }, 60_000);

  describe('whose program has died', () => {
    it('is taken up by the next one, which does a half-done wave again', async () => {
      await bind({ canary: 4 });
      const { store } = operator;
      const row = await rested(await start());
      // As a program leaves it that dies in its second wave: some interfaces are changed, and nobody wrote that down.
      const links = linksIn(row).map((link) =>
        link.wave === 1 ? { ...link, state: 'waiting', deployment: null, message: '' } : link
      );
      for (const { interface: device } of linksIn(row).slice(20)) {
        await operator.engine.rollback(TENANT, placeOf(name), device, ACTOR);
      }
      await store.rollouts.change(row.id, { state: 'running', finished_at: null, driven_at: Date.now(), links: JSON.stringify(links) }); // prettier-ignore
      rollouts = another();
      await rollouts.adopt();
      expect((await now(row)).state).toBe('running');
      await store.rollouts.change(row.id, { driven_at: Date.now() - 31_000 });
      await rollouts.adopt();
      const end = await rested(row);
      expect([end.state, end.message, (await shaped()).length]).toEqual(['done', '40 changed.', COUNT]);
    }, 60_000);
  });
});
