/** Which entries are shown. Pure. */
import type { AuditEntry } from '../../data/index.ts';

export type Outcome = AuditEntry['outcome'];
export const OUTCOMES: readonly Outcome[] = ['done', 'refused', 'failed'];

/** Every word must stand somewhere in the entry. */
export function filtered(entries: readonly AuditEntry[], search: string, outcome: Outcome | undefined): AuditEntry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter((entry) => {
    const text = [entry.by, entry.role, entry.action, entry.subject, entry.detail].join('\n').toLowerCase();
    return (!outcome || entry.outcome === outcome) && words.every((word) => text.includes(word));
  });
}
