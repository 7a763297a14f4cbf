/** The journal of deployments and what is in force where. */
import type { Kysely } from 'kysely';
import { writing } from './dialect.ts';
import type { DeploymentsTable, Tables } from './tables.ts';

export type DeploymentRow = DeploymentsTable;

/** What a place has: ULID of the deployment in force, JSON of the identities given there. */
export interface Standing {
  deployment: string | null;
  allocation: string | null;
}
/** How a deployment ended, and what is in force then; undefined: what was before. */
export interface Ending {
  row: DeploymentRow;
  outcome: Pick<DeploymentRow, 'state' | 'message'> &
    Partial<Pick<DeploymentRow, 'after' | 'confirm_boot' | 'confirm_until'>>;
  inForce: { deployment: string | null; allocation: string } | undefined;
}

/** Their values are parameters, of which a statement takes at most 32,766 (SQLite) or 65,535 (PostgreSQL). */
const ROWS_AT_ONCE = 500;

export class Deployments {
  private readonly db: Kysely<Tables>;
  constructor(db: Kysely<Tables>) {
    this.db = db;
  }

  async place(tenant: string, place: string): Promise<Standing> {
    return (await this.places(tenant, [place])).get(place) ?? { deployment: null, allocation: null };
  }

  /** Only those that have had a deployment. */
  async places(tenant: string, names: readonly string[]): Promise<Map<string, Standing>> {
    if (names.length === 0) {
      return new Map();
    }
    const rows = await this.db
      .selectFrom('places')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('place', 'in', names)
      .execute();
    return new Map(rows.map(({ place, deployment, allocation }) => [place, { deployment, allocation }]));
  }

  /** What is in force at every place, as one text that changes when any of it does. */
  async inForce(tenant: string): Promise<string> {
    const rows = await this.db
      .selectFrom('places')
      .select(['place', 'deployment'])
      .where('tenant', '=', tenant)
      .orderBy('place')
      .execute();
    return JSON.stringify(rows);
  }

  /** Where some revision of a policy is in force. */
  async standing(tenant: string, policy: string): Promise<Array<{ binding: string; place: string; revision: string }>> {
    return this.db
      .selectFrom('places')
      .innerJoin('deployments', 'deployments.id', 'places.deployment')
      .select(['deployments.binding', 'places.place', 'deployments.revision'])
      .where('places.tenant', '=', tenant)
      .where('deployments.policy', '=', policy)
      .orderBy('places.place')
      .execute();
  }

  async get(tenant: string, id: string): Promise<DeploymentRow | undefined> {
    return (await this.getAll(tenant, [id])).get(id);
  }

  /** @returns by id, those that exist */
  async getAll(tenant: string, ids: readonly string[]): Promise<Map<string, DeploymentRow>> {
    if (ids.length === 0) {
      return new Map();
    }
    const rows = await this.db
      .selectFrom('deployments')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('id', 'in', ids)
      .execute();
    return new Map(rows.map((row) => [row.id, row]));
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

  /** Deployments that somebody has yet to confirm, of every tenant. */
  async awaiting(): Promise<DeploymentRow[]> {
    return this.db
      .selectFrom('deployments')
      .selectAll()
      .where('state', '=', 'awaiting-confirmation')
      .orderBy('id')
      .execute();
  }

  /** Says something new of a deployment that awaits confirmation; @returns undefined when it does so no more */
  async whileAwaiting(
    row: DeploymentRow,
    change: Pick<DeploymentRow, 'message'> & Partial<Pick<DeploymentRow, 'state'>>
  ): Promise<DeploymentRow | undefined> {
    return this.db
      .updateTable('deployments')
      .set(change)
      .where('tenant', '=', row.tenant)
      .where('id', '=', row.id)
      .where('state', '=', 'awaiting-confirmation')
      .returningAll()
      .executeTakeFirst();
  }

  /** Journalled before the first operation: all of them or none. */
  async begin(rows: readonly DeploymentRow[]): Promise<void> {
    await this.db.transaction().execute(async (transaction) => {
      for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
        await transaction
          .insertInto('deployments')
          .values(rows.slice(at, at + ROWS_AT_ONCE))
          .execute();
      }
    });
  }

  /** Ends a deployment and says what is in force now, in one transaction. */
  async finish(
    row: DeploymentRow,
    outcome: Ending['outcome'],
    inForce: Ending['inForce'],
    at = Date.now()
  ): Promise<DeploymentRow> {
    return (await this.finishAll([{ row, outcome, inForce }], at))[0]!;
  }

  /** The same for several, all of them or none. */
  async finishAll(endings: readonly Ending[], at = Date.now()): Promise<DeploymentRow[]> {
    await writing(this.db, 'deployments', async (transaction) => {
      const set = async (tenant: string, ids: readonly string[], change: Partial<DeploymentRow>) => {
        if (ids.length > 0) {
          await transaction
            .updateTable('deployments')
            .set(change)
            .where('tenant', '=', tenant)
            .where('id', 'in', ids)
            .execute();
        }
      };
      for (const same of Map.groupBy(endings, ({ row, outcome }) => JSON.stringify([row.tenant, outcome])).values()) {
        const { row, outcome } = same[0]!;
        const ids = same.map((ending) => ending.row.id);
        await set(row.tenant, ids, { ...outcome, finished_at: at });
      }
      const inForce = endings.flatMap((ending) => (ending.inForce ? [{ ...ending.inForce, row: ending.row }] : []));
      for (const [tenant, of] of Map.groupBy(inForce, ({ row }) => row.tenant)) {
        const undone = of.filter(({ row }) => row.undoes !== null);
        const replaced = of.filter(({ row }) => row.undoes === null && row.previous !== row.id);
        await set(tenant, undone.flatMap(({ row }) => row.undoes ?? []), { state: 'rolled-back' }); // prettier-ignore
        await set(tenant, undone.flatMap(({ deployment }) => deployment ?? []), { state: 'confirmed' }); // prettier-ignore
        await set(tenant, replaced.flatMap(({ row }) => row.previous ?? []), { state: 'superseded' }); // prettier-ignore
      }
      if (inForce.length > 0) {
        await transaction
          .insertInto('places')
          .values(inForce.map(({ row: { tenant, place }, ...rest }) => ({ tenant, place, ...rest })))
          .onConflict((conflict) =>
            conflict.columns(['tenant', 'place']).doUpdateSet(({ ref }) => ({
              deployment: ref('excluded.deployment'),
              allocation: ref('excluded.allocation'),
            }))
          )
          .execute();
      }
    });
    return endings.map(({ row, outcome }) => ({ ...row, ...outcome, finished_at: at }));
  }
}
