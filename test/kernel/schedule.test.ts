/** The clock as an actor on a real interface: what it puts there, takes back, and leaves to people. */
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { Scheduler } from '../../backend/daemon/schedule.ts';
import { Catalog, dutyOf } from '../../backend/deploy/index.ts';
import { OWN, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { ACTOR, intentOf, Operator, policyOf, TENANT } from './operator.ts';

const HOUR = 3600_000;
const document = (kind: string, name: string, spec: object) =>
  JSON.stringify({ apiVersion: 'clearpath/v1', kind, metadata: { name }, spec });
const of = (rate: string, name: string) =>
  policyOf({ bandwidth: rate, classes: [{ name: 'default', default: true, guarantee: '1mbit' }] }, name);
/** Holds from an hour before now to an hour after it, every day. */
const began = Date.now();
const clockAt = (at: number) => new Date(at).toISOString().slice(11, 16);
const WINDOW = [{ from: clockAt(began - HOUR), to: clockAt(began + HOUR), zone: 'UTC' }];

onEach([OWN], 'a schedule', ({ network, place: placeOf, sh }) => {
  let name: string;
  let operator: Operator;
  let catalog: Catalog;
  let now: number;
  let troubles: string[];
  const open = new Set<Scheduler>();
  beforeEach(async () => {
    name = await network.make();
    operator = await Operator.start();
    catalog = new Catalog(operator.store, placeOf(name).enter);
    troubles = [];
    now = began - 2 * HOUR;
    await save('Target', 'edge', document('Target', 'edge', { platform: 'linux', namespace: name }));
    await save('Policy', 'always', of('10mbit', 'always'));
    await save('Policy', 'office', of('5mbit', 'office'));
    await bind('plain', 'always');
    await bind('timed', 'office', { schedule: WINDOW });
  });
  afterEach(async () => {
    for (const one of open) await one.close();
    open.clear();
    await operator.stop();
  });
  afterAll(async () => network.remove());

  const save = (kind: string, named: string, source: string) =>
    operator.store.documents.save(TENANT, kind, named, source, 'ann', undefined);
  const bind = (named: string, policy: string, more: object = {}) =>
    save('Binding', named, document('Binding', named, { policy, target: 'edge', interfaces: [DEVICE], ...more }));
  const scheduler = () => {
    const { store, engine } = operator;
    const made = new Scheduler(TENANT, {
      store,
      engine,
      catalog,
      changed: async () => undefined,
      trouble: (message) => troubles.push(message),
      now: () => now,
    });
    open.add(made);
    return made;
  };
  const rate = async () =>
    /class htb 1?\d*:1 root rate (\S+)/.exec(await sh('tc', '-n', name, 'class', 'show', 'dev', DEVICE))?.[1];
  const byAnn = (policy: string, binding: string) =>
    operator.engine.apply(
      { ...intentOf(placeOf(name), of(policy === 'office' ? '5mbit' : '10mbit', policy)), binding, target: 'edge' },
      ACTOR
    );

  it('puts its policy there while it holds, and what a person had applied returns, in the journal as "schedule"', async () => {
    await byAnn('always', 'plain');
    const clock = scheduler();
    await clock.look();
    expect(await rate()).toBe('10Mbit');
    now = began;
    await clock.look();
    expect(await rate()).toBe('5Mbit');
    expect(
      [...dutyOf(await catalog.bindings(TENANT), now)].map(([bound, duty]) => [bound.name, duty.on, duty.instead?.name])
    ).toEqual([
      ['plain', false, 'timed'],
      ['timed', true, undefined],
    ]);
    now = began + 2 * HOUR;
    await clock.look();
    expect(await rate()).toBe('10Mbit');
    const audit = (await operator.store.audit.list(TENANT)).map(({ action, by, subject }) => [
      action,
      by,
      subject.split(' ')[0],
    ]);
    expect(audit).toEqual([
      ['rollback', 'schedule', 'timed'],
      ['apply', 'schedule', 'timed'],
    ]);
    now = began + 24 * HOUR;
    await clock.look();
    expect(await rate()).toBe('5Mbit');
    expect(troubles).toEqual([]);
  });

  it('gives back what was there before Clearpath, where nobody had applied anything', async () => {
    const clock = scheduler();
    now = began;
    await clock.look();
    expect(await rate()).toBe('5Mbit');
    now = began + 2 * HOUR;
    await clock.look();
    expect(await sh('tc', '-n', name, 'qdisc', 'show', 'dev', DEVICE)).not.toContain('htb');
  });

  it('catches up after a restart, does nothing twice, and follows a clock that is put back', async () => {
    now = began;
    await scheduler().look();
    const rows = () => operator.store.deployments.list(TENANT, {});
    expect(await rows()).toHaveLength(1);
    await scheduler().look();
    expect(await rows()).toHaveLength(1);
    now = began - 2 * HOUR;
    await scheduler().look();
    expect([await rate(), (await rows())[0]!.action]).toEqual([undefined, 'rollback']);
  });

  it('leaves to a person what he does while it holds, and takes back what is left of it at the end', async () => {
    const clock = scheduler();
    now = began;
    await clock.look();
    await operator.engine.rollback(TENANT, placeOf(name), DEVICE, ACTOR);
    await clock.look();
    expect(await rate()).toBeUndefined();
    await byAnn('office', 'timed');
    now = began + 2 * HOUR;
    await clock.look();
    expect(await rate()).toBeUndefined();
  });

  it('says once that it was refused, and tries again a minute later', async () => {
    const foreign = `qdisc add dev ${DEVICE} root handle 77: tbf rate 1mbit burst 10k limit 10k peakrate 2mbit mtu 1540`;
    await network.tc(name, foreign);
    const clock = scheduler();
    now = began;
    for (const seconds of [0, 10, 61]) {
      now = began + seconds * 1000;
      await clock.look();
    }
    expect(troubles).toEqual([expect.stringMatching(/^timed: .*carries a tree that Clearpath did not make/)]);
    await sh('tc', '-n', name, 'qdisc', 'del', 'dev', DEVICE, 'root');
    now = began + 125_000;
    await clock.look();
    expect(await rate()).toBe('5Mbit');
  });
});
