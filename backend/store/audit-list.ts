/** Entries of the audit by who, what, where, when and how it ended: what is looked for stands anywhere in its field. */
import { sql, type ExpressionBuilder, type Kysely, type SqlBool, type Expression } from 'kysely';
import { partOf } from './part-of.ts';
import type { AuditTable, Tables } from './tables.ts';

export interface AuditFilter {
  /** Part of the login */
  by?: string | undefined;
  /** Part of e.g. policy.save */
  action?: string | undefined;
  /** Part of the document and interface, e.g. of "Binding/uplinks on graz/wan0" */
  subject?: string | undefined;
  outcome?: AuditTable['outcome'] | undefined;
  /** ms since the epoch, the first that counts */
  from?: number | undefined;
  /** ms since the epoch, the first that does not count any more */
  to?: number | undefined;
  /** Each of them stands in one of the texts of the entry */
  words?: readonly string[] | undefined;
  /** Only entries before this number: the last of the page before */
  before?: number | undefined;
  limit?: number | undefined;
}
export type AuditListed = Omit<AuditTable, 'seal'>;

/** Text as every database takes it and gives it back. */
export const kept = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');

const TEXTS = ['by', 'role', 'action', 'subject', 'detail'] as const;

export async function listAudit(db: Kysely<Tables>, tenant: string, filter: AuditFilter): Promise<AuditListed[]> {
  const { by, action, subject, outcome, from, to, words = [], before, limit = 100 } = filter;
  const holds = (column: (typeof TEXTS)[number], part: string) => partOf(db, sql.ref(column), kept(part));
  const wanted = (where: ExpressionBuilder<Tables, 'audit'>): Array<Expression<SqlBool>> => [
    where('tenant', '=', tenant),
    ...(before === undefined ? [] : [where('number', '<', before)]),
    ...(from === undefined ? [] : [where('at', '>=', from)]),
    ...(to === undefined ? [] : [where('at', '<', to)]),
    ...(outcome === undefined ? [] : [where('outcome', '=', outcome)]),
    ...Object.entries({ by, action, subject }).flatMap(([column, part]) => (part ? [holds(column as 'by', part)] : [])),
    ...words.map((word) => where.or(TEXTS.map((column) => holds(column, word)))),
  ];
  const rows = await db
    .selectFrom('audit')
    .selectAll()
    .where((where) => where.and(wanted(where)))
    .orderBy('number', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ seal: _, ...row }) => ({ ...row, at: Number(row.at) }));
}
