/** Side by side with what is at hand otherwise: a tc process for each command, and tcset of tcconfig. */
import { inside, ProgramMissing, run, withNamespace, type Place } from '../backend/target/index.ts';
import { Skipped } from './figures.ts';

/** @returns milliseconds for all lines, each by a tc of its own as a script would start it */
export async function oneProcessEach(place: Place, lines: readonly string[]): Promise<number> {
  const began = performance.now();
  for (const line of lines) {
    const { status, stderr } = await run(withNamespace(place, 'tc', line.split(' ')));
    if (status !== 0) {
      throw new Error(`"tc ${line}" was refused: ${stderr.trim()}`);
    }
  }
  return performance.now() - began;
}

/** Rules that are really set by tcset; each takes longer than the one before it, so more would only be slower. */
const REALLY_SET = 20;

/**
 * One rule a call, as its users do: a rate for a host.
 * @returns milliseconds for `rules` of them, in proportion to fewer that were set
 * @throws Skipped where it is not installed or refuses
 */
export async function tcset(place: Place, device: string, rules: number): Promise<number> {
  const began = performance.now();
  for (let index = 0; index < REALLY_SET; index++) {
    const rule = ['--rate', '1Mbps', '--network', `10.0.0.${index + 1}/32`, ...(index > 0 ? ['--add'] : [])];
    const { status, stderr } = await run(inside(place, ['tcset', device, ...rule]), { timeoutMs: 120_000 });
    if (status !== 0) {
      throw new Skipped(`tcset refused its rule ${index + 1}: ${stderr.trim().split('\n').at(-1)}`);
    }
  }
  return ((performance.now() - began) / REALLY_SET) * rules;
}

/** @throws Skipped where it is not */
export async function tcsetInstalled(): Promise<void> {
  await run(['tcset', '--version']).catch((error: unknown) => {
    throw error instanceof ProgramMissing
      ? new Skipped('there is no tcset on the PATH. It is the package tcconfig of PyPI: pip install tcconfig.')
      : error;
  });
}
