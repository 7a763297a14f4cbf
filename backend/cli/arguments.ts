/** The words of the command line: one row a command, and what each takes. */
import { sideName, type Direction } from '../compile/tc/index.ts';
import { parseArgs } from 'node:util';
import { parseRate, readValue, Values } from '../policy/index.ts';

export const COMMANDS = {
  validate: { file: true, device: false, yes: false, summary: 'Judge a policy.' },
  prove: {
    file: true,
    device: false,
    yes: false,
    summary: 'Drive real traffic through a twin and judge each promise.',
  },
  fix: { file: true, device: false, yes: true, summary: 'The file with the fixes of its errors and warnings.' },
  compile: { file: true, device: true, yes: false, summary: 'The operations from nothing, one tc batch line each.' },
  plan: { file: true, device: true, yes: false, summary: 'What would change on the interface, and why.' },
  apply: {
    file: true,
    device: true,
    yes: true,
    summary: 'Bring the policy into force, read it back, confirm or go back.',
  },
  confirm: { file: false, device: true, yes: false, summary: 'Keep the deployment that awaits confirmation.' },
  rollback: { file: false, device: true, yes: true, summary: 'Undo the deployment in force.' },
  adopt: {
    file: true,
    device: true,
    yes: false,
    summary: 'FILE with what another hand changed on the interface, printed and not saved.',
  },
  drift: {
    file: false,
    device: true,
    yes: false,
    words: ['[FILE]'],
    summary: 'What another hand changed on the interface, object by object.',
  },
  status: {
    file: false,
    device: true,
    yes: false,
    summary: 'What is in force on the interface, and whether it still stands.',
  },
  history: {
    file: false,
    device: false,
    yes: false,
    words: ['NAME'],
    summary: 'Every save of a stored document.',
  },
  documents: {
    file: false,
    device: false,
    yes: false,
    words: [],
    summary: 'Every stored document, and what is wrong.',
  },
  show: { file: false, device: false, yes: false, words: ['NAME'], summary: 'The text of a stored document.' },
  save: { file: true, device: false, yes: true, summary: 'Store a Policy, Target or Binding, as the pages do.' },
  delete: {
    file: false,
    device: false,
    yes: true,
    words: ['NAME'],
    summary: 'Delete a stored document; its versions stay.',
  },
  restore: {
    file: false,
    device: false,
    yes: true,
    words: ['NAME@VERSION'],
    summary: 'Save the text of an earlier version as a new one.',
  },
  diff: {
    file: false,
    device: false,
    yes: false,
    words: ['A', 'B'],
    summary: 'What the policy B means beside the policy A.',
  },
  audit: {
    file: false,
    device: false,
    yes: true,
    words: ['verify|accept'],
    summary: 'Whether the audit still says what it said; or begin it anew over what is there.',
  },
  import: {
    file: false,
    device: true,
    yes: false,
    words: ['DEV'],
    summary: 'What is on the interface, by whomever, as a policy.',
  },
  templates: { file: false, device: false, yes: false, words: ['[NAME]'], summary: 'Policies to start from.' },
} as const;
export type Command = keyof typeof COMMANDS;

export interface Call {
  command: Command;
  file: string;
  /** What a command takes in place of FILE */
  words: string[];
  device: string;
  namespace: string | undefined;
  direction: Direction;
  policy: string | undefined;
  /** bit/s of the link that a proof is for */
  bandwidth: number | undefined;
  /** For the policy's variables */
  values: Values;
  json: boolean;
  yes: boolean;
  replaceForeign: boolean;
  /** In place of a file and an interface: a stored Binding on all of its interfaces */
  binding: string | undefined;
  resume: boolean;
  /** Seconds */
  confirm: number | undefined;
}

/** Wrong use: said with the usage line, exit status 2. */
export class UsageError extends Error {}

export const USAGE = `Usage:
  clearpath validate FILE
  clearpath prove    FILE
  clearpath fix      FILE [--yes]
  clearpath compile  FILE --interface DEV
  clearpath plan     FILE --interface DEV
  clearpath apply    FILE --interface DEV --yes [--confirm SECONDS]
  clearpath apply    --binding NAME --yes [--confirm SECONDS]
  clearpath confirm  --interface DEV
  clearpath confirm  --binding NAME
  clearpath rollback --interface DEV --yes
  clearpath status   --interface DEV
  clearpath drift    [FILE] --interface DEV
  clearpath adopt    FILE --interface DEV
  clearpath documents
  clearpath show     NAME
  clearpath save     FILE --yes
  clearpath delete   NAME --yes
  clearpath history  NAME
  clearpath restore  NAME@VERSION --yes
  clearpath diff     A B
  clearpath audit    verify
  clearpath audit    accept --yes
  clearpath import   DEV
  clearpath templates [NAME]

NAME is a stored document: branch for the policy, Binding/uplinks, Target/site; with @3 behind it, its third version.
A and B are files, or versions of stored documents such as branch@3 or Binding/uplinks@2.

Options:
  --interface DEV     the interface, e.g. eth0
  --direction ingress what the interface receives, in place of what leaves by it; prove: the same of its link
  --namespace NAME    the network namespace that it is in
  --binding NAME      apply: a stored Binding on all of its interfaces, in the waves of its roll-out;
                      confirm: the wave of it that awaits confirmation
  --resume            go on with a roll-out of --binding that paused, stopped or failed
  --policy NAME       which policy, when FILE holds several; import: its name
  --set NAME=VALUE    a value for a variable of the policy, written as in a Binding; may be repeated
  --bandwidth RATE    prove: the rate of the link, e.g. 19mbit, when the policy names none or another
  --json              print one JSON object, for programs
  --yes               do it; without it apply, rollback, save, delete, restore and accept end with status 2 and do nothing;
                      fix prints the corrected text instead of writing FILE
  --confirm SECONDS   apply: roll back unless "clearpath confirm" is said in time; waits for that, also when the
                      terminal goes away. Ctrl-C rolls back at once
  --replace-foreign   apply: replace a tree that could not be restored exactly

State is kept under CLEARPATH_STATE (default: the user's state directory), with DATABASE_URL in PostgreSQL.
Exit status: 0 done, 1 findings of severity error, promises broken or an audit that was tampered with, 2 wrong use, 3 refused by the
target or not proved.
`;

