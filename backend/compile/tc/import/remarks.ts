/** Remarks of an import as an operator reads them. */
import { isExact, type LiveTree } from '../model.ts';
import type { Remark } from './model.ts';

/** The same said of several objects is one remark. */
export function grouped(remarks: readonly Remark[]): Remark[] {
  const groups = new Map<string, Remark[]>();
  for (const item of remarks) {
    const key = `${item.kind} ${item.message}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  const rank = { 'left-out': 0, approximate: 1, notice: 2 };
  return [...groups.values()]
    .map(([first, ...others]): Remark => {
      const objects = [...new Set([first!, ...others].map(({ object }) => object))];
      const shown = objects.slice(0, 4).join(', ');
      return { ...first!, object: objects.length > 4 ? `${shown} and ${objects.length - 4} more` : shown };
    })
    .sort((a, b) => rank[a.kind] - rank[b.kind]);
}

/** What the reader named and neither a rule nor a queue of a class carries. */
export function unread({ inexact, filters, qdiscs }: Pick<LiveTree, 'inexact' | 'filters' | 'qdiscs'>): Remark[] {
  const carried = [
    ...filters.flatMap((filter) => (isExact(filter) ? [] : [`filter ${filter.parent} pref ${filter.pref} `])),
    ...qdiscs.filter(({ parent }) => parent !== 'root').map(({ kind, handle }) => `qdisc ${kind} ${handle}`),
  ];
  return inexact
    .filter((item) => !carried.some((start) => item === start || (start.endsWith(' ') && item.startsWith(start))))
    .map((item) => {
      const [, object = item, detail] = /^(.*?) \((.*)\)$/.exec(item) ?? [];
      const message = detail ? `The policy does not say: ${detail}.` : 'The policy has nothing for it.';
      return { kind: 'left-out', object, message };
    });
}
