/** For tests: a real PostgreSQL on loopback, with a data folder of its own, that ends with the test. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import pg from 'pg';
import { OLDEST_POSTGRES } from './postgres.ts';

const USER = 'clearpath';
export const PASSWORD = 'only/for:these@tests';

/** PostgreSQL refuses to run as root: Debian's package brings a user along, others have nobody. */
const other: { user: string; uid: number; gid: number } | undefined = (() => {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const user = spawnSync('id', ['postgres']).status === 0 ? 'postgres' : 'nobody';
  const id = (flag: string) => Number(spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout);
  return { user, uid: id('-u'), gid: id('-g') };
})();
/** The server ends with the process that runs the tests, also when that is killed. */
const asOther = [
  'setpriv', '--pdeathsig=INT', ...(other ? [`--reuid=${other.uid}`, `--regid=${other.gid}`, '--clear-groups'] : []),
]; // prettier-ignore

/** Folder of initdb and postgres: Debian's, newest first, or one of PATH. */
const binaries: string | undefined = (() => {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).filter((name) => Number(name) >= OLDEST_POSTGRES) : [];
  const folders = [
    ...versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
})();

/** Why no PostgreSQL can be started here, or null. */
export const postgresMissing: string | null = !binaries
  ? `PostgreSQL ${OLDEST_POSTGRES} or later is not installed`
  : spawnSync('setpriv', ['--version']).status !== 0
    ? 'setpriv of util-linux is not installed'
    : null;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export class PostgresServer {
  readonly port: number;
  /** Folder of its Unix socket */
  readonly folder: string;
  private process: ChildProcess | undefined;
  private made = 0;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
  }

  static async start(): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'clearpath-pg-'));
    const password = join(folder, 'password');
    writeFileSync(password, PASSWORD);
    mkdirSync(join(folder, 'data'));
    if (other) {
      [folder, password, join(folder, 'data')].forEach((path) => chownSync(path, other.uid, other.gid));
    }
    const server = new PostgresServer(folder, await freePort());
    server.run('initdb', '-D', join(folder, 'data'), '-U', USER, `--pwfile=${password}`, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'); // prettier-ignore
    await server.resume();
    return server;
  }

  private run(program: string, ...args: string[]): void {
    const [command, ...rest] = [...asOther, join(binaries!, program), ...args];
    const { status, stdout, stderr } = spawnSync(command!, rest, { encoding: 'utf8', cwd: this.folder });
    if (status !== 0) {
      throw new Error(`${program} failed: ${stdout}${stderr}`);
    }
  }

  /** After start() or stop(). */
  async resume(): Promise<void> {
    const [command, ...args] = [
      ...asOther, join(binaries!, 'postgres'), '-D', join(this.folder, 'data'), '-p', String(this.port), '-k', this.folder,
      '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'max_connections=60', '-c', 'lc_messages=C',
    ]; // prettier-ignore
    this.process = spawn(command!, args, { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    this.process.stderr!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const end = performance.now() + 30_000;
    while (!(await this.answers())) {
      if (this.process.exitCode !== null || performance.now() > end) {
        throw new Error(`PostgreSQL does not start: ${said}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Ends it at once, as a machine does that loses power; `resume` brings it back. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const running = this.process;
    this.process = undefined;
    if (running && running.exitCode === null) {
      const ended = once(running, 'exit');
      running.kill(signal);
      await ended;
    }
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }

  url(database: string, { user = USER, password = PASSWORD, port = this.port } = {}): string {
    return `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  }

  /** @returns the name of an empty database */
  async database(): Promise<string> {
    const name = `test${++this.made}`;
    await this.query('postgres', `create database ${name}`);
    return name;
  }

  /** What an administrator does, past the store. */
  async query<Row extends object>(database: string, text: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.url(database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  private answers(): Promise<boolean> {
    return this.query('postgres', 'select 1').then(
      () => true,
      () => false
    );
  }
}
