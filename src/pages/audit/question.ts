/** What is asked of the audit, as it stands in the address. Pure but for the time zone that Grafana shows times in. */
import { dateTimeParse } from '@grafana/data';
import type { AuditEntry, AuditQuery } from '../../data/index.ts';

export type Outcome = AuditEntry['outcome'];
export const OUTCOMES: readonly Outcome[] = ['done', 'refused', 'failed'];

/** Keys of the address; `from` and `to` are Grafana's. */
export const KEYS = ['search', 'by', 'action', 'subject', 'outcome', 'since', 'until'] as const;
export type Key = (typeof KEYS)[number];

/** The first moment of a day, or of one some days later; undefined for what is no day. */
function beginning(day: string, later = 0): number | undefined {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? dateTimeParse(day, { format: 'YYYY-MM-DD' }) : undefined;
  return at?.isValid() ? at.add(later, 'day').valueOf() : undefined;
}

/** @param text of a key, empty where it is not asked for */
export function questionOf(text: (key: Key) => string): AuditQuery {
  const part = (key: 'search' | 'by' | 'action' | 'subject') => text(key).trim() || undefined;
  return {
    search: part('search'),
    by: part('by'),
    action: part('action'),
    subject: part('subject'),
    outcome: OUTCOMES.find((item) => item === text('outcome')),
    from: beginning(text('since')),
    // The whole of the last day counts.
    to: beginning(text('until'), 1),
  };
}
