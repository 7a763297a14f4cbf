/**
 * `npm run bench`: what Clearpath costs over the kernel, as ratios in one run, each beside the bound that is asked of it.
 * A full apply is compile, read, compare, journal, tc, read back and confirm; it is measured against `tc -batch` of
 * exactly the same lines in one process, both on fresh interfaces of the machine's own kernel.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { kernelRelease, ProgramMissing, run } from '../backend/target/index.ts';
import { NotPermitted } from '../demo/privilege.ts';
import { oneProcessEach, tcset, tcsetInstalled } from './beside.ts';
import type { Change, Parts } from './clearpath.ts';
import { compileRate } from './compiling.ts';
import { ratios, Skipped, spread, table, verdicts, type Figure, type Row } from './figures.ts';
import { compare, type Repetition, type Wanted } from './fleet.ts';
import { FLOWER, ONLY_U32, HTB, NETEM, onKernelWith, type Found } from './kernels.ts';
import { CLASSES, edge, hosts } from './policy.ts';
import { firstAndLast } from './rules.ts';

const PARTS = ['fleet', 'change', 'tree', 'rules', 'compile', 'beside'] as const;
type Part = (typeof PARTS)[number];
const USAGE = `Usage: npm run bench -- [--interfaces 2847] [--policies 156] [--repetitions 1] [--only ${PARTS.join(',')}] [--json]`;

interface Options {
  interfaces: number;
  policies: number;
  repetitions: number;
  only: readonly Part[];
  json: boolean;
}
type Say = (text: string) => void;

const STEPS: ReadonlyArray<[keyof Parts, string]> = [
  ['journalled', 'lock, read, compile, compare, journal'],
  ['applied', 'tc'],
  ['verified', 'read back'],
  ['confirmed', 'confirm'],
];
const median = (values: readonly number[], bases: readonly number[]) => ratios(values, bases).median;
const mebibytes = (bytes: number) => bytes / 1024 ** 2;

function timesOf(repetitions: readonly Repetition[]): string {
  const of = (pick: (repetition: Repetition) => number) => repetitions.map(pick);
  const rows: Row[] = [
    { title: 'tc -batch alone', times: of((each) => each.baseline) },
    { title: 'full apply', times: of((each) => each.clearpath.apply) },
    ...STEPS.map(([part, title]) => ({ title, times: of((each) => each.clearpath.parts[part]), part: true })),
    { title: 'second apply, nothing to do', times: of((each) => each.clearpath.again) },
  ];
  const ofChanges = (pick: (change: Change) => number) => of((each) => pick(each.clearpath.change!));
  const ofChange: Row[] = repetitions[0]!.clearpath.change
    ? [
        { title: 'tc -batch alone, changed lines', times: of((each) => each.baselineOfChange) },
        { title: 'one class changed', times: ofChanges(({ took }) => took) },
        ...STEPS.map(([part, title]) => ({ title, times: ofChanges(({ parts }) => parts[part]), part: true })),
      ]
    : [];
  return [rows, ofChange]
    .filter(({ length }) => length > 0)
    .map(table)
    .join('\n\n');
}

const what = (options: Options, policies: number) =>
  `${policies} ${policies === 1 ? 'policy' : 'policies'} on ${options.interfaces.toLocaleString('en-US')} interfaces`;

async function measured(options: Options, wanted: Wanted, say: Say): Promise<Repetition[]> {
  const { value } = await onKernelWith(HTB, options.interfaces, (interfaces) =>
    compare(interfaces, wanted, options.repetitions, say)
  );
  const lines = value[0]!.clearpath.lines.length.toLocaleString('en-US');
  say(`\n${what(options, wanted.policies.length)} of ${CLASSES} classes, ${lines} tc lines\n\n${timesOf(value)}\n`);
  return value;
}
const memoryOf = (claim: string, repetitions: readonly Repetition[]): Figure => ({
  claim: `memory, ${claim}`,
  measured: mebibytes(spread(repetitions.map((each) => each.clearpath.memory.atEnd)).max),
  unit: 'MiB',
  bound: { most: 512 },
});

async function fleet(options: Options, say: Say): Promise<Figure[]> {
  const policies = Array.from({ length: options.policies }, (_, index) => edge(20 + index));
  const repetitions = await measured(options, { policies }, say);
  const claim = `${what(options, options.policies)}, full apply`;
  const apply = repetitions.map((each) => each.clearpath.apply);
  const baseline = repetitions.map((each) => each.baseline);
  return [
    { claim, measured: median(apply, baseline), unit: '×', bound: { most: 2 } },
    memoryOf('throughout', repetitions),
  ];
}

async function change(options: Options, say: Say): Promise<Figure[]> {
  const repetitions = await measured(options, { policies: [edge(100)], changed: [edge(100, '90%')] }, say);
  const lines = repetitions[0]!.clearpath.changedLines.length.toLocaleString('en-US');
  const took = repetitions.map((each) => each.clearpath.change!.took);
  const baseline = repetitions.map((each) => each.baselineOfChange);
  const claim = `one class changed in the policy of all of them (${lines} lines)`;
  return [
    { claim, measured: median(took, baseline), unit: '×', bound: { most: 2 } },
    memoryOf('with that change', repetitions),
  ];
}

/** What could not be had is said in place of its figure. */
const orWhyNot = async <T>(
  work: Promise<Found<T>>,
  figure: (value: T) => number
): Promise<Partial<Figure> & Pick<Figure, 'measured'>> =>
  work.then(
    ({ value, kernel }) => ({ measured: figure(value), kernel }),
    (error: unknown) => {
      if (error instanceof Skipped) return { measured: error.message };
      throw error;
    }
  );

