/** The queue of a leaf: what the policy asks for, what the kernel has, and figures computed where none are given. */
import type { ResolvedClass } from '../../policy/resolve.ts';
import { CompileError } from './compile-error.ts';
import { checkQueue } from './limits.ts';
import type { Capabilities, Qdisc } from './model.ts';
import { QUEUE_FIGURES, type Algorithm } from './queue-figures.ts';

const PREFERENCE = ['fq_codel', 'sfq', 'pfifo'] as const;

function choose(item: ResolvedClass, capabilities: Capabilities): { algorithm: Algorithm; why: string } {
  const asked = item.queue.algorithm ?? 'auto';
  if (asked !== 'auto') {
    if (!capabilities.qdiscs.includes(asked)) {
      throw new CompileError(
        `${item.source}.queue.algorithm`,
        `"${item.name}" asks for ${asked}, which this kernel (${capabilities.kernel}) does not have. Use queue.algorithm: auto, or load its module.`
      );
    }
    return { algorithm: asked, why: `${asked} as asked for` };
  }
  const algorithm = PREFERENCE.find((kind) => capabilities.qdiscs.includes(kind)) ?? 'pfifo';
  return {
    algorithm,
    why:
      algorithm === 'fq_codel'
        ? 'fq_codel keeps the queue short and flows apart'
        : `${algorithm}: the best queue this kernel has`,
  };
}

type Figure = keyof ResolvedClass['queue'];
const ALL: readonly Figure[] = ['limit', 'target', 'interval', 'quantum', 'flows', 'ecn', 'memory'];

/** What each has of these figures, and whether its limit may be bytes. */
const HAS: Readonly<Record<Algorithm, { figures: readonly Figure[]; bytes: boolean }>> = {
  fq_codel: { figures: ALL, bytes: true },
  codel: { figures: ['limit', 'target', 'interval', 'ecn'], bytes: false },
  sfq: { figures: ['limit', 'quantum'], bytes: false },
  pfifo: { figures: ['limit'], bytes: true },
  bfifo: { figures: ['limit'], bytes: true },
  red: { figures: ['limit', 'ecn'], bytes: true },
  cake: { figures: ['interval', 'memory'], bytes: false },
};

function notesOn({ queue, path }: ResolvedClass, algorithm: Algorithm): string[] {
  const { figures, bytes } = HAS[algorithm];
  const has = (key: Figure) => figures.includes(key) && !(key === 'limit' && !bytes && queue.limit && 'bytes' in queue.limit); // prettier-ignore
  const left = ALL.filter((key) => queue[key] !== undefined && !has(key));
  const byDscp = algorithm === 'red' && queue.drop?.some((entry) => entry.dscp !== undefined);
  return [
    ...(left.length > 0
      ? [`${path}: ${left.join(', ')} of the queue has no effect on this kernel, since ${algorithm} has no such figure.`]
      : []),
    // gred goes by skb->tc_index, which dsmark and tcindex set until Linux 6.3 removed both.
    ...(byDscp
      ? [`${path}: Linux cannot drop by DSCP within one queue (its gred goes by a mark that nothing sets since Linux 6.3), so the widest of the thresholds holds for all.`]
      : []),
  ]; // prettier-ignore
}

/** @param parent the class or band that it hangs at */
export function leafQueue(
  item: ResolvedClass,
  parent: string,
  handle: string,
  capabilities: Capabilities
): { qdisc: Qdisc; why: string; notes: string[] } {
  const { algorithm, why } = choose(item, capabilities);
  checkQueue(item, algorithm);
  const { kind, options, why: more } = QUEUE_FIGURES[algorithm](item);
  return {
    qdisc: { handle, parent, kind, options },
    why: `${why}; ${more}`,
    notes: notesOn(item, algorithm),
  };
}
