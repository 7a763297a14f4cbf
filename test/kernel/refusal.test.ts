/** Whatever refuses, whenever: the interface is as it was, and one message says what, where and what to do. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { sameTree, type LiveTree } from '../../backend/compile/tc/index.ts';
import type { Intent, Step } from '../../backend/deploy/index.ts';
import { readTree, type Place } from '../../backend/target/index.ts';
import { onEach, OWN } from './kernel.ts';
import { DEVICE } from './network.ts';
import { runOnce } from './once.ts';
import { ACTOR, BRANCH_EDGE, intentOf, Operator, policyOf, TENANT } from './operator.ts';

/** A figure that tc does not take, where a document could not say it: in the middle of the batch. */
function unwritable(intent: Intent): Intent {
  const policy = structuredClone(intent.policy);
  policy.classes[2]!.priority = NaN;
  return { ...intent, policy, revision: 'unwritable' };
}

onEach([OWN], 'a refusal', ({ kernel, network, place: placeOf, sh }) => {
  let name: string;
  let place: Place;
  let operator: Operator;
  /** What another hand does at a step of the operator's change. */
  let meanwhile: Partial<Record<Step, () => Promise<unknown>>> = {};
  beforeAll(async () => {
    name = await network.make();
    place = placeOf(name);
    operator = await Operator.start({ onStep: async (step) => void (await meanwhile[step]?.()) });
  });
  beforeEach(() => {
    meanwhile = {};
  });
  afterAll(async () => operator?.stop());

  const failure = async (work: Promise<unknown>) =>
    (await work.then(
      () => expect.fail('It was not refused.'),
      (error: unknown) => error
    )) as Error & { code: string; path?: string };
  const last = async () => (await operator.store.deployments.list(TENANT, { limit: 1 }))[0];
  const unchanged = async (before: LiveTree) => {
    const live = await readTree(place, DEVICE);
    expect(sameTree(live, before)).toBe(true);
    expect(live.inexact).toEqual(before.inexact);
    expect(await operator.store.deployments.unfinished()).toEqual([]);
  };

  it('names an interface that is not there, and those that are', async () => {
    const { code, message } = await failure(operator.engine.plan(intentOf(place, BRANCH_EDGE, 'wan7')));
    expect(code).toBe('CP-INTERFACE-UNKNOWN');
    expect(message).toBe(`There is no interface "wan7" in the network namespace ${name}. It has lo, far0, wan0.`);
    expect((await failure(operator.engine.apply(intentOf(place, BRANCH_EDGE, 'wan7'), ACTOR))).code).toBe(
      'CP-INTERFACE-UNKNOWN'
    );
    expect(await last()).toBeUndefined();
  });

  it('names a network namespace that is not there', async () => {
    const { code, message } = await failure(operator.apply(placeOf('cpk-nowhere'), BRANCH_EDGE));
    expect(code).toBe('CP-TARGET-UNREACHABLE');
    expect(message).toContain('There is no such network namespace');
    expect(message).toContain('cpk-nowhere');
  });

  it('names the right that is missing', async () => {
    const before = await readTree(place, DEVICE);
    const without = ['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin'];
    const { said } = await runOnce({ directory: operator.directory, namespace: name, source: BRANCH_EDGE }, without);
    expect(said).toMatchObject({
      code: 'CP-TARGET-UNREACHABLE',
      message: expect.stringContaining('It needs CAP_NET_ADMIN'),
    });
    await unchanged(before);
  });

  it.skipIf(kernel.whole)('names the queue that the kernel does not have, at its place in the policy', async () => {
    const source = policyOf({
      bandwidth: '1mbit',
      classes: [{ name: 'default', default: true, queue: { algorithm: 'fq_codel' } }],
    });
    const { code, path, message } = await failure(operator.apply(place, source));
    expect({ code, path }).toEqual({ code: 'CP-COMPILE', path: 'spec.classes[0].queue.algorithm' });
    expect(message).toContain('fq_codel');
  });

  it.skipIf(kernel.whole)('names the clause that is more rules than an interface holds', async () => {
    const match = [{ sourcePorts: ['1-65534'], destinationPorts: ['1-65534'], dscp: [0, 1, 2, 3, 4, 5, 6, 7] }];
    const source = policyOf({
      bandwidth: '1mbit',
      classes: [
        { name: 'all', match },
        { name: 'default', default: true },
      ],
    });
    const { code, path } = await failure(operator.apply(place, source));
    expect({ code, path }).toEqual({ code: 'CP-COMPILE', path: 'spec.classes[0].match[0]' });
  });

  it('in the middle of a first load names the class, and the kernel’s own queue is back', async () => {
    const before = await readTree(place, DEVICE);
    const { code, path, message } = await failure(
      operator.engine.apply(unwritable(intentOf(place, BRANCH_EDGE)), ACTOR)
    );
    expect({ code, path }).toEqual({ code: 'CP-KERNEL-REFUSED', path: 'spec.classes[2]' });
    expect(message).toMatch(/^The kernel refused "class add .* prio NaN .* The interface is as it was before\.$/);
    expect(await last()).toMatchObject({ state: 'failed', message });
    await unchanged(before);
  });

  it('because another hand was faster names the class, and takes nothing but its own back', async () => {
    await operator.apply(place, BRANCH_EDGE);
    const before = await readTree(place, DEVICE);
    const wider = BRANCH_EDGE.replace(
      '    - name: default',
      '    - { name: backup, match: [ { dscp: [af11] } ], guarantee: 1% }\n    - name: default'
    ).replace('guarantee: 50%', 'guarantee: 40%');
    const plan = await operator.plan(place, wider);
    const minor = plan.allocation.classes.backup!.toString(16);
    const root = before.qdiscs.find((qdisc) => qdisc.parent === 'root')!.handle;
    meanwhile.journalled = () =>
      network.tc(name, `class add dev ${DEVICE} parent ${root}1 classid ${root}${minor} htb rate 1mbit`);
    const { code, path, message } = await failure(operator.apply(place, wider, { expected: plan.id }));
    expect({ code, path }).toEqual({ code: 'CP-KERNEL-REFUSED', path: 'spec.classes[4]' });
    expect(message).toContain('changed by someone else in the meantime');
    await unchanged(before);
    expect(await operator.lines(place, BRANCH_EDGE)).toEqual([]);
  });

  it('of a read-back that differs puts the interface back', async () => {
    const before = await readTree(place, DEVICE);
    const root = before.qdiscs.find((qdisc) => qdisc.parent === 'root')!.handle;
    meanwhile.applied = () => network.tc(name, `class change dev ${DEVICE} classid ${root}1 htb rate 3mbit`);
    const { code, message } = await failure(operator.apply(place, BRANCH_EDGE.replace('ceiling: 60%', 'ceiling: 50%')));
    expect(code).toBe('CP-NOT-VERIFIED');
    expect(message).toContain('The interface is as it was before.');
    await unchanged(before);
  });

  it('of a plan that the kernel has left behind says so before anything is done', async () => {
    const plan = await operator.plan(place, BRANCH_EDGE.replace('ceiling: 60%', 'ceiling: 50%'));
    const root = plan.before.qdiscs.find((qdisc) => qdisc.parent === 'root')!.handle;
    await network.tc(name, `class change dev ${DEVICE} classid ${root}1 htb rate 3mbit`);
    const { code } = await failure(
      operator.apply(place, BRANCH_EDGE.replace('ceiling: 60%', 'ceiling: 50%'), { expected: plan.id })
    );
    expect(code).toBe('CP-PLAN-STALE');
    await operator.apply(place, BRANCH_EDGE);
  });

  it('while a foreign tree is replaced leaves the kernel’s own queue, and says what is gone', async () => {
    await network.tc(
      name,
      `qdisc replace dev ${DEVICE} root handle 9: tbf rate 20mbit burst 32k limit 40k peakrate 30mbit mtu 1540`
    );
    const { message } = await failure(
      operator.engine.apply(unwritable(intentOf(place, BRANCH_EDGE)), ACTOR, { replaceForeign: true })
    );
    expect(message).toMatch(
      /What was there before could not be restored exactly \(qdisc tbf 9:.*\), so the kernel’s default queue is there now\.$/
    );
    expect((await readTree(place, DEVICE)).qdiscs.map((qdisc) => qdisc.handle)).toEqual(['0:']);
    expect(await operator.store.deployments.unfinished()).toEqual([]);
  });

  it('before anything was done to a foreign tree leaves it as it is', async () => {
    await network.tc(
      name,
      `qdisc replace dev ${DEVICE} root handle 9: tbf rate 20mbit burst 32k limit 40k peakrate 30mbit mtu 1540`
    );
    const before = await readTree(place, DEVICE);
    meanwhile.journalled = () => Promise.reject(new Error('The disk is full.'));
    const { message } = await failure(operator.apply(place, BRANCH_EDGE, { replaceForeign: true }));
    expect(message).toBe('The disk is full. The interface is as it was before.');
    await unchanged(before);
    await network.tc(name, `qdisc del dev ${DEVICE} root`);
  });

  it('by an interface that goes away in the middle is settled, and the next change starts anew', async () => {
    meanwhile.journalled = () => sh('ip', '-n', name, 'link', 'del', DEVICE);
    const { code, message } = await failure(operator.apply(place, BRANCH_EDGE));
    expect(code).toBe('CP-KERNEL-REFUSED');
    expect(message).toContain('There is no such interface.');
    expect(await last()).toMatchObject({ state: 'failed', message });
    meanwhile = {};
    await sh('ip', '-n', name, 'link', 'add', DEVICE, 'type', 'veth', 'peer', 'name', 'far1');
    await sh('ip', '-n', name, 'link', 'set', DEVICE, 'up');
    expect((await operator.apply(place, BRANCH_EDGE)).state).toBe('confirmed');
  });
});
