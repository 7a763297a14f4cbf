import { expect, it } from 'vitest';
import { proofPromise } from '../../../testing/index.ts';
import { byUrgency, formatBound, formatFigure, verdictOfClass } from './figure.ts';

it('writes rates with prefixes and small latencies with their figures', () => {
  expect(formatFigure(5_699_907.2, 'bit/s')).toBe('5.7 Mbit/s');
  expect(formatFigure(0.0131, 'ms')).toBe('0.013 ms');
  expect(formatFigure(12.345, 'ms')).toBe('12.3 ms');
  expect(formatBound(proofPromise())).toBe('≥ 5.415 Mbit/s');
});

it('puts what is broken first and keeps the order of the rest', () => {
  const promises = [
    proofPromise({ class: 'a' }),
    proofPromise({ class: 'b', verdict: 'broken' }),
    proofPromise({ class: 'c' }),
  ];
  expect(byUrgency(promises).map((promise) => promise.class)).toEqual(['b', 'a', 'c']);
});

it('does not blame a class for sharing that others did wrong while it was idle', () => {
  const promises = [proofPromise({ class: 'a' }), proofPromise({ class: 'a', kind: 'sharing', verdict: 'broken' })];
  expect(verdictOfClass(promises, 'a')).toBe('held');
  expect(verdictOfClass(promises, 'never')).toBe('not-judged');
});
