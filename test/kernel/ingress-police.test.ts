/** What an interface receives, cut at the hook itself: planned, applied, read back, changed, undone and measured, on a kernel that has police. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { classidOf, parseTree, sideName, type Allocation } from '../../backend/compile/tc/index.ts';
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

  it('is drifted when another hand changes or removes rules, and the next apply puts them back', async () => {
    await operator.apply(place, SOURCE, {}, RECEIVED);
    const drift = async () =>
      (await operator.engine.drift(TENANT, place, RECEIVED, new Map([['bulk', 'spec.classes[1]']])))!.map(({ words }) => words).join(' '); // prettier-ignore
    expect(await drift()).toBe('');
    const [, pref, chain] = /pref (\d+) flower chain (\d+) handle 0x1 \n\s*not_in_hw\n\s*action order 1: *police 0x\w+ rate 300Kbit/.exec(await rules())!; // prettier-ignore
    await network.tc(name, `filter replace dev ${DEVICE} ingress protocol all pref ${pref} chain ${chain} handle 0x1 flower action police rate 900kbit burst 10k mtu 65536b conform-exceed drop / continue`); // prettier-ignore
    expect(await drift()).toMatch(/^bulk: a rule is gone, deleted or changed by hand/);
    expect((await operator.apply(place, SOURCE, {}, RECEIVED)).state).toBe('confirmed');
    expect(await drift()).toBe('');
    await network.tc(name, `qdisc del dev ${DEVICE} clsact`);
    expect(await drift()).toContain('Nothing polices what is received any more');
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
    return (await drive(place, { receive: 'out1', beside: [], warmupMs: 3000, windowMs, bucketMs: 100, flows })).flows;
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
