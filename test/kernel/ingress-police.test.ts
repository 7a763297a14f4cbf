/** What an interface receives, cut at the hook itself: planned, applied, read back, changed, undone and measured, on a kernel that has police. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { classidOf, parseTree, sideName, type Allocation } from '../../backend/compile/tc/index.ts';
import { adopt, judgeSource, placesOf } from '../../backend/deploy/index.ts';
import { countedSince } from '../../backend/measure/index.ts';
import { frameOf } from '../../backend/prove/frame.ts';
import { drive } from '../../backend/prove/traffic.ts';
import { carrierOf, readCounters, readTree, type ClassCounters, type Place } from '../../backend/target/index.ts';
import { onEach, WHOLE } from './kernel.ts';
import { DEVICE } from './network.ts';
import { Operator, policyOf, TENANT } from './operator.ts';
import { haveTraffic, NO_TRAFFIC } from './traffic.ts';

const RECEIVED = sideName(DEVICE, 'ingress');
const office = (ceiling: string) => ({
  name: 'office',
  match: [{ dscp: ['af31', 'af32'] }],
  ceiling,
  classes: [
    { name: 'desks', match: [{ dscp: ['af31'] }], ceiling: '500kbit' },
    { name: 'guests', default: true },
  ],
});
const policy = (bulk = '300kbit', scheduler: 'auto' | 'police' = 'police', mark: string | undefined = 'af12') =>
  policyOf({
    bandwidth: '1800kbit',
    scheduler,
    classes: [
      { name: 'voice', match: [{ dscp: ['ef'] }], strict: true, guarantee: '200kbit' },
      { name: 'bulk', match: [{ dscp: ['af11'] }, { dscp: ['df'], protocol: 'udp', destinationPorts: [9000] }], ceiling: bulk, ...(mark && { mark: { dscp: mark } }) },
      office('800kbit'),
      { name: 'rest', default: true, ceiling: '400kbit' },
    ],
  }); // prettier-ignore
const SOURCE = policy();

const kernels = WHOLE.map((kernel) => ({ ...kernel, missing: kernel.missing ?? NO_TRAFFIC }));
onEach(kernels, 'police of what is received', ({ network, place: placeOf, attempt, sh }) => {
  let operator: Operator;
  let name: string;
  let place: Place;
  beforeAll(async () => {
    await haveTraffic();
    operator = await Operator.start();
  }, 60_000);
  afterAll(async () => operator?.stop());
  beforeEach(async () => {
    name = await network.make();
    place = placeOf(name);
  });
  const rules = async () => (await attempt(['tc', '-n', name, 'filter', 'show', 'dev', DEVICE, 'ingress'])).stdout;

  it('is planned as rules at the hook, reads back as planned, and is left alone by a second apply', async () => {
    const plan = await operator.plan(place, SOURCE, RECEIVED);
    expect(plan.operations[0]!.line).toBe('qdisc add dev wan0 clsact');
    expect(plan.operations.slice(1).every(({ line }) => line.startsWith('filter add dev wan0 parent ffff:fff2 '))).toBe(true); // prettier-ignore
    expect(plan.notes.join(' ')).toContain('nothing waits');
    const row = await operator.apply(place, SOURCE, { expected: plan.id }, RECEIVED);
    expect(row.state).toBe('confirmed');
    const again = await operator.plan(place, SOURCE, RECEIVED);
    expect([again.owner, again.restorable, again.operations]).toEqual(['clearpath', true, []]);
    expect(await carrierOf(place, RECEIVED)).toBeUndefined();
    await operator.rollback(place, RECEIVED);
    expect((await readTree(place, RECEIVED)).ingress).toEqual({ rules: [], ifbName: 'cpi-wan0' });
  });

  it('changes one ceiling by one operation in its place, and rolls back to the one before', async () => {
    await operator.apply(place, SOURCE, {}, RECEIVED);
    const wider = policy('400kbit');
    const plan = await operator.plan(place, wider, RECEIVED);
    expect(plan.operations.map(({ line }) => line)).toEqual([
      expect.stringMatching(/^filter replace dev wan0 parent ffff:fff2 .* police rate 400kbit /),
    ]);
    await operator.apply(place, wider, {}, RECEIVED);
    expect(await operator.lines(place, wider, RECEIVED)).toEqual([]);
    await operator.rollback(place, RECEIVED);
    expect(await operator.lines(place, SOURCE, RECEIVED)).toEqual([]);
  });

  const PLACES = placesOf(judgeSource(SOURCE).document);
  const drift = async () => (await operator.engine.drift(TENANT, place, RECEIVED, PLACES))!;
  const said = async () => (await drift()).map(({ words }) => words);
  /** Another hand at the one bucket of this rate. */
  async function rebucket(rate: string, bucket: string, onward = 'continue') {
    const found = new RegExp(`pref (\\d+) flower chain (\\d+) handle 0x1 \\n\\s*not_in_hw\\n\\s*action order 1: *police 0x\\w+ rate ${rate} `).exec(await rules())!; // prettier-ignore
    await network.tc(name, `filter replace dev ${DEVICE} ingress protocol all pref ${found[1]} chain ${found[2]} handle 0x1 flower action police ${bucket} mtu 65536b overhead 14 conform-exceed drop / ${onward}`); // prettier-ignore
  }

  it('is drifted figure by figure where another hand changes buckets, which the document can adopt', async () => {
    await operator.apply(place, SOURCE, {}, RECEIVED);
    expect(await drift()).toEqual([]);
    await rebucket('300Kbit', 'rate 250kbit burst 131072b');
    await rebucket('200Kbit', 'rate 220kbit burst 20000b');
    await rebucket('1800Kbit', 'rate 1700kbit burst 131072b');
    expect(await drift()).toEqual([
      { path: 'spec.bandwidth', words: 'the link’s rate: 1.8 Mbit/s in force, 1.7 Mbit/s live, changed by hand.', value: '1700kbit' },
      { path: 'spec.classes[0].ceiling', words: 'voice’s ceiling: 200 kbit/s in force, 220 kbit/s live, changed by hand.', value: '220kbit' },
      { path: 'spec.classes[0].burst', words: expect.stringMatching(/^voice’s burst: \d+ B in force, (19999|20000|20001) B live, changed by hand\.$/), value: expect.stringMatching(/^\d+B$/) },
      { path: 'spec.classes[1].ceiling', words: 'bulk’s ceiling: 300 kbit/s in force, 250 kbit/s live, changed by hand.', value: '250kbit' },
    ]); // prettier-ignore
    const { source, left } = adopt(SOURCE, 'edge', await drift());
    expect(left).toEqual([]);
    expect(await operator.lines(place, source, RECEIVED)).toEqual([]);
    expect((await operator.apply(place, SOURCE, {}, RECEIVED)).state).toBe('confirmed');
    expect(await drift()).toEqual([]);
  });

  it('is drifted in the figures of a class’s own police too, on the way out as well', async () => {
    const policed = (police: object, scheduler: 'auto' | 'police') =>
      policyOf({ bandwidth: '2mbit', scheduler, classes: [{ name: 'web', match: [{ dscp: ['af11'] }], ceiling: '900kbit', police }, { name: 'rest', default: true }] }); // prettier-ignore
    for (const [side, hook, scheduler, overhead] of [[RECEIVED, 'ingress', 'police', ' overhead 14'], [DEVICE, 'parent 1:', 'auto', '']] as const) {
      const source = policed({ rate: '300kbit', burst: '6KiB', peakRate: '500kbit', peakBurst: '9KiB' }, scheduler);
      await operator.apply(place, source, {}, side);
      const shown = (await attempt(['tc', '-n', name, 'filter', 'show', 'dev', DEVICE, ...hook.split(' ')])).stdout;
      const [, pref, chain] = /pref (\d+) flower chain (\d+) handle 0x1 \n\s*not_in_hw\n\s*action order 1: *police 0x\w+ rate 500Kbit /.exec(shown)!; // prettier-ignore
      const one = (bucket: string, then: string) => `action police ${bucket} mtu 65536b${overhead} conform-exceed drop / ${then}`;
      await network.tc(name, `filter replace dev ${DEVICE} ${hook} protocol all pref ${pref} chain ${chain} handle 0x1 flower ${one('rate 600kbit burst 9216b', 'pipe')} ${one('rate 300kbit burst 4000b', 'continue')}`); // prettier-ignore
      const found = (await operator.engine.drift(TENANT, place, side, placesOf(judgeSource(source).document)))!;
      expect(found.map(({ path, words }) => `${path} ${words}`)).toEqual([
        'spec.classes[0].police.peakRate web’s police peak rate: 500 kbit/s in force, 600 kbit/s live, changed by hand.',
        expect.stringMatching(/^spec\.classes\[0\]\.police\.burst web’s police burst: 6144 B in force, (3999|4000|4001) B live, changed by hand\.$/),
      ]);
      const adopted = adopt(source, 'edge', found);
      expect([adopted.left, await operator.lines(place, adopted.source, side)]).toEqual([[], []]);
      await operator.rollback(place, side);
    }
  }); // prettier-ignore

  it('is drifted when another hand turns rules into others or removes them, and the next apply puts them back', async () => {
    await operator.apply(place, SOURCE, {}, RECEIVED);
    await rebucket('300Kbit', 'rate 300kbit burst 131072b', 'pipe');
    expect((await said()).join(' ')).toMatch(/^bulk: a rule is gone, deleted or changed by hand/);
    expect((await operator.apply(place, SOURCE, {}, RECEIVED)).state).toBe('confirmed');
    expect(await said()).toEqual([]);
    await network.tc(name, `qdisc del dev ${DEVICE} clsact`);
    expect(await said()).toEqual([expect.stringContaining('Nothing polices what is received any more')]);
    await operator.apply(place, SOURCE, {}, RECEIVED);
    expect(await operator.lines(place, SOURCE, RECEIVED)).toEqual([]);
  });

  it('is put up anew where another hand set a rule among its own that cannot be written back', async () => {
    await operator.apply(place, SOURCE, {}, RECEIVED);
    await network.tc(name, `filter add dev ${DEVICE} ingress protocol ip pref 7 u32 divisor 16`);
    await operator.apply(place, SOURCE, { replaceForeign: true }, RECEIVED);
    expect(await operator.lines(place, SOURCE, RECEIVED)).toEqual([]);
  });

  it('gives way to a tree on an IFB and takes its place again, with nothing left behind', async () => {
    await operator.apply(place, SOURCE, {}, RECEIVED);
    const shaped = policy('300kbit', 'auto');
    await operator.apply(place, shaped, {}, RECEIVED);
    expect(await carrierOf(place, RECEIVED)).toBe('cpi-wan0');
    expect(await operator.lines(place, shaped, RECEIVED)).toEqual([]);
    await operator.apply(place, SOURCE, {}, RECEIVED);
    expect(await carrierOf(place, RECEIVED)).toBeUndefined();
    expect(await operator.lines(place, SOURCE, RECEIVED)).toEqual([]);
    await operator.rollback(place, RECEIVED);
    expect(await operator.lines(place, shaped, RECEIVED)).toEqual([]);
  });

  it('is refused for what leaves, and where it cannot keep what the policy promises', async () => {
    await expect(operator.apply(place, SOURCE)).rejects.toMatchObject({ path: 'spec.scheduler' });
    expect((await attempt(['tc', '-n', name, 'qdisc', 'show', 'dev', DEVICE])).stdout).not.toContain('clsact');
  });

  /** What passes the hook goes on to a bridge, and from there out to where it is counted. */
  const WINDOW_MS = 8000;
  async function sent(length: number, offers: ReadonlyArray<readonly [dscp: number, rate: number]>, windowMs = 2000) {
    const lines = ['link add br0 type bridge', 'link add out0 type veth peer name out1', `link set ${DEVICE} master br0`, 'link set out0 master br0', ...['br0', 'out0', 'out1'].map((end) => `link set ${end} up`)]; // prettier-ignore
    for (const line of lines) await sh('ip', '-n', name, ...line.split(' '));
    const flows = offers.map(([dscp, rate]) => ({ device: 'far0', ...frameOf({ family: 4, protocol: 17, destinationPort: 5000, dscp }, length), rate, mark: 0, priority: 0, look: null })); // prettier-ignore
    return (
      await drive(place, { receive: 'out1', beside: [], warmupMs: 3000, windowMs, whole: true, bucketMs: 100, flows })
    ).flows;
  }
  const measured = async (length: number, offers: ReadonlyArray<readonly [dscp: number, rate: number]>) =>
    (await sent(length, offers, WINDOW_MS)).map(({ packets, dscp }) => ({ rate: (packets * length * 8 * 1000) / WINDOW_MS, dscp: Object.keys(dscp) })); // prettier-ignore
  const within = (rate: number, promised: number) => {
    expect(rate).toBeLessThan(promised * 1.03);
    expect(rate).toBeGreaterThan(promised * 0.95);
  };

  it('cuts each class at its ceiling, classes within one at that one too, and leaves the others what is theirs', { timeout: 60_000, retry: 2 }, async () => {
    await operator.apply(place, SOURCE, {}, RECEIVED);
    const [voice, bulk, desks, guests, rest] = await measured(1000, [[46, 150e3], [10, 1200e3], [26, 1000e3], [28, 600e3], [0, 390e3]]); // prettier-ignore
    console.log([voice, bulk, desks, guests, rest].map((flow) => `${flow!.rate} ${flow!.dscp.join()}`).join('\n'));
    within(voice!.rate, 150e3);
    within(bulk!.rate, 300e3);
    expect(bulk!.dscp).toEqual(['12']);
    within(desks!.rate + guests!.rate, 800e3);
    expect(desks!.rate).toBeLessThan(515e3);
    within(rest!.rate, 390e3);
  }); // prettier-ignore

  it('lets every full frame through a burst that is hardly more, at rates of which that is microseconds', { timeout: 60_000 }, async () => {
    for (const rate of ['900mbit', '17gbit']) {
      const narrow = policyOf({ bandwidth: '40gbit', scheduler: 'police', classes: [{ name: 'bulk', match: [{ dscp: ['af11'] }], ceiling: rate, burst: '1600B' }, { name: 'rest', default: true }] });
      await operator.apply(place, narrow, {}, RECEIVED);
      expect(await operator.lines(place, narrow, RECEIVED)).toEqual([]);
      const before = (await readCounters(place, RECEIVED)).find(({ classid }) => classid === ':10')!;
      expect(before.drops).toBe(0);
    }
    const [bulk] = await sent(1514, [[10, 200e3]], 500);
    const after = (await readCounters(place, RECEIVED)).find(({ classid }) => classid === ':10')!;
    expect([after.packets, after.drops]).toEqual([bulk!.sent.packets, 0]);
  }); // prettier-ignore

  it('counts for each class what it let through, in bytes of the link, and what it dropped', { timeout: 60_000 }, async () => {
    const row = await operator.apply(place, SOURCE, {}, RECEIVED);
    const minors = (JSON.parse(row.allocation) as Allocation).classes;
    const counters = async () => {
      const read = new Map((await readCounters(place, RECEIVED)).map((item) => [item.classid, item]));
      return (path: string): ClassCounters => read.get(classidOf(parseTree(row.after), minors[path]!)!)!;
    };
    expect((await counters())('bulk')).toMatchObject({ bytes: 0, packets: 0, drops: 0, backlogPackets: 0 });
    const flows = await sent(1000, [[46, 150e3], [10, 900e3], [26, 700e3], [28, 600e3]]); // prettier-ignore
    const of = await counters();
    const [voice, bulk, desks, guests] = flows;
    const exactly = (counted: number, arrived: number) => {
      // The bridge behind the hook may lose the first ones.
      expect(counted).toBeGreaterThanOrEqual(arrived);
      expect(counted).toBeLessThan(arrived + 5);
    };
    for (const [path, flow] of [['voice', voice!], ['bulk', bulk!], ['office/desks', desks!], ['office/guests', guests!]] as const) {
      const { packets, bytes, drops } = of(path);
      expect([path, packets + drops, bytes]).toEqual([path, flow.sent.packets, 1000 * packets]);
    }
    // What is above them drops nothing of these two, so that all that they let through arrived.
    exactly(of('voice').packets, voice!.arrived);
    exactly(of('bulk').packets, bulk!.arrived);
    expect(of('bulk').drops).toBeGreaterThan(150);
    // What the two within another let through, that one drops in part.
    exactly(of('office').packets, desks!.arrived + guests!.arrived);
    expect(of('office/desks').packets + of('office/guests').packets).toBe(of('office').packets + of('office').drops);
    const before = of('bulk');
    await operator.apply(place, policy('400kbit'), {}, RECEIVED);
    // Only the bucket began at zero.
    expect(countedSince(before, (await counters())('bulk'))).toEqual({ bytes: 0, packets: 0, drops: 0, overlimits: 0 });
  }); // prettier-ignore

  it('counts the header of a small frame as the link does', { timeout: 60_000, retry: 2 }, async () => {
    await operator.apply(place, SOURCE, {}, RECEIVED);
    const [bulk] = await measured(100, [[10, 1000e3]]);
    console.log(`small: ${bulk!.rate}`);
    within(bulk!.rate, 300e3);
  });
});
