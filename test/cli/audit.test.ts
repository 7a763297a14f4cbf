/** clearpath audit, as an operator types it, on a state whose database someone else has written to. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from '../../backend/store/index.ts';

const CLI = fileURLToPath(new URL('../../backend/cli/main.ts', import.meta.url));
const state = mkdtempSync(join(tmpdir(), 'clearpath-cli-audit-'));
const clearpath = (...words: string[]) =>
  spawnSync(process.execPath, [CLI, ...words], { encoding: 'utf8', env: { ...process.env, CLEARPATH_STATE: state } });

beforeAll(async () => {
  const store = await openStore(state);
  for (const detail of ['one', 'two', 'three']) {
    await store.audit.add({ tenant: 'main', by: 'ann', role: 'Admin', action: 'apply', subject: 'wan0', outcome: 'done', detail }); // prettier-ignore
  }
  await store.close();
});
afterAll(() => rmSync(state, { recursive: true }));

it('says up to where the audit stands, and ends with 0', () => {
  const { status, stdout } = clearpath('audit', 'verify');
  expect([status, stdout]).toEqual([0, 'Verified up to entry 3: each of the 3 stands as it was written.\n']);
});
it('says where it was changed, for persons and programs, and ends with 1', () => {
  const database = new DatabaseSync(join(state, 'clearpath.db'));
  database.exec(`update audit set "by" = 'eve' where number = 2`);
  database.close();
  const { status, stderr } = clearpath('audit', 'verify');
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^BROKEN\. Verified up to entry 1 only:\n {2}Entry 2, which names eve, does not match its seal/
  );
  const json = clearpath('audit', 'verify', '--json');
  expect([json.status, JSON.parse(json.stdout)]).toMatchObject([1, { intact: false, breaks: [{ number: 2, reason: 'changed', by: 'eve' }] }]); // prettier-ignore
});
it('accepts what is there only when told to, and says for good what that was', async () => {
  expect(clearpath('audit', 'accept').status).toBe(2);
  expect(clearpath('audit', 'verify').status).toBe(1);
  const accepted = clearpath('audit', 'accept', '--yes');
  expect([accepted.status, accepted.stdout]).toEqual([0, expect.stringMatching(/^A new chain begins\. Accepted:\n {2}Entry 2,/)]); // prettier-ignore
  const { status, stdout } = clearpath('audit', 'verify');
  expect([status, stdout]).toEqual([0, 'Verified up to entry 4: each of the 4 stands as it was written.\nEntries 1 to 3 are of before this chain of seals began: they are as they were then.\n']); // prettier-ignore
  const store = await openStore(state);
  expect((await store.audit.list('main'))[0]).toMatchObject({ action: 'audit.accept', role: 'command line', detail: expect.stringMatching(/^Entry 2/) as string }); // prettier-ignore
  await store.close();
});
it('takes no other word', () => {
  const { status, stderr } = clearpath('audit', 'repair');
  expect([status, stderr]).toEqual([2, expect.stringContaining('"audit" takes verify or accept, not "repair".')]);
});
it('that has lost its key says so before anything is done, and begins anew when told to', () => {
  rmSync(join(state, 'audit.key'));
  const lost = clearpath('audit', 'verify');
  expect([lost.status, lost.stderr]).toEqual([3, expect.stringMatching(/audit\.key is missing\. Nothing was done/)]);
  expect(clearpath('audit', 'accept', '--yes').status).toBe(0);
  expect(clearpath('audit', 'verify').status).toBe(0);
});
