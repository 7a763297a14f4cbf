/** Who did what, when, to what, and how it ended. Rows are only ever added. */
import type { Kysely, Transaction } from 'kysely';
import { ulid } from 'ulid';
import { exclusively } from './dialect.ts';
import type { AuditTable, Tables } from './tables.ts';

export type AuditRow = Omit<AuditTable, 'number'>;

export class Audit {
  private readonly db: Kysely<Tables>;
  constructor(db: Kysely<Tables>) {
    this.db = db;
  }

  /** @param within a transaction of what the entry is about, so that there is never one without the other. */
  async add(entry: Omit<AuditRow, 'id' | 'at'>, within?: Transaction<Tables>): Promise<void> {
    if (!within) {
      return this.db.transaction().execute((transaction) => this.add(entry, transaction));
    }
    await exclusively(within, 'audit');
    const last = await within.selectFrom('audit').select('number').orderBy('number', 'desc').executeTakeFirst();
    await within
      .insertInto('audit')
      .values({ ...entry, number: (last?.number ?? 0) + 1, id: ulid(), at: Date.now() })
      .execute();
  }

  async list(tenant: string, limit = 100): Promise<AuditRow[]> {
    const rows = await this.db
      .selectFrom('audit')
      .selectAll()
      .where('tenant', '=', tenant)
      .orderBy('number', 'desc')
      .limit(limit)
      .execute();
    return rows.map(({ number: _, ...row }) => row);
  }
}
