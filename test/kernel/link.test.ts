/** The kernel counts what the wire adds. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCounters, type Place } from '../../backend/target/index.ts';
import { KERNELS, onEach, WHOLE } from './kernel.ts';
import { DEVICE } from './network.ts';
import { Operator, policyOf, TENANT } from './operator.ts';
import { frameOf } from './frames.ts';
import { fileURLToPath } from 'node:url';

const SEND = fileURLToPath(new URL('send-frames.pl', import.meta.url));
const frame = frameOf({ family: 4, dscp: 1, protocol: 17, sourcePort: 1, destinationPort: 9, payload: 100 });
const LENGTH = frame.length / 2;

const cells = (bytes: number) => Math.ceil(bytes / 48) * 53;
/** Bytes that the frame counts; with a table up to 4 more. */
const CASES: Array<[string, object | undefined, number, number]> = [
  ['nothing', undefined, LENGTH, 0],
  ['bytes', { overhead: 10 }, LENGTH + 10, 0],
  ['Ethernet', { overhead: 'ethernet' }, LENGTH + 24, 4],
  ['a least size', { overhead: 0, mpu: 256 }, 256, 0],
  ['ADSL', { overhead: 'adsl' }, cells(LENGTH + 26), 0],
  ['ADSL without Ethernet', { overhead: 'ipoa-vcmux' }, cells(LENGTH - 6), 0],
];

onEach(KERNELS.slice(0, 1), 'link overhead', ({ network, place: placeOf, attempt }) => {
  let operator: Operator;
  let place: Place;
  beforeAll(async () => {
    operator = await Operator.start();
    place = placeOf(await network.make());
  });
  afterAll(async () => operator?.stop());

  it.each(CASES)('is counted, and changed in place: %s', async (_, link, bytes, more) => {
    const classes = [
      { name: 'bulk', match: [{ dscp: ['le'] }] },
      { name: 'rest', default: true },
    ];
    const source = policyOf({ bandwidth: '20mbit', link, classes });
    if (link) {
      expect(await operator.lines(place, source)).toEqual([
        expect.stringMatching(/^qdisc change \S+ \S+ root handle 1: stab /),
      ]);
    }
    await operator.apply(place, source);
    expect(await operator.lines(place, source)).toEqual([]);
    const { allocation } = await operator.engine.live(TENANT, place, DEVICE);
    const counted = async () =>
      (await readCounters(place, DEVICE)).find(
        (item) => parseInt(item.classid.split(':')[1]!, 16) === allocation.classes.bulk
      )!;
    const from = await counted();
    await attempt(['ip', 'netns', 'exec', place.namespace!, 'perl', SEND, DEVICE, '400000', '0.2'], `${frame}\n`);
    const to = await counted();
    const each = (to.bytes - from.bytes) / (to.packets - from.packets);
    expect(each).toBeGreaterThanOrEqual(bytes);
    expect(each).toBeLessThanOrEqual(bytes + more);
  });
});

onEach(WHOLE, 'CAKE', ({ network, place: placeOf, attempt, sh }) => {
  it.each(CASES)('counts what a link adds to the frame, exactly: %s', async (_, link, bytes) => {
    const operator = await Operator.start();
    try {
      const place = placeOf(await network.make());
      await operator.apply(place, policyOf({ bandwidth: '20mbit', scheduler: 'cake', link }));
      await attempt(['ip', 'netns', 'exec', place.namespace!, 'perl', SEND, DEVICE], `${frame}\n`);
      const shown = await sh('tc', '-n', place.namespace!, '-s', 'qdisc', 'show', 'dev', DEVICE);
      expect(/overhead-adjusted size: +(\d+) \/ +(\d+)/.exec(shown)?.slice(1)).toEqual([String(bytes), String(bytes)]);
    } finally {
      await operator.stop();
    }
  });
});
