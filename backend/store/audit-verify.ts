/** Whether the audit still says what it said: every entry against its seal, and the whole against the anchor outside. */
import type { Kysely } from 'kysely';
import type { Anchor } from './audit-files.ts';
import { Beginning, sealOf } from './seal.ts';
import type { AuditTable, Tables } from './tables.ts';

/** Something that Clearpath did not do to the audit. */
export interface AuditBreak {
  /** Where: the entry, or the first of those that are missing */
  number: number;
  reason: 'changed' | 'missing' | 'cut' | 'replaced' | 'no-anchor';
  /** Who the entry names, where there is one */
  by: string | null;
  message: string;
}
export interface AuditState {
  intact: boolean;
  /** All that are there */
  entries: number;
  /** Those of before the chain began: held as they stood then, not sealed one by one */
  unsealed: number;
  /** Every entry up to this number stands as it was written. */
  verified: number;
  /** How far the anchor outside the database has come; null without one */
  anchored: number | null;
  /** The first hundred */
  breaks: AuditBreak[];
}

const AT_ONCE = 500;
const MOST_BREAKS = 100;

/** In order of number, from the one after `after`, as far as `until` where that is given. */
export async function* entries(db: Kysely<Tables>, after: number, until?: number): AsyncGenerator<AuditTable> {
  for (let last = after; ;) {
    const rows = await db
      .selectFrom('audit')
      .selectAll()
      .where('number', '>', last)
      .$if(until !== undefined, (query) => query.where('number', '<=', until!))
      .orderBy('number')
      .limit(AT_ONCE)
      .execute();
    yield* rows;
    if (rows.length < AT_ONCE) {
      return;
    }
    last = rows.at(-1)!.number;
  }
}

/** What the chain begins with, computed from the entries before it. */
export async function beginning(db: Kysely<Tables>, key: Buffer, since: number): Promise<string> {
  const hash = new Beginning(key);
  for await (const entry of entries(db, 0, since)) {
    hash.add(entry);
  }
  return hash.seal();
}

const missing = (from: number, to: number) =>
  from === to ? `Entry ${from} is missing` : `The entries ${from} to ${to} are missing`;

/**
 * @param since number of the last entry before the chain
 * @param anchor as read before the entries: they may have become more since, never fewer
 */
export async function verifyChain(
  db: Kysely<Tables>,
  key: Buffer,
  since: number,
  anchor: Anchor | undefined
): Promise<AuditState> {
  const breaks: AuditBreak[] = [];
  let previous = await beginning(db, key, since);
  let [count, last] = [0, since];
  let verified = since;
  let anchored = anchor?.number === since ? previous : undefined;
  const found = (item: AuditBreak) => {
    if (breaks.length < MOST_BREAKS) {
      breaks.push(item);
    }
  };
  for await (const entry of entries(db, since)) {
    count++;
    const gap = entry.number > last + 1;
    if (gap) {
      found({
        number: last + 1,
        reason: 'missing',
        by: null,
        message: `${missing(last + 1, entry.number - 1)}, which were written before entry ${entry.number}.`,
      });
    } else if (entry.seal !== sealOf(key, previous, entry)) {
      found({
        number: entry.number,
        reason: 'changed',
        by: entry.by,
        message: `Entry ${entry.number}, which names ${entry.by}, does not match its seal: it was changed, moved or not written by Clearpath, or what stood before it was.`,
      });
    } else if (breaks.length === 0) {
      verified = entry.number;
    }
    anchored = entry.number === anchor?.number ? (entry.seal ?? '') : anchored;
    // What comes next is judged by what stands here, so that one change is said once.
    previous = entry.seal ?? '';
    last = entry.number;
  }
  if (!anchor) {
    found({ number: last + 1, reason: 'no-anchor', by: null, message: 'The anchor outside the database is missing, so that nothing tells whether the newest entries were taken out.' }); // prettier-ignore
  } else if (anchor.number > last) {
    found({ number: last + 1, reason: 'cut', by: null, message: `${missing(last + 1, anchor.number)}: the anchor outside the database says that they were written. The newest were taken out, or an older database was put in place.` }); // prettier-ignore
  } else if (anchored !== anchor.seal) {
    found({ number: anchor.number, reason: 'replaced', by: null, message: `Entry ${anchor.number} is not the one that the anchor outside the database names: another database was put in place, or the entries up to it were written anew.` }); // prettier-ignore
  }
  const { unsealed } = await db
    .selectFrom('audit')
    .select((e) => e.fn.countAll<number>().as('unsealed'))
    .where('number', '<=', since)
    .executeTakeFirstOrThrow();
  return {
    intact: breaks.length === 0,
    entries: unsealed + count,
    unsealed,
    verified: breaks.some(({ reason }) => reason === 'replaced') ? since : verified,
    anchored: anchor?.number ?? null,
    breaks,
  };
}
