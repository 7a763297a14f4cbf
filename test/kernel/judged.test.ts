/** What the judge says would happen on the wire, on a wire: oversubscription that holds, and starvation. */
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { judgeSource } from '../../backend/deploy/index.ts';
import { readCounters, type Place } from '../../backend/target/index.ts';
import { frameOf } from './frames.ts';
import { onEach, OWN } from './kernel.ts';
import { DEVICE } from './network.ts';
import { Operator, policyOf, TENANT } from './operator.ts';

const SEND = fileURLToPath(new URL('send-frames.pl', import.meta.url));
const DSCP: Readonly<Record<string, number>> = { a: 8, b: 16, c: 24 };
const MATCH = { a: [{ dscp: ['cs1'] }], b: [{ dscp: ['cs2'] }], c: [{ dscp: ['cs3'] }] };

onEach([OWN], 'what the judge foretells', ({ network, place: placeOf, attempt }) => {
  let operator: Operator;
  let place: Place;
  beforeAll(async () => {
    operator = await Operator.start();
    place = placeOf(await network.make());
  });
  afterAll(async () => operator?.stop());

  /** @param offered bit/s by class; @returns bit/s that left the interface by class, while all of them send */
  async function sentBy(source: string, offered: Record<string, number>): Promise<Record<string, number>> {
    await operator.apply(place, source);
    const { allocation } = await operator.engine.live(TENANT, place, DEVICE);
    const bits = async () => {
      const counters = await readCounters(place, DEVICE);
      const of = (name: string) => counters.find((item) => parseInt(item.classid.split(':')[1]!, 16) === allocation.classes[name])!; // prettier-ignore
      return { at: performance.now(), by: Object.fromEntries(Object.keys(offered).map((name) => [name, of(name).bytes * 8])) }; // prettier-ignore
    };
    const senders = Object.entries(offered).map(([name, rate]) => {
      const frame = frameOf({ family: 4, dscp: DSCP[name]!, protocol: 17, sourcePort: 1, destinationPort: 9, payload: 1200 }); // prettier-ignore
      return attempt(['ip', 'netns', 'exec', place.namespace!, 'perl', SEND, DEVICE, String(rate), '3.5'], `${frame}\n`); // prettier-ignore
    });
    // The first bursts are over, and the queues are full.
    await sleep(700);
    const from = await bits();
    await sleep(2500);
    const to = await bits();
    expect((await Promise.all(senders)).map(({ status }) => status)).toEqual(senders.map(() => 0));
    const seconds = (to.at - from.at) / 1000;
    return Object.fromEntries(Object.keys(offered).map((name) => [name, (to.by[name]! - from.by[name]!) / seconds]));
  }
  const print = (rates: Record<string, number>) =>
    console.log(Object.entries(rates).map(([name, rate]) => `${name} ${(rate / 1e6).toFixed(3)} Mbit/s`).join(', ')); // prettier-ignore

  it('holds the link and each ceiling where more is guaranteed than there is, and shares in proportion', async () => {
    const source = policyOf({
      bandwidth: '12mbit',
      oversubscribe: { reason: 'Contract 7 sells 18 of 12' },
      classes: [
        { name: 'a', match: MATCH.a, guarantee: '12mbit' },
        { name: 'b', match: MATCH.b, guarantee: '6mbit', ceiling: '8mbit' },
        { name: 'c', default: true },
      ],
    });
    expect(judgeSource(source).findings.map(({ code }) => code)).toContain('CP-OVERSUBSCRIBED');
    const rates = await sentBy(source, { a: 14e6, b: 9e6 });
    print(rates);
    expect(rates.a! + rates.b!).toBeLessThan(1.02 * 12e6);
    expect(rates.a!).toBeGreaterThan(0.95 * 8e6);
    expect(rates.b!).toBeGreaterThan(0.95 * 4e6);
  });

  it('keeps the reason in the history, from which the audit has it', async () => {
    const { inForce } = await operator.engine.live(TENANT, place, DEVICE);
    expect(inForce?.message).toMatch(/Oversubscribed on purpose: Contract 7 sells 18 of 12$/);
    await operator.engine.audit(TENANT, { login: 'ann', role: 'Admin' }, 'apply', inForce!);
    expect((await operator.store.audit.list(TENANT))[0]?.detail).toContain('Contract 7 sells 18 of 12');
  });

  it('starves a class without a guarantee behind a more important one, as the finding says', async () => {
    const source = policyOf({
      bandwidth: '8mbit',
      classes: [
        { name: 'a', match: MATCH.a, priority: 6, guarantee: '1mbit' },
        { name: 'b', match: MATCH.b, priority: 0 },
        { name: 'c', default: true, guarantee: '1mbit' },
      ],
    });
    const said = judgeSource(source).findings.find(({ code }) => code === 'CP-STARVATION');
    expect(said?.path).toBe('spec.classes[1]');
    const rates = await sentBy(source, { a: 12e6, b: 4e6 });
    print(rates);
    expect(rates.b!).toBeLessThan(50_000);
    expect(rates.a!).toBeGreaterThan(0.95 * 7.9e6);
  });
});
