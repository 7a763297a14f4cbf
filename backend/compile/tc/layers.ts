/**
 * Which rules may share a preference. Within one preference flower's masks match in the order of insertion, whatever the
 * document says, so only rules that no packet can tell apart in order stand together: those that no packet satisfies
 * both of, and those of one target. A preference costs a packet one look for each mask, however many rules it holds.
 */
import { BIT_FIELDS, blocks, RANGE_FIELDS, type Bits, type Box } from '../../policy/boxes.ts';
import type { PortRange } from '../../policy/quantities.ts';

export interface Ordered {
  box: Box;
  /** Of the filter: "all" takes what any other takes */
  protocol: string;
  /** Rules of one target may stand in any order */
  target: string;
}

/** The smallest block that holds a range: what is compared of it. */
function around(range: PortRange): Bits {
  const parts = blocks(range);
  const [first, last] = [parts[0]!, parts.at(-1)!];
  let mask = first.mask & last.mask;
  while ((first.value ^ last.value) & mask) {
    mask = (mask << 1n) & 0xffffn;
  }
  return { value: first.value & mask, mask };
}

type Shape = ReadonlyArray<readonly [name: string, mask: bigint]>;
type Values = ReadonlyMap<string, { value: bigint | string; mask: bigint }>;

function valuesOf({ box, protocol }: Ordered): Values {
  const values = new Map<string, { value: bigint | string; mask: bigint }>();
  if (protocol !== 'all') {
    values.set('tagged', { value: protocol === '802.1Q' ? 1n : 0n, mask: 1n });
  }
  for (const field of BIT_FIELDS) {
    const bits = box[field];
    if (bits) {
      values.set(field, bits);
    }
  }
  for (const field of RANGE_FIELDS) {
    const range = box[field];
    const bits = range && around(range);
    if (bits && bits.mask > 0n) {
      values.set(field, bits);
    }
  }
  if (box.inputInterface) {
    values.set('inputInterface', { value: box.inputInterface, mask: 1n });
  }
  return values;
}

const shapeOf = (values: Values): Shape => [...values].map(([name, { mask }]) => [name, mask] as const);
const nameOf = (shape: Shape) => shape.map(([name, mask]) => `${name}/${mask}`).join(' ');
/** What two rules must differ in to exclude each other. */
const common = (a: Shape, b: ReadonlyMap<string, bigint>): Shape =>
  a.flatMap(([name, mask]) => {
    const both = mask & (b.get(name) ?? 0n);
    return both === 0n ? [] : [[name, both] as const];
  });
const project = (values: Values, shape: Shape) =>
  shape
    .map(([name, mask]) => {
      const { value } = values.get(name)!;
      return typeof value === 'string' ? value : value & mask;
    })
    .join(' ');

/** The last layer with such a rule, and the last one of another target than that. */
interface Last {
  layer: number;
  target: string;
  other: number;
}

/** Rules of one shape, looked up by what they have in common with another. */
class Group {
  readonly masks: ReadonlyMap<string, bigint>;
  private readonly members: Array<{ values: Values; target: string; layer: number }> = [];
  private readonly indexes = new Map<string, { shape: Shape; last: Map<string, Last> }>();
  constructor(shape: Shape) {
    this.masks = new Map(shape);
  }
  lastBefore(values: Values, shape: Shape, target: string): number {
    const name = nameOf(shape);
    let index = this.indexes.get(name);
    if (!index) {
      index = { shape, last: new Map() };
      for (const member of this.members) {
        Group.note(index, member);
      }
      this.indexes.set(name, index);
    }
    const last = index.last.get(project(values, shape));
    return last ? (last.target === target ? last.other : last.layer) : -1;
  }
  add(member: { values: Values; target: string; layer: number }): void {
    this.members.push(member);
    for (const index of this.indexes.values()) {
      Group.note(index, member);
    }
  }
  private static note(
    index: { shape: Shape; last: Map<string, Last> },
    { values, target, layer }: { values: Values; target: string; layer: number }
  ): void {
    const key = project(values, index.shape);
    const last = index.last.get(key);
    if (!last) {
      index.last.set(key, { layer, target, other: -1 });
    } else if (last.target === target) {
      last.layer = Math.max(last.layer, layer);
    } else if (layer > last.layer) {
      index.last.set(key, { layer, target, other: last.layer });
    } else {
      last.other = Math.max(last.other, layer);
    }
  }
}

/** @returns for each rule, in the order of the document, its layer from 0: after every earlier one that it could take packets from. */
export function layersOf(rules: readonly Ordered[]): number[] {
  const groups = new Map<string, Group>();
  const shapes = new Map<string, Map<Group, Shape>>();
  return rules.map((rule) => {
    const values = valuesOf(rule);
    const shape = shapeOf(values);
    const name = nameOf(shape);
    const shared = shapes.get(name) ?? new Map<Group, Shape>();
    shapes.set(name, shared);
    let layer = 0;
    for (const group of groups.values()) {
      const both = shared.get(group) ?? common(shape, group.masks);
      shared.set(group, both);
      layer = Math.max(layer, 1 + group.lastBefore(values, both, rule.target));
    }
    const own = groups.get(name) ?? new Group(shape);
    groups.set(name, own);
    own.add({ values, target: rule.target, layer });
    return layer;
  });
}
