/** clearpath history and diff, as an operator types them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bindingText, policyText } from '../../backend/daemon/testing.ts';
import { openStore } from '../../backend/store/index.ts';

const CLI = fileURLToPath(new URL('../../backend/cli/main.ts', import.meta.url));
const state = mkdtempSync(join(tmpdir(), 'clearpath-cli-history-'));
const clearpath = (...words: string[]) =>
  spawnSync(process.execPath, [CLI, ...words], { encoding: 'utf8', env: { ...process.env, CLEARPATH_STATE: state } });
const file = (name: string, text: string) => {
  writeFileSync(join(state, name), text);
  return join(state, name);
};
const first = policyText();
const second = first.replace('guarantee: 1mbit', 'guarantee: 2mbit, ceiling: 1mbit');

beforeAll(async () => {
  const store = await openStore(state);
  await store.documents.save('main', 'Policy', 'branch', first, 'ann', null);
  await store.documents.save('main', 'Policy', 'branch', second, 'bob', undefined);
  await store.close();
});
afterAll(() => rmSync(state, { recursive: true }));

it('history lists the versions, newest first', () => {
  const { status, stdout } = clearpath('history', 'branch');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^branch@2 .*bob\nbranch@1 .*ann\n$/);
  expect(JSON.parse(clearpath('history', 'branch', '--json').stdout)).toMatchObject({ policy: 'branch', versions: [{ number: 2, savedBy: 'bob', inForce: [] }, { number: 1 }] }); // prettier-ignore
  expect(clearpath('history', 'nothing')).toMatchObject({ status: 2, stderr: expect.stringContaining('There is no stored policy "nothing". There are branch.') as string }); // prettier-ignore
});
it('diff says what a version or a file means beside another', () => {
  const words = (...of: string[]) => clearpath('diff', ...of).stdout;
  expect(words('branch@1', 'branch@2')).toBe('voice: guarantee 1 Mbit/s → 2 Mbit/s\n');
  expect(words('branch@2', file('first.yaml', first))).toBe('voice: guarantee 2 Mbit/s → 1 Mbit/s\n');
  expect(words('branch@1', file('same.yaml', `# another text\n${first}`))).toBe('No effect on traffic: at most comments, descriptions and spelling differ.\n'); // prettier-ignore
  expect(JSON.parse(words('branch@1', 'branch@2', '--json'))).toMatchObject({ changes: [{ path: 'spec.classes[0].guarantee', kind: 'changed' }] }); // prettier-ignore
});
it('diff says the same of bindings and targets, and takes two of a kind only', () => {
  const [quick, slow] = [bindingText('uplink', 'site'), bindingText('uplink', 'site').replace('[ lo ]', '[ lo ], confirm: 60s')]; // prettier-ignore
  const words = (...of: string[]) => clearpath('diff', ...of);
  const [a, b] = [file('quick.yaml', quick), file('slow.yaml', slow)];
  expect(words(a, b).stdout).toBe('confirm without → 60s\n');
  expect(words(a, a).stdout).toContain('No effect on where, how or when a policy acts');
  expect(words('branch@1', a)).toMatchObject({ status: 2, stderr: expect.stringContaining('Only two of a kind can be compared.') as string }); // prettier-ignore
});
it('diff ends with 1 where one cannot be read, and with 2 where it is not there', () => {
  expect(clearpath('diff', 'branch@1', file('bad.yaml', 'kind: [')).status).toBe(1);
  for (const absent of ['branch@9', '/nowhere.yaml']) {
    expect(clearpath('diff', 'branch@1', absent).status, absent).toBe(2);
  }
  expect(clearpath('diff', 'branch@1').stderr).toContain('"diff" takes A B.');
});
