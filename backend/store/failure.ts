/** What a database refused, said for who runs it. */
export class StoreError extends Error {
  override name = 'StoreError';
  /** The file, or the address of the server without its password */
  readonly path: string;
  /** SQLite's primary result code (13: full disk), PostgreSQL's SQLSTATE ('3D000': no such database) or the system's ('ECONNREFUSED') */
  readonly code: number | string | undefined;

  /** @param advice what was not done and what to do */
  constructor(
    path: string,
    said: string,
    {
      code,
      advice = '',
      cause,
    }: { code?: number | string | undefined; advice?: string | undefined; cause?: unknown } = {}
  ) {
    super(`The database ${path} failed: ${said}.${advice && ` ${advice}`}`, { cause });
    this.path = path;
    this.code = code;
  }
}
