import { describe, expect, it } from 'vitest';
import { coverageFigure, inWords, thresholdFigure, valueFigure } from './figures.ts';

const said = (value: number, threshold: number, unit: string) => {
  const figure = valueFigure({ value, threshold, unit });
  return figure && inWords(figure);
};

describe('a measured figure', () => {
  it('shows microseconds as milliseconds', () => {
    expect(said(140, 20_000, 'us')).toBe('0.14 ms');
    expect(said(89_640, 20_000, 'us')).toBe('89.6 ms');
  });

  it('never rounds onto the threshold that it missed', () => {
    expect(said(20_030, 20_000, 'us')).toBe('20.03 ms');
    expect(said(99.899, 99.9, 'percent')).toBe('99.899 %');
  });

  it('is the plain threshold when it meets it exactly', () => {
    expect(said(20_000, 20_000, 'us')).toBe('20 ms');
  });

  it('keeps small loss apart from none', () => {
    expect(said(0.02, 0.1, 'percent')).toBe('0.02 %');
    expect(said(0, 0.1, 'percent')).toBe('0 %');
  });

  it('is nothing, not zero, when there is no value', () => {
    expect(valueFigure({ value: null, threshold: 1, unit: 'us' })).toBeUndefined();
  });
});

it('says thresholds in the unit of the policy document', () => {
  expect(inWords(thresholdFigure({ threshold: 20_000, unit: 'us' }))).toBe('20 ms');
  expect(inWords(thresholdFigure({ threshold: 307_200, unit: 'bytes' }))).toBe('300 KiB');
});

it('calls coverage 100 % only when nothing is missing', () => {
  expect(coverageFigure(149.9 / 150)).toBe('99 %');
  expect(coverageFigure(1)).toBe('100 %');
});
