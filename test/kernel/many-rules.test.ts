/** Thousands of rules: what the last of them costs a packet, and what one more costs a plan. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { frameOf } from './frames.ts';
import { onEach, WHOLE } from './kernel.ts';
import { DEVICE } from './network.ts';
import { Operator, policyOf } from './operator.ts';

const TIME = fileURLToPath(new URL('time-frames.pl', import.meta.url));
const RULES = 4000;

/** A rule a port, sent to two classes by turns; a list holds a thousand at most. */
const portsOf = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + 2 * i);
const classOf = (name: string, first: number, more: number[] = []) => ({
  name,
  guarantee: '1mbit',
  match: [portsOf(first, RULES / 4), [...portsOf(first + RULES / 2, RULES / 4), ...more]].map((destinationPorts) => ({ ipVersion: 4, protocol: 'udp', destinationPorts })),
}); // prettier-ignore
const policy = (more: number[] = []) =>
  policyOf({ bandwidth: '10gbit', classes: [classOf('odd', 1001), classOf('even', 1002, more), { name: 'rest', default: true }] }); // prettier-ignore

/** Ranges of 1 to 13 ports, one behind the other. */
const ranges = () => {
  const of = (turn: number, from: number) =>
    Array.from({ length: RULES / 4 }, (_, i) => 2 * i + turn + from).map((i) => `${1000 + 14 * i}-${1000 + 14 * i + (i % 13)}`); // prettier-ignore
  const classOfRanges = (name: string, turn: number) => ({
    name,
    guarantee: '1mbit',
    match: [0, RULES / 2].map((from) => ({ ipVersion: 4, protocol: 'udp', destinationPorts: of(turn, from) })),
  });
  return policyOf({ bandwidth: '10gbit', classes: [classOfRanges('odd', 0), classOfRanges('even', 1), { name: 'rest', default: true }] }); // prettier-ignore
};

type Attempt = (command: readonly string[], input?: string) => Promise<{ stdout: string; stderr: string }>;
/** What every packet pays shows in every try; what else the machine did does not. `npm run bench` has the figure. */
const TRIES = 4;
async function expectAlike(name: string, attempt: Attempt, ports: readonly number[]): Promise<void> {
  const frames = ports.map((destinationPort) => `${frameOf({ family: 4, protocol: 17, sourcePort: 9, destinationPort, payload: 18 })}\n`); // prettier-ignore
  let least = Infinity;
  for (let i = 0; i < TRIES && least > 1.1; i++) {
    const { stdout, stderr } = await attempt(['ip', 'netns', 'exec', name, 'perl', TIME, DEVICE, '1500', '40'], frames.join('')); // prettier-ignore
    expect(stderr).toBe('');
    const [first, last] = stdout.trim().split('\n').map(Number);
    least = Math.min(least, last! / first!);
    console.log(`A packet of the first of ${RULES} rules took ${first} µs, one of the last ${last} µs: ${(last! / first!).toFixed(2)} times (at most 1.1).`); // prettier-ignore
  }
  expect(least).toBeLessThanOrEqual(1.1);
}

onEach(WHOLE, 'four thousand rules', ({ network, place: placeOf, attempt }) => {
  it('of ranges cost a packet of the last no more than a tenth above one of the first, whatever their lengths', { timeout: 200_000 }, async () => {
    const operator = await Operator.start();
    try {
      const name = await network.make();
      const place = placeOf(name);
      const plan = await operator.plan(place, ranges());
      expect(plan.operations.filter(({ object }) => object.type === 'filter').length).toBeGreaterThan(2 * RULES);
      expect(plan.notes.filter((note) => note.includes('looks'))).toEqual([]);
      await operator.apply(place, ranges());
      expect(await operator.lines(place, ranges())).toEqual([]);
      await expectAlike(name, attempt, [1000, 1000 + 14 * (RULES - 1)]);
    } finally {
      await operator.stop();
    }
  });
  it('cost a packet of the last no more than a tenth above one of the first, and one more is one more line a kind of frame', { timeout: 120_000 }, async () => {
    const operator = await Operator.start();
    try {
      const name = await network.make();
      const place = placeOf(name);
      await operator.apply(place, policy());
      expect(await operator.lines(place, policy())).toEqual([]);
      await expectAlike(name, attempt, [1001, 1000 + RULES]);

      const lines = await operator.lines(place, policy([9000]));
      expect(lines.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(['filter add', 'filter add']);
    } finally {
      await operator.stop();
    }
  });
}); // prettier-ignore
