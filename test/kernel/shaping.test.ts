/** A class that is offered twice its ceiling gets its ceiling. */
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCounters, type Place } from '../../backend/target/index.ts';
import { frameOf } from './frames.ts';
import { onEach, OWN } from './kernel.ts';
import { DEVICE } from './network.ts';
import { Operator, policyOf, TENANT } from './operator.ts';

const SEND = fileURLToPath(new URL('send-frames.pl', import.meta.url));
const CEILING = 6_000_000;

onEach([OWN], 'shaping', ({ network, place: placeOf, attempt }) => {
  let operator: Operator;
  let place: Place;
  beforeAll(async () => {
    operator = await Operator.start();
    place = placeOf(await network.make());
  });
  afterAll(async () => operator?.stop());

  it('holds a class within 5 % of its ceiling when it is offered twice as much, in whatever queue the kernel has', async () => {
    const source = policyOf({
      bandwidth: '20mbit',
      classes: [
        { name: 'bulk', match: [{ dscp: ['le'] }], guarantee: '1mbit', ceiling: '6mbit' },
        { name: 'default', default: true, guarantee: '10mbit' },
      ],
    });
    await operator.apply(place, source);
    const { allocation } = await operator.engine.live(TENANT, place, DEVICE);
    const sent = async () => {
      const counters = await readCounters(place, DEVICE);
      const own = counters.find((item) => parseInt(item.classid.split(':')[1]!, 16) === allocation.classes.bulk)!;
      return { at: performance.now(), bits: own.bytes * 8, drops: own.drops };
    };
    const frame = frameOf({ family: 4, dscp: 1, protocol: 17, sourcePort: 1, destinationPort: 9, payload: 1000 });
    const sender = attempt(
      ['ip', 'netns', 'exec', place.namespace!, 'perl', SEND, DEVICE, String(2 * CEILING), '3.5'],
      `${frame}\n`
    );
    // The first burst is over, and the queue is full.
    await sleep(700);
    const from = await sent();
    await sleep(2500);
    const to = await sent();
    expect((await sender).status).toBe(0);
    const rate = (to.bits - from.bits) / ((to.at - from.at) / 1000);
    console.log(
      `offered ${(2 * CEILING) / 1e6} Mbit/s, ceiling ${CEILING / 1e6} Mbit/s, sent ${(rate / 1e6).toFixed(3)} Mbit/s`
    );
    expect(rate).toBeGreaterThan(0.95 * CEILING);
    expect(rate).toBeLessThan(1.05 * CEILING);
    expect(to.drops).toBeGreaterThan(from.drops);
  });
});
