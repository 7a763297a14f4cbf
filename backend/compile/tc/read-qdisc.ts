/** One qdisc from the text of `tc -d qdisc show`. */
import { KINDS, parseOption } from './kinds.ts';
import { words } from './listing.ts';
import type { LiveTree, Qdisc } from './model.ts';

/** Hooks beside the root; a new root does not touch them. */
const HOOKS = new Set(['ingress', 'clsact']);

export function readQdisc(line: string, tree: LiveTree): void {
  const [, kind = '', handle = '', ...rest] = words(line);
  if (HOOKS.has(kind)) {
    return;
  }
  const qdisc: Qdisc = { handle, parent: '', kind, options: {} };
  const known = KINDS[kind];
  let unknown = known ? '' : kind;
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    if (word === 'dev' || word === 'refcnt') {
      i++;
    } else if (word === 'root') {
      qdisc.parent = 'root';
    } else if (word === 'parent') {
      qdisc.parent = rest[++i] ?? '';
    } else if (known && word in known.ignored) {
      i += known.ignored[word]!;
    } else if (known?.options[word]?.form === 'flag') {
      qdisc.options[word] = true;
    } else if (known?.options[word]) {
      const value = parseOption(known.options[word].form, rest[++i] ?? '');
      if (value === undefined) {
        unknown ||= `${word} ${rest[i]}`;
      } else {
        qdisc.options[word] = value;
      }
    } else {
      unknown ||= word;
    }
  }
  // A flag that is off is not shown, and tc may set it by default when it is not mentioned (ecn of fq_codel).
  for (const [name, { form }] of Object.entries(known?.options ?? {})) {
    if (form === 'flag') {
      qdisc.options[name] ??= false;
    }
  }
  tree.qdiscs.push(qdisc);
  // The kernel's default needs no writing back: it returns by itself.
  if (unknown && handle !== '0:') {
    tree.inexact.push(`qdisc ${kind} ${handle}${unknown === kind ? '' : ` (${unknown})`}`);
  }
}
