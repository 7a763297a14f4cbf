import { expect, it } from 'vitest';
import { endOf, percentOf, ticks } from './scale.ts';

it('ends at the highest ceiling', () => {
  expect(
    endOf([
      { rate: 5, guarantee: 2, ceiling: 19 },
      { rate: 1, guarantee: 1, ceiling: 2 },
    ])
  ).toBe(19);
});

it('ends at the highest rate where ceilings are unknown, and never at nothing', () => {
  expect(endOf([{ rate: 5, guarantee: null, ceiling: null }])).toBe(5);
  expect(endOf([])).toBe(1);
});

it('marks round figures up to the end', () => {
  expect(ticks(19_000_000, 5)).toEqual([0, 5_000_000, 10_000_000, 15_000_000]);
  expect(ticks(950, 5)).toEqual([0, 500]);
});

it('keeps a bar inside its scale', () => {
  expect(percentOf(30, 20)).toBe(100);
  expect(percentOf(-1, 20)).toBe(0);
});
