/** Figures of the bench, from measurements whose spread is known. */
import { expect, it } from 'vitest';
import { ratios, spread, table } from './figures.ts';

it('takes the middle of an odd number of repetitions, and the mean of the two middle ones of an even number', () => {
  expect(spread([30, 10, 20])).toEqual({ min: 10, median: 20, max: 30 });
  expect(spread([40, 10, 20, 30])).toEqual({ min: 10, median: 25, max: 40 });
  expect(spread([7])).toEqual({ min: 7, median: 7, max: 7 });
});

it('compares each repetition with the baseline of the same repetition', () => {
  expect(ratios([200, 900], [100, 300])).toEqual({ min: 2, median: 2.5, max: 3 });
});

it('prints a ratio for every row but the baseline and the parts of a row', () => {
  const rows = [
    { title: 'tc -batch', times: [100, 100] },
    { title: 'apply', times: [150, 250] },
    { title: 'of which tc', times: [90, 90], part: true },
  ];
  expect(table(rows).split('\n')).toEqual([
    '                                 ratio to tc -batch',
    'ms             min  median  max    min  median    max',
    'tc -batch      100     100  100',
    'apply          150     200  250  1.50×   2.00×  2.50×',
    '  of which tc   90      90   90',
  ]);
});
