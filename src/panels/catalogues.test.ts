/** The nested plugins' catalogues: Grafana loads locales/<language>/<id>.json of each by the languages of its manifest. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '..');
const CALL = /\bt\(\s*'([^']+)',\s*(['"`])((?:\\.|(?!\2).)*)\2/gs;

const sources = (folder: string) =>
  readdirSync(join(SRC, folder))
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.'))
    .map((name) => readFileSync(join(SRC, folder, name), 'utf8'))
    .join('\n');

const wordsIn = (source: string) =>
  new Map([...source.matchAll(CALL)].map(([, key, , words]) => [key, words.replaceAll("\\'", "'")]));

const flat = (tree: object, prefix = ''): Array<[string, string]> =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[prefix + key, value]] : flat(value, `${prefix}${key}.`)
  );

describe.each([
  ['datasource', 'clearpath-qos-datasource'],
  ['sla-panel', 'clearpath-sla-panel'],
  ['queues-panel', 'clearpath-queues-panel'],
])('the catalogue of %s', (folder, id) => {
  const manifest = JSON.parse(readFileSync(join(SRC, folder, 'plugin.json'), 'utf8'));

  it.each(manifest.languages as string[])('holds every word of the source in %s, and no other', (language) => {
    const catalogue = new Map(
      flat(JSON.parse(readFileSync(join(SRC, folder, 'locales', language, `${id}.json`), 'utf8')))
    );
    const used = wordsIn(sources(folder));
    if (folder === 'sla-panel') {
      // Verdicts are called the same on the app's pages.
      wordsIn(sources('components')).forEach((words, key) => key.startsWith('verdict.') && used.set(key, words));
    }
    expect(manifest.id).toBe(id);
    expect([...catalogue.keys()].sort()).toEqual([...used.keys()].sort());
    if (language === 'en-US') {
      used.forEach((words, key) => expect(catalogue.get(key)).toBe(words));
    }
  });
});
