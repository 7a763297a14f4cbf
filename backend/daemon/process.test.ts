/** clearpathd as a process: what it says when it cannot start, and how it ends. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { policyText } from './testing.ts';

const PROGRAM = fileURLToPath(new URL('../clearpathd.ts', import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clearpath-process-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Ended {
  status: number | null;
  said: string;
}
function start(environment: Record<string, string>) {
  const child = spawn(process.execPath, [PROGRAM], {
    env: {
      PATH: process.env.PATH,
      CLEARPATH_LOG_LEVEL: 'silent',
      CLEARPATH_STATE: join(folder, 'state'),
      CLEARPATH_LISTEN: '127.0.0.1:0',
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  const heard: Array<() => void> = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    heard.forEach((tell) => tell());
  });
  const ended = new Promise<Ended>((resolve) => child.on('close', (status) => resolve({ status, said })));
  const listening = new Promise<string>((resolve) => heard.push(() => resolve(/http:\S+/.exec(said)?.[0] ?? '')));
  return { child, ended, listening };
}
const run = (environment: Record<string, string>) => start(environment).ended;

describe('clearpathd that cannot start', () => {
  it.each([
    [
      'an address that is none',
      { CLEARPATH_LISTEN: 'everywhere' },
      'CLEARPATH_LISTEN is "everywhere"; write host:port, e.g. 127.0.0.1:8003.',
    ],
    [
      'an address of another machine',
      { CLEARPATH_LISTEN: '192.0.2.1:8003' },
      'CLEARPATH_LISTEN is 192.0.2.1:8003, but this machine has no such address. Name another host:port.',
    ],
    [
      'a way into namespaces that is none',
      { CLEARPATH_ENTER: 'sudo' },
      'CLEARPATH_ENTER is not a JSON list of strings, e.g. ["nsenter", "-t", "4711", "-U", "-m"].',
    ],
  ])('says so of %s in one line, and ends with status 1', async (_, environment, line) => {
    expect(await run(environment)).toEqual({ status: 1, said: `clearpathd did not start: ${line}\n` });
  });
  it('says so of a port that is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    expect(await run({ CLEARPATH_LISTEN: `127.0.0.1:${port}` })).toEqual({
      status: 1,
      said: `clearpathd did not start: CLEARPATH_LISTEN is 127.0.0.1:${port}, but another program, perhaps another clearpathd, already listens there. Name another host:port.\n`,
    });
    other.close();
  });
  it('says so of a state that cannot be used', async () => {
    const state = join(folder, 'file');
    writeFileSync(state, '');
    const { status, said } = await run({ CLEARPATH_STATE: state });
    expect(status).toBe(1);
    expect(said).toMatch(
      new RegExp(`^clearpathd did not start: The database ${state}/clearpath\\.db failed: EEXIST[^\\n]*\\n$`)
    );
  });
  it('says so of a database that is none', async () => {
    writeFileSync(
      join(folder, 'clearpath.db'),
      'This is no database, but it is long enough to be looked at.\n'.repeat(30)
    );
    const { status, said } = await run({ CLEARPATH_STATE: folder });
    expect([status, said.trimEnd().split('\n')]).toEqual([
      1,
      [
        expect.stringMatching(
          /^clearpathd did not start: The database .*It is not an SQLite database\. Nothing was written; move it aside/
        ),
      ],
    ]);
  });
  it('says so of a document, with file and line', async () => {
    const file = join(folder, 'bad.yaml');
    writeFileSync(file, policyText('branch', 'bandwith: 10mbit'));
    expect(await run({ CLEARPATH_DOCUMENTS: file })).toEqual({
      status: 1,
      said: `clearpathd did not start: ${file}:5: spec.bandwith: "bandwith" is not a key here.\n`,
    });
  });
});

describe('clearpathd that runs', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('says where it listens, and ends cleanly on %s', async (signal) => {
    const { child, ended, listening } = start({});
    const url = await listening;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    child.kill(signal);
    child.kill(signal);
    expect(await ended).toEqual({
      status: 0,
      said: expect.stringMatching(/^clearpathd \S+ listens on http:\/\/127\.0\.0\.1:\d+\n$/) as string,
    });
  });
});