function valuesOf(set: readonly string[]): Values {
  const pairs = set.map((text): [string, unknown] => {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined) {
      throw new UsageError(`"--set ${text}" gives no value. Write --set name=value.`);
    }
    try {
      return [name, readValue(value!)];
    } catch {
      throw new UsageError(
        `The value of "--set ${text}" cannot be read. Write it as in a Binding, e.g. 10% or [80, 443].`
      );
    }
  });
  const read = Values.safeParse(Object.fromEntries(pairs));
  if (!read.success) {
    const { path, message } = read.error.issues[0]!;
    throw new UsageError(`--set ${String(path[0])}: ${message}`);
  }
  return read.data;
}

function bandwidthOf(text: string): number {
  const rate = parseRate(text);
  if (typeof rate === 'string' || rate.kind === 'percent') {
    throw new UsageError(
      `--bandwidth: ${typeof rate === 'string' ? rate : 'a link has a rate of its own, not a percent.'}`
    );
  }
  return rate.bits;
}

export function parseCall(argv: readonly string[]): Call | 'help' {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      strict: true,
      options: {
        interface: { type: 'string', short: 'i' },
        namespace: { type: 'string', short: 'n' },
        direction: { type: 'string', default: 'egress' },
        binding: { type: 'string' },
        resume: { type: 'boolean', default: false },
        policy: { type: 'string' },
        bandwidth: { type: 'string' },
        set: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
        yes: { type: 'boolean', short: 'y', default: false },
        confirm: { type: 'string' },
        'replace-foreign': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  const [name, ...rest] = positionals;
  if (values.help || name === 'help') {
    return 'help';
  }
  if (name === undefined || !(name in COMMANDS)) {
    throw new UsageError(
      name === undefined
        ? 'A command is needed.'
        : `"${name}" is not a command. Commands: ${Object.keys(COMMANDS).join(', ')}.`
    );
  }
  const command = name as Command;
  const wants = COMMANDS[command];
  const words: readonly string[] = 'words' in wants ? wants.words : wants.file ? ['FILE'] : [];
  const { binding } = values;
  if (
    binding !== undefined &&
    ((command !== 'apply' && command !== 'confirm') || rest.length > 0 || values.interface !== undefined)
  ) {
    throw new UsageError(
      '--binding is for "apply" and "confirm", without FILE and --interface: the Binding says both.'
    );
  }
  if (values.resume && binding === undefined) {
    throw new UsageError('--resume needs --binding NAME.');
  }
  const fewest = words.filter((word) => !word.startsWith('[')).length;
  if (binding === undefined && (rest.length < fewest || rest.length > words.length)) {
    const takes = wants.file ? 'one FILE' : words.length > 0 ? words.join(' ') : 'no FILE';
    throw new UsageError(`"${command}" takes ${takes}.`);
  }
  const device = words[0] === 'DEV' ? rest[0] : values.interface;
  if (values.bandwidth !== undefined && command !== 'prove') {
    throw new UsageError(`"${command}" takes no --bandwidth; the link's own, or the policy's, counts.`);
  }
  if (wants.device && !device && binding === undefined) {
    throw new UsageError(`"${command}" needs --interface DEV.`);
  }
  const { direction } = values;
  if (direction !== 'egress' && direction !== 'ingress') {
    throw new UsageError('--direction is egress or ingress.');
  }
  if (direction === 'ingress' && ((!wants.device && command !== 'prove') || binding !== undefined)) {
    throw new UsageError(`"${binding === undefined ? command : '--binding'}" takes no --direction.`);
  }
  const confirm = values.confirm === undefined ? undefined : Number(values.confirm);
  if (confirm !== undefined && (command !== 'apply' || !Number.isInteger(confirm) || confirm < 1 || confirm > 86_400)) {
    throw new UsageError('--confirm goes with apply and takes whole seconds, 1 to 86400.');
  }
  return {
    command,
    file: wants.file ? rest[0]! : '',
    words: wants.file ? [] : rest,
    confirm,
    device: sideName(device ?? '', direction),
    direction,
    namespace: values.namespace,
    policy: values.policy,
    bandwidth: values.bandwidth === undefined ? undefined : bandwidthOf(values.bandwidth),
    values: valuesOf(values.set),
    json: values.json,
    yes: values.yes,
    replaceForeign: values['replace-foreign'],
    binding,
    resume: values.resume,
  };
}
