/** The project's documents as the tests look at them: links, headings, words set as code, fenced examples, tables. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const PAGES = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', ...globSync('docs/*.md', { cwd: ROOT })];

export const readPage = (page: string): string => readFileSync(`${ROOT}${page}`, 'utf8');

/** Fenced blocks, optionally of one language, without their fences. */
export const fences = (text: string, language?: string): string[] =>
  [...text.matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm)].flatMap(([, of, body]) =>
    language === undefined || of === language ? [body!] : []
  );

const prose = (text: string): string => text.replaceAll(/^ *```\w*\n[\s\S]*?^ *```$/gm, '');

/** Words set as code in running text. */
export const codeWords = (text: string): string[] => [...prose(text).matchAll(/`([^`\n]+)`/g)].map(([, word]) => word!);

/** Targets of links and images in running text. */
export const links = (text: string): string[] =>
  [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);

/** Anchors of headings as GitHub makes them. */
export const anchors = (text: string): string[] =>
  [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-')
  );

/** What stands under a heading, up to the next one of its level or above. */
export function section(text: string, heading: string): string {
  const level = /^#+/.exec(heading)![0].length;
  const from = text.indexOf(`\n${heading}\n`);
  if (from < 0) throw new Error(`There is no heading "${heading}".`);
  const rest = text.slice(from + heading.length + 2);
  const next = rest.search(new RegExp(`^#{1,${level}} `, 'm'));
  return next < 0 ? rest : rest.slice(0, next);
}

/** Rows of every table in a text, each as its cells; headings and rules are left out. */
export const rows = (text: string): string[][] =>
  [...prose(text).matchAll(/^\|(.+)\|$\n\|[-|: ]+\|$\n((?:^\|.+\|$\n?)*)/gm)].flatMap(([, , body]) =>
    body!
      .trimEnd()
      .split('\n')
      .map((line) =>
        line
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim())
      )
  );
