import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { nested, wordsIn, type Words } from './sourceWords.ts';

const src = path.resolve('src');
const files = globSync(['module.tsx', '{components,data,pages}/**/*.{ts,tsx}'], { cwd: src }).filter(
  (file) => !/\.test\.tsx?$/.test(file)
);

describe('the catalogue', () => {
  it('holds exactly the words of the source (write it with: vitest run --project src src/locales -u)', async () => {
    const words: Words = {};
    for (const file of files.sort()) {
      for (const [key, text] of Object.entries(wordsIn(file, readFileSync(path.join(src, file), 'utf8')))) {
        expect(words[key] ?? text, `${key} has two texts, one of them in ${file}`).toBe(text);
        words[key] = text;
      }
    }
    await expect(`${JSON.stringify(nested(words), null, 2)}\n`).toMatchFileSnapshot('en-US/clearpath-qos-app.json');
  });

  it('numbers elements inside a text as react-i18next does', () => {
    const source = `const X = () => (
      <Trans i18nKey="a.b">
        One <code>two</code> three{' '}
        <strong>four</strong>
      </Trans>
    );`;
    expect(wordsIn('x.tsx', source)).toEqual({ 'a.b': 'One <1>two</1> three <strong>four</strong>' });
  });

  it('takes plural forms from beside an empty text', () => {
    const source = `t('a.n', '', { count: 1, defaultValue_one: '{{count}} line', defaultValue_other: '{{count}} lines' })`;
    expect(wordsIn('x.ts', source)).toEqual({ 'a.n_one': '{{count}} line', 'a.n_other': '{{count}} lines' });
  });
});
