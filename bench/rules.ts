/** What classifying costs a packet of the last of thousands of rules, against one of the first. */
import { fileURLToPath } from 'node:url';
import { Engine, judgeSource } from '../backend/deploy/index.ts';
import { openStore } from '../backend/store/index.ts';
import { inside, run, valueOf, type Place } from '../backend/target/index.ts';
import { frameOf } from '../test/kernel/frames.ts';
import { ports } from './policy.ts';
import { withState } from './fleet.ts';

const TIME = fileURLToPath(new URL('../test/kernel/time-frames.pl', import.meta.url));
const FIRST_PORT = 1001;

/** @param rules one a port, in turns for two classes. @returns µs of a packet of the first and of the last, best of 40 turns of 1,500 packets */
export async function firstAndLast(place: Place, device: string, rules: number): Promise<[number, number]> {
  await withState(async (state) => {
    const store = await openStore(state);
    const { resolved, revision } = judgeSource(ports(FIRST_PORT, rules));
    const intent = { tenant: 'bench', place, device, binding: device, target: 'bench', policy: resolved!, revision };
    valueOf((await new Engine(store).applyMany([intent], { login: 'bench', role: 'Admin' }))[0]!);
    await store.close();
  });
  const frames = [FIRST_PORT, FIRST_PORT + rules - 1].map(
    (destinationPort) => `${frameOf({ family: 4, protocol: 17, sourcePort: 9, destinationPort, payload: 18 })}\n`
  );
  const { stdout, stderr } = await run(inside(place, ['perl', TIME, device, '1500', '40']), { input: frames.join('') });
  const [first, last] = stdout.trim().split('\n').map(Number);
  if (!first || !last) {
    throw new Error(`The packets could not be timed: ${stderr.trim() || stdout.trim()}`);
  }
  return [first, last];
}
