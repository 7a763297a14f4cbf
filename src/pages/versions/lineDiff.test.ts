import { expect, it } from 'vitest';
import { fold, lineDiff, type Row } from './lineDiff.ts';

const shown = (rows: Row[]) =>
  rows.map(({ left, right, same }) => `${same ? '=' : left && right ? '~' : left ? '-' : '+'} ${left?.line ?? ''}${left?.text ?? ''}|${right?.line ?? ''}${right?.text ?? ''}`); // prettier-ignore

it('puts equal lines beside each other and changed ones too', () => {
  expect(shown(lineDiff('a\nb\nc\n', 'a\nB\nc\nd\n'))).toEqual(['= 1a|1a', '~ 2b|2B', '= 3c|3c', '+ |4d']);
  expect(shown(lineDiff('a\nb\nc', 'c'))).toEqual(['- 1a|', '- 2b|', '= 3c|1c']);
  expect(shown(lineDiff('same', 'same\n'))).toEqual(['= 1same|1same']);
});

it('gives back both texts, whatever they are', () => {
  const words = ['a', 'b', 'c', ''];
  for (let seed = 1; seed < 200; seed++) {
    const text = (factor: number) =>
      Array.from({ length: (seed * factor) % 9 }, (_, i) => words[(seed * factor * (i + 3)) % 4]!).join('\n');
    const [before, after] = [text(7), text(11)];
    const rows = lineDiff(before, after);
    const side = (key: 'left' | 'right') => rows.flatMap((row) => row[key]?.text ?? []).join('\n');
    expect([side('left'), side('right')]).toEqual([before, after].map((of) => of.replace(/\n$/, '')));
    expect(rows.every(({ left, right, same }) => !same || left?.text === right?.text)).toBe(true);
  }
});

it('shows texts that are too long to compare as one block', () => {
  const long = (word: string) => Array.from({ length: 2_500 }, (_, i) => `${word} ${i}`).join('\n');
  expect(lineDiff(long('a'), long('b'))).toHaveLength(2_500);
});

it('folds what is equal and far from any change', () => {
  const lines = (changed: string) => [...'abcdefghij'].map((c) => (c === 'e' ? changed : c)).join('\n');
  const rows = fold(lineDiff(lines('e'), lines('E')), 1);
  expect(rows.map((row) => ('folded' in row ? row.folded : (row.right?.text ?? '')))).toEqual([3, 'd', 'E', 'f', 4]);
});
