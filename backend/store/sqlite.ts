/** Kysely over Node's own SQLite. */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Kysely, SqliteDialect, type SqliteDatabase } from 'kysely';
import { StoreError } from './failure.ts';

/** A busy writer is waited for: the command line and the sidecar share the file. */
const BUSY_MS = 5_000;

/** What SQLite, or the system around its file, refused. */
export function sqliteError(path: string, cause: unknown): StoreError {
  const said = cause instanceof Error ? cause.message : String(cause);
  const number = (cause as { errcode?: unknown } | null)?.errcode;
  const code = typeof number === 'number' ? number & 0xff : undefined;
  return new StoreError(path, said, { code, advice: code === undefined ? undefined : ADVICE[code], cause });
}

/** SQLite's primary result codes that an operator can do something about. */
const ADVICE: Record<number, string> = {
  5: 'Another program has held it for too long. Nothing was written; try again.',
  8: 'It cannot be written to. Nothing was written; check its owner, its mode and that the file system is not mounted read-only.',
  10: 'The disk reports an error. Nothing was written; check the file system.',
  11: 'The file is damaged. Nothing was written; restore it from a backup or move it aside.',
  13: 'The disk is full. Nothing was written; free some space.',
  14: 'It cannot be opened. Check that the folder exists and may be written to.',
  26: 'It is not an SQLite database. Nothing was written; move it aside or name another file.',
};

/**
 * @param path of the file, made where it is missing; `:memory:` for a database that is gone with the process
 * @throws StoreError, also from every query, with the path in its message
 */
export function openSqlite<DB>(path: string): Kysely<DB> {
  const named = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      throw sqliteError(path, error);
    }
  };
  const database = named(() => {
    const opened = new DatabaseSync(path, { timeout: BUSY_MS, enableForeignKeyConstraints: true });
    try {
      // NORMAL with a write-ahead log loses no consistency in a power cut, at most the last commits.
      // The log is copied into the file every 16 MiB: every 4, as it is otherwise, is within one change of thousands of interfaces.
      opened.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000;');
    } catch (error) {
      opened.close();
      throw error;
    }
    return opened;
  });
  return new Kysely<DB>({ dialect: new SqliteDialect({ database: adapt(database, named) }) });
}

/** Rows that were written before the log is copied into the file, and how long after the last of them, while nobody waits for it */
const COPIED_AFTER = { rows: 2_000, ms: 1_000 };

/** Of thousands of rows SQLite would do so in the middle of a change, which then waits for the disk. */
function copiedWhenIdle(database: DatabaseSync): { wrote: (rows: number) => void; end: () => void } {
  let rows = 0;
  let timer: NodeJS.Timeout | undefined;
  const copy = () => {
    timer = undefined;
    rows = 0;
    try {
      database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // Whoever writes next hears of a disk that is full or broken.
    }
  };
  return {
    wrote: (more) => {
      rows += more;
      if (rows >= COPIED_AFTER.rows) {
        timer = timer?.refresh() ?? setTimeout(copy, COPIED_AFTER.ms).unref();
      }
    },
    end: () => clearTimeout(timer),
  };
}

/** A full disk ends a transaction by itself; that there is none left to roll back must not hide why. */
const isRollback = (sql: string) => /^rollback$/i.test(sql.trim());
const NOTHING = { changes: 0, lastInsertRowid: 0 };
/** A transaction here always writes: it waits for other writers at its beginning, where nothing was read yet that could have become old. */
const immediate = (sql: string) => (/^begin$/i.test(sql.trim()) ? 'begin immediate' : sql);

/** The last statement that returns no rows, which nobody can be in the middle of, as long as nothing but it is asked for. */
function onceInARow(prepare: SqliteDatabase['prepare']): SqliteDatabase['prepare'] {
  let last: { sql: string; statement: ReturnType<typeof prepare> } | undefined;
  return (sql) => {
    if (last?.sql !== sql) {
      last = { sql, statement: prepare(sql) };
    }
    const { statement } = last;
    if (statement.reader) {
      last = undefined;
    }
    return statement;
  };
}

/** Kysely expects better-sqlite3's shape: parameters as one array, and whether a statement returns rows. */
function adapt(database: DatabaseSync, named: <T>(run: () => T) => T): SqliteDatabase {
  const log = copiedWhenIdle(database);
  return {
    close: () => {
      log.end();
      database.close();
    },
    prepare: onceInARow((sql) => {
      const statement = named(() => database.prepare(immediate(sql)));
      const values = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => named(() => statement.all(...values(parameters))),
        run: (parameters) => {
          if (isRollback(sql) && !database.isTransaction) {
            return NOTHING;
          }
          const result = named(() => statement.run(...values(parameters)));
          log.wrote(Number(result.changes));
          return result;
        },
        iterate: (parameters) => named(() => statement.iterate(...values(parameters))),
      };
    }),
  };
}
