/** What a document points at is there. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchors, codeWords, links, PAGES, readPage, ROOT } from './pages.ts';

const FOLDERS = [
  'backend',
  'src',
  'scripts',
  'demo',
  'test',
  'docs',
  'provisioning',
  'dashboards',
  'docker',
  'examples',
  'templates',
  'bench',
  '.config',
];
/** Words that are a place in this repository: a folder of it, or a file with its ending. */
const isPlace = (word: string) =>
  FOLDERS.some((folder) => word === `${folder}/` || (word.startsWith(`${folder}/`) && !/[ *]/.test(word)));

describe.each(PAGES)('%s', (page) => {
  const text = readPage(page);
  const here = path.dirname(path.join(ROOT, page));

  it('links only to files and headings that exist', () => {
    const broken = links(text)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [file = '', anchor] = target.split('#');
        const found = file === '' ? path.join(ROOT, page) : path.resolve(here, file);
        return !existsSync(found) || (anchor !== undefined && !anchors(readFileSync(found, 'utf8')).includes(anchor));
      });
    expect(broken).toEqual([]);
  });

  it('names only places that exist', () => {
    expect(codeWords(text).filter((word) => isPlace(word) && !existsSync(path.join(ROOT, word)))).toEqual([]);
  });

  it('names nothing of the machine it was written on', () => {
    expect(text).not.toMatch(/\/work\/|\/tmp\/|\/root\//);
  });
});

describe('the screenshots', () => {
  const manifest = JSON.parse(readFileSync(path.join(ROOT, 'plugin.json'), 'utf8')) as {
    info: { screenshots: Array<{ name: string; path: string }> };
  };
  const shown = links(readPage('README.md')).filter((target) => target.endsWith('.png'));

  it('are the same in the manifest and in the README', () => {
    expect(manifest.info.screenshots.map((shot) => `src/${shot.path}`).sort()).toEqual([...shown].sort());
  });

  it('are PNG files of at most 300 kB, six at most, light and dark', () => {
    expect(shown.length).toBeLessThanOrEqual(6);
    for (const shot of shown) {
      const file = path.join(ROOT, shot);
      expect(readFileSync(file).subarray(1, 4).toString(), shot).toBe('PNG');
      expect(statSync(file).size, shot).toBeLessThanOrEqual(300_000);
    }
    expect(shown.some((shot) => shot.includes('light')) && shown.some((shot) => shot.includes('dark'))).toBe(true);
  });
});
