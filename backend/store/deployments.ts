/** The journal of deployments and what is in force where. */
import type { Kysely } from 'kysely';
import type { DeploymentsTable, Tables } from './tables.ts';

export type DeploymentRow = DeploymentsTable;

export class Deployments {
  private readonly db: Kysely<Tables>;
  constructor(db: Kysely<Tables>) {
    this.db = db;
  }

  async place(tenant: string, place: string): Promise<{ deployment: string | null; allocation: string | null }> {
    const row = await this.db
      .selectFrom('places')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('place', '=', place)
      .executeTakeFirst();
    return { deployment: row?.deployment ?? null, allocation: row?.allocation ?? null };
  }

  async get(tenant: string, id: string): Promise<DeploymentRow | undefined> {
    return this.db
      .selectFrom('deployments')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .executeTakeFirst();
  }

  async list(
    tenant: string,
    filter: { binding?: string | undefined; place?: string | undefined; from?: number; to?: number; limit?: number }
  ): Promise<DeploymentRow[]> {
    let query = this.db.selectFrom('deployments').selectAll().where('tenant', '=', tenant);
    if (filter.binding) {
      query = query.where('binding', '=', filter.binding);
    }
    if (filter.place) {
      query = query.where('place', '=', filter.place);
    }
    if (filter.from !== undefined) {
      query = query.where('started_at', '>=', filter.from);
    }
    if (filter.to !== undefined) {
      query = query.where('started_at', '<=', filter.to);
    }
    return query
      .orderBy('id', 'desc')
      .limit(filter.limit ?? 100)
      .execute();
  }

  /** Deployments that a crash left half done, of every tenant. */
  async unfinished(): Promise<DeploymentRow[]> {
    return this.db.selectFrom('deployments').selectAll().where('state', '=', 'applying').orderBy('id').execute();
  }

  /** Journalled before the first operation. */
  async begin(row: DeploymentRow): Promise<void> {
    await this.db.insertInto('deployments').values(row).execute();
  }

  /** Ends a deployment and says what is in force now, in one transaction. */
  async finish(
    row: DeploymentRow,
    outcome: Pick<DeploymentRow, 'state' | 'message'> & Partial<Pick<DeploymentRow, 'after'>>,
    inForce: { deployment: string | null; allocation: string } | undefined,
    at = Date.now()
  ): Promise<DeploymentRow> {
    return this.db.transaction().execute(async (transaction) => {
      const state = async (id: string, to: DeploymentRow['state']) => {
        await transaction
          .updateTable('deployments')
          .set({ state: to })
          .where('tenant', '=', row.tenant)
          .where('id', '=', id)
          .execute();
      };
      await transaction
        .updateTable('deployments')
        .set({ ...outcome, finished_at: at })
        .where('id', '=', row.id)
        .execute();
      if (inForce) {
        if (row.undoes) {
          await state(row.undoes, 'rolled-back');
          if (inForce.deployment) {
            await state(inForce.deployment, 'confirmed');
          }
        } else if (row.previous && row.previous !== row.id) {
          await state(row.previous, 'superseded');
        }
        await transaction
          .insertInto('places')
          .values({ tenant: row.tenant, place: row.place, ...inForce })
          .onConflict((conflict) => conflict.columns(['tenant', 'place']).doUpdateSet(inForce))
          .execute();
      }
      return { ...row, ...outcome, finished_at: at };
    });
  }
}
