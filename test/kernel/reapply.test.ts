/** What was in force comes back by itself after the kernel has lost it, exactly, and never over another's tree. */
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { sameTree, type TcTree } from '../../backend/compile/tc/index.ts';
import { Reapplier } from '../../backend/daemon/reapply.ts';
import { Catalog, Engine } from '../../backend/deploy/index.ts';
import { placeKey, readTree, type BootTime, type Place } from '../../backend/target/index.ts';
import { OWN, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { ACTOR, BRANCH_EDGE, intentOf, Operator, policyOf, TENANT } from './operator.ts';

const OTHER = policyOf({ bandwidth: '10mbit', classes: [{ name: 'default', default: true, guarantee: '2mbit' }] }, 'branch-edge'); // prettier-ignore
const document = (kind: string, name: string, spec: object) =>
  JSON.stringify({ apiVersion: 'clearpath/v1', kind, metadata: { name }, spec });

onEach([OWN], 'what the kernel has lost', ({ network, place: placeOf }) => {
  let operator: Operator;
  let place: Place;
  let name: string;
  let boot: BootTime;
  let now: number;
  let troubles: string[];
  let engine: Engine;
  let clock: Reapplier;
  beforeEach(async () => {
    name = await network.make();
    place = placeOf(name);
    operator = await Operator.start();
    boot = { boot: 'this run', ms: 1_000_000 };
    engine = new Engine(operator.store, { clock: () => boot });
    now = 1e12;
    troubles = [];
    await save('Target', 'branch', document('Target', 'branch', { platform: 'linux', namespace: name }));
    await save('Policy', 'branch-edge', BRANCH_EDGE);
    await bind(true);
    clock = new Reapplier(TENANT, {
      store: operator.store,
      engine,
      catalog: new Catalog(operator.store, place.enter),
      changed: async () => undefined,
      trouble: (message) => troubles.push(message),
      now: () => now,
    });
  });
  afterEach(async () => {
    await clock.close();
    await operator.stop();
  });
  afterAll(async () => network.remove());

  const save = (kind: string, named: string, source: string) =>
    operator.store.documents.save(TENANT, kind, named, source, 'ann', undefined);
  const bind = (reapply: boolean) =>
    save('Binding', 'uplink', document('Binding', 'uplink', { policy: 'branch-edge', target: 'branch', interfaces: [DEVICE], reapply })); // prettier-ignore
  const apply = (source = BRANCH_EDGE, options = {}) => engine.apply(intentOf(place, source), ACTOR, options);
  const carries = async (tree: string) => sameTree(await readTree(place, DEVICE), JSON.parse(tree) as TcTree);
  const inForce = async () => (await operator.store.deployments.place(TENANT, placeKey(place, DEVICE))).deployment;
  const lose = () => network.tc(name, `qdisc del dev ${DEVICE} root`);
  const restart = async () => {
    await lose();
    boot = { boot: 'the next run', ms: 5_000 };
  };
  const rows = async () => (await operator.store.deployments.list(TENANT, {})).map(({ action, state, by }) => `${action} ${state} ${by}`); // prettier-ignore
  const audited = async () => (await operator.store.audit.list(TENANT)).map(({ action, by, outcome }) => `${action} ${outcome} ${by}`); // prettier-ignore

  it('is put back after a restart as it was confirmed, whatever was saved since, and keeps its own way back', async () => {
    const first = await apply(OTHER);
    const row = await apply();
    await save('Policy', 'branch-edge', OTHER);
    await restart();
    await clock.look();
    expect([await carries(row.after), await inForce()]).toEqual([true, row.id]);
    expect((await rows())[0]).toBe('recover confirmed clearpathd');
    expect(await audited()).toEqual(['reapply done clearpathd']);
    expect((await operator.store.deployments.get(TENANT, row.id))?.state).toBe('confirmed');
    await clock.look();
    expect(await rows()).toHaveLength(3);
    await engine.rollback(TENANT, place, DEVICE, ACTOR);
    expect([await carries(first.after), await inForce()]).toEqual([true, first.id]);
  });

  it('stays lost where the binding does not ask for it', async () => {
    const row = await apply();
    await bind(false);
    await restart();
    await clock.look();
    expect([await carries(row.after), (await rows()).length]).toEqual([false, 1]);
  });

  it('stays lost where somebody else has put a tree since, or changed ours by hand', async () => {
    await apply();
    await restart();
    await network.tc(name, `qdisc add dev ${DEVICE} root handle 77: htb default 1`);
    const foreign = await readTree(place, DEVICE);
    await clock.look();
    expect(sameTree(await readTree(place, DEVICE), foreign)).toBe(true);
    expect(await rows()).toHaveLength(1);
  });

  it('stays lost where it awaited confirmation: that goes back instead', async () => {
    const row = await apply(BRANCH_EDGE, { confirm: 60 });
    await restart();
    await clock.look();
    expect(await rows()).toEqual(['apply awaiting-confirmation ann']);
    expect(await engine.revertOverdue(() => place)).toMatchObject([{ done: true }]);
    await clock.look();
    expect([await carries(row.after), await inForce()]).toEqual([false, null]);
  });

  it('is tried ever more rarely where it is taken away each time, and anew once it has stayed', async () => {
    await apply();
    const again = async (after: number) => {
      await lose();
      now += after;
      await clock.look();
      return (await rows()).filter((row) => row.startsWith('recover')).length;
    };
    expect(await again(0)).toBe(1);
    expect(await again(10_000)).toBe(2);
    // Twenty seconds are waited for now.
    await lose();
    now += 10_000;
    await clock.look();
    expect((await rows()).filter((row) => row.startsWith('recover'))).toHaveLength(2);
    now += 10_000;
    await clock.look();
    expect((await rows()).filter((row) => row.startsWith('recover'))).toHaveLength(3);
    now += 600_000;
    await clock.look();
    expect(await again(0)).toBe(4);
  });

  it('is said once where it cannot be put back, and the interface is left as it is', async () => {
    await apply();
    await lose();
    engine.putBack = () => Promise.reject(new Error('The kernel refused it.'));
    await clock.look();
    now += 10_000;
    await clock.look();
    expect([troubles, await audited()]).toEqual([['uplink: The kernel refused it.'], ['reapply failed clearpathd']]);
  });

  it('that a crash left half way is settled, and put back with the next look', async () => {
    const row = await apply();
    await lose();
    const dying = new Engine(operator.store, { clock: () => boot, onStep: (step) => { if (step === 'journalled') throw new Error('gone'); } }); // prettier-ignore
    await expect(dying.putBack(TENANT, place, DEVICE, ACTOR)).rejects.toThrow('gone');
    expect(await inForce()).toBe(row.id);
    await clock.look();
    expect([await carries(row.after), await inForce()]).toEqual([true, row.id]);
  });
});
