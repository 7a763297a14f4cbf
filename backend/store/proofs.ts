/** Proofs of policies: what was promised, what was measured, on which kernel. Rows are only ever added. */
import type { Kysely } from 'kysely';
import { textOf } from './dialect.ts';
import type { ProofsTable, Tables } from './tables.ts';

export type ProofRow = ProofsTable;

export async function createProofs(db: Kysely<Tables>): Promise<void> {
  const text = textOf(db);
  await db.schema
    .createTable('proofs')
    .ifNotExists()
    .addColumn('id', text, (c) => c.primaryKey())
    .addColumn('tenant', text, (c) => c.notNull())
    .addColumn('policy', text, (c) => c.notNull())
    .addColumn('revision', text, (c) => c.notNull())
    .addColumn('binding', text, (c) => c.notNull())
    .addColumn('subject', text, (c) => c.notNull())
    .addColumn('kernel', text, (c) => c.notNull())
    .addColumn('by', text, (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('finished_at', 'bigint', (c) => c.notNull())
    .addColumn('state', text, (c) => c.notNull())
    .addColumn('message', text, (c) => c.notNull())
    .addColumn('report', text)
    .execute();
  await db.schema
    .createIndex('proofs_by_policy')
    .ifNotExists()
    .on('proofs')
    .columns(['tenant', 'policy', 'id'])
    .execute();
}

export class Proofs {
  private readonly db: Kysely<Tables>;
  constructor(db: Kysely<Tables>) {
    this.db = db;
  }

  async add(row: ProofRow): Promise<void> {
    await this.db.insertInto('proofs').values(row).execute();
  }

  /** Newest first. */
  async list(tenant: string, { policy, limit }: { policy?: string | undefined; limit: number }): Promise<ProofRow[]> {
    let query = this.db.selectFrom('proofs').selectAll().where('tenant', '=', tenant);
    if (policy) {
      query = query.where('policy', '=', policy);
    }
    return query.orderBy('id', 'desc').limit(limit).execute();
  }

  async get(tenant: string, id: string): Promise<ProofRow | undefined> {
    return this.db
      .selectFrom('proofs')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .executeTakeFirst();
  }

  /** The last proof of exactly this on this kernel that came to an end either way. */
  async lastOf(tenant: string, subject: string, kernel: string): Promise<ProofRow | undefined> {
    return this.db
      .selectFrom('proofs')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('subject', '=', subject)
      .where('kernel', '=', kernel)
      .where('state', 'in', ['held', 'broken'])
      .orderBy('id', 'desc')
      .executeTakeFirst();
  }
}
