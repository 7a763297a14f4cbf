/** A proof tells a policy that is kept from one that is not: real packets through the kernel. */
import { afterEach, beforeAll, expect, it } from 'vitest';
import { judgeSource } from '../../backend/deploy/index.ts';
import {
  prove,
  ProofFailure,
  QUICK_TIMES,
  SHORT_TIMES,
  slowerOf,
  type ProofReport,
} from '../../backend/prove/index.ts';
import { run, type Place } from '../../backend/target/index.ts';
import { KERNELS, onEach, OWN, type Kernel } from './kernel.ts';
import { BRANCH_EDGE, policyOf } from './operator.ts';
import { haveTraffic, NO_TRAFFIC, proveInGuest } from './traffic.ts';

const kernels: Kernel[] = [{ ...OWN, missing: OWN.missing ?? NO_TRAFFIC }];

/** What a person reads of a report when it is not as expected. */
const told = ({ promises }: ProofReport) =>
  promises
    .filter(({ verdict }) => verdict !== 'held')
    .map(
      (each) =>
        `${each.verdict} ${each.kind} ${each.class}: ${each.measured} ${each.side} ${each.bound}. ${each.reason}`
    );
const brokenIn = (report: ProofReport) => told(report).filter((each) => each.startsWith('broken'));
const TWO = policyOf({
  bandwidth: '20mbit',
  classes: [
    { name: 'bulk', match: [{ dscp: ['le'] }], guarantee: '1mbit', ceiling: '6mbit' },
    { name: 'default', default: true, guarantee: '10mbit' },
  ],
});
/** Told by the interface that packets came in by. */
const ENTERED = policyOf({
  bandwidth: '5mbit',
  classes: [
    { name: 'lan', match: [{ inputInterface: ['lan0', 'lan1'] }], guarantee: '2mbit', ceiling: '4mbit' },
    { name: 'default', default: true, guarantee: '1mbit', ceiling: '2mbit' },
  ],
});

