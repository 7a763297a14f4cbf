/**
 * What is in force at thousands of places, known to the program that put it there: asking for it all takes as long as
 * half a change. It is believed as long as nobody has written since.
 */
import type { Kysely, Transaction } from 'kysely';
import { textOf } from './dialect.ts';
import type { DeploymentRow } from './changes.ts';
import type { Tables } from './tables.ts';

export type LastWritingTable = {
  /** ULID of the last transaction that ended deployments */
  id: string;
};

export interface InForce {
  row: DeploymentRow | undefined;
  /** JSON of the identities given there */
  allocation: string;
}

/** Part of version 8. */
export async function createLastWriting(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('last_writing')
    .addColumn('id', textOf(db), (c) => c.notNull())
    .execute();
  await db.insertInto('last_writing').values({ id: '' }).execute();
}

export const lastWriting = async (db: Kysely<Tables>): Promise<string> =>
  (await db.selectFrom('last_writing').select('id').executeTakeFirstOrThrow()).id;

/** Within a transaction of the only writer. @returns the writing before */
export async function write(transaction: Transaction<Tables>, id: string): Promise<string> {
  const before = await lastWriting(transaction);
  await transaction.updateTable('last_writing').set({ id }).execute();
  return before;
}

/** Places, most of whose texts are shared */
const MOST = 10_000;

export class Remembered {
  /** By tenant and place */
  private readonly known = new Map<string, Map<string, InForce>>();
  /** The writing as of which it is known */
  private as: string | undefined;
  private readonly most: number;

  constructor(most = MOST) {
    this.most = most;
  }

  /** @param last what the database says. @returns by place */
  asOf(last: string, tenant: string): ReadonlyMap<string, InForce> {
    if (this.as !== last) {
      this.known.clear();
      this.as = last;
    }
    return this.of(tenant);
  }

  /** @param last the writing before it was read: what was written meanwhile is known better */
  read(last: string, tenant: string, found: ReadonlyMap<string, InForce>): void {
    if (this.as === last) {
      this.makeRoom(found.size);
      found.forEach((inForce, place) => this.of(tenant).set(place, inForce));
    }
  }

  /** What this program wrote itself. @param endings what is in force then; undefined where it has to be asked for */
  wrote(
    before: string,
    id: string,
    endings: ReadonlyArray<{ row: DeploymentRow; inForce: InForce | undefined }>
  ): void {
    if (this.as !== before) {
      this.known.clear();
    }
    this.as = id;
    this.makeRoom(endings.length);
    for (const { row, inForce } of endings) {
      if (inForce) {
        this.of(row.tenant).set(row.place, inForce);
      } else {
        this.of(row.tenant).delete(row.place);
      }
    }
  }

  private of(tenant: string): Map<string, InForce> {
    const places = this.known.get(tenant) ?? new Map<string, InForce>();
    this.known.set(tenant, places);
    return places;
  }

  private makeRoom(more: number): void {
    const size = [...this.known.values()].reduce((sum, places) => sum + places.size, 0);
    if (size + more > this.most) {
      this.known.clear();
    }
  }
}
