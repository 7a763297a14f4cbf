/** Roll-outs over the interfaces of a binding: where each stands, and which program is driving it. */
import type { Kysely } from 'kysely';
import { textOf } from './dialect.ts';
import type { RolloutsTable, Tables } from './tables.ts';

export type RolloutRow = RolloutsTable;
type Change = Partial<Omit<RolloutRow, 'id' | 'tenant' | 'binding'>>;

export async function createRollouts(db: Kysely<Tables>): Promise<void> {
  const text = textOf(db);
  await db.schema
    .createTable('rollouts')
    .ifNotExists()
    .addColumn('id', text, (c) => c.primaryKey())
    .addColumn('tenant', text, (c) => c.notNull())
    .addColumn('binding', text, (c) => c.notNull())
    .addColumn('binding_revision', text, (c) => c.notNull())
    .addColumn('policy', text, (c) => c.notNull())
    .addColumn('revision', text, (c) => c.notNull())
    .addColumn('state', text, (c) => c.notNull())
    .addColumn('by', text, (c) => c.notNull())
    .addColumn('role', text, (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('finished_at', 'bigint')
    .addColumn('next_at', 'bigint', (c) => c.notNull())
    .addColumn('driven_at', 'bigint', (c) => c.notNull())
    .addColumn('message', text, (c) => c.notNull())
    .addColumn('settings', text, (c) => c.notNull())
    .addColumn('links', text, (c) => c.notNull())
    .execute();
}

export class RolloutRows {
  private readonly db: Kysely<Tables>;
  constructor(db: Kysely<Tables>) {
    this.db = db;
  }

  async add(row: RolloutRow): Promise<void> {
    await this.db.insertInto('rollouts').values(row).execute();
  }

  async get(tenant: string, id: string): Promise<RolloutRow | undefined> {
    return this.db
      .selectFrom('rollouts')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .executeTakeFirst();
  }

  /** Newest first. */
  async list(tenant: string, filter: { binding?: string | undefined; limit?: number } = {}): Promise<RolloutRow[]> {
    let query = this.db.selectFrom('rollouts').selectAll().where('tenant', '=', tenant);
    if (filter.binding) {
      query = query.where('binding', '=', filter.binding);
    }
    return query
      .orderBy('id', 'desc')
      .limit(filter.limit ?? 100)
      .execute();
  }

  /** Those that somebody drives or should, of every tenant. */
  async running(): Promise<RolloutRow[]> {
    return this.db.selectFrom('rollouts').selectAll().where('state', '=', 'running').orderBy('id').execute();
  }

  /** @param when only while the row is like this. @returns whether it was */
  async change(
    id: string,
    change: Change,
    when: Partial<Pick<RolloutRow, 'state' | 'driven_at'>> = {}
  ): Promise<boolean> {
    let query = this.db.updateTable('rollouts').set(change).where('id', '=', id);
    if (when.state !== undefined) {
      query = query.where('state', '=', when.state);
    }
    if (when.driven_at !== undefined) {
      query = query.where('driven_at', '=', when.driven_at);
    }
    return Number((await query.executeTakeFirst()).numUpdatedRows) > 0;
  }
}
