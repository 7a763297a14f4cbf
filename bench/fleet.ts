/** Clearpath on fresh interfaces against one `tc -batch` of exactly the same lines on others that are as fresh. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, withNamespace, type Place } from '../backend/target/index.ts';
import type { Measurement, Task } from './clearpath.ts';
import type { Interfaces } from './interfaces.ts';

export interface Repetition {
  /** Milliseconds of tc alone: for the first apply, and for the change */
  baseline: number;
  baselineOfChange: number;
  clearpath: Measurement;
}
export type Wanted = Pick<Task, 'policies' | 'changed'>;

/** The baseline: one tc, which is all that the kernel needs. @returns milliseconds */
export async function batch(place: Place, lines: readonly string[]): Promise<number> {
  const input = `${lines.join('\n')}\n`;
  const began = performance.now();
  const { status, stderr } = await run(withNamespace(place, 'tc', ['-batch', '-']), { input, timeoutMs: 600_000 });
  const took = performance.now() - began;
  if (status !== 0) {
    throw new Error(`tc -batch refused the lines that Clearpath had applied: ${stderr.trim()}`);
  }
  return took;
}

/** While a directory for a new store lasts. */
export async function withState<T>(work: (state: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'clearpath-bench-'));
  try {
    return await work(join(directory, 'state'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export const clearpath = (task: Omit<Task, 'state'>): Promise<Measurement> =>
  withState(async (state) => {
    const program = fileURLToPath(new URL('./clearpath.ts', import.meta.url));
    const input = JSON.stringify({ ...task, state });
    const { status, stdout, stderr } = await run([process.execPath, program], { input, timeoutMs: 1_800_000 });
    if (status !== 0) {
      throw new Error(`Clearpath did not finish: ${stderr.trim()}`);
    }
    return JSON.parse(stdout) as Measurement;
  });

/** @param say one line after each repetition, which may take minutes */
export async function compare(
  interfaces: Interfaces,
  wanted: Wanted,
  count: number,
  say: (text: string) => void
): Promise<Repetition[]> {
  const { devices, spare } = interfaces;
  const ours = () => interfaces.whileFresh((place) => clearpath({ place, devices, spare, ...wanted }));
  const alone = ({ lines, changedLines }: Measurement) =>
    interfaces.whileFresh(async (place) => ({
      baseline: await batch(place, lines),
      baselineOfChange: changedLines.length > 0 ? await batch(place, changedLines) : 0,
    }));
  const repetitions: Repetition[] = [];
  // Taking turns, so that neither half is always the one that comes after the other.
  let before: Awaited<ReturnType<typeof alone>> | undefined;
  for (let index = 0; index < count; index++) {
    const measured = await ours();
    const own = before ?? (await alone(measured));
    before = !before && index + 1 < count ? await alone(measured) : undefined;
    repetitions.push({ ...own, clearpath: measured });
    const { apply, again, change } = measured;
    const times = { 'tc -batch': own.baseline, apply, again, ...(change && { 'one class changed': change.took }) };
    const said = Object.entries(times).map(([title, time]) => `${title} ${Math.round(time)} ms`);
    say(`${index + 1} of ${count}: ${said.join(', ')}`);
  }
  return repetitions;
}
