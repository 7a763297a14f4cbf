#!/usr/bin/env node
/**
 * `node scripts/with-node.mjs scripts/docs.mjs`: writes what of docs/ comes from the source: the table of findings between its
 * markers, and a page for each code. With `--check` nothing is written; it ends with status 1 where a page differs from the source.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { explainAll } from '../backend/policy/explained.ts';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const BEGIN = '<!-- from backend/policy/codes.ts by scripts/docs.mjs -->';
const END = '<!-- end -->';
const all = explainAll();

const fenced = (text) => `\`\`\`yaml\n${text.trimEnd()}\n\`\`\`\n`;

/** The page of one code. */
function page({ code, severity, title, wire, example }) {
  const head = `# ${code}\n\n<!-- from backend/policy/explained.ts by scripts/docs.mjs -->\n${title}. Severity: ${severity}.\n\n## On the wire\n\n${wire}\n`;
  if (!example) {
    return `${head}\n[All codes](../findings.md)\n`;
  }
  const { text, message, hint, fix, mended } = example;
  const what = fix ? `The fix that is offered, “${fix}”, makes of it:` : 'Mended by hand:';
  const after = mended === undefined ? '' : `\n## Mended\n\n${what}\n\n${fenced(mended)}`;
  return `${head}\n## Example\n\n${fenced(text)}\n> ${message}${hint ? ` ${hint}` : ''}\n${after}\n[All codes](../findings.md)\n`;
}

const rows = all.map(({ code, severity, title }) => `| [\`${code}\`](findings/${code}.md) | ${severity} | ${title} |`);
const table = ['| code | severity | means |', '|---|---|---|', ...rows].join('\n');
const index = readFileSync(`${docs}findings.md`, 'utf8');
const [head, rest] = index.split(BEGIN);
const tail = rest?.split(END)[1];
if (tail === undefined) {
  console.error(`docs/findings.md lacks the markers "${BEGIN}" and "${END}". Nothing was written.`);
  process.exit(1);
}
const wanted = new Map([
  ['findings.md', `${head}${BEGIN}\n${table}\n${END}${tail}`],
  ...all.map((one) => [`findings/${one.code}.md`, page(one)]),
]);
mkdirSync(`${docs}findings`, { recursive: true });
const stale = readdirSync(`${docs}findings`).filter((name) => !wanted.has(`findings/${name}`));
const other = [...wanted].filter(
  ([name, text]) => !existsSync(docs + name) || readFileSync(docs + name, 'utf8') !== text
);
if (process.argv.includes('--check')) {
  const names = [...other.map(([name]) => name), ...stale.map((name) => `findings/${name}`)];
  if (names.length > 0) {
    console.error(
      `${names.join(', ')} of docs/ differ from the source. Write them with "node scripts/with-node.mjs scripts/docs.mjs".`
    );
    process.exit(1);
  }
} else {
  other.forEach(([name, text]) => writeFileSync(docs + name, text));
  stale.forEach((name) => rmSync(`${docs}findings/${name}`));
}
