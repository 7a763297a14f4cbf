/** Numbers as the sentences of a verdict write them. */
import type { Unit } from './objective.ts';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 2995 is "2,995". */
export const formatCount = (n: number): string => grouped.format(n);

/** "1 sample", "2,995 samples". */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${formatCount(n)} ${n === 1 ? one : many}`;

/** 20000 is "20 ms": three significant digits below a second are more than irtt's own rounding carries. */
export function formatMicroseconds(us: number): string {
  const [unit, scale] = us >= 1e6 ? ['s', 1e6] : us >= 1e3 ? ['ms', 1e3] : ['µs', 1];
  return `${Number((us / (scale as number)).toFixed(2))} ${unit}`;
}

/** Three significant digits: a loss of 0.0133 % must not read as 0.01 %. */
export const formatPercent = (percent: number): string => `${Number(percent.toPrecision(3))} %`;

export function formatValue(unit: Unit, value: number): string {
  switch (unit) {
    case 'us':
      return formatMicroseconds(value);
    case 'percent':
      return formatPercent(value);
    case 'mos':
      return value.toFixed(2);
    case 'bytes':
      return counted(value, 'byte');
  }
}

/** A window's length as it follows "the sliding" or "the last": "minute", "5 minutes", "10 s". */
export function formatWindow(ms: number): string {
  if (ms === 60_000) {
    return 'minute';
  }
  return ms % 60_000 === 0 ? `${ms / 60_000} minutes` : `${Number((ms / 1000).toFixed(1))} s`;
}
