/** Hash tables of u32 in a listing: each that one rule leads to, alone at its preference, and whose rules say all that they ask for. */
import { bucketIn, standsRight, tableIn, type HashTable } from './hash-table.ts';
import { words } from './listing.ts';
import type { LiveTree } from './model.ts';
import { protocolOf, u32Key } from './read-filter.ts';

const LINE = /^filter( parent \S+)? protocol \S+ pref \d+ u32 chain 0 fh /;
const TABLE = /^filter .* fh ([0-9a-f]{1,3}): ht divisor 256$/;
const LINK =
  /^filter .* fh [89a-f][0-9a-f]{2}::\S+ order \d+ key ht [89a-f][0-9a-f]{2} bkt 0 link ([0-9a-f]{1,3}):( not_in_hw)?$/;
const HASH = /^hash mask ([0-9a-f]{8}) at (-?\d+)$/;
const IN_ROOT = / fh [89a-f][0-9a-f]{2}::/;

type Listed = ReadonlyArray<readonly [scope: string, blocks: ReadonlyArray<readonly string[]>]>;

function linkIn([first = '', ...lines]: readonly string[], scope: string): HashTable | undefined {
  const id = LINE.test(first) ? LINK.exec(first.trim())?.[1] : undefined;
  if (!id) {
    return undefined;
  }
  const head = words(first);
  const value = (name: string) => head[head.indexOf(name) + 1] ?? '';
  const hash = HASH.exec(lines.at(-1)?.trim() ?? '');
  const keys = lines.slice(0, -1).map((line) => u32Key(line.trim()));
  return hash && keys.every((key) => key !== undefined)
    ? {
        id: parseInt(id, 16),
        parent: head.includes('parent') ? value('parent') : scope,
        protocol: protocolOf(value('protocol')),
        pref: Number(value('pref')),
        mask: parseInt(hash[1]!, 16),
        offset: Number(hash[2]),
        keys: keys.filter((key) => key !== 'match u32 0x00000000 0x00000000 at 0'),
      }
    : undefined;
}

/** @returns by id, those that are made as ours are */
export function readTables(listed: Listed): Map<number, HashTable> {
  const all = listed.flatMap(([scope, blocks]) => blocks.map((block) => ({ scope, block, first: block[0]! })));
  const made = new Set(all.flatMap(({ first }) => (first.includes(' ht divisor 256') ? [parseInt(TABLE.exec(first.trim())?.[1] ?? '', 16)] : []))); // prettier-ignore
  if (made.size === 0) {
    return new Map();
  }
  const links = all.flatMap(({ scope, block }) => linkIn(block, scope) ?? []);
  const inRoots = Map.groupBy(
    all.filter(({ first }) => IN_ROOT.test(first)),
    ({ first }) => Number(/ pref (\d+) /.exec(first)?.[1])
  );
  const isAlone = ({ id, pref }: HashTable) =>
    inRoots.get(pref)?.length === 1 && links.filter((other) => other.id === id).length === 1;
  return new Map(links.filter((table) => made.has(table.id) && isAlone(table)).map((table) => [table.id, table]));
}

/** Into the tree with them, but for those whose rules stand where nothing leads to them, or ask for less than what leads to them does. */
export function keepTables(tree: LiveTree, tables: ReadonlyMap<number, HashTable>): void {
  if (tables.size === 0) {
    return;
  }
  const wrong = new Set<number>();
  tree.filters = tree.filters.map((filter) => {
    const table = filter.kind === 'u32' ? tables.get(tableIn(filter.handle ?? 0)) : undefined;
    if (!table || standsRight(filter, table)) {
      return filter;
    }
    wrong.add(table.id);
    return { ...filter, partial: `in bucket ${bucketIn(filter.handle!).toString(16)} of a hash table` };
  });
  wrong.forEach((id) => tree.inexact.push(`filter ${tables.get(id)!.parent} pref ${tables.get(id)!.pref} u32 (a hash table)`)); // prettier-ignore
  tree.tables = [...tables.values()].sort((a, b) => a.id - b.id);
}
