/** clearpath documents, show, save, delete and restore, as an operator types them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { bindingText, policyText, targetText } from '../../backend/daemon/testing.ts';

const CLI = fileURLToPath(new URL('../../backend/cli/main.ts', import.meta.url));
const state = mkdtempSync(join(tmpdir(), 'clearpath-cli-documents-'));
const clearpath = (words: string[], more: Record<string, string> = {}) =>
  spawnSync(process.execPath, [CLI, ...words], {
    encoding: 'utf8',
    env: { ...process.env, CLEARPATH_STATE: state, CLEARPATH_DOCUMENTS: '', ...more },
  });
const file = (name: string, text: string) => {
  writeFileSync(join(state, name), text);
  return join(state, name);
};
afterAll(() => rmSync(state, { recursive: true }));

const binding = file('binding.yaml', bindingText('uplink', 'site', 'cpt0'));

it('save stores a document with all that it names, and nothing without --yes', () => {
  expect(clearpath(['save', file('policy.yaml', policyText())])).toMatchObject({ status: 2, stderr: 'Nothing was saved. To do it, add --yes.\n' }); // prettier-ignore
  expect(clearpath(['save', file('policy.yaml', policyText()), '--yes']).status).toBe(0);
  const early = clearpath(['save', binding, '--yes']);
  expect(early.status).toBe(1);
  expect(early.stderr).toContain('There is no target "site".');
  expect(clearpath(['save', file('target.yaml', targetText('site')), '--yes']).status).toBe(0);
  expect(clearpath(['save', binding, '--yes']).stdout).toMatch(/^Binding\/uplink is stored as revision [0-9a-f]+\.\n$/);
  expect(clearpath(['show', 'Binding/uplink']).stdout).toBe(bindingText('uplink', 'site', 'cpt0'));
  expect(clearpath(['documents']).stdout).toMatch(/^Policy\/branch .*\nTarget\/site .*\nBinding\/uplink .*\n$/);
});
it('delete refuses what others name, and restore brings a deleted document back', () => {
  const used = clearpath(['delete', 'Target/site', '--yes']);
  expect([used.status, used.stderr]).toEqual([3, 'Binding/uplink would be wrong then: There is no target "site".\nNothing was deleted.\n']); // prettier-ignore
  expect(clearpath(['delete', 'Binding/uplink', '--yes']).status).toBe(0);
  expect(clearpath(['history', 'Binding/uplink']).stdout).toMatch(/^uplink@2 +deleted .*\nuplink@1 /);
  expect(clearpath(['restore', 'Binding/uplink@2', '--yes']).status).toBe(2);
  expect(clearpath(['restore', 'Binding/uplink', '--yes']).stderr).toContain('Which version of Binding/uplink?');
  expect(clearpath(['restore', 'Binding/uplink@1', '--yes']).status).toBe(0);
  expect(clearpath(['restore', 'Binding/uplink@1', '--yes']).stdout).toContain('reads as in version 1 already');
});
it('delete takes a policy that nothing uses any more, and restore brings it back', () => {
  const used = clearpath(['delete', 'branch', '--yes']);
  expect([used.status, used.stderr]).toEqual([3, 'Binding/uplink would be wrong then: There is no policy "branch".\nNothing was deleted.\n']); // prettier-ignore
  expect(clearpath(['delete', 'Binding/uplink', '--yes']).status).toBe(0);
  expect(clearpath(['delete', 'branch@1', '--yes']).status).toBe(2);
  expect(clearpath(['delete', 'branch'])).toMatchObject({
    status: 2,
    stderr: 'Nothing was deleted. To do it, add --yes.\n',
  });
  expect(clearpath(['delete', 'branch', '--yes']).stdout).toContain('Policy/branch is deleted. Its versions stay');
  expect(clearpath(['history', 'branch']).stdout).toMatch(/^branch@2 +deleted .*\nbranch@1 /);
  expect(clearpath(['restore', 'branch@1', '--yes']).status).toBe(0);
  expect(clearpath(['restore', 'Binding/uplink@1', '--yes']).status).toBe(0);
});
it('a document that a file holds is changed nowhere but there', () => {
  const filed = clearpath(['delete', 'Binding/uplink', '--yes'], { CLEARPATH_DOCUMENTS: binding });
  expect(filed.status).toBe(3);
  expect(filed.stderr).toContain(`Binding/uplink comes from the file ${binding}`);
});
