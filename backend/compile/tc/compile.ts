/** Policy + capabilities + identities → a tc tree: a discipline with a queue per leaf, and a rule per alternative of a match. */
import type { Scheduler } from '../../policy/profiles.ts';
import { flatten, type ResolvedPolicy } from '../../policy/resolve.ts';
import { allocateClasses, allocateFilters, linkMinor, queueMajor, type Allocation } from './allocation.ts';
import { Builder } from './builder.ts';
import { CompileError } from './compile-error.ts';
import { connectionRule } from './connection.ts';
import { bucketingOf, bucketOf, handleIn } from './hash-table.ts';
import { linkNotes } from './link.ts';
import { looksNote } from './looks.ts';
import { rootOf, type Capabilities, type CompiledTree } from './model.ts';
import { rulesOfLevels } from './rules.ts';
import { BUILD, schedulerFor } from './scheduler.ts';

export interface Compiled {
  tree: CompiledTree;
  allocation: Allocation;
  notes: string[];
  /** What the tree was built with */
  scheduler: Scheduler;
}

function capabilityNotes(builder: Builder, capabilities: Capabilities): void {
  if (!capabilities.classifiers.includes('flower')) {
    builder.notes.add(
      'Classifier: u32, since this kernel has no flower. Ports are not seen behind IPv4 options or IPv6 extension headers.'
    );
  }
  if (!capabilities.qdiscs.includes('fq_codel')) {
    const instead = capabilities.qdiscs.includes('sfq') ? 'sfq' : 'pfifo';
    builder.notes.add(`Queues: ${instead}, since this kernel has no fq_codel.`);
  }
}

/**
 * Compiles a judged policy.
 * @param rootMajor hexadecimal major of the root handle, e.g. "1"; another than the live root's when the root is replaced.
 * @throws CompileError when the policy names something that the kernel does not have.
 */
export function compile(
  policy: ResolvedPolicy,
  capabilities: Capabilities,
  allocation: Allocation,
  rootMajor = '1'
): Compiled {
  const kinds = capabilities.classifiers;
  if (!kinds.includes('flower') && !kinds.includes('u32')) {
    throw new CompileError(
      'spec.classes',
      `This kernel (${capabilities.kernel}) has neither flower nor u32, so nothing could tell classes apart. Load the module cls_flower or cls_u32.`
    );
  }
  const builder = new Builder();
  const next = allocateClasses(
    allocation,
    flatten(policy.classes).map((item) => item.path),
    parseInt(rootMajor, 16)
  );
  const { scheduler, note } = schedulerFor(policy, capabilities);
  if (note) {
    builder.notes.add(note);
  }
  const levels = BUILD[scheduler]({
    policy,
    builder,
    capabilities,
    root: `${rootMajor}:`,
    minorOf: (item) => next.classes[item.path]!,
    handleOf: (item) => `${queueMajor(next, item.path).toString(16)}:`,
    link: linkMinor(next),
    bands: next.bands,
  });
  const { slots: rules, hidden } = rulesOfLevels(levels, capabilities);
  const root = rootOf(builder.tree);
  const first = levels[0]?.parent ?? (root?.kind === 'tbf' ? undefined : root?.handle);
  const connection = connectionRule(policy, first, capabilities);
  connection.notes.forEach((note) => builder.notes.add(note));
  const slots = [...connection.slots, ...rules];
  const divided = slots.map((slot) => bucketingOf(slot.map(({ value }) => value)));
  const filters = allocateFilters(
    allocation.filters,
    slots.map((slot) => slot.map(({ key }) => key)),
    (index, at) => {
      const { value } = slots[index]![at]!;
      const by = divided[index];
      return by ? bucketOf(value, by) : value.kind === 'u32' ? 0 : undefined;
    }
  );
  for (const [index, slot] of slots.entries()) {
    const by = divided[index];
    const table = by && builder.addTable(slot[0]!.value, filters[slot[0]!.key]![0], by);
    for (const { key, value, origin } of slot) {
      const [pref, place] = filters[key]!;
      const shared = value.kind === 'flower' || slot.length > 1;
      const handle = table ? handleIn(table.id, place) : place;
      builder.add({ type: 'filter', value: { ...value, pref, ...(shared ? { handle } : {}) } }, origin);
    }
  }
  if (hidden && capabilities.classifiers.includes('flower')) {
    builder.notes.add('Some rules are of u32, which alone sees lengths and marks: ports are not seen there behind IPv4 options or IPv6 extension headers.'); // prettier-ignore
  }
  looksNote(slots).forEach((note) => builder.notes.add(note));
  if (root) {
    capabilityNotes(builder, capabilities);
    linkNotes(policy, capabilities, root.kind).forEach((note) => builder.notes.add(note));
  }
  return { tree: builder.tree, allocation: { ...next, filters }, notes: [...builder.notes], scheduler };
}
