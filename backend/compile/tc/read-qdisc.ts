/** One qdisc from the text of `tc -d qdisc show`. */
import { COUNTED, countedText, counting } from './counted.ts';
import { KINDS, type Kind } from './kinds.ts';
import { words } from './listing.ts';
import type { LiveTree, Qdisc, SizeTable } from './model.ts';
import { parseOption } from './options.ts';
import { writableBurst } from './units.ts';

/** Hooks beside the root; a new root does not touch them. */
const HOOKS = new Set(['ingress', 'clsact']);

/** The words of a kind with the option that each belongs to. */
function* optionsByWord({ options }: Kind): Generator<[string, string]> {
  for (const [name, { form, among, none, shown }] of Object.entries(options)) {
    if (form === 'choice') {
      yield* among!.map((word): [string, string] => [word, name]);
    } else {
      yield [shown ?? name, name];
    }
    if (none) {
      yield [none, name];
    }
  }
}
const WORDS = new Map(Object.entries(KINDS).map(([kind, known]) => [kind, new Map(optionsByWord(known))]));

/** The numbers that follow a word, as many as there are. */
function list(rest: readonly string[], from: number): string[] {
  const end = rest.findIndex((word, i) => i >= from && !/^\d+$/.test(word));
  return rest.slice(from, end < 0 ? undefined : end);
}

/** @returns the first word that is not known here, or '' */
function readOptions(qdisc: Qdisc, known: Kind, rest: readonly string[]): string {
  const names = WORDS.get(qdisc.kind)!;
  let unknown = '';
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    const name = names.get(word);
    const option = name === undefined ? undefined : known.options[name]!;
    if (known.ignored && word in known.ignored) {
      i += known.ignored[word]!;
    } else if (known.counts && COUNTED.has(word)) {
      const counts = counting(qdisc.counts, word, rest[++i]);
      unknown ||= counts ? '' : `${word} ${rest[i]}`;
      qdisc.counts = counts ?? qdisc.counts;
    } else if (!option) {
      unknown ||= word;
    } else if (option.form === 'flag') {
      qdisc.options[name!] = true;
    } else if (option.form === 'choice') {
      qdisc.options[name!] = word;
    } else if (option.form === 'list') {
      const numbers = list(rest, i + 1);
      qdisc.options[name!] = numbers.join(' ');
      i += numbers.length;
    } else {
      const text = rest[++i] ?? '';
      const value = text === option.none ? 0 : parseOption(option.form, text);
      if (value === undefined) {
        unknown ||= `${word} ${text}`;
      } else {
        qdisc.options[name!] = value;
      }
    }
  }
  // A flag that is off is not shown, and tc may set it by default when it is not mentioned (ecn of fq_codel).
  for (const [name, { form }] of Object.entries(known.options)) {
    if (form === 'flag') {
      qdisc.options[name] ??= false;
    }
  }
  // As it is shown a burst would lose some each time it is written.
  if (typeof qdisc.options.burst === 'number' && typeof qdisc.options.rate === 'number') {
    qdisc.options.burst = writableBurst(qdisc.options.burst, qdisc.options.rate, 'tbf');
  }
  if (countedText(qdisc.counts) === '') {
    delete qdisc.counts;
  }
  return unknown || countedText(qdisc.counts);
}

/** The line below a qdisc; the table is made of these three, and its size is always the same. */
function sizeTable(line: string): SizeTable | undefined {
  const match =
    /^(?:linklayer (ethernet|atm) )?(?:overhead (-?\d+) ?)?(?:mpu (\d+) ?)?(?:mtu 2047 tsize 512 ?)?(?:mtu 2047 ?)?$/.exec(
      line.trim()
    );
  return match ? { cells: match[1] === 'atm', overhead: Number(match[2] ?? 0), mpu: Number(match[3] ?? 0) } : undefined;
}

/** @param block the line of a qdisc, and below it that of its size table */
export function readQdisc([line, ...below]: readonly string[], tree: LiveTree): void {
  const [, kind = '', handle = '', ...said] = words(line!);
  if (HOOKS.has(kind)) {
    return;
  }
  const qdisc: Qdisc = { handle, parent: '', kind, options: {} };
  const rest: string[] = [];
  for (let i = 0; i < said.length; i++) {
    const word = said[i]!;
    if (word === 'dev' || word === 'refcnt') {
      i++;
    } else if (word === 'root') {
      qdisc.parent = 'root';
    } else if (word === 'parent') {
      qdisc.parent = said[++i] ?? '';
    } else {
      rest.push(word);
    }
  }
  const known = KINDS[kind];
  const unknown = known ? readOptions(qdisc, known, rest) || known.hidden : kind;
  const table = below.length > 0 ? sizeTable(below.join(' ')) : undefined;
  if (table) {
    qdisc.stab = table;
  }
  tree.qdiscs.push(qdisc);
  const strange = unknown || (below.length > 0 && !table ? below.join(' ').trim() : '');
  // The kernel's default needs no writing back: it returns by itself.
  if (strange && handle !== '0:') {
    tree.inexact.push(`qdisc ${kind} ${handle}${strange === kind ? '' : ` (${strange})`}`);
  }
}
