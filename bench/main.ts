/**
 * `npm run bench`: what Clearpath costs over the kernel. A full apply (compile, read, compare, journal, tc, read back,
 * confirm) of a policy on hundreds of interfaces against `tc -batch` of exactly the same lines in one process, and a
 * second apply, which finds nothing to do, against the same. Both halves on fresh interfaces of the machine's own kernel.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { discover, kernelRelease, ProgramMissing, run, withNamespace, type Place } from '../backend/target/index.ts';
import { NotPermitted } from '../demo/privilege.ts';
import type { Measurement, Task } from './clearpath.ts';
import { ratios, spread, table, type Row } from './figures.ts';
import { Interfaces } from './interfaces.ts';
import { CLASSES } from './policy.ts';

const USAGE = `Usage: npm run bench -- [--interfaces 300] [--repetitions 5] [--json]`;

class Skipped extends Error {}

interface Repetition {
  baseline: number;
  clearpath: Measurement;
}

/** The baseline: one tc, which is all that the kernel needs. */
async function batch(place: Place, lines: readonly string[]): Promise<number> {
  const input = lines.map((line) => `${line}\n`).join('');
  const began = performance.now();
  const { status, stderr } = await run(withNamespace(place, 'tc', ['-batch', '-']), { input, timeoutMs: 300_000 });
  const took = performance.now() - began;
  if (status !== 0) {
    throw new Error(`tc -batch refused the lines that Clearpath had applied: ${stderr.trim()}`);
  }
  return took;
}

async function clearpath(task: Omit<Task, 'state'>): Promise<Measurement> {
  const directory = mkdtempSync(join(tmpdir(), 'clearpath-bench-'));
  try {
    const program = fileURLToPath(new URL('./clearpath.ts', import.meta.url));
    const argv = [process.execPath, program, JSON.stringify({ ...task, state: join(directory, 'state') })];
    const { status, stdout, stderr } = await run(argv, { timeoutMs: 1_800_000 });
    if (status !== 0) {
      throw new Error(`Clearpath did not finish: ${stderr.trim()}`);
    }
    return JSON.parse(stdout) as Measurement;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function repeat(interfaces: Interfaces, count: number, say: (text: string) => void): Promise<Repetition[]> {
  const { devices } = interfaces;
  const repetitions: Repetition[] = [];
  const ours = () => interfaces.whileFresh((place) => clearpath({ place, devices }));
  // The first says what the lines are and is not counted: nothing has been in any cache before it.
  const { lines } = await ours();
  const alone = () => interfaces.whileFresh((place) => batch(place, lines));
  for (let index = 0; index < count; index++) {
    // Taking turns, so that neither half is always the one that comes after the other.
    const before = index % 2 === 0 ? await alone() : undefined;
    const measured = await ours();
    if (measured.lines.join('\n') !== lines.join('\n')) {
      throw new Error('Two applies of one policy on fresh interfaces did not run the same lines.');
    }
    const baseline = before ?? (await alone());
    repetitions.push({ baseline, clearpath: measured });
    say(
      `${index + 1} of ${count}: tc -batch ${Math.round(baseline)} ms, apply ${Math.round(measured.apply)} ms, again ${Math.round(measured.again)} ms`
    );
  }
  return repetitions;
}

const PARTS: ReadonlyArray<[keyof Measurement['parts'], string]> = [
  ['journalled', 'lock, read, compile, compare, journal'],
  ['applied', 'tc'],
  ['verified', 'read back'],
  ['confirmed', 'confirm'],
];

function report(repetitions: readonly Repetition[], environment: string[], json: boolean): string {
  const of = (pick: (repetition: Repetition) => number) => repetitions.map(pick);
  const baseline = of((each) => each.baseline);
  const apply = of((each) => each.clearpath.apply);
  const again = of((each) => each.clearpath.again);
  const memory = of((each) => each.clearpath.memory.afterApply);
  const memoryAgain = of((each) => each.clearpath.memory.afterAgain);
  const parts = PARTS.map(([part, title]) => ({ part, title, times: of((each) => each.clearpath.parts[part]) }));
  if (json) {
    return JSON.stringify(
      {
        environment,
        lines: repetitions[0]!.clearpath.lines.length,
        milliseconds: {
          baseline,
          apply,
          again,
          parts: Object.fromEntries(parts.map(({ part, times }) => [part, times])),
        },
        ratios: { apply: ratios(apply, baseline), again: ratios(again, baseline) },
        memoryBytes: { apply: spread(memory), again: spread(memoryAgain) },
      },
      null,
      2
    );
  }
  const rows: Row[] = [
    { title: 'tc -batch alone', times: baseline },
    { title: 'full apply', times: apply },
    ...parts.map(({ title, times }) => ({ title, times, part: true })),
    { title: 'second apply, nothing to do', times: again },
  ];
  const mebibytes = (bytes: number) => Math.round(bytes / 1024 ** 2);
  return [
    ...environment,
    '',
    table(rows),
    '',
    `Memory peak of Clearpath’s process: ${mebibytes(spread(memory).max)} MiB in the first apply, ${mebibytes(spread(memoryAgain).max)} MiB in the second.`,
  ].join('\n');
}

async function bench(interfaceCount: number, repetitions: number, json: boolean): Promise<string> {
  const interfaces = await Interfaces.obtain(interfaceCount);
  const interrupted = () => void interfaces.end().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const { qdiscs } = await interfaces.whileFresh(discover);
    if (!qdiscs.includes('htb')) {
      throw new Skipped(`This kernel (${kernelRelease()}) has no HTB. Load the module sch_htb.`);
    }
    const load = loadavg()[0]!;
    const measured = await repeat(interfaces, repetitions, json ? () => undefined : (text) => console.error(text));
    const tc = (await run(['tc', '-Version'])).stdout.trim();
    const lines = measured[0]!.clearpath.lines.length;
    const environment = [
      `${interfaceCount} interfaces × ${CLASSES} classes, ${lines.toLocaleString('en-US')} tc lines, ${repetitions === 1 ? '1 repetition' : `${repetitions} repetitions`}`,
      `${kernelRelease()}, ${tc}, Node ${process.version}, ${availableParallelism()} processors, load ${load.toFixed(1)} at the start`,
    ];
    return report(measured, environment, json);
  } finally {
    await interfaces.end();
  }
}

function arguments_(): { interfaces: number; repetitions: number; json: boolean } {
  const { values } = parseArgs({
    options: {
      interfaces: { type: 'string', default: '300' },
      repetitions: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
    },
  });
  const number = (name: 'interfaces' | 'repetitions', most: number) => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new RangeError(`--${name} is a whole number from 1 to ${most}, not "${values[name]}".`);
    }
    return value;
  };
  return { interfaces: number('interfaces', 5000), repetitions: number('repetitions', 100), json: values.json };
}

let wanted: ReturnType<typeof arguments_>;
try {
  wanted = arguments_();
} catch (error) {
  console.error(`${(error as Error).message}\n${USAGE}`);
  process.exit(2);
}
try {
  console.log(await bench(wanted.interfaces, wanted.repetitions, wanted.json));
} catch (error) {
  if (!(error instanceof Skipped || error instanceof NotPermitted || error instanceof ProgramMissing)) throw error;
  console.log(wanted.json ? JSON.stringify({ skipped: error.message }) : `Skipped: ${error.message}`);
}
