import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBitrate, formatElapsed, formatMeasure, formatShare, formatThreshold, shortRevision } from './units.ts';

describe('rates', () => {
  it.each([
    [0, '0 bit/s'],
    [950, '950 bit/s'],
    [950_000, '950 kbit/s'],
    [1_900_000, '1.9 Mbit/s'],
    [19_000_000, '19 Mbit/s'],
    [2_500_000_000, '2.5 Gbit/s'],
    [1_234_567, '1.235 Mbit/s'],
  ])('%d bit/s reads %s', (rate, text) => expect(formatBitrate(rate)).toBe(text));

  it('never differ from the rate by more than half of the last figure shown', () => {
    const scale = { 'bit/s': 1, 'kbit/s': 1e3, 'Mbit/s': 1e6, 'Gbit/s': 1e9, 'Tbit/s': 1e12 } as const;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e13 }), (rate) => {
        const [number = '', unit = ''] = formatBitrate(rate).split(' ');
        const size = scale[unit as keyof typeof scale];
        expect(Math.abs(Number(number) * size - rate)).toBeLessThanOrEqual(size * 0.000501);
      })
    );
  });
});

describe('measured numbers', () => {
  it.each([
    [150, 'us', '0.15 ms'],
    [5_420, 'us', '5.4 ms'],
    [68_800, 'us', '68.8 ms'],
    [171_000, 'us', '171 ms'],
    [12_000_000, 'us', '12 s'],
    [0.0133, 'percent', '0.013 %'],
    [99.93, 'percent', '99.93 %'],
    [4.213, 'mos', '4.21'],
    [1536, 'bytes', '1.5 KiB'],
  ])('%d %s reads %s', (value, unit, text) => expect(formatMeasure(value, unit)).toBe(text));
});

it('a promise of at least is written with ≥, of at most with ≤', () => {
  expect(formatThreshold('latency.p95', 20_000, 'us')).toBe('≤ 20 ms');
  expect(formatThreshold('throughput', 80, 'percent')).toBe('≥ 80 %');
  expect(formatThreshold('availability', 99.9, 'percent')).toBe('≥ 99.9 %');
});

it('shares below ten percent keep one figure after the point', () => {
  expect(formatShare(950_000, 19_000_000)).toBe('5 %');
  expect(formatShare(500_000, 19_000_000)).toBe('2.6 %');
  expect(formatShare(9_500_000, 19_000_000)).toBe('50 %');
  expect(formatShare(1, 0)).toBe('–');
});

it('durations show the two largest units that say something', () => {
  expect(formatElapsed(-5)).toBe('0 s');
  expect(formatElapsed(45_000)).toBe('45 s');
  expect(formatElapsed(125_000)).toBe('2 min 5 s');
  expect(formatElapsed(3_600_000)).toBe('1 h');
  expect(formatElapsed(4 * 86_400_000 + 3_600_000)).toBe('4 d 1 h');
});

it('a revision is shortened without the name of its hash', () => {
  expect(shortRevision('sha256:9f2c41aa0b7d')).toBe('9f2c41aa');
});
