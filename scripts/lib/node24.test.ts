/** The launcher, run by this Node: an older one takes the same road, only to another program. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const launcher = fileURLToPath(new URL('../with-node.mjs', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'clearpath-node24-'));
  writeFileSync(
    path.join(folder, 'say.ts'),
    'const version: string = process.versions.node;\nconsole.log(version, ...process.argv.slice(2));\nprocess.exit(7);\n'
  );
  writeFileSync(
    path.join(folder, 'wait.ts'),
    "process.on('SIGTERM', () => process.exit(42));\nconsole.log('waiting');\nsetInterval(() => undefined, 1000);\n"
  );
  writeFileSync(
    path.join(folder, 'die.ts'),
    "process.kill(process.pid, 'SIGKILL');\nsetInterval(() => undefined, 1000);\n"
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

it('runs TypeScript by Node 24 with its arguments and exit status, from any directory', () => {
  const { stdout, status } = spawnSync(process.execPath, [launcher, path.join(folder, 'say.ts'), 'a b', '--json'], {
    cwd: os.tmpdir(),
    encoding: 'utf8',
  });
  expect([stdout, status]).toEqual([expect.stringMatching(/^2[4-9]\.\S+ a b --json\n$/), 7]);
});

it('passes a signal on and ends as its child does', async () => {
  const child = spawn(process.execPath, [launcher, path.join(folder, 'wait.ts')]);
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([42, null]);
  expect(await once(spawn(process.execPath, [launcher, path.join(folder, 'die.ts')]), 'exit')).toEqual([
    null,
    'SIGKILL',
  ]);
});

it('says how it is used when it is not told what to run', () => {
  const { stderr, status } = spawnSync(process.execPath, [launcher], { encoding: 'utf8' });
  expect([stderr.split(':')[0], status]).toEqual(['Usage', 2]);
});
