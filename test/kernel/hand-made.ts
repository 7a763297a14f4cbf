/** Trees of another hand: as files of tc lines, and which of their classes take which frames. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { readCounters, readTree, type Place } from '../../backend/target/index.ts';
import { frameOf, type FrameSpec } from './frames.ts';
import type { Running } from './kernel.ts';
import { DEVICE } from './network.ts';

const SEND = fileURLToPath(new URL('send-frames.pl', import.meta.url));

/** The lines of one of `trees/`. */
export const linesOf = (name: string): string[] =>
  readFileSync(new URL(`trees/${name}.tc`, import.meta.url), 'utf8').split('\n').filter((line) => /^\w/.test(line)); // prettier-ignore

const counts = async (place: Place): Promise<Map<string, number>> =>
  new Map(
    (await readCounters(place, DEVICE)).map((item) => [item.classid, item.packets + item.drops + item.backlogPackets])
  );

/**
 * Sends frames out of the device of a namespace.
 * @returns how many of them each leaf took, by classid; those that passed all classes are in none
 */
export async function takenBy(
  attempt: Running['attempt'],
  name: string,
  place: Place,
  frames: readonly FrameSpec[]
): Promise<Record<string, number>> {
  const inner = new Set((await readTree(place, DEVICE)).classes.map((item) => item.parent));
  const before = await counts(place);
  const lines = frames.map((frame) => `${frameOf(frame)}\n`).join('');
  const { status, stderr } = await attempt(['ip', 'netns', 'exec', name, 'perl', SEND, DEVICE], lines);
  expect(status, stderr).toBe(0);
  const taken = [...(await counts(place))].map(([id, count]) => [id, count - (before.get(id) ?? 0)] as const);
  return Object.fromEntries(taken.filter(([id, count]) => !inner.has(id) && count !== 0));
}

/** How many frames each class should take. */
export const tally = (ids: ReadonlyArray<string | undefined>): Record<string, number> =>
  ids.reduce<Record<string, number>>((sum, id) => (id ? { ...sum, [id]: (sum[id] ?? 0) + 1 } : sum), {});
