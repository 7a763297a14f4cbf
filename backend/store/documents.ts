/** Documents by (tenant, kind, name), every revision kept; the head is the last one saved, if that took it not away. */
import { createHash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { Audit } from './audit.ts';
import { writing } from './dialect.ts';
import type { Tables } from './tables.ts';

export interface StoredDocument {
  kind: string;
  name: string;
  revision: string;
  source: string;
  savedAt: number;
  savedBy: string;
}
/** Counted from 1 with each save; the same text may stand in several. */
export interface Version extends StoredDocument {
  number: number;
}
/** Someone else saved in the meantime; nothing was overwritten. */
export class HeadMoved extends Error {
  readonly head: StoredDocument | undefined;
  constructor(head: StoredDocument | undefined) {
    super(
      head
        ? `${head.kind}/${head.name} was changed by ${head.savedBy} in the meantime.`
        : 'The document does not exist any more.'
    );
    this.head = head;
  }
}

export const revisionOf = (source: string): string => createHash('sha256').update(source).digest('hex').slice(0, 16);

/** What a version says that took the document away: no document is an empty text, so it takes no column of its own. */
const REMOVED = '';
export const isRemoval = ({ revision }: { revision: string }): boolean => revision === revisionOf(REMOVED);

type Row = Pick<Tables['documents'], 'kind' | 'name' | 'revision' | 'source' | 'saved_at' | 'saved_by' | 'number'>;
const stored = (row: Row): StoredDocument => ({
  kind: row.kind,
  name: row.name,
  revision: row.revision,
  source: row.source,
  savedAt: Number(row.saved_at),
  savedBy: row.saved_by,
});

export class Documents {
  private readonly db: Kysely<Tables>;
  private readonly audit: Audit;
  constructor(db: Kysely<Tables>, audit: Audit) {
    this.db = db;
    this.audit = audit;
  }

  private heads(tenant: string) {
    return this.db
      .selectFrom('documents as d')
      .selectAll('d')
      .where('d.tenant', '=', tenant)
      .where('d.source', '!=', REMOVED)
      .where((where) =>
        where(
          'd.number',
          '=',
          where
            .selectFrom('documents as e')
            .select((e) => e.fn.max('e.number').as('last'))
            .whereRef('e.tenant', '=', 'd.tenant')
            .whereRef('e.kind', '=', 'd.kind')
            .whereRef('e.name', '=', 'd.name')
        )
      );
  }

  async list(tenant: string, kind: string): Promise<StoredDocument[]> {
    return (await this.heads(tenant).where('d.kind', '=', kind).orderBy('d.name').execute()).map(stored);
  }

  async head(tenant: string, kind: string, name: string): Promise<StoredDocument | undefined> {
    const row = await this.heads(tenant).where('d.kind', '=', kind).where('d.name', '=', name).executeTakeFirst();
    return row && stored(row);
  }

  async revision(tenant: string, kind: string, name: string, revision: string): Promise<StoredDocument | undefined> {
    const row = await this.db
      .selectFrom('documents')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('kind', '=', kind)
      .where('name', '=', name)
      .where('revision', '=', revision)
      .orderBy('number', 'desc')
      .executeTakeFirst();
    return row && stored(row);
  }

  /** Newest first, without their texts. */
  async versions(tenant: string, kind: string, name: string): Promise<Array<Omit<Version, 'source'>>> {
    const rows = await this.db
      .selectFrom('documents')
      .select(['kind', 'name', 'revision', 'number', 'saved_at', 'saved_by'])
      .where('tenant', '=', tenant)
      .where('kind', '=', kind)
      .where('name', '=', name)
      .orderBy('number', 'desc')
      .execute();
    return rows.map(({ saved_at, saved_by, ...row }) => ({ ...row, savedAt: saved_at, savedBy: saved_by }));
  }

  async version(tenant: string, kind: string, name: string, number: number): Promise<Version | undefined> {
    const row = await this.db
      .selectFrom('documents')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('kind', '=', kind)
      .where('name', '=', name)
      .where('number', '=', number)
      .executeTakeFirst();
    return row && { ...stored(row), number };
  }

  /**
   * @param base revision that the edit started from; null for a new document, undefined to save over whatever is there.
   * @param also what else is written in the same transaction, e.g. the audit.
   * @throws HeadMoved when the head is another one.
   */
  async save(
    tenant: string,
    kind: string,
    name: string,
    source: string,
    by: string,
    base: string | null | undefined,
    also: (transaction: Transaction<Tables>, saved: StoredDocument) => Promise<void> = async () => undefined,
    at = Date.now()
  ): Promise<StoredDocument> {
    const revision = revisionOf(source);
    const saved = await writing(this.db, 'documents', async (transaction) => {
      const row = await transaction
        .selectFrom('documents')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('kind', '=', kind)
        .where('name', '=', name)
        .orderBy('number', 'desc')
        .executeTakeFirst();
      const head = row && row.source !== REMOVED ? stored(row) : undefined;
      if (base !== undefined && (head?.revision ?? null) !== base) {
        throw new HeadMoved(head);
      }
      if (head?.revision === revision) {
        await also(transaction, head);
        return head;
      }
      const next = { tenant, kind, name, revision, source, number: (row?.number ?? 0) + 1, saved_at: at, saved_by: by };
      await transaction.insertInto('documents').values(next).execute();
      await also(transaction, stored(next));
      return stored(next);
    });
    await this.audit.anchor();
    return saved;
  }

  /**
   * Takes a document away; its versions stay and can be restored.
   * @param base and also as of `save`
   */
  async remove(
    tenant: string,
    kind: string,
    name: string,
    by: string,
    base: string,
    also: (transaction: Transaction<Tables>) => Promise<void>
  ): Promise<void> {
    await this.save(tenant, kind, name, REMOVED, by, base, also);
  }
}
