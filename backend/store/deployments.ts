/** The journal of deployments and what is in force where. */
import type { Kysely } from 'kysely';
import { ulid } from 'ulid';
import { insertChanges, rowsInState, sayOf, TEXTS, wholeRows, type DeploymentRow } from './changes.ts';
import { insertAll, oneOf, writing } from './dialect.ts';
import { lastWriting, Remembered, write, type InForce } from './remembered.ts';
import type { Tables } from './tables.ts';
import { keepTexts, withTexts } from './texts.ts';

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

export class Deployments {
  private readonly db: Kysely<Tables>;
  private readonly remembered = new Remembered();
  constructor(db: Kysely<Tables>) {
    this.db = db;
  }

  async place(tenant: string, place: string): Promise<Standing> {
    return (await this.places(tenant, [place])).get(place) ?? { deployment: null, allocation: null };
  }

  /** Only those that have had a deployment. */
  async places(
    tenant: string,
    names: readonly string[]
  ): Promise<Map<string, { deployment: string | null; allocation: string }>> {
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

  /** What is in force at each place, and the identities given there; only those that have had a deployment. */
  async inForceAt(tenant: string, names: readonly string[]): Promise<Map<string, InForce>> {
    const last = await lastWriting(this.db);
    const remembered = this.remembered.asOf(last, tenant);
    const all = new Map<string, InForce>();
    const unknown: string[] = [];
    for (const name of names) {
      const known = remembered.get(name);
      if (known) {
        all.set(name, known);
      } else {
        unknown.push(name);
      }
    }
    const places = await this.places(tenant, unknown);
    const rows = await this.stored(tenant, [...places.values()].flatMap(({ deployment }) => deployment ?? [])); // prettier-ignore
    const byId = new Map(rows.map((row) => [row.id, row]));
    const found = new Map([...places].map(([place, { deployment, allocation }]) => [place, { row: byId.get(deployment ?? ''), allocation }])); // prettier-ignore
    this.remembered.read(last, tenant, found);
    found.forEach((inForce, place) => all.set(place, inForce));
    return all;
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
      .innerJoin('changes', 'changes.id', 'deployments.change')
      .select(['deployments.binding', 'places.place', 'deployments.interface', 'changes.policy', 'changes.revision'])
      .where('places.tenant', '=', tenant)
      .orderBy('places.place');
    return (policy === undefined ? query : query.where('changes.policy', '=', policy)).execute();
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
    const rows = await wholeRows(this.db)
      .where(oneOf(this.db, 'deployments.id', ids))
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
    let query = wholeRows(this.db).where('changes.tenant', '=', tenant);
    if (filter.binding) {
      query = query.where('deployments.binding', '=', filter.binding);
    }
    if (filter.place) {
      query = query.where('deployments.place', '=', filter.place);
    }
    if (filter.from !== undefined) {
      query = query.where('changes.started_at', '>=', filter.from);
    }
    if (filter.to !== undefined) {
      query = query.where('changes.started_at', '<=', filter.to);
    }
    const rows = await query
      .orderBy('deployments.id', 'desc')
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
    return this.whole(await rowsInState(this.db, state));
  }

  /** Says something new of a deployment that awaits confirmation; @returns undefined when it does so no more */
  async whileAwaiting(
    row: DeploymentRow,
    change: Pick<DeploymentRow, 'message'> & Partial<Pick<DeploymentRow, 'state'>>
  ): Promise<DeploymentRow | undefined> {
    const changed = await writing(this.db, 'deployments', async (transaction) => {
      const own = wholeRows(transaction).where('deployments.id', '=', row.id).where('changes.tenant', '=', row.tenant);
      const awaiting = await own.where('changes.state', '=', 'awaiting-confirmation').execute();
      await sayOf(
        transaction,
        awaiting.map(({ id }) => id),
        change
      );
      await write(transaction, ulid());
      return awaiting.length > 0 ? own.execute() : [];
    });
    return (await this.whole(changed))[0];
  }

  /** Journalled before the first operation: all of them or none. */
  async begin(rows: readonly DeploymentRow[]): Promise<void> {
    await this.db.transaction().execute(async (transaction) => {
      await insertChanges(transaction, rows);
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
    const own = ulid();
    const before = await writing(this.db, 'deployments', async (transaction) => {
      for (const same of Map.groupBy(endings, ({ outcome }) => JSON.stringify(outcome)).values()) {
        await sayOf(
          transaction,
          same.map(({ row }) => row.id),
          { ...same[0]!.outcome, finished_at: at }
        );
      }
      const inForce = endings.flatMap((ending) => (ending.inForce ? [{ ...ending.inForce, row: ending.row }] : []));
      const undone = inForce.filter(({ row }) => row.undoes !== null);
      await sayOf(transaction, undone.flatMap(({ row }) => row.undoes ?? []), { state: 'rolled-back' }); // prettier-ignore
      await sayOf(transaction, undone.flatMap(({ deployment }) => deployment ?? []), { state: 'confirmed' }); // prettier-ignore
      const kept = await keepTexts(
        transaction,
        inForce.map(({ allocation }) => allocation)
      );
      const places = inForce.map(({ row: { tenant, place }, deployment, allocation }) => ({
        tenant,
        place,
        deployment,
        allocation: kept(allocation),
      }));
      await insertAll(
        transaction,
        transaction.insertInto('places').onConflict((conflict) =>
          conflict.columns(['tenant', 'place']).doUpdateSet(({ ref }) => ({
            deployment: ref('excluded.deployment'),
            allocation: ref('excluded.allocation'),
          }))
        ),
        places
      );
      return write(transaction, own);
    });
    const ended = endings.map(({ row, outcome }) => Object.assign({ ...row, finished_at: at }, outcome));
    this.remembered.wrote(
      before,
      own,
      ended.map((row, index) => {
        const { inForce } = endings[index]!;
        return { row, inForce: inForce?.deployment === row.id ? { row, allocation: inForce.allocation } : undefined };
      })
    );
    return ended;
  }
}
