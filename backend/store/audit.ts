/**
 * Who did what, when, to what, and how it ended. Rows are only ever added, each sealed together with the one before it
 * (seal.ts); an anchor outside the database follows after each.
 *
 * A crash is told from tampering like this: the anchor is written after the commit, so that a crash leaves entries
 * behind it that bear valid seals, and the next writer takes it on over them. It never stands ahead of the database, and
 * never moves past an entry that does not match.
 */
import type { Kysely, Transaction } from 'kysely';
import { ulid } from 'ulid';
import type { AuditFiles } from './audit-files.ts';
import { kept, listAudit, type AuditFilter, type AuditListed } from './audit-list.ts';
import { beginning, entries, verifyChain, type AuditState } from './audit-verify.ts';
import { exclusively, writing } from './dialect.ts';
import { StoreError } from './failure.ts';
import { keyId, sealOf } from './seal.ts';
import type { AuditTable, Tables } from './tables.ts';

export type AuditRow = Omit<AuditTable, 'number' | 'seal'>;
export type NewEntry = Omit<AuditRow, 'id' | 'at'>;

export class Audit {
  private readonly db: Kysely<Tables>;
  private readonly files: AuditFiles;
  private readonly key: Buffer;
  private unanchored = false;

  private constructor(db: Kysely<Tables>, files: AuditFiles, key: Buffer) {
    this.db = db;
    this.files = files;
    this.key = key;
  }

  /**
   * @param path of the database, for messages
   * @param anew begins a new chain over whatever there is, with a new key where the old one is gone
   * @throws StoreError when the key cannot be read, or is not the one of this database
   */
  static async open(db: Kysely<Tables>, path: string, files: AuditFiles, anew = false): Promise<Audit> {
    const failure = (said: string, advice: string) =>
      new StoreError(path, said, { advice: `Nothing was done; ${advice}` });
    const way = 'put the right one there, or begin a new chain over what is there with "clearpath audit accept --yes".';
    const readable = <T>(work: () => T): T => {
      try {
        return work();
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw failure(`its audit's key ${files.keyPath} cannot be used: ${why}`, way);
      }
    };
    const chainOf = (at: Kysely<Tables>) => at.selectFrom('audit_chain').selectAll().executeTakeFirst();
    const key = readable(() => files.key());
    const chain = await chainOf(db);
    if (chain && !anew) {
      if (!key) {
        throw failure(`its audit's key ${files.keyPath} is missing`, way);
      }
      if (keyId(key) !== chain.key_id) {
        throw failure(`${files.keyPath} is not the key that its audit is sealed with`, way);
      }
      return new Audit(db, files, key);
    }
    const usable = key ?? readable(() => files.makeKey());
    await writing(db, 'audit', async (transaction) => {
      if (!anew && (await chainOf(transaction))) {
        return; // another program was faster
      }
      const since = (await lastOf(transaction))?.number ?? 0;
      const seal = await beginning(transaction, usable, since);
      const anchor = files.anchor();
      await transaction.deleteFrom('audit_chain').execute();
      await transaction
        .insertInto('audit_chain')
        .values({ key_id: keyId(usable), since })
        .execute();
      // An anchor that knows of other entries than are here tells of a database that was taken away: it stays.
      if (anew || !anchor || (anchor.number === since && anchor.seal === seal)) {
        files.writeAnchor({ number: since, seal });
      }
    });
    return new Audit(db, files, usable);
  }

  /** @param within a transaction of what the entry is about, so that there is never one without the other; whoever ends it calls `anchor`. */
  async add(entry: NewEntry, within?: Transaction<Tables>): Promise<void> {
    if (!within) {
      await this.db.transaction().execute((transaction) => this.add(entry, transaction));
      return this.anchor();
    }
    await exclusively(within, 'audit');
    const last = await lastOf(within);
    const previous = await this.sealBefore(within, last);
    const sealed = {
      number: (last?.number ?? 0) + 1,
      id: ulid(),
      at: Date.now(),
      tenant: kept(entry.tenant),
      by: kept(entry.by),
      role: kept(entry.role),
      action: kept(entry.action),
      subject: kept(entry.subject),
      outcome: entry.outcome,
      detail: kept(entry.detail),
    };
    await within
      .insertInto('audit')
      .values({ ...sealed, seal: sealOf(this.key, previous, sealed) })
      .execute();
    this.unanchored = true;
  }

  private async since(db: Kysely<Tables>): Promise<number> {
    return (await db.selectFrom('audit_chain').select('since').executeTakeFirst())?.since ?? 0;
  }
  private async sealBefore(db: Kysely<Tables>, last: AuditTable | undefined): Promise<string> {
    const since = await this.since(db);
    return last && last.number > since ? (last.seal ?? '') : beginning(db, this.key, since);
  }

  /**
   * Takes the anchor on to the last entry, over entries that bear valid seals only. An anchor that cannot be written now
   * is written with the next entry: what was done is not said to have failed for it.
   */
  async anchor(): Promise<void> {
    if (this.unanchored) {
      this.unanchored = false;
      await writing(this.db, 'audit', (transaction) => this.takeAnchorOn(transaction)).catch(() => {
        this.unanchored = true;
      });
    }
  }
  private async takeAnchorOn(db: Kysely<Tables>): Promise<void> {
    const anchor = this.files.anchor();
    if (!anchor) {
      return;
    }
    const at = await db.selectFrom('audit').selectAll().where('number', '=', anchor.number).executeTakeFirst();
    let { number, seal } = anchor;
    if ((await this.sealBefore(db, at)) !== seal) {
      return;
    }
    for await (const entry of entries(db, number)) {
      if (entry.number !== number + 1 || entry.seal !== sealOf(this.key, seal, entry)) {
        break;
      }
      ({ number, seal } = { number: entry.number, seal: entry.seal });
    }
    this.files.writeAnchor({ number, seal });
  }

  /** Reads and judges all of it. */
  async verify(): Promise<AuditState> {
    const anchor = this.files.anchor();
    return verifyChain(this.db, this.key, await this.since(this.db), anchor);
  }

  /** Newest first. */
  list(tenant: string, filter: AuditFilter = {}): Promise<AuditListed[]> {
    return listAudit(this.db, tenant, filter);
  }
}

const lastOf = (db: Kysely<Tables>): Promise<AuditTable | undefined> =>
  db.selectFrom('audit').selectAll().orderBy('number', 'desc').limit(1).executeTakeFirst();
