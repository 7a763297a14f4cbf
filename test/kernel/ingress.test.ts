/** What an interface receives: planned, applied, read back, undone and found again, on real kernels. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseTree, sameTree, sideName, type TcTree } from '../../backend/compile/tc/index.ts';
import { Engine } from '../../backend/deploy/index.ts';
import { carrierOf, readCounters, readTree, type Place } from '../../backend/target/index.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { runOnce, warmUp } from './once.ts';
import { policies } from './policies.ts';
import { ACTOR, BRANCH_EDGE, intentOf, Operator, policyOf, TENANT } from './operator.ts';

const RECEIVED = sideName(DEVICE, 'ingress');
const CALLS = policyOf({
  bandwidth: '8mbit',
  classes: [
    { name: 'voice', match: [{ dscp: 'ef' }], strict: true, guarantee: '1mbit' },
    { name: 'rest', default: true, guarantee: '4mbit' },
  ],
});

onEach(KERNELS, 'what an interface receives', ({ kernel, network, place: placeOf, attempt, sh }) => {
  let operator: Operator;
  let name: string;
  let place: Place;
  beforeAll(async () => {
    operator = await Operator.start();
    name = await network.make();
    place = placeOf(name);
  });
  afterAll(async () => operator?.stop());

  const ip = (...argv: string[]) => sh('ip', '-n', name, ...argv);
  const tc = async (...argv: string[]) => (await attempt(['tc', '-n', name, ...argv])).stdout;

  it('goes through a tree of its own, which reads back as planned and is left alone by a second apply', async () => {
    const plan = await operator.plan(place, BRANCH_EDGE, RECEIVED);
    expect(plan.owner).toBe('kernel-default');
    expect(plan.notes.join(' ')).toContain('bandwidth is below what the link delivers');
    const lines = plan.operations.map(({ line }) => line);
    expect(lines[0]).toMatch(/^link add name cpi-wan0 address 02:.* type ifb$/);
    // Nothing is sent to the tree before it stands.
    expect(lines.at(-2)).toBe('qdisc add dev wan0 clsact');
    expect(lines.at(-1)).toMatch(/^filter add dev wan0 parent ffff:fff2 .*mirred egress redirect dev cpi-wan0$/);
    const row = await operator.apply(place, BRANCH_EDGE, { expected: plan.id }, RECEIVED);
    expect(row).toMatchObject({ state: 'confirmed', interface: RECEIVED, place: `${name}/${RECEIVED}` });
    expect(await operator.lines(place, BRANCH_EDGE, RECEIVED)).toEqual([]);
    expect((await operator.apply(place, BRANCH_EDGE, {}, RECEIVED)).id).toBe(row.id);
    expect(await tc('qdisc', 'show', 'dev', DEVICE)).toMatch(/^qdisc (noqueue|pfifo_fast) 0: root/);
    expect((await readCounters(place, RECEIVED)).length).toBeGreaterThan(4);
  });

  it('changes in place, and leaves what leaves by the same interface alone', async () => {
    await operator.apply(place, CALLS);
    const before = await tc('-d', 'class', 'show', 'dev', DEVICE);
    const wider = BRANCH_EDGE.replace('ceiling: 60%', 'ceiling: 70%');
    const plan = await operator.plan(place, wider, RECEIVED);
    expect(plan.operations.map(({ line }) => line.replace(/ htb .*/, ''))).toEqual([
      expect.stringMatching(/^class change dev cpi-wan0 /),
    ]);
    await operator.apply(place, wider, {}, RECEIVED);
    expect(await tc('-d', 'class', 'show', 'dev', DEVICE)).toBe(before);
    expect(await operator.lines(place, CALLS)).toEqual([]);
    await operator.rollback(place);
    expect(await operator.lines(place, wider, RECEIVED)).toEqual([]);
    await operator.rollback(place, RECEIVED);
    expect(await operator.lines(place, BRANCH_EDGE, RECEIVED)).toEqual([]);
  });

  it.each([
    ['the rule that sends it there', () => tc('filter', 'del', 'dev', DEVICE, 'ingress'), /no longer goes through/],
    ['the tree on the IFB', () => tc('qdisc', 'del', 'dev', 'cpi-wan0', 'root'), /tree is gone/],
    ['the IFB', () => ip('link', 'del', 'cpi-wan0'), /tree is gone/],
    ['the IFB’s being up', () => ip('link', 'set', 'cpi-wan0', 'down'), /is down/],
    ['the whole hook', () => tc('qdisc', 'del', 'dev', DEVICE, 'clsact'), /no longer goes through/],
  ])('is drifted when another hand takes away %s, and the next plan puts it back', async (_, act, words) => {
    await act();
    const drifted = await operator.engine.drift(TENANT, place, RECEIVED, new Map([['', 'spec']]));
    expect(drifted!.map((item) => item.words).join(' ')).toMatch(words);
    const row = await operator.apply(place, BRANCH_EDGE, {}, RECEIVED);
    expect(row.state).toBe('confirmed');
    expect(await operator.lines(place, BRANCH_EDGE, RECEIVED)).toEqual([]);
    expect(await operator.engine.drift(TENANT, place, RECEIVED, new Map())).toEqual([]);
  });

  it('needs nothing left behind when the first deployment is undone', async () => {
    const other = await network.make();
    const there = placeOf(other);
    await operator.apply(there, CALLS, {}, RECEIVED);
    await operator.rollback(there, RECEIVED);
    expect(await carrierOf(there, RECEIVED)).toBeUndefined();
    const tree = await readTree(there, RECEIVED);
    expect([tree.ingress, tree.qdiscs]).toEqual([{ rules: [], ifbName: 'cpi-wan0' }, []]);
  });

  it('rolls back by itself when nobody confirms', async () => {
    const there = placeOf(await network.make());
    const clock = { now: 1000 };
    const engine = new Engine(operator.store, { clock: () => ({ ms: clock.now, boot: 'b' }) });
    const row = await engine.apply(intentOf(there, CALLS, RECEIVED), ACTOR, { confirm: 5 });
    expect(row.state).toBe('awaiting-confirmation');
    clock.now += 6000;
    const [reverted] = await engine.revertOverdue(() => there);
    expect(reverted).toMatchObject({ done: true });
    expect(await carrierOf(there, RECEIVED)).toBeUndefined();
  });

  it('is put back as another hand had it, hook, redirection and all', async () => {
    const other = await network.make();
    const there = placeOf(other);
    await sh('ip', '-n', other, 'link', 'add', 'ifb7', 'type', 'ifb');
    await network.tc(
      other,
      `qdisc add dev ${DEVICE} ingress`,
      `filter add dev ${DEVICE} parent ffff: protocol all pref 10 u32 match u32 0 0 action mirred egress redirect dev ifb7`
    );
    const listed = async () =>
      (await attempt(['tc', '-n', other, '-d', 'filter', 'show', 'dev', DEVICE, 'ingress'])).stdout.replaceAll(
        /index \d+| parent ffff:(?= )|80\d(?=[: ])/g,
        ''
      ); // prettier-ignore // prettier-ignore
    const before = await listed();
    const plan = await operator.plan(there, CALLS, RECEIVED);
    expect([plan.owner, plan.restorable]).toEqual(['foreign', true]);
    await operator.apply(there, CALLS, {}, RECEIVED);
    expect(await listed()).not.toBe(before);
    await operator.rollback(there, RECEIVED);
    expect(await listed()).toBe(before);
    expect(await sh('ip', '-n', other, '-o', 'link', 'show', 'type', 'ifb')).toMatch(/^\d+: ifb7:[^\n]*\n$/);
  });

  it('is not taken from another hand without consent where it could not be put back', async () => {
    const other = await network.make();
    const there = placeOf(other);
    await network.tc(
      other,
      `qdisc add dev ${DEVICE} clsact`,
      `filter add dev ${DEVICE} ingress protocol ip pref 7 u32 divisor 16`,
      `filter add dev ${DEVICE} egress protocol ip pref 7 u32 match ip protocol 89 0xff flowid 1:1`
    );
    await expect(operator.apply(there, CALLS, {}, RECEIVED)).rejects.toMatchObject({ code: 'CP-FOREIGN' });
    expect(await carrierOf(there, RECEIVED)).toBeUndefined();
    const row = await operator.apply(there, CALLS, { replaceForeign: true }, RECEIVED);
    expect(row.state).toBe('confirmed');
    // What others do on the way out by the same hook stays.
    expect((await attempt(['tc', '-n', other, 'filter', 'show', 'dev', DEVICE, 'egress'])).stdout).toContain('pref 7');
  });

  it('never touches an IFB that is another’s, whatever its name', async () => {
    const other = await network.make();
    const there = placeOf(other);
    await sh('ip', '-n', other, 'link', 'add', 'cpi-wan0', 'type', 'ifb');
    await operator.apply(there, CALLS, {}, RECEIVED);
    expect(await carrierOf(there, RECEIVED)).toMatch(/^cpi-[0-9a-f]{8}$/);
    await operator.rollback(there, RECEIVED);
    expect(await sh('ip', '-n', other, '-o', 'link', 'show', 'type', 'ifb')).toMatch(/^\d+: cpi-wan0:[^\n]*\n$/);
  });

  it('reads back as planned whatever the policy, from one to the next', { timeout: 120_000 }, async () => {
    const there = placeOf(await network.make());
    const drawn = fc.sample(policies(['auto', 'pfifo']), { numRuns: 6, seed: 20_261 });
    for (const spec of drawn) {
      const source = policyOf(spec);
      expect((await operator.apply(there, source, {}, RECEIVED)).state).toBe('confirmed');
      expect(await operator.lines(there, source, RECEIVED)).toEqual([]);
    }
  });

  // Processes that are killed run on the machine's own kernel.
  it.skipIf(kernel.name !== 'own')('is as before or as planned after any kill', { timeout: 120_000 }, async () => {
    const namespace = await network.make();
    const there = placeOf(namespace);
    const key = `${namespace}/${RECEIVED}`;
    await warmUp(operator.directory);
    const ends = { old: 0, new: 0 };
    for (let kill = 0; kill < 8; kill++) {
      const before = await readTree(there, RECEIVED);
      const { deployment: inForce } = await operator.store.deployments.place(TENANT, key);
      const source = inForce ? (kill % 3 === 1 ? CALLS : undefined) : BRANCH_EDGE;
      const directory = operator.directory;
      await runOnce({ directory, namespace, device: RECEIVED, after: (kill * 11) % 60, group: kill % 2 === 0, ...(source && { source }) }); // prettier-ignore
      await operator.engine.recover(() => there);
      expect(await operator.store.deployments.unfinished()).toEqual([]);
      const live = await readTree(there, RECEIVED);
      const { deployment } = await operator.store.deployments.place(TENANT, key);
      const row = deployment ? await operator.store.deployments.get(TENANT, deployment) : undefined;
      const said: TcTree = row
        ? parseTree(row.after)
        : { qdiscs: [], classes: [], filters: [], ingress: { rules: [] } };
      expect(sameTree(live, said)).toBe(true);
      expect(deployment !== inForce || sameTree(live, before)).toBe(true);
      ends[deployment === inForce ? 'old' : 'new']++;
    }
    console.log(`killed: ${ends.old} times the old tree, ${ends.new} times the new one`);
  });

  it('is changed on several interfaces at once, beside what leaves by them', async () => {
    const other = await network.make();
    const there = placeOf(other);
    await sh('ip', '-n', other, 'link', 'add', 'wan1', 'type', 'veth', 'peer', 'name', 'far1');
    await sh('ip', '-n', other, 'link', 'set', 'wan1', 'up');
    const sides = [RECEIVED, DEVICE, 'wan1:ingress', 'wan1'];
    const intents = sides.map((side) => intentOf(there, BRANCH_EDGE, side));
    const outcomes = await operator.engine.applyMany(intents, ACTOR);
    expect(outcomes.map((outcome) => outcome.status === 'fulfilled' && outcome.value.state)).toEqual(
      sides.map(() => 'confirmed')
    );
    for (const side of sides) {
      expect(await operator.lines(there, BRANCH_EDGE, side)).toEqual([]);
    }
    const trees = await Promise.all(sides.map((side) => readTree(there, side)));
    expect(sameTree(trees[1]!, trees[3]!)).toBe(true);
  });
});
