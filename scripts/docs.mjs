#!/usr/bin/env node
/**
 * `node scripts/with-node.mjs scripts/docs.mjs`: writes the tables of docs/ that come from the source, between their markers.
 * With `--check` nothing is written; it ends with status 1 where a page differs from the source.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CODES } from '../backend/policy/codes.ts';

const page = fileURLToPath(new URL('../docs/findings.md', import.meta.url));
const BEGIN = '<!-- from backend/policy/codes.ts by scripts/docs.mjs -->';
const END = '<!-- end -->';

const rows = Object.entries(CODES).map(([code, { severity, title }]) => `| \`${code}\` | ${severity} | ${title} |`);
const table = ['| code | severity | means |', '|---|---|---|', ...rows].join('\n');

const text = readFileSync(page, 'utf8');
const [head, rest] = text.split(BEGIN);
const tail = rest?.split(END)[1];
if (tail === undefined) {
  console.error(`docs/findings.md lacks the markers "${BEGIN}" and "${END}". Nothing was written.`);
  process.exit(1);
}
const wanted = `${head}${BEGIN}\n${table}\n${END}${tail}`;
if (process.argv.includes('--check')) {
  if (wanted !== text) {
    console.error(
      'docs/findings.md differs from backend/policy/codes.ts. Write it with "node scripts/with-node.mjs scripts/docs.mjs".'
    );
    process.exit(1);
  }
} else {
  writeFileSync(page, wanted);
}
