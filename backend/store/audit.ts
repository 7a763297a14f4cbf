/** Who did what, when, to what, and how it ended. Rows are only ever added. */
import type { Kysely } from 'kysely';
import { ulid } from 'ulid';
import type { AuditTable, Tables } from './tables.ts';

export type AuditRow = Omit<AuditTable, 'number'>;

export class Audit {
  private readonly db: Kysely<Tables>;
  constructor(db: Kysely<Tables>) {
    this.db = db;
  }

  /** @param within a transaction of what the entry is about, so that there is never one without the other. */
  async add(entry: Omit<AuditRow, 'id' | 'at'>, within: Kysely<Tables> = this.db): Promise<void> {
    await within
      .insertInto('audit')
      .values({ ...entry, id: ulid(), at: Date.now() })
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
