/** Side by side with what is at hand otherwise: a tc process for each command, and tcset of tcconfig. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
const TCSET_RULES = 20;

/**
 * One rule a call, as its users do: a rate for a host.
 * @returns milliseconds for `rules` of them, in proportion to fewer that were set
 * @throws Skipped where it cannot be had or this kernel lacks what it needs
 */
export async function tcset(place: Place, device: string, rules: number): Promise<number> {
  const netem = await run(withNamespace(place, 'tc', ['qdisc', 'add', 'dev', device, 'root', 'netem']));
  if (netem.status !== 0) {
    throw new Skipped('this kernel has no netem, which tcset puts below each of its classes.');
  }
  await run(withNamespace(place, 'tc', ['qdisc', 'del', 'dev', device, 'root']));
  const directory = mkdtempSync(join(tmpdir(), 'clearpath-bench-tcset-'));
  try {
    for (const argv of [
      ['python3', '-m', 'venv', directory],
      [join(directory, 'bin/pip'), 'install', '--quiet', 'tcconfig'],
    ]) {
      const { status, stderr } = await run(argv, { timeoutMs: 300_000 }).catch((error: unknown) => {
        throw error instanceof ProgramMissing ? new Skipped(`there is no ${error.program}.`) : error;
      });
      if (status !== 0) {
        throw new Skipped(`tcconfig could not be installed: ${stderr.trim().split('\n').at(-1)}`);
      }
    }
    const began = performance.now();
    for (let index = 0; index < TCSET_RULES; index++) {
      const rule = ['--rate', '1Mbps', '--network', `10.0.0.${index + 1}/32`, ...(index > 0 ? ['--add'] : [])];
      const { status, stderr } = await run(inside(place, [join(directory, 'bin/tcset'), device, ...rule]));
      if (status !== 0) {
        throw new Skipped(`tcset refused its rule ${index + 1}: ${stderr.trim().split('\n').at(-1)}`);
      }
    }
    return ((performance.now() - began) / TCSET_RULES) * rules;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