const TREE_CLASSES = 8_000;
async function tree(say: Say): Promise<Figure[]> {
  const claim = `one HTB of ${TREE_CLASSES.toLocaleString('en-US')} classes, full apply`;
  // The first of two is not counted: an emulated kernel gets its memory as it first uses it.
  const measuring = onKernelWith(FLOWER, 1, async (interfaces) =>
    (await compare(interfaces, { policies: [hosts(TREE_CLASSES)] }, 2, say)).slice(1)
  );
  const found = await orWhyNot(measuring, (measured) => {
    say(`\n${timesOf(measured)}\n`);
    return measured[0]!.clearpath.apply / measured[0]!.baseline;
  });
  return [{ claim, unit: '×', bound: { most: 2 }, ...found }];
}

const RULES = 4_000;
async function rules(say: Say): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [need, by] of [
    [FLOWER, 'flower'],
    [ONLY_U32, 'u32'],
  ] as const) {
    const claim = `a packet of rule ${RULES.toLocaleString('en-US')}, against one of the first, by ${by}`;
    const measuring = onKernelWith(need, 1, (interfaces) =>
      interfaces.whileFresh((place) => firstAndLast(place, interfaces.devices[0]!, RULES))
    );
    const found = await orWhyNot(measuring, ([first, last]) => {
      say(`A packet of the first of ${RULES} rules of ${by} took ${first} µs, one of the last ${last} µs.`);
      return last / first;
    });
    figures.push({ claim, unit: '×', bound: { most: 1.1 }, ...found });
  }
  return figures;
}

function compiling(): Figure[] {
  const policies = Array.from({ length: 156 }, (_, index) => edge(20 + index));
  return [
    { claim: 'compile on one core', measured: compileRate(policies), unit: 'objects/s', bound: { least: 100_000 } },
  ];
}

const BESIDE_INTERFACES = 10;
const TCSET_RULES = 200;
async function beside(say: Say): Promise<Figure[]> {
  const processes = await onKernelWith(HTB, BESIDE_INTERFACES, async (interfaces) => {
    const [measured] = await compare(interfaces, { policies: [edge(100)] }, 1, say);
    const { apply, lines } = measured!.clearpath;
    const each = await interfaces.whileFresh((place) => oneProcessEach(place, lines));
    return { faster: each / apply, commands: lines.length };
  });
  const againstTcset = async () => {
    await tcsetInstalled();
    return onKernelWith(NETEM, 1, async (interfaces) => {
      const measured = await compare(interfaces, { policies: [hosts(TCSET_RULES + 1)] }, 1, say);
      const took = await interfaces.whileFresh((place) => tcset(place, interfaces.devices[0]!, TCSET_RULES));
      say(`tcset: ${Math.round(took)} ms for ${TCSET_RULES} rules, in proportion to the first of them`);
      return took / measured[0]!.clearpath.apply;
    });
  };
  const found = againstTcset();
  return [
    {
      claim: `faster than one tc process per command (${processes.value.commands} commands)`,
      measured: processes.value.faster, unit: '×', bound: { least: 8 },
    },
    {
      claim: `faster than tcset on ${TCSET_RULES} rules`, unit: '×', bound: { least: 500 },
      ...(await orWhyNot(found, (faster) => faster)),
    },
  ]; // prettier-ignore
}

async function bench(options: Options): Promise<string> {
  const say: Say = options.json ? () => undefined : (text) => console.error(text);
  const load = loadavg()[0]!;
  const tc = (await run(['tc', '-Version'])).stdout.trim();
  const environment = `${kernelRelease()}, ${tc}, Node ${process.version}, ${availableParallelism()} processors, load ${load.toFixed(1)} at the start, ${options.repetitions === 1 ? '1 repetition' : `median of ${options.repetitions} repetitions`}`;
  const parts: Record<Part, () => Figure[] | Promise<Figure[]>> = {
    fleet: () => fleet(options, say),
    change: () => change(options, say),
    tree: () => tree(say),
    rules: () => rules(say),
    compile: compiling,
    beside: () => beside(say),
  };
  const figures: Figure[] = [];
  for (const part of options.only) {
    figures.push(...(await parts[part]()));
  }
  return options.json ? JSON.stringify({ environment, figures }, null, 2) : `${environment}\n\n${verdicts(figures)}`;
}

function arguments_(): Options {
  const { values } = parseArgs({
    options: {
      interfaces: { type: 'string', default: '2847' },
      policies: { type: 'string', default: '156' },
      repetitions: { type: 'string', default: '1' },
      only: { type: 'string', default: PARTS.join(',') },
      json: { type: 'boolean', default: false },
    },
  });
  const number = (name: 'interfaces' | 'policies' | 'repetitions', most: number) => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new RangeError(`--${name} is a whole number from 1 to ${most}, not "${values[name]}".`);
    }
    return value;
  };
  const only = values.only.split(',').map((word) => {
    const part = PARTS.find((each) => each === word);
    if (!part) {
      throw new RangeError(`--only takes ${PARTS.join(', ')}, not "${word}".`);
    }
    return part;
  });
  return {
    interfaces: number('interfaces', 5000),
    policies: number('policies', 1000),
    repetitions: number('repetitions', 100),
    only,
    json: values.json,
  };
}

let wanted: Options;
try {
  wanted = arguments_();
} catch (error) {
  console.error(`${(error as Error).message}\n${USAGE}`);
  process.exit(2);
}
try {
  console.log(await bench(wanted));
} catch (error) {
  if (!(error instanceof Skipped || error instanceof NotPermitted || error instanceof ProgramMissing)) throw error;
  console.log(wanted.json ? JSON.stringify({ skipped: error.message }) : `Skipped: ${error.message}`);
}
