/** A tree while it is being compiled: objects with their origins, and notes said once. */
import type { ResolvedClass } from '../../policy/resolve.ts';
import { objectId, type Capabilities, type CompiledTree, type Origin, type TcObject } from './model.ts';

export class Builder {
  readonly tree: CompiledTree = { qdiscs: [], classes: [], filters: [], origins: new Map() };
  readonly notes = new Set<string>();
  add(object: TcObject, origin: Origin): void {
    const list = { qdisc: this.tree.qdiscs, class: this.tree.classes, filter: this.tree.filters }[
      object.type
    ] as unknown[];
    list.push(object.value);
    this.tree.origins.set(objectId(object), origin);
  }
}

/** What a discipline builds its tree on. */
export interface Ground {
  builder: Builder;
  capabilities: Capabilities;
  /** Handle of the root, e.g. "1:" */
  root: string;
  /** The identity of a class: its minor, given once to its path */
  minorOf: (item: ResolvedClass) => number;
}
