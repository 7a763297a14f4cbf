/** Kysely over PostgreSQL, with the types that SQLite gives and errors that say what to do. */
import { Kysely, PostgresDialect, sql, type PostgresPool, type PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { StoreError } from './failure.ts';

/** The oldest that its makers still mended when this was written. */
export const OLDEST_POSTGRES = 14;
/** A server that does not answer, and a writer that another holds up, are waited for as long as SQLite's file is. */
const WAIT_MS = 5_000;
/** A statement or a writer that has died on the way must not hold up the others for ever. */
const GIVE_UP_MS = 60_000;

const LOGIN = 'It does not let this user in. Nothing was done; correct the user and the password in DATABASE_URL, or the server’s pg_hba.conf.'; // prettier-ignore
const ABSENT = 'No server answers there. Nothing was done; start it, or correct DATABASE_URL.';
const AGAIN = 'Another program has held it for too long. Nothing was written; try again.';
/** SQLSTATEs and the system's codes that an operator can do something about. */
const ADVICE: Record<string, string> = {
  '28P01': LOGIN,
  '28000': LOGIN,
  '3D000': 'There is no such database. Nothing was done; make it, e.g. with createdb, or correct DATABASE_URL.',
  '42501': 'This user may not do that. Nothing was written; let it own the database, or grant it CREATE on the schema.',
  '25006': 'It takes no writing, as a standby does. Nothing was written; name the primary in DATABASE_URL.',
  '22021': 'It holds a character that PostgreSQL cannot keep. Nothing was written; take it out.',
  '53100': 'The server’s disk is full. Nothing was written; free some space.',
  '53300': 'The server has no connection left. Nothing was done; raise its max_connections or end other programs.',
  '55P03': AGAIN,
  '57014': AGAIN,
  '40P01': AGAIN,
  '57P03': 'It is starting or ending. Nothing was done; try again.',
  ECONNREFUSED: ABSENT,
  ENOENT: ABSENT,
  ENOTFOUND: ABSENT,
  EAI_AGAIN: ABSENT,
  EHOSTUNREACH: ABSENT,
  ENETUNREACH: ABSENT,
  ETIMEDOUT: ABSENT,
};
/** An administrator's or a crash's end of the session (class 57P), connection exceptions (class 08), and the driver's own words. */
const isLost = (code: string | undefined, said: string) =>
  /^(57P0[12]|08|ECONNRESET|EPIPE)/.test(code ?? '') ||
  /connection terminated|connection ended|not queryable/i.test(said);
const LOST = 'The connection was lost. Nothing of this was written; it is opened again with the next call.';
const LOST_UNKNOWN =
  'The connection was lost on the way: whether this was written is not known. Look before you repeat it.';

/** @param unknown whether what was under way may have been written when the connection is lost */
function postgresError(address: string, cause: unknown, unknown: boolean): StoreError {
  const { code, message, errors } = cause as { code?: string; message?: string; errors?: Error[] };
  // Several addresses of one name, refused one after the other, make an error without words of its own.
  const said = message || errors?.map((error) => error.message).join(', ') || code || String(cause);
  const advice = () => {
    if (code === undefined && /timeout/i.test(said)) {
      return ABSENT;
    }
    return isLost(code, said) ? (unknown ? LOST_UNKNOWN : LOST) : ADVICE[code ?? ''];
  };
  return new StoreError(address, said, { code, advice: advice(), cause });
}

/** Whole numbers as numbers, up to 2^53 exactly; bytes as SQLite gives them. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    if (oid === pg.types.builtins.INT8) {
      return Number;
    }
    const parse = pg.types.getTypeParser(oid, format) as (value: string) => unknown;
    return oid === pg.types.builtins.BYTEA ? (value: string) => new Uint8Array(parse(value) as Buffer) : parse;
  },
};

/** @returns the address without the password. @throws StoreError that does not repeat what was given: a password may stand in it. */
export function addressOf(url: string): string {
  try {
    if (!/^postgres(ql)?:\/\//.test(url)) {
      throw new Error('another scheme');
    }
    const { user, host, port, database } = new pg.Client({ connectionString: url });
    return `postgres://${user}@${host}:${port}/${database}`;
  } catch {
    throw new StoreError('named by DATABASE_URL', 'this is not an address of PostgreSQL', {
      advice: 'Nothing was done; write postgres://user:password@host:5432/database, or leave DATABASE_URL out for SQLite in the state folder.',
    }); // prettier-ignore
  }
}

/**
 * @param url postgres://user:password@host:port/database; what it leaves out comes from PGUSER, PGPASSFILE and their kind
 * @param oldest major version of a server that is good enough
 * @throws StoreError, also from every query, with the address in its message
 */
export async function openPostgres<DB>(url: string, oldest = OLDEST_POSTGRES): Promise<Kysely<DB>> {
  const address = addressOf(url);
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'clearpath',
    connectionTimeoutMillis: WAIT_MS,
    keepAlive: true,
    lock_timeout: WAIT_MS,
    statement_timeout: GIVE_UP_MS,
    idle_in_transaction_session_timeout: GIVE_UP_MS,
    types,
  });
  // A connection that is lost while nobody uses it is replaced with the next call.
  pool.on('error', () => undefined);
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool: adapt(pool, address) }) });
  try {
    const { rows } = await sql<{ version: string }>`select current_setting('server_version_num') as version`.execute(
      db
    );
    const major = Math.floor(Number(rows[0]!.version) / 10_000);
    if (major < oldest) {
      throw new StoreError(address, `it is PostgreSQL ${major}`, {
        advice: `PostgreSQL ${oldest} or later is needed. Nothing was done; update the server, or name another in DATABASE_URL.`,
      });
    }
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}

/** Names the database in every error, and knows what a lost connection leaves open. */
const adapt = (pool: pg.Pool, address: string): PostgresPool => ({
  connect: async () => {
    const client = await pool.connect().catch((error: unknown) => {
      throw postgresError(address, error, false);
    });
    // One that is lost while a transaction computes says so with its next query.
    const ignore = () => undefined;
    client.on('error', ignore);
    let within = false;
    let lost = false;
    const query = async (text: string, parameters: readonly unknown[]) => {
      const word = /^\s*(\w+)/.exec(text)?.[1]?.toLowerCase();
      if (lost && word === 'rollback') {
        // The server has done that; it must not hide why.
        return { command: 'ROLLBACK', rowCount: 0, rows: [] };
      }
      const unknown = word === 'commit' || (!within && word !== 'select' && word !== 'start');
      try {
        const result = await client.query(text, [...parameters]);
        within = word === 'start' || (within && word !== 'commit' && word !== 'rollback');
        return result;
      } catch (error) {
        const failure = postgresError(address, error, unknown);
        lost = isLost(String(failure.code), failure.message);
        throw failure;
      }
    };
    return {
      // Cursors are not used here.
      query: query as unknown as PostgresPoolClient['query'],
      release: () => {
        client.off('error', ignore);
        client.release(lost);
      },
    };
  },
  end: () => pool.end(),
  options: {},
});
