/** What classes do to their packets, seen on the wire behind them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Place } from '../../backend/target/index.ts';
import { caught as catchFrames, tosOf } from './capture.ts';
import { frameOf, type FrameSpec } from './frames.ts';
import { onEach, WHOLE } from './kernel.ts';
import { DEVICE } from './network.ts';
import { Operator, policyOf } from './operator.ts';

const udp = { protocol: 17, sourcePort: 40000, destinationPort: 40001 };
const policy = (more: object, rest: object = {}) =>
  policyOf({
    bandwidth: '50mbit',
    classes: [
      { name: 'voice', guarantee: '5mbit', match: [{ dscp: ['ef'] }, { protocol: 'udp', destinationPorts: [5004] }], ...more },
      { name: 'rest', default: true, guarantee: '5mbit', ...rest },
    ],
  }); // prettier-ignore

onEach(WHOLE, 'a class', ({ network, place: placeOf, attempt, sh }) => {
  let operator: Operator;
  let place: Place;
  let name: string;
  beforeAll(async () => {
    operator = await Operator.start();
    name = await network.make();
    place = placeOf(name);
    await sh('ip', '-n', name, 'link', 'add', 'tap0', 'type', 'veth', 'peer', 'name', 'tap1');
    await sh('ip', '-n', name, 'link', 'add', 'link', DEVICE, 'name', 'lan5', 'type', 'vlan', 'id', '5');
    for (const device of ['tap0', 'tap1', 'lan5']) {
      await sh('ip', '-n', name, 'link', 'set', device, 'up');
    }
  });
  afterAll(async () => operator?.stop());

  const caught = (frames: readonly FrameSpec[], options: Parameters<typeof catchFrames>[3] = {}) =>
    catchFrames(attempt, name, frames, options);
  const load = async (source: string) => {
    await operator.apply(place, source);
    const again = await operator.plan(place, source);
    expect(again.before.inexact).toEqual([]);
    expect(again.operations.map(({ line }) => line)).toEqual([]);
  };

  it('writes its DSCP into both versions of IP, tagged or not, and leaves the ECN bits and the rest alone', async () => {
    await load(policy({ mark: { dscp: 'af31', fwmark: 7 } }, { mark: 'le' }));
    const frames: FrameSpec[] = [
      { family: 4, dscp: 46, ecn: 1, ...udp },
      { family: 6, dscp: 46, ecn: 3, ...udp },
      { family: 4, dscp: 10, ecn: 2, ...udp, destinationPort: 5004 },
      { family: 4, dscp: 10, ecn: 2, ...udp },
      {},
    ];
    const expected = [[26, 1], [26, 3], [26, 2], [1, 2]].map(([dscp, ecn]) => ({ tos: (dscp! << 2) | ecn!, sound: true })); // prettier-ignore
    const plain = await caught(frames);
    expect(plain.slice(0, 4).map(tosOf)).toEqual(expected);
    expect(plain[4]).toBe(frameOf({}));
    expect((await caught(frames.slice(0, 4), { from: 'lan5' })).map(tosOf)).toEqual(expected);
  });

  it('sets the mark that the next device sees', async () => {
    await load(policy({ mark: { fwmark: 7 } }));
    await network.tc(name, 'qdisc add dev far0 ingress', 'filter add dev far0 parent ffff: protocol all pref 1 u32 match mark 7 0xffffffff action drop'); // prettier-ignore
    const seen = await caught([{ family: 4, dscp: 46, ...udp }, { family: 4, ...udp }]); // prettier-ignore
    const counted = await sh('tc', '-n', name, '-s', 'filter', 'show', 'dev', 'far0', 'parent', 'ffff:');
    await network.tc(name, 'qdisc del dev far0 ingress');
    expect(counted).toMatch(/Sent \d+ bytes 1 pkt/);
    expect(seen.length).toBeGreaterThan(0);
  });

  it('sets the priority in the tag', async () => {
    const tagged = [{ name: 'voice', guarantee: '5mbit', match: [{ vlan: 5, dscp: ['ef'] }], mark: { vlanPriority: 5, dscp: 'cs5' } }, { name: 'rest', default: true }]; // prettier-ignore
    await load(policyOf({ bandwidth: '50mbit', classes: tagged }));
    await network.tc(name, 'qdisc add dev far0 ingress', 'filter add dev far0 parent ffff: protocol 802.1Q pref 1 flower vlan_id 5 vlan_prio 5 action pass'); // prettier-ignore
    const seen = await caught([{ family: 4, dscp: 46, ...udp }, { family: 4, ...udp }], { from: 'lan5' }); // prettier-ignore
    const counted = await sh('tc', '-n', name, '-s', 'filter', 'show', 'dev', 'far0', 'parent', 'ffff:');
    await network.tc(name, 'qdisc del dev far0 ingress');
    expect(counted).toMatch(/Sent \d+ bytes 1 pkt/);
    expect(seen.map((frame) => tosOf(frame).tos)).toEqual([40 << 2, 0]);
  });

  const both: FrameSpec[] = [
    { family: 4, dscp: 46, ...udp, payload: 1000 },
    { family: 4, dscp: 0, ...udp, destinationPort: 5004, payload: 1000 },
  ];
  const flood = async (expectedBytes: (bytes: number, frames: string[]) => void) => {
    // Both matches at once: two frames of one rule each, 4 Mbit/s together.
    const frames = await caught(both, { flow: [4_000_000, 2] });
    expectedBytes(frames.reduce((sum, frame) => sum + frame.length / 2, 0), frames); // prettier-ignore
  };

  it('holds the rate of its police with two matches: there is one bucket', { timeout: 60_000 }, async () => {
    await load(policy({ police: { rate: '2mbit', burst: '10KiB' } }));
    await flood((bytes, frames) => {
      expect(bytes * 8).toBeGreaterThan(0.85 * 4e6);
      expect(bytes * 8).toBeLessThan(1.1 * 4e6 + 8 * 10 * 1024);
      expect(new Set(frames.map((frame) => tosOf(frame).tos))).toEqual(new Set([46 << 2, 0]));
    });
  });

  it('marks what exceeds its police, and drops what violates its peak', { timeout: 60_000 }, async () => {
    const police = { rate: '1mbit', burst: '10KiB', peakRate: '2mbit', peakBurst: '10KiB', exceed: { dscp: 'af12' } };
    await load(policy({ police }));
    await flood((bytes, frames) => {
      const exceeding = frames.filter((frame) => tosOf(frame).tos === 12 << 2).length;
      expect(bytes * 8).toBeGreaterThan(0.85 * 4e6);
      expect(bytes * 8).toBeLessThan(1.1 * 4e6 + 8 * 10 * 1024);
      expect(exceeding / frames.length).toBeGreaterThan(0.35);
      expect(exceeding / frames.length).toBeLessThan(0.6);
      expect(frames.every((frame) => tosOf(frame).sound)).toBe(true);
    });
    const change = await operator.lines(place, policy({ police: { ...police, rate: '1500kbit' } }));
    expect(change).toHaveLength(1);
    expect(change[0]).toMatch(/^filter replace .* police rate 2mbit .* police rate 1500kbit /);
    await load(policy({ police: { ...police, rate: '1500kbit' } }));
  });

  it('sends a copy with its marks to one interface, or all its packets to another', async () => {
    const frame: FrameSpec = { family: 4, dscp: 46, ...udp };
    await load(policy({ mark: 'cs5', mirror: 'tap0' }));
    expect((await caught([frame], { at: 'tap1' })).map((copy) => tosOf(copy).tos)).toEqual([40 << 2]);
    expect((await caught([frame])).map((copy) => tosOf(copy).tos)).toEqual([40 << 2]);
    await load(policy({ redirect: 'tap0' }));
    expect(await caught([frame], { at: 'tap1' })).toEqual([frameOf(frame)]);
    expect(await caught([frame])).toEqual([]);
  });

  it('gives its mark to its children, which are told apart by what arrived', async () => {
    const classes = [
      { name: 'films', match: [{ dscp: ['ef'] }], guarantee: '1mbit', mark: 'af43' },
      { name: 'talk', match: [{ dscp: ['af41'] }], guarantee: '1mbit' },
      { name: 'other', default: true },
    ];
    await load(policy({ match: [{ protocol: 'udp' }], mark: 'af41', police: { rate: '4mbit' }, classes }));
    const frames = [46, 34, 0].map((dscp): FrameSpec => ({ family: 4, dscp, ...udp }));
    expect((await caught(frames)).map((frame) => tosOf(frame).tos >> 2)).toEqual([38, 34, 34]);
  });

  it('lets go of everything it did when the policy no longer says so', async () => {
    await load(policy({ mark: 'cs5', police: { rate: '4mbit' } }, { mark: 'le' }));
    await load(policy({}));
    expect((await caught([{ family: 4, dscp: 46, ...udp }])).map((frame) => tosOf(frame).tos)).toEqual([46 << 2]);
    await operator.rollback(place);
    await operator.rollback(place);
  });
});
