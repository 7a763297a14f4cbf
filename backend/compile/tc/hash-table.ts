/**
 * Rules of u32 that look at the same bits, in 256 buckets by one byte of them: a packet is held against those of its
 * bucket alone. One rule at the preference leads to the table, and each rule in it says all that it asks for, so that
 * the table tells nothing that its rules do not. The kernel hides a table together with its preference, and lets go of
 * it only some time after the rule that leads to it has gone (measured on Linux 6.18: "Can not delete in-use filter" at
 * once, none 0.3 s later): tables come with a new root and go with it.
 */
import { ARRIVING } from './ingress.ts';
import type { Filter } from './model.ts';

export interface HashTable {
  /** From 1 on, below what the kernel gives by itself */
  id: number;
  parent: string;
  protocol: string;
  pref: number;
  /** The bits that say the bucket, in the word at `offset` from the IP header */
  mask: number;
  offset: number;
  /** What all its rules ask for */
  keys: string[];
}
type Bucketing = Pick<HashTable, 'mask' | 'offset' | 'keys'>;
type Rule = Pick<Filter, 'kind' | 'keys' | 'parent' | 'chain'>;

/** Fewer rules cost less than a table that comes with a new root. */
const FEWEST = 64;
/** Rules of one bucket that the kernel does not number by itself */
const MOST_IN_BUCKET = 0x7ff;
const NODE_BITS = 12;
const BUCKET_BITS = 8;

const WORD = /^match u32 0x([0-9a-f]{8}) 0x([0-9a-f]{8}) at (-?\d+)$/;
interface Word {
  value: number;
  mask: number;
  offset: number;
}
function wordOf(key: string): Word | undefined {
  const [, value = '', mask = '', offset = ''] = WORD.exec(key) ?? [];
  return value ? { value: parseInt(value, 16), mask: parseInt(mask, 16), offset: Number(offset) } : undefined;
}
const wordsOf = (keys: readonly string[]): Word[] => keys.flatMap((key) => wordOf(key) ?? []);

/** What a rule looks at, whatever the values. */
export const shapeOf = (keys: readonly string[]): string =>
  keys.map((key) => (WORD.test(key) ? key.split(' ').slice(3).join(' ') : key)).join(' ');

/** The bits of a word under a mask, moved down to the lowest of them (cls_u32, u32_hash_fold). */
const fold = (value: number, mask: number) => ((value & mask) >>> (31 - Math.clz32(mask & -mask))) & 0xff;

/** @returns the bucket, or undefined where the rule does not say all of it */
export function bucketOf(
  { keys }: Pick<Rule, 'keys'>,
  { mask, offset }: Pick<Bucketing, 'mask' | 'offset'>
): number | undefined {
  const found = wordsOf(keys).find((word) => word.offset === offset);
  return found && (found.mask & mask) >>> 0 === mask ? fold(found.value, mask) : undefined;
}

/** Each byte of each word, those of the ports first. */
const bytesOf = (keys: readonly string[]) =>
  wordsOf(keys).toReversed().flatMap(({ mask, offset }) => [0, 8, 16, 24].map((shift) => ({ mask: (mask & (0xff << shift)) >>> 0, offset }))).filter(({ mask }) => mask !== 0); // prettier-ignore

/**
 * How rules of one preference are divided, or undefined where they are few, stand at a hook, look at different bits, or
 * have no byte that divides them. It is the first byte that does well, so that another rule does not change it: that would take a new root.
 */
export function bucketingOf(rules: readonly Rule[]): Bucketing | undefined {
  const [first] = rules;
  if (!first || rules.length < FEWEST || first.kind !== 'u32' || first.parent === ARRIVING || first.chain) {
    return undefined;
  }
  const shape = shapeOf(first.keys);
  if (rules.some(({ keys }) => shapeOf(keys) !== shape)) {
    return undefined;
  }
  const bytes = bytesOf(first.keys).map((byte) => ({ ...byte, most: largest(rules, byte) }));
  const least = bytes.reduce((best, byte) => (byte.most < best.most ? byte : best), { mask: 0, offset: 0, most: Infinity }); // prettier-ignore
  const { mask, offset, most } = bytes.find((byte) => byte.most <= 8 + 4 * Math.ceil(rules.length / 256)) ?? least;
  return most > Math.min(MOST_IN_BUCKET, rules.length / 4)
    ? undefined
    : { mask, offset, keys: first.keys.filter((key) => rules.every(({ keys }) => keys.includes(key))) };
}

/** Rules of the fullest bucket. */
export function largest(rules: ReadonlyArray<Pick<Rule, 'keys'>>, by: Pick<Bucketing, 'mask' | 'offset'>): number {
  const counts = new Map<number | undefined, number>();
  for (const rule of rules) {
    const bucket = bucketOf(rule, by);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** The kernel's handle of a rule in a table, of its bucket and its number there; the table's own has neither. */
export const handleIn = (table: number, inTable = 0): number => table * 2 ** (BUCKET_BITS + NODE_BITS) + inTable;
export const inBucket = (bucket: number, number: number): number => bucket * 2 ** NODE_BITS + number;
/** What `inBucket` made of a rule's bucket and number, whatever its table. */
export const placeIn = (handle: number): number => handle % 2 ** (BUCKET_BITS + NODE_BITS);
/** Numbers that the kernel gives by itself are above ours. */
export const isOurs = (handle: number): boolean => handle % 2 ** NODE_BITS <= MOST_IN_BUCKET;
export const bucketIn = (handle: number): number => (handle >>> NODE_BITS) & 0xff;
export const tableIn = (handle: number): number => Math.floor(handle / 2 ** (BUCKET_BITS + NODE_BITS));

/** As tc takes it: "::0x5" for a rule of the preference itself, "1:b8:5" for one in a table, "1:" for the table. */
export function handleText(handle: number): string {
  const table = tableIn(handle);
  const node = handle % 2 ** NODE_BITS;
  return table === 0
    ? `::0x${handle.toString(16)}`
    : `${table.toString(16)}:${node === 0 ? '' : `${bucketIn(handle).toString(16)}:${node.toString(16)}`}`;
}

const rule = ({ parent, protocol, pref }: HashTable) => ({ parent, protocol, pref, kind: 'u32' as const, classid: '' }); // prettier-ignore
const hex = (value: number) => `0x${value.toString(16).padStart(8, '0')}`;

/** What makes a table, before its rules. */
export const tableFilter = (table: HashTable): Filter => ({
  ...rule(table),
  handle: handleIn(table.id),
  keys: ['divisor 256'],
});
/** What leads to a table, once its rules are there. */
export const linkFilter = (table: HashTable): Filter => ({
  ...rule(table),
  keys: [
    ...(table.keys.length > 0 ? table.keys : ['match u32 0x00000000 0x00000000 at 0']),
    `hashkey mask ${hex(table.mask)} at ${table.offset}`,
    `link ${table.id.toString(16)}:`,
  ],
});

/** Whether a rule in a table asks for all that leads to it and stands in the bucket that it says. */
export const standsRight = (filter: Filter, table: HashTable): boolean =>
  table.keys.every((key) => filter.keys.includes(key)) &&
  bucketOf(filter, table) === bucketIn(filter.handle ?? 0) &&
  filter.pref === table.pref &&
  filter.parent === table.parent;