onEach(kernels, 'a proof', ({ place, attempt }) => {
  beforeAll(haveTraffic, 60_000);
  const { enter } = place(undefined);
  const twins = async () =>
    (await attempt(['ip', 'netns', 'list'])).stdout.split('\n').filter((line) => line.startsWith(`clearpath-twin-${process.pid}-`)); // prettier-ignore
  afterEach(async () => expect(await twins()).toEqual([]));
  const resolvedOf = (source: string) => judgeSource(source).resolved!;
  const byHand = (lines: string[]) => async (at: Place, device: string) => {
    const input = lines.map((line) => `${line.replace('DEV', device)}\n`).join('');
    expect((await run(['tc', '-n', at.namespace!, '-batch', '-'], { input })).stderr).toBe('');
  };

  it('holds for the example, each class driven above its ceiling', { timeout: 300_000 }, async () => {
    const report = await prove(resolvedOf(BRANCH_EDGE), { enter });
    console.log(
      report.promises.map(({ kind, class: path, measured, bound }) => `${kind} ${path || 'link'} ${measured} (${bound})`).join('\n') // prettier-ignore
    );
    expect(told(report)).toEqual([]);
    expect(report).toMatchObject({ verdict: 'held', bandwidth: 19e6, provedAt: 19e6 });
    expect(report.classes.map(({ measured, guarantee }) => measured! / guarantee > 0.95)).toEqual(Array(5).fill(true));
  });

  it(
    'holds for what is received, and breaks when a ceiling on its IFB is not the policy’s',
    { timeout: 240_000 },
    async () => {
      const report = await prove(resolvedOf(TWO), { enter, direction: 'ingress', times: SHORT_TIMES });
      console.log(report.promises.map(({ kind, class: path, measured, bound }) => `${kind} ${path || 'link'} ${measured} (${bound})`).join('\n')); // prettier-ignore
      expect([told(report), report.verdict]).toEqual([[], 'held']);
      expect(report.notes.join(' ')).toContain('after it has crossed the link');
      const lines = ['class change dev DEV parent 1:1 classid 1:10 htb rate 1mbit ceil 9mbit prio 3 quantum 1514'];
      const broken = await prove(resolvedOf(TWO), {
        enter,
        direction: 'ingress',
        tries: 1,
        times: QUICK_TIMES,
        onLoaded: byHand(lines),
      });
      expect(told(broken).map((each) => each.split(':')[0])).toContain('broken ceiling bulk');
    }
  );

  it(
    'breaks when ceiling and guarantee on the interface are not those of the policy',
    { timeout: 120_000 },
    async () => {
      const lines = [
        'class change dev DEV parent 1:1 classid 1:10 htb rate 1mbit ceil 8mbit prio 3 quantum 1514',
        'class change dev DEV parent 1:1 classid 1:11 htb rate 2mbit ceil 4mbit prio 4 quantum 1514',
      ];
      const report = await prove(resolvedOf(TWO), { enter, tries: 1, times: QUICK_TIMES, onLoaded: byHand(lines) });
      expect(report.verdict).toBe('broken');
      expect(told(report).map((each) => each.split(':')[0])).toEqual(
        expect.arrayContaining(['broken ceiling bulk', 'broken guarantee default', 'broken reach default'])
      );
    }
  );

  it(
    'sends packets that came in by the interfaces of a match, and breaks when a rule asks for another one',
    { timeout: 120_000 },
    async () => {
      const report = await prove(resolvedOf(ENTERED), { enter, times: SHORT_TIMES });
      expect([told(report), report.verdict]).toEqual([[], 'held']);
      expect(report.classes.filter(({ measured }) => !measured)).toEqual([]);
      const lines = [
        'filter del dev DEV parent 1:',
        'filter add dev DEV parent 1: protocol all pref 16 u32 match u32 0 0 indev lan1 classid 1:10',
      ];
      const broken = await prove(resolvedOf(ENTERED), { enter, times: QUICK_TIMES, tries: 1, onLoaded: byHand(lines) });
      expect(told(broken).map((each) => each.split(':')[0])).toContain('broken guarantee lan');
    }
  );

  it(
    'measures each phase by itself: what an earlier one left in a deep queue is no traffic of a later one',
    { timeout: 120_000 },
    async () => {
      const deep = policyOf({
        bandwidth: '2mbit',
        classes: [
          { name: 'deep', match: [{ dscp: ['af11'] }], guarantee: '1500kbit', queue: { algorithm: 'pfifo', limit: '9000p' } },
          { name: 'default', default: true, guarantee: '250kbit' },
        ],
      }); // prettier-ignore
      const report = await prove(resolvedOf(deep), { enter, tries: 1, times: SHORT_TIMES });
      expect(brokenIn(report)).toEqual([]);
    }
  );

  it(
    'refuses a link that this machine cannot drive, and says what it can; in percents it is proved at less',
    { timeout: 120_000 },
    async () => {
      const fast = policyOf({
        bandwidth: '100gbit',
        classes: [{ name: 'default', default: true, guarantee: '10gbit' }],
      });
      await expect(prove(resolvedOf(fast), { enter })).rejects.toThrow(ProofFailure);
      const percents = policyOf({
        bandwidth: '100gbit',
        classes: [{ name: 'default', default: true, guarantee: '10%' }],
      });
      const { resolved, document } = judgeSource(percents);
      const report = await prove(resolved!, { enter, tries: 1, times: QUICK_TIMES, slower: slowerOf(document!) });
      expect(report.provedAt).toBeGreaterThan(1e6);
      expect(report.provedAt).toBeLessThan(1e11);
      expect(report.bandwidth).toBe(1e11);
      console.log(`proved at ${report.provedAt / 1e6} Mbit/s: ${report.verdict}`, told(report));
    }
  );

  it('stops at once when it is told to, and leaves nothing', async () => {
    const controller = new AbortController();
    const began = performance.now();
    const proving = prove(resolvedOf(TWO), { enter, signal: controller.signal, onProgress: () => controller.abort() });
    await expect(proving).rejects.toMatchObject({ name: 'AbortError' });
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('removes what a killed proof left, and not what a living one has', async () => {
    const gone = 'clearpath-twin-4194303-1-0';
    const living = `clearpath-twin-${process.ppid}-${(await attempt(['cut', '-d', ' ', '-f', '22', `/proc/${process.ppid}/stat`])).stdout.trim()}-0`; // prettier-ignore
    for (const name of [gone, living]) await attempt(['ip', 'netns', 'add', name]);
    const controller = new AbortController();
    await prove(resolvedOf(TWO), { enter, signal: controller.signal, onProgress: () => controller.abort() }).catch(() => undefined); // prettier-ignore
    const names = (await attempt(['ip', 'netns', 'list'])).stdout;
    await attempt(['ip', 'netns', 'del', living]);
    expect(names).not.toContain(gone);
    expect(names).toContain(living);
  });
});

const LAB = KERNELS.find(({ name }) => name === 'lab');
const DONE = ['mark', 'fwmark', 'vlan-priority', 'conform', 'mirror', 'redirect', 'ecn'];
const DOING = policyOf({
  bandwidth: '2mbit',
  classes: [
    { name: 'tagged', match: [{ vlan: 7, vlanPriority: 5, not: { dscp: ['ef'] } }], ceiling: '400kbit', mark: { vlanPriority: 3, dscp: 'af11' } },
    { name: 'marked', match: [{ fwmark: '0x10/0xf0' }], ceiling: '400kbit', mark: { fwmark: 7 } },
    { name: 'policed', match: [{ dscp: [1], length: ['500-600'] }], ceiling: '800kbit', police: { rate: '200kbit', burst: '4KiB', exceed: { dscp: 'af12' } } },
    { name: 'away', match: [{ application: ['voip'], tcpFlags: 'syn' }, { dscp: [3] }], redirect: 'tap0' },
    { name: 'copied', match: [{ sourceMac: '02:00:5e:00:00:00/24' }], ceiling: '800kbit', mirror: 'tap0', queue: { algorithm: 'red', ecn: true } },
    { name: 'entered', match: [{ inputInterface: 'tap0', vlan: 8 }], ceiling: '400kbit', mark: { vlanPriority: 4 }, mirror: 'tap0' },
    { name: 'rest', default: true },
  ],
}); // prettier-ignore
const CONNECTED = policyOf({
  bandwidth: '1mbit',
  restoreDscp: { mask: '0x3f', state: '0x80' },
  classes: [
    { name: 'voice', match: [{ dscp: ['ef'] }], guarantee: '100kbit', ceiling: '400kbit' },
    { name: 'known', match: [{ connmark: '0x100/0x100' }], guarantee: '100kbit' },
    { name: 'back', match: [{ dscp: ['af11'], connmark: '0x80/0x80' }], guarantee: '100kbit' },
    { name: 'rest', default: true, guarantee: '300kbit' },
  ],
});
onEach(LAB ? [{ ...LAB, missing: LAB.missing ?? NO_TRAFFIC }] : [], 'a proof elsewhere', ({ place, sh }) => {
  beforeAll(haveTraffic, 60_000);
  it(
    'reaches every class by the rules of flower, and breaks nothing that the kernel keeps',
    { timeout: 200_000, retry: 2 },
    async ({ skip }) => {
      const slow = judgeSource(TWO.replace('20mbit', '1mbit').replace('10mbit', '500kbit').replace('"1mbit","ceiling":"6mbit"', '"100kbit","ceiling":"400kbit"')).resolved!; // prettier-ignore
      const report = await proveInGuest(() => prove(slow, { enter: place(undefined).enter, tries: 2, times: SHORT_TIMES }), skip); // prettier-ignore
      expect(brokenIn(report)).toEqual([]);
      expect(report.classes.filter(({ measured }) => !measured)).toEqual([]);
      expect(report.kernel).toBe(`Linux ${(await sh('uname', '-r')).trim()}`);
    }
  );

  it(
    'sends packets of connections, which are told by their marks and by the DSCP that is restored from them',
    { timeout: 200_000, retry: 2 },
    async ({ skip }) => {
      const options = { enter: place(undefined).enter, tries: 2, times: SHORT_TIMES, direction: 'ingress' } as const;
      const report = await proveInGuest(() => prove(judgeSource(CONNECTED).resolved!, options), skip);
      expect(brokenIn(report)).toEqual([]);
      expect(report.classes.filter(({ measured }) => !measured)).toEqual([]);
      expect(report.classes.map(({ class: path, dscp }) => [path, dscp])).toEqual([['voice', [46]], ['known', [0]], ['back', [10]], ['rest', [0]]]); // prettier-ignore
    }
  );

  it(
    'sends packets of every condition, and sees marks, police, copies, other ways and congestion marks at the far end',
    { timeout: 200_000, retry: 2 },
    async ({ skip }) => {
      const report = await proveInGuest(() => prove(judgeSource(DOING).resolved!, { enter: place(undefined).enter, tries: 2, times: SHORT_TIMES }), skip);
      console.log(report.promises.map(({ verdict, kind, class: path, measured, side, bound, reason }) => `${verdict} ${kind} ${path || 'link'} ${measured} ${side} ${bound} ${reason ?? ''}`).join('\n'));
      expect(brokenIn(report)).toEqual([]);
      const done = report.promises.filter(({ kind }) => DONE.includes(kind));
      expect(done.map(({ kind, class: path }) => `${kind} ${path}`).sort()).toEqual([
        'conform policed', 'ecn copied', 'fwmark marked', 'mark tagged', 'mirror copied', 'mirror entered', 'redirect away',
        'vlan-priority entered', 'vlan-priority tagged',
      ]);
      // A rate the emulated processor may spoil; what packets bear and where they arrive it does not.
      expect(done.filter(({ kind, verdict }) => kind !== 'conform' && verdict !== 'held')).toEqual([]);
    }
  ); // prettier-ignore
});
