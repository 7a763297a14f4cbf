/** Every scheduler as a tree on a real kernel: it reads back as it was compiled, is edited in place, and goes as it came. */
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { PROFILES, type Scheduler } from '../../backend/policy/index.ts';
import { CounterTrack } from '../../backend/measure/counters.ts';
import { discover, readCounters, readTree, type Place } from '../../backend/target/index.ts';
import { KERNELS, onEach } from './kernel.ts';
import { DEVICE } from './network.ts';
import { Operator, policyOf } from './operator.ts';

const voice = { name: 'voice', match: [{ dscp: ['ef'] }] };
const video = { name: 'video', match: [{ dscp: ['af41', 'af42'] }] };
const rest = { name: 'rest', default: true };
const weighted = [
  { ...voice, guarantee: '10%' },
  { ...video, guarantee: '30%' },
  { ...rest, guarantee: '60%' },
];
const tree = [
  { ...voice, strict: true, guarantee: '10%' },
  {
    name: 'office',
    match: [{ source: ['10.0.0.0/8'] }],
    guarantee: '40%',
    ceiling: '80%',
    classes: [
      { ...video, guarantee: '50%' },
      { name: 'desks', default: true, classes: [{ name: 'web', match: [{ protocol: ['tcp'] }] }, { name: 'other', default: true }] },
    ],
  },
  { ...rest, guarantee: '20%' },
]; // prettier-ignore
const mqc = tree.map((item) => (item.name === 'voice' ? { ...item, strict: undefined } : item));
const ordered = [
  { ...voice, priority: 6 },
  { ...video, priority: 5 },
  { ...rest, priority: 0 },
];
const tins = [
  { name: 'bulk', match: [{ dscp: [1, 8] }], guarantee: '5%' },
  { name: 'voice', match: [{ dscp: [4, 44, 46, 48, 56] }], guarantee: '25%' },
  { name: 'rest', default: true, guarantee: '60%' },
];

/** A policy for each, and an edit of it. */
const CASES: Record<Exclude<Scheduler, 'police'>, { classes: object[]; edited: object[]; bandwidth?: string }> = {
  htb: { classes: tree, edited: [{ ...voice, strict: true, guarantee: '11%' }, ...tree.slice(1)] },
  llq: { classes: tree, edited: [{ ...voice, strict: true, guarantee: '11%' }, ...tree.slice(1)] },
  cbwfq: { classes: mqc, edited: [{ ...voice, guarantee: '11%' }, ...mqc.slice(1)] },
  hfsc: { classes: tree, edited: [{ ...voice, guarantee: '11%' }, ...tree.slice(1)] },
  drr: { classes: weighted, edited: [{ ...voice, guarantee: '20%' }, ...weighted.slice(1).map((item) => ({ ...item, guarantee: '30%' }))] },
  prio: { classes: ordered, edited: [{ name: 'first', match: [{ dscp: ['cs6'] }], priority: 4 }, ...ordered.toReversed()] },
  ets: { classes: weighted, edited: ordered },
  cake: { classes: tins, edited: [{ name: 'rest', default: true }] },
  tbf: { classes: [rest], edited: [rest], bandwidth: '9mbit' },
  fq_codel: { classes: [rest], edited: [rest], bandwidth: '9mbit' },
  sfq: { classes: [rest], edited: [rest], bandwidth: '9mbit' },
  pfifo: { classes: [rest], edited: [rest], bandwidth: '9mbit' },
  red: { classes: [rest], edited: [rest], bandwidth: '9mbit' },
}; // prettier-ignore

/** Packets of 1.4 kB to a neighbour that takes all of them. */
const FLOOD = `
  pay=$(head -c 1400 /dev/zero | tr '\\0' x)
  for n in $(seq "$1"); do printf %s "$pay" > /dev/udp/192.0.2.2/9; done
`;
const NEIGHBOUR = ['neigh', 'replace', '192.0.2.2', 'lladdr', '02:00:00:00:00:02', 'dev', DEVICE, 'nud', 'permanent'];

