/** The journal of deployments and what is in force where. */
import type { Kysely } from 'kysely';
import { insertAll, oneOf, writing } from './dialect.ts';
import type { DeploymentsTable, Tables } from './tables.ts';
import { keepTexts, textsOf, withTexts } from './texts.ts';

/** With its texts in place of references to them. */
export type DeploymentRow = DeploymentsTable;

/** A line of tc as it was journalled, with its reason. */
export interface JournalledOperation {
  command: string;
  verb: 'add' | 'change' | 'replace' | 'del';
  object: 'qdisc' | 'class' | 'filter' | 'link';
  path: string;
  reason: string;
  disruptive: boolean;
}
/** Stands for the interface (of a side, what is before the colon) in operations that several share: no name has it, and none needs escaping in JSON. */
export const ANY_DEVICE = '\0';
export const operationsOf = ({
  operations,
  interface: device,
}: Pick<DeploymentRow, 'operations' | 'interface'>): JournalledOperation[] =>
  JSON.parse(operations.replaceAll('\\u0000', device.split(':')[0]!)) as JournalledOperation[];

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

/** Confirmed deployments, most of whose texts are shared */
const MOST_REMEMBERED = 10_000;

const TEXTS = ['before', 'after', 'operations', 'allocation', 'matching'] as const satisfies ReadonlyArray<
  keyof DeploymentRow
>;

