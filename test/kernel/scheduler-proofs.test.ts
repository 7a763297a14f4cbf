/** Each scheduler keeps what its profile says of it, measured with real traffic: who gets what is guaranteed and what is left over. */
import { beforeAll, expect, it } from 'vitest';
import { judgeSource } from '../../backend/deploy/index.ts';
import { PROFILES, type Scheduler } from '../../backend/policy/index.ts';
import { prove, QUICK_TIMES } from '../../backend/prove/index.ts';
import { discover } from '../../backend/target/index.ts';
import { onEach, WHOLE } from './kernel.ts';
import { policyOf } from './operator.ts';
import { haveTraffic, NO_TRAFFIC, proveInGuest } from './traffic.ts';

const voice = { name: 'voice', match: [{ dscp: ['ef'] }] };
const video = { name: 'video', match: [{ dscp: ['af41'] }] };
const rest = { name: 'rest', default: true };
const weighted = [
  { ...voice, guarantee: '10%' },
  { ...video, guarantee: '30%' },
  { ...rest, guarantee: '40%' },
];
const ordered = [
  { ...voice, priority: 6 },
  { ...video, priority: 5 },
  { ...rest, priority: 0 },
];
const nested = [
  { ...voice, strict: true, guarantee: '10%' },
  {
    name: 'office',
    match: [{ dscp: ['af41', 'af42'] }],
    guarantee: '60%',
    ceiling: '80%',
    classes: [
      { ...video, guarantee: '50%' },
      { name: 'desks', default: true, guarantee: '25%' },
    ],
  },
  { ...rest, guarantee: '20%' },
];
/** One class before the others, which share what it leaves. */
const mixed = [
  { ...voice, priority: 6 },
  { ...video, share: 75 },
  { ...rest, share: 25 },
];
const tins = [
  { name: 'bulk', match: [{ dscp: [1, 8] }], guarantee: '5%' },
  { name: 'voice', match: [{ dscp: [4, 44, 46, 48, 56] }], guarantee: '25%' },
  { name: 'rest', default: true, guarantee: '60%' },
];
/** Policies that ask of each what it holds. */
const CASES: Array<[scheduler: Scheduler, of: string, classes: object[]]> = [
  ['hfsc', 'levels', nested],
  ['llq', 'levels', nested],
  ['cbwfq', 'weights', weighted],
  ['drr', 'weights', weighted],
  ['prio', 'priorities', ordered],
  ['ets', 'weights', weighted],
  ['ets', 'a priority above weights', mixed],
  ['cake', 'tins', tins],
];
const TIMES = { ...QUICK_TIMES, windowMs: { ...QUICK_TIMES.windowMs, idle: 1000 } };

onEach(WHOLE.map((kernel) => ({ ...kernel, missing: kernel.missing ?? NO_TRAFFIC })), 'a proof of the scheduler', ({ network, place: placeOf }) => {
  beforeAll(haveTraffic, 60_000);
  it.for(CASES)('%s, with %s, breaks none of its promises', { timeout: 300_000, retry: 2 }, async ([scheduler, of, classes], { skip }) => {
    const here = placeOf(await network.make());
    const { qdiscs } = await discover(here);
    const { resolved } = judgeSource(policyOf({ bandwidth: '1500kbit', scheduler, classes }));
    const proving = () => prove(resolved!, { enter: here.enter, tries: 2, times: TIMES });
    if (PROFILES[scheduler].qdiscs.some((kind) => !qdiscs.includes(kind))) {
      await expect(proving()).rejects.toMatchObject({ path: 'spec.scheduler' });
      return;
    }
    const { promises } = await proveInGuest(proving, skip);
    const told = promises.map(({ verdict, kind, class: path, measured, side, bound, reason }) => `${verdict} ${kind} ${path || 'link'}: ${measured} ${side} ${bound}. ${reason}`);
    console.log([`${scheduler} with ${of}`, ...told].join('\n'));
    expect(told.filter((each) => each.startsWith('broken'))).toEqual([]);
    expect(promises.some(({ kind, verdict }) => kind === 'sharing' && verdict === 'held')).toBe(true);
  });
}); // prettier-ignore
