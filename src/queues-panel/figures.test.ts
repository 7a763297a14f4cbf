import { expect, it } from 'vitest';
import { countFigure, rateFigure, sizeFigure } from './figures.ts';

it.each([
  [0, '0 bit/s'],
  [88_400, '88.4 kbit/s'],
  [1_900_000, '1.90 Mbit/s'],
  [18_953_120, '19.0 Mbit/s'],
  [950_000_000, '950 Mbit/s'],
  [2_500_000_000, '2.50 Gbit/s'],
])('shows %d bit/s as %s', (rate, words) => {
  expect(rateFigure(rate, 'bits')).toBe(words);
});

it('counts in bytes for whoever asks', () => {
  expect(rateFigure(19_000_000, 'bytes')).toBe('2.38 MB/s');
});

it('shows a backlog in the units of the policy document', () => {
  expect(sizeFigure(320_000)).toBe('313 KiB');
  expect(sizeFigure(900)).toBe('900 B');
});

it('separates thousands of drops', () => {
  expect(countFigure(1240)).toBe('1,240');
});
