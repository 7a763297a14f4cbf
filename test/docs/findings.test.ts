/** Every code that the programs say stands on the page, and no other. */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readPage, ROOT, rows } from './pages.ts';

const page = readPage('docs/findings.md');

it('is written from the table of findings', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/docs.mjs', '--check'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

it('explains every code in the source, and only codes that are there', () => {
  const files = globSync(['backend/**/*.{ts,go}', 'src/**/*.{ts,tsx}'], {
    cwd: ROOT,
    exclude: ['**/node_modules/**', '**/*.test.{ts,tsx}', '**/*_test.go', 'src/testing/**', '**/testing.ts'],
  });
  const source = files.map((file) => readFileSync(path.join(ROOT, file), 'utf8')).join('\n');
  const said = new Set([...source.matchAll(/['"](CP-[A-Z]+(?:-[A-Z]+)*)['"]/g)].map(([, code]) => code!));
  const explained = rows(page).map(([code]) => /CP-[A-Z-]*[A-Z]/.exec(code!)?.[0] ?? code!);
  expect([...new Set(explained)].sort()).toEqual([...said].sort());
});
