/** A tree while it is being compiled: objects with their origins, and notes said once. */
import type { ResolvedClass, ResolvedPolicy } from '../../policy/resolve.ts';
import type { HashTable } from './hash-table.ts';
import { sizeTableOf } from './link.ts';
import {
  objectId,
  type Capabilities,
  type CompiledTree,
  type Filter,
  type Origin,
  type Qdisc,
  type TreeObject,
} from './model.ts';
import { leafQueue } from './queue.ts';

export class Builder {
  readonly tree: CompiledTree = { qdiscs: [], classes: [], filters: [], origins: new Map() };
  readonly notes = new Set<string>();
  add(object: TreeObject, origin: Origin): void {
    const list = { qdisc: this.tree.qdiscs, class: this.tree.classes, filter: this.tree.filters }[
      object.type
    ] as unknown[];
    list.push(object.value);
    this.tree.origins.set(objectId(object), origin);
  }
  /** A table for rules that are added after it. */
  addTable(
    { parent, protocol }: Pick<Filter, 'parent' | 'protocol'>,
    pref: number,
    by: Pick<HashTable, 'mask' | 'offset' | 'keys'>
  ): HashTable {
    const tables = (this.tree.tables ??= []);
    const table = { id: tables.length + 1, parent, protocol, pref, ...by };
    tables.push(table);
    return table;
  }
}

/** What a discipline builds its tree on. */
export interface Ground {
  policy: ResolvedPolicy;
  builder: Builder;
  capabilities: Capabilities;
  /** Handle of the root, e.g. "1:" */
  root: string;
  /** The identity of a class: its minor, given once to its path */
  minorOf: (item: ResolvedClass) => number;
  /** The handle of its queue, wherever that hangs */
  handleOf: (item: ResolvedClass) => string;
  /** Minor of the class that stands for the link */
  link: number;
  /** Major of what divides the link below its shaper, where that has an identity */
  bands: number | undefined;
}

/** The qdisc at the root. */
export function addRoot({ policy, builder, root }: Ground, kind: string, options: Qdisc['options'], why: string): void {
  const value: Qdisc = { handle: root, parent: 'root', kind, options };
  const stab = kind === 'cake' ? undefined : sizeTableOf(policy.link);
  if (stab) {
    value.stab = stab;
  }
  const link = policy.link ? `; each packet counts ${policy.link.overhead} B more${policy.link.mpu ? `, ${policy.link.mpu} B at least` : ''}${policy.link.cell === 'atm' ? ', in cells of 53 B for 48' : ''}` : ''; // prettier-ignore
  builder.add({ type: 'qdisc', value }, { path: 'spec', why: `${why}${link}` });
}

/** The queue of a leaf. */
export function addLeaf({ builder, capabilities, handleOf }: Ground, item: ResolvedClass, parent: string): void {
  const { qdisc, why, notes } = leafQueue(item, parent, handleOf(item), capabilities);
  notes.forEach((note) => builder.notes.add(note));
  builder.add({ type: 'qdisc', value: qdisc }, { path: `${item.source}.queue`, why: `${item.path}: ${why}` });
}

/** The leaf that takes what nothing matched: defaults of defaults are followed down. */
export function defaultLeaf(classes: readonly ResolvedClass[]): ResolvedClass {
  const item = classes.find((candidate) => candidate.default)!;
  return item.classes.length > 0 ? defaultLeaf(item.classes) : item;
}