export class Deployments {
  private readonly db: Kysely<Tables>;
  /** The last that were confirmed here, by their ids */
  private readonly confirmed = new Map<string, DeploymentRow>();
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
      .where(oneOf(this.db, 'place', names))
      .execute();
    return new Map(
      (await withTexts(this.db, rows, ['allocation'])).map(({ place, deployment, allocation }) => [
        place,
        { deployment, allocation },
      ])
    );
  }

  /**
   * What is in force at each place, and the identities given there; only those that have had a deployment. Of thousands
   * that this program confirmed itself, only the state is asked for: nothing else of a confirmed deployment changes.
   */
  async inForceAt(
    tenant: string,
    names: readonly string[]
  ): Promise<Map<string, { row: DeploymentRow | undefined; allocation: string }>> {
    if (names.length === 0) {
      return new Map();
    }
    const stood = await this.db
      .selectFrom('places')
      .leftJoin('deployments', 'deployments.id', 'places.deployment')
      .select([
        'places.place',
        'places.allocation',
        'places.deployment',
        'deployments.state',
        'deployments.finished_at',
      ])
      .where('places.tenant', '=', tenant)
      .where(oneOf(this.db, 'places.place', names))
      .execute();
    const known = ({ deployment, state, finished_at }: (typeof stood)[number]) => {
      const row = this.confirmed.get(deployment ?? '');
      return row?.tenant === tenant && row.state === state && row.finished_at === finished_at ? row : undefined;
    };
    const rows = new Map((await this.stored(tenant, stood.flatMap((each) => (each.deployment !== null && !known(each) ? each.deployment : [])))).map((row) => [row.id, row])); // prettier-ignore
    const textOf = await textsOf(
      this.db,
      stood.map(({ allocation }) => allocation)
    );
    return new Map(
      stood.map((each) => [
        each.place,
        { allocation: textOf(each.allocation), row: known(each) ?? rows.get(each.deployment ?? '') },
      ])
    );
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

  /** What is in force where: of one policy, or at all. */
  async standing(
    tenant: string,
    policy?: string
  ): Promise<Array<Pick<DeploymentRow, 'binding' | 'place' | 'interface' | 'policy' | 'revision'>>> {
    const query = this.db
      .selectFrom('places')
      .innerJoin('deployments', 'deployments.id', 'places.deployment')
      .select([
        'deployments.binding',
        'places.place',
        'deployments.interface',
        'deployments.policy',
        'deployments.revision',
      ]) // prettier-ignore
      .where('places.tenant', '=', tenant)
      .orderBy('places.place');
    return (policy === undefined ? query : query.where('deployments.policy', '=', policy)).execute();
  }

  async get(tenant: string, id: string): Promise<DeploymentRow | undefined> {
    return (await this.getAll(tenant, [id])).get(id);
  }

  /** @returns by id, those that exist */
  async getAll(tenant: string, ids: readonly string[]): Promise<Map<string, DeploymentRow>> {
    return new Map((await this.withSuperseded(tenant, await this.stored(tenant, ids))).map((row) => [row.id, row]));
  }

  private async stored(tenant: string, ids: readonly string[]): Promise<DeploymentRow[]> {
    if (ids.length === 0) {
      return [];
    }
    const rows = await this.db
      .selectFrom('deployments')
      .selectAll()
      .where(oneOf(this.db, 'id', ids))
      .execute();
    return this.whole(rows.filter((row) => row.tenant === tenant));
  }

  /** An apply that was confirmed and is in force no more is superseded: not written, since thousands are at a time. */
  private async withSuperseded(tenant: string, rows: readonly DeploymentRow[]): Promise<DeploymentRow[]> {
    const ended = rows.filter(({ action, state }) => action === 'apply' && state === 'confirmed');
    const places = await this.db
      .selectFrom('places')
      .select(['place', 'deployment'])
      .where('tenant', '=', tenant)
      .where(oneOf(this.db, 'place', [...new Set(ended.map(({ place }) => place))]))
      .execute();
    const inForce = new Map(places.map(({ place, deployment }) => [place, deployment]));
    const superseded = new Set(ended.filter(({ id, place }) => inForce.get(place) !== id));
    return rows.map((row) => (superseded.has(row) ? { ...row, state: 'superseded' } : row));
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
    const rows = await query
      .orderBy('id', 'desc')
      .limit(filter.limit ?? 100)
      .execute();
    return this.withSuperseded(tenant, await this.whole(rows));
  }

  private whole(rows: readonly DeploymentRow[]): Promise<DeploymentRow[]> {
    return withTexts(this.db, rows, TEXTS);
  }

  /** Deployments that a crash left half done, of every tenant. */
  async unfinished(): Promise<DeploymentRow[]> {
    return this.inState('applying');
  }

  /** Deployments that somebody has yet to confirm, of every tenant. */
  async awaiting(): Promise<DeploymentRow[]> {
    return this.inState('awaiting-confirmation');
  }

  private async inState(state: 'applying' | 'awaiting-confirmation'): Promise<DeploymentRow[]> {
    return this.whole(
      await this.db.selectFrom('deployments').selectAll().where('state', '=', state).orderBy('id').execute()
    );
  }

  /** Says something new of a deployment that awaits confirmation; @returns undefined when it does so no more */
  async whileAwaiting(
    row: DeploymentRow,
    change: Pick<DeploymentRow, 'message'> & Partial<Pick<DeploymentRow, 'state'>>
  ): Promise<DeploymentRow | undefined> {
    const changed = await this.db
      .updateTable('deployments')
      .set(change)
      .where('tenant', '=', row.tenant)
      .where('id', '=', row.id)
      .where('state', '=', 'awaiting-confirmation')
      .returningAll()
      .execute();
    return (await this.whole(changed))[0];
  }

  /** Journalled before the first operation: all of them or none. */
  async begin(rows: readonly DeploymentRow[]): Promise<void> {
    await this.db.transaction().execute(async (transaction) => {
      const kept = await keepTexts(
        transaction,
        rows.flatMap((row) => TEXTS.map((column) => row[column]))
      );
      await insertAll(
        transaction,
        transaction.insertInto('deployments'),
        rows.map((row) => ({ ...row, ...Object.fromEntries(TEXTS.map((column) => [column, kept(row[column])])) }))
      );
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
      // Not by the tenant as well, which no other has the id of: SQLite would go through all that the tenant ever had.
      const set = async (ids: readonly string[], change: Partial<DeploymentRow>) => {
        if (ids.length > 0) {
          await transaction
            .updateTable('deployments')
            .set(change)
            .where(oneOf(transaction, 'id', ids))
            .execute();
        }
      };
      for (const same of Map.groupBy(endings, ({ outcome }) => JSON.stringify(outcome)).values()) {
        const ids = same.map((ending) => ending.row.id);
        await set(ids, { ...same[0]!.outcome, finished_at: at });
      }
      const inForce = endings.flatMap((ending) => (ending.inForce ? [{ ...ending.inForce, row: ending.row }] : []));
      const undone = inForce.filter(({ row }) => row.undoes !== null);
      await set(undone.flatMap(({ row }) => row.undoes ?? []), { state: 'rolled-back' }); // prettier-ignore
      await set(undone.flatMap(({ deployment }) => deployment ?? []), { state: 'confirmed' }); // prettier-ignore
      const kept = await keepTexts(
        transaction,
        inForce.map(({ allocation }) => allocation)
      );
      await insertAll(
        transaction,
        transaction.insertInto('places').onConflict((conflict) =>
          conflict.columns(['tenant', 'place']).doUpdateSet(({ ref }) => ({
            deployment: ref('excluded.deployment'),
            allocation: ref('excluded.allocation'),
          }))
        ),
        inForce.map(({ row: { tenant, place }, deployment, allocation }) => ({
          tenant,
          place,
          deployment,
          allocation: kept(allocation),
        }))
      );
    });
    const ended = endings.map(({ row, outcome }) => Object.assign({ ...row, finished_at: at }, outcome));
    if (this.confirmed.size + ended.length > MOST_REMEMBERED) {
      this.confirmed.clear();
    }
    ended.filter(({ state }) => state === 'confirmed').forEach((row) => this.confirmed.set(row.id, row));
    return ended;
  }
}