onEach(KERNELS, 'HFSC', ({ network, place: placeOf, sh }) => {
  it('is silent after the link went down under a backlog, which its counters tell, until it is rolled back and applied', async (context) => {
    const name = await network.make();
    const place = placeOf(name);
    context.skip(!(await discover(place)).qdiscs.includes('hfsc'), 'this kernel has no HFSC');
    const ip = (...argv: string[]) => sh('ip', '-n', name, ...argv);
    const flood = (packets: number) => sh('ip', 'netns', 'exec', name, 'bash', '-c', FLOOD, 'bash', String(packets));
    const counters = async () => {
      const text = await sh('tc', '-s', '-n', name, 'class', 'show', 'dev', DEVICE);
      const leaf = text.split(/^(?=class )/m).find((part) => part.includes(' leaf '))!;
      return {
        sent: Number(/Sent \d+ bytes (\d+)/.exec(leaf)![1]),
        waiting: Number(/backlog \S+ (\d+)p/.exec(leaf)![1]),
      };
    };
    /** As the sidecar counts it, here three times a second. */
    const silence = async () => {
      const track = new CounterTrack();
      for (let reading = 0; reading < 4; reading++) {
        const leaf = (await readCounters(place, DEVICE)).find(({ classid }) => classid === '1:10');
        track.read(performance.now(), leaf!);
        await setTimeout(330);
      }
      return track.silentMs;
    };
    const operator = await Operator.start();
    const source = policyOf({ bandwidth: '1mbit', scheduler: 'hfsc', classes: [rest] });
    await ip('addr', 'add', '192.0.2.1/24', 'dev', DEVICE);
    await ip(...NEIGHBOUR);
    await operator.apply(place, source);
    await flood(150);
    expect((await counters()).waiting).toBeGreaterThan(20);
    expect(await silence()).toBe(0);
    await flood(150);
    await ip('link', 'set', DEVICE, 'down');
    // Emptied, so that what waits later has come since.
    expect(await counters()).toMatchObject({ waiting: 0 });
    await ip('link', 'set', DEVICE, 'up');
    await ip(...NEIGHBOUR);
    await flood(20);
    expect(await silence()).toBeGreaterThan(900);
    await operator.rollback(place);
    await operator.apply(place, source);
    await flood(20);
    await vi.waitFor(async () => expect(await counters()).toMatchObject({ waiting: 0 }), { timeout: 10_000, interval: 200 }); // prettier-ignore
    expect((await counters()).sent).toBeGreaterThanOrEqual(20);
    await operator.stop();
  });
});

onEach(KERNELS, 'a tree of each scheduler', ({ network, place: placeOf }) => {
  let place: Place;
  let operator: Operator;
  let here: string[];
  beforeAll(async () => {
    place = placeOf(await network.make());
    operator = await Operator.start();
    here = (await discover(place)).qdiscs;
  });
  afterAll(async () => operator?.stop());

  it.each(Object.keys(CASES) as Array<keyof typeof CASES>)(
    'is put up, found to be there, edited without a new root, and taken away: %s',
    async (scheduler) => {
      const missing = PROFILES[scheduler].qdiscs.filter((kind) => !here.includes(kind));
      const { classes, edited, bandwidth } = CASES[scheduler];
      const source = policyOf({ bandwidth: '10mbit', scheduler, classes });
      if (missing.length > 0) {
        await expect(operator.apply(place, source)).rejects.toMatchObject({ path: 'spec.scheduler' });
        return;
      }
      await operator.apply(place, source);
      expect((await operator.plan(place, source)).before.inexact).toEqual([]);
      expect(await operator.lines(place, source)).toEqual([]);
      const next = policyOf({ bandwidth: bandwidth ?? '10mbit', scheduler, classes: edited });
      const plan = await operator.plan(place, next);
      expect(plan.operations.length).toBeGreaterThan(0);
      expect(plan.operations.filter(({ line }) => /^qdisc (add|replace|del) .* root/.test(line))).toEqual([]);
      await operator.apply(place, next);
      expect(await operator.lines(place, next)).toEqual([]);
      await operator.rollback(place);
      expect(await operator.lines(place, source)).toEqual([]);
      await operator.rollback(place);
      expect((await readTree(place, DEVICE)).qdiscs.map((qdisc) => qdisc.handle)).toEqual(['0:']);
    }
  );
});
