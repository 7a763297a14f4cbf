/** What the README tells an operator to type, set and expect is what the programs take. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { COMMANDS, USAGE } from '../../backend/cli/arguments.ts';
import { LATER_KINDS } from '../../backend/policy/index.ts';
import { codeWords, fences, PAGES, readPage, ROOT, rows, section } from './pages.ts';
import { REFUSED } from './refused.ts';

const readme = readPage('README.md');
const sourceOf = (pattern: string) =>
  globSync(pattern, { cwd: ROOT, exclude: ['**/node_modules/**', '**/*.test.ts'] })
    .map((file) => readFileSync(path.join(ROOT, file), 'utf8'))
    .join('\n');
const shell = PAGES.flatMap((page) => [...fences(readPage(page), 'sh'), ...codeWords(readPage(page))]).join('\n');

it('names only npm scripts that there are', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...shell.matchAll(/\bnpm (?:run ([\w-]+)|(start|test)\b)/g)].map(([, run, own]) => run ?? own!);
  expect(named).toEqual(expect.arrayContaining(['start', 'test', 'build']));
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

it('quotes the usage of the command line word for word', () => {
  expect(fences(readme, 'text')).toContain(USAGE);
});

it('calls only commands and options that the command line has', () => {
  const calls = [
    ...fences(readme, 'sh')
      .join('\n')
      .matchAll(/\bclearpath (\w+)([^\n#>]*)/g),
  ];
  expect(calls.length).toBeGreaterThan(3);
  for (const [line, command, rest] of calls) {
    expect(Object.keys(COMMANDS), line).toContain(command);
    for (const [option] of rest!.matchAll(/--[\w-]+/g)) expect(USAGE, line).toContain(option);
  }
});

it('gives npm start only options that it takes', () => {
  const start = sourceOf('scripts/start.mjs');
  const options = [
    ...fences(readme, 'sh')
      .join('\n')
      .matchAll(/npm start -- ([^#\n]*)/g),
  ].flatMap(([, given]) => given!.match(/--[\w-]+/g) ?? []);
  expect(options.length).toBeGreaterThan(3);
  for (const option of options) expect(start).toMatch(new RegExp(`['\\s]${option.slice(2)}['\\s]*:`));
});

it('names the checks of npm test', () => {
  const known = [
    ...sourceOf('scripts/test.mjs')
      .match(/const ALL = \{([\s\S]*?)\};/)![1]!
      .matchAll(/^ +(\w+):/gm),
  ].map(([, name]) => name!);
  expect(readme).toContain(`one of: ${known.join(', ')}`);
});

it('lists exactly the variables that the sidecar and the command line read', () => {
  const read = new Set(
    sourceOf('backend/**/*.ts').match(/(?<=environment\.|process\.env\.)(CLEARPATH_[A-Z_]+|DATABASE_URL)/g)
  );
  const listed = rows(section(readme, '## On a real machine')).map(([name]) => name!.replaceAll('`', ''));
  expect([...listed].sort()).toEqual([...read].sort());
});

it('names no variable that nothing reads', () => {
  const sources = ['backend/**/*.ts', 'scripts/**/*.mjs', 'test/**/*.ts', 'provisioning/**/*.yaml']
    .map(sourceOf)
    .join('\n');
  const named = new Set(PAGES.flatMap((page) => readPage(page).match(/\bCLEARPATH_[A-Z_]+/g) ?? []));
  expect([...named].filter((name) => !sources.includes(name))).toEqual([]);
});

it('lists every part of the language that is refused', () => {
  const words = codeWords(section(readme, '## What is not there yet'));
  const refused = [...LATER_KINDS, ...Object.values(REFUSED).flat()];
  // Of the schedulers it says "every other than auto and htb".
  expect(refused.filter((word) => !words.includes(word))).toEqual([]);
});
