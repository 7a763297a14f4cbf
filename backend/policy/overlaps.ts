/** Which boxes may meet a given one, without trying each: what thousands of rules are compared through. */
import { touches, type Box, type Dimension, type Family } from './regions.ts';
import type { Bound, Span, Spans } from './spans.ts';

/** A box that spreads over more cells of a field than this is looked at whatever the other one's field holds. */
const MOST_CELLS = 8;

/** Fields with the sizes of their cells by IP version, fine and coarse: addresses by /30 and /24, by /64 and /48. */
const same = (size: Bound) => ({ 4: size, 6: size, 0: size });
const LEVELS: ReadonlyArray<{ key: string; dimension: Dimension; cell: Readonly<Record<Family, Bound>> }> = [
  ...(['dscp', 'protocol', 'sourcePort', 'destinationPort', 'etherType', 'vlan', 'fwmark0', 'fwmark1', 'fwmark2', 'fwmark3', 'connmark0', 'connmark1', 'connmark2', 'connmark3'] as const)
    .map((dimension) => ({ key: dimension, dimension, cell: same(1) })),
  ...(['sourceMac', 'destinationMac', 'inputInterface'] as const).map((dimension) => ({ key: dimension, dimension, cell: same(1n) })),
  { key: 'S', dimension: 'sourcePort', cell: same(64) },
  { key: 'T', dimension: 'destinationPort', cell: same(64) },
  { key: 'f', dimension: 'source', cell: { 4: 1n << 2n, 6: 1n << 64n, 0: 1n } },
  { key: 'F', dimension: 'source', cell: { 4: 1n << 8n, 6: 1n << 80n, 0: 1n } },
  { key: 'g', dimension: 'destination', cell: { 4: 1n << 2n, 6: 1n << 64n, 0: 1n } },
  { key: 'G', dimension: 'destination', cell: { 4: 1n << 8n, 6: 1n << 80n, 0: 1n } },
]; // prettier-ignore

/** The first and the last cell that a span touches. */
function ends([from, below]: Span, size: Bound): [Bound, Bound] {
  return typeof size === 'bigint'
    ? [BigInt(from) / size, (BigInt(below) - 1n) / size]
    : [Math.floor(Number(from) / size), Math.floor((Number(below) - 1) / size)];
}

/** The cells that spans touch, or undefined when they are many. */
function cells(spans: Spans | undefined, size: Bound): string[] | undefined {
  if (!spans) {
    return undefined;
  }
  const found = new Set<string>();
  for (const span of spans) {
    const [first, last] = ends(span, size);
    if (Number(last) - Number(first) >= MOST_CELLS) {
      return undefined;
    }
    for (let cell = first; cell <= last; cell++) {
      found.add(String(cell));
    }
    if (found.size > MOST_CELLS) {
      return undefined;
    }
  }
  return [...found];
}

interface Entry<T> {
  box: Box;
  owner: T;
}

export class Overlaps<T> {
  private readonly all: Record<Family, Array<Entry<T>>> = { 4: [], 6: [], 0: [] };
  private readonly narrow = new Map<string, Array<Entry<T>>>();
  private readonly wide = new Map<string, Array<Entry<T>>>();

  private static put<T>(into: Map<string, Array<Entry<T>>>, key: string, entry: Entry<T>): void {
    const list = into.get(key);
    if (list) {
      list.push(entry);
    } else {
      into.set(key, [entry]);
    }
  }

  add(box: Box, owner: T): void {
    const entry = { box, owner };
    this.all[box.family].push(entry);
    for (const { key: level, dimension, cell: size } of LEVELS) {
      const key = `${box.family}${level}`;
      const own = cells(box[dimension], size[box.family]);
      for (const cell of own ?? []) {
        Overlaps.put(this.narrow, `${key}${cell}`, entry);
      }
      if (!own) {
        Overlaps.put(this.wide, key, entry);
      }
    }
  }

  /** @returns every entry that shares something with the box, and how many were looked at for that */
  near(box: Box): { entries: Array<Entry<T>>; looked: number } {
    let best: ReadonlyArray<ReadonlyArray<Entry<T>>> = [this.all[box.family]];
    let looked = this.all[box.family].length;
    for (const { key: level, dimension, cell: size } of LEVELS) {
      const key = `${box.family}${level}`;
      const own = cells(box[dimension], size[box.family]);
      if (own) {
        const lists = [this.wide.get(key) ?? [], ...own.map((cell) => this.narrow.get(`${key}${cell}`) ?? [])];
        const count = lists.reduce((sum, list) => sum + list.length, 0);
        if (count < looked) {
          [best, looked] = [lists, count];
        }
      }
    }
    const found = best.flatMap((list) => list.filter((entry) => touches(entry.box, box)));
    return { entries: best.length > 2 ? [...new Set(found)] : found, looked };
  }
}
