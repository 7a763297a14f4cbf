/** Figures of the bench, from measurements whose spread is known. */
import { expect, it } from 'vitest';
import { holds, ratios, spread, table, verdicts, type Figure } from './figures.ts';

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

const figure = (measured: Figure['measured'], bound: Figure['bound']): Figure => ({
  claim: `is ${measured}`, measured, unit: '×', bound,
}); // prettier-ignore

it('holds a figure against its bound from the right side, and says nothing of what was not measured', () => {
  expect(holds(figure(2, { most: 2 }))).toBe(true);
  expect(holds(figure(2.1, { most: 2 }))).toBe(false);
  expect(holds(figure(7, { least: 8 }))).toBe(false);
  expect(holds(figure('no netem', { least: 500 }))).toBeUndefined();
});

it('names every bound that does not hold, below all figures', () => {
  expect(verdicts([figure(1.5, { most: 2 }), figure(3, { most: 2 }), figure('no netem', { least: 500 })])).toBe(
    [
      'is 1.5       at most 2.00×    holds: 1.50×',
      'is 3         at most 2.00×    DOES NOT HOLD: 3.00×',
      'is no netem  at least 500.0×  not shown: skipped: no netem',
      'Bounds that do not hold here: is 3.',
    ].join('\n')
  );
});
