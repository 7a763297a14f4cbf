/** A deployment with a deadline stays when somebody confirms it, and goes back when nobody does, whatever dies or jumps meanwhile. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sameTree, type TcTree } from '../../backend/compile/tc/index.ts';
import { Engine, TIMER } from '../../backend/deploy/index.ts';
import { placeKey, readTree, withLock, type BootTime, type Place } from '../../backend/target/index.ts';
import { OWN, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { runOnce } from './once.ts';
import { ACTOR, BRANCH_EDGE, intentOf, Operator, policyOf, TENANT } from './operator.ts';

const OTHER = policyOf({ bandwidth: '10mbit', classes: [{ name: 'default', default: true, guarantee: '2mbit' }] });
const SECONDS = 60;

onEach([OWN], 'a deadline', ({ network, place: placeOf, sh }) => {
  let operator: Operator;
  let place: Place;
  let name: string;
  let now: BootTime;
  const clock = () => now;
  /** Another process on the same state, e.g. the sidecar after it was restarted. */
  const another = () => new Engine(operator.store, { clock });
  let engine: Engine;

  afterEach(async () => operator?.stop());
  beforeEach(async () => {
    operator = await Operator.start();
    name = await network.make();
    place = placeOf(name);
    now = { boot: 'this run', ms: 1_000_000 };
    engine = another();
  });

  const apply = (source = BRANCH_EDGE, confirm = SECONDS) =>
    engine.apply(intentOf(place, source), ACTOR, confirm > 0 ? { confirm } : {});
  const later = (seconds: number) => (now = { ...now, ms: now.ms + seconds * 1000 });
  const revert = (by = engine) => by.revertOverdue(() => place);
  const carries = async (tree: string | TcTree) =>
    sameTree(await readTree(place, DEVICE), typeof tree === 'string' ? (JSON.parse(tree) as TcTree) : tree);
  const stateOf = async (id: string) => (await operator.store.deployments.get(TENANT, id))?.state;
  const inForce = async () => (await operator.store.deployments.place(TENANT, placeKey(place, DEVICE))).deployment;

  it('leaves in force what somebody confirms in time, and says who did', async () => {
    const first = await apply(OTHER, 0);
    const row = await apply();
    expect([row.state, engine.secondsToConfirm(row), await inForce()]).toEqual([
      'awaiting-confirmation',
      SECONDS,
      row.id,
    ]);
    later(SECONDS - 1);
    expect(await revert()).toEqual([]);
    expect(engine.secondsToConfirm(row)).toBe(1);
    const confirmed = await engine.confirm(TENANT, place, DEVICE, ACTOR, row.id);
    expect([confirmed.state, confirmed.message]).toEqual(['confirmed', expect.stringContaining('Confirmed by ann.')]);
    later(10);
    expect(await revert()).toEqual([]);
    expect([await carries(row.after), await stateOf(row.id), await stateOf(first.id)]).toEqual([true, 'confirmed', 'superseded']); // prettier-ignore
  });

  it('puts back exactly what was there when nobody does, and brings what was in force into force again', async () => {
    const first = await apply(OTHER, 0);
    const row = await apply();
    later(SECONDS);
    const [reverted, ...more] = await revert();
    expect([reverted?.done, reverted?.row.action, reverted?.row.by, more]).toEqual([true, 'rollback', TIMER.login, []]);
    expect(reverted!.row.message).toMatch(/^Not confirmed within 60 s\. Rolled back: /);
    expect([await carries(first.after), await inForce()]).toEqual([true, first.id]);
    expect([await stateOf(row.id), await stateOf(first.id)]).toEqual(['rolled-back', 'confirmed']);
    await expect(engine.confirm(TENANT, place, DEVICE, ACTOR, row.id)).rejects.toMatchObject({
      code: 'CP-NOTHING-TO-CONFIRM',
    });
    expect(await revert()).toEqual([]);
  });

  it('outlives the process: another one waits for the rest of the time, or finds that it is over', async () => {
    const row = await apply();
    later(SECONDS / 2);
    expect(await revert(another())).toEqual([]);
    expect(another().secondsToConfirm(row)).toBe(SECONDS / 2);
    later(SECONDS * 100);
    expect(await revert(another())).toMatchObject([{ done: true }]);
    expect([await stateOf(row.id), await inForce()]).toEqual(['rolled-back', null]);
  });

  it('is over when the machine was restarted, however little its clock shows', async () => {
    const row = await apply();
    await network.tc(name, `qdisc del dev ${DEVICE} root`);
    now = { boot: 'the next run', ms: 5_000 };
    expect(await revert()).toMatchObject([{ done: true }]);
    expect([await stateOf(row.id), await inForce()]).toEqual(['rolled-back', null]);
  });

  it('is not moved by someone who sets the date', async () => {
    const row = await apply();
    const wall = vi.spyOn(Date, 'now');
    try {
      for (const date of [0, 2e12]) {
        wall.mockReturnValue(date);
        expect(await revert()).toEqual([]);
        expect(engine.secondsToConfirm(row)).toBe(SECONDS);
      }
      later(SECONDS);
      wall.mockReturnValue(0);
      expect(await revert()).toMatchObject([{ done: true }]);
    } finally {
      wall.mockRestore();
    }
  });

  it.each(['applied', 'verified'] as const)(
    'was never set when the process dies once it has %s: nobody could confirm',
    async (at) => {
      const before = await readTree(place, DEVICE);
      const { killed } = await runOnce({ directory: operator.directory, namespace: name, source: BRANCH_EDGE, confirm: SECONDS, at }); // prettier-ignore
      expect(killed).toBe(true);
      expect(await another().recover(() => place)).toMatchObject([{ state: 'failed' }]);
      expect([await carries(before), await inForce()]).toEqual([true, null]);
    }
  );

  it('keeps others from applying over it, and is not given where there would be no way back', async () => {
    const row = await apply();
    await expect(apply(OTHER)).rejects.toMatchObject({
      code: 'CP-AWAITING-CONFIRMATION',
      message: expect.stringContaining(row.id) as string,
    });
    await engine.rollback(TENANT, place, DEVICE, ACTOR);
    expect(await stateOf(row.id)).toBe('rolled-back');
    await network.tc(
      name,
      `qdisc add dev ${DEVICE} root handle 9: htb`,
      `filter add dev ${DEVICE} parent 9: protocol all pref 1 bpf bytecode "1,6 0 0 0" flowid 9:1`
    );
    const refused = engine.apply(intentOf(place, OTHER), ACTOR, { confirm: SECONDS, replaceForeign: true });
    await expect(refused).rejects.toMatchObject({ code: 'CP-NOT-RESTORABLE' });
    expect((await readTree(place, DEVICE)).qdiscs[0]?.handle).toBe('9:');
  });

  it('does not go back over what another hand did: it says so, tries again, and can be confirmed', async () => {
    const row = await apply();
    await network.tc(
      name,
      `filter add dev ${DEVICE} parent 1: protocol all pref 9000 bpf bytecode "1,6 0 0 0" flowid 1:11`
    );
    later(SECONDS);
    expect(await revert()).toMatchObject([{ done: false, row: { id: row.id, state: 'awaiting-confirmation' } }]);
    expect((await operator.store.deployments.get(TENANT, row.id))!.message).toContain('going back failed: Another hand changed the tree'); // prettier-ignore
    // Said once, tried every time.
    expect(await revert()).toEqual([]);
    expect((await engine.confirm(TENANT, place, DEVICE, ACTOR)).state).toBe('confirmed');
  });

  describe('is kept by several who look after it', () => {
    it('and undone by one of them', async () => {
      const row = await apply();
      later(SECONDS);
      const all = await Promise.all([revert(), revert(another()), revert(another())]);
      expect(all.flat()).toMatchObject([{ done: true }]);
      const rows = await operator.store.deployments.list(TENANT, { place: placeKey(place, DEVICE) });
      expect(rows.map(({ action, undoes }) => [action, undoes])).toEqual([
        ['rollback', row.id],
        ['apply', null],
      ]);
    });

    it('not by one who finds the interface locked, until it is free', async () => {
      const row = await apply();
      later(SECONDS);
      let free: () => void = () => undefined;
      const held = withLock(place, [DEVICE], () => new Promise<void>((resolve) => (free = resolve)));
      const waiting = revert();
      setTimeout(() => free(), 300);
      expect(await waiting).toMatchObject([{ done: true }]);
      await held;
      expect(await stateOf(row.id)).toBe('rolled-back');
    });
  });

  it('ends with an interface that is gone', async () => {
    const row = await apply();
    await sh('ip', '-n', name, 'link', 'del', DEVICE);
    later(SECONDS);
    expect(await revert()).toMatchObject([{ done: true, row: { state: 'rolled-back' } }]);
    expect([await stateOf(row.id), await inForce()]).toEqual(['rolled-back', null]);
  });
});
