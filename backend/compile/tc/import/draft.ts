/** Classes of the policy with their names and rates, from the places that the rules gave them. */
import type { TrafficClass } from '../../../policy/schema.ts';
import { minorOf, type Node } from './classes.ts';
import { absolute, burstOf, guaranteesOf, prioritiesOf, strictLeaves } from './figures.ts';
import type { Placed } from './levels.ts';
import type { ImportOptions, Remark } from './model.ts';
import { Names } from './names.ts';

export interface Drafted {
  node: Node;
  draft: TrafficClass;
  path: string;
}
export interface DraftedClasses {
  classes: TrafficClass[];
  drafted: Drafted[];
  /** Path by classid */
  paths: Map<string, string>;
}

interface Above {
  path: string;
  guarantee: number;
  ceiling: number;
}

const flat = (list: readonly Placed[]): Placed[] => list.flatMap((item) => [item, ...flat(item.classes)]);

/** @param bandwidth bit/s of the link; @param bursts by classid, where they are no figures of HTB; @returns classes without shares and queues, which depend on what these resolve to */
export function draftClasses(
  placed: readonly Placed[],
  leaves: readonly Node[],
  bandwidth: number,
  options: ImportOptions,
  remark: (item: Remark) => void,
  bursts?: ReadonlyMap<string, number>
): DraftedClasses {
  const defaults = new Set(flat(placed).flatMap((item) => (item.default ? [item.node] : [])));
  const strict = strictLeaves(leaves, (node) => defaults.has(node));
  const prios = leaves.filter((node) => !strict.has(node)).flatMap(({ item }) => item.prio ?? []);
  const priorities = prioritiesOf(prios, remark);
  const names = new Names(options.names);
  const drafted: Drafted[] = [];
  const paths = new Map<string, string>();

  const draftOf = (item: Placed, guarantee: number, above: Above): TrafficClass => {
    const { node } = item;
    const what = item.default ? (above.path ? `${above.path.split('/').at(-1)}-default` : 'default') : 'class';
    // Of ours a queue has its class's number, also where the class is a band.
    const minor = options.names && node?.queue ? parseInt(node.queue.handle, 16) : node ? minorOf(node.item.classid) : 0; // prettier-ignore
    const name = names.of(minor, item.match ?? [], what);
    const path = above.path ? `${above.path}/${name}` : name;
    const draft: TrafficClass = { name, ...(item.default ? { default: true } : { match: item.match }) };
    if (!node) {
      return draft;
    }
    paths.set(node.item.classid, path);
    drafted.push({ node, draft, path });
    const isStrict = strict.has(node);
    const leaf = item.classes.length === 0;
    const priority = leaf && !isStrict ? priorities.get(node.item.prio ?? 0) : undefined;
    const burst = bursts ? bursts.get(node.item.classid) : burstOf(node, options.names !== undefined, remark);
    Object.assign(
      draft,
      isStrict && { strict: true },
      priority !== undefined && priority !== 3 && { priority },
      guarantee > 0 && { guarantee: absolute(guarantee) },
      !isStrict && node.ceiling < above.ceiling && { ceiling: absolute(node.ceiling) },
      burst && { burst },
      item.acting,
      !leaf && { classes: levelOf(item.classes, { path, guarantee, ceiling: node.ceiling }) }
    );
    return draft;
  };
  const levelOf = (list: readonly Placed[], above: Above): TrafficClass[] => {
    const nodes = list.flatMap(({ node }) => node ?? []);
    const guarantees = guaranteesOf(nodes, above.guarantee, strict, remark);
    return list.map((item) => draftOf(item, item.node ? guarantees.get(item.node)! : 0, above));
  };
  const classes = levelOf(placed, { path: '', guarantee: bandwidth, ceiling: bandwidth });
  return { classes, drafted, paths };
}
