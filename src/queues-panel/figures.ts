/** Figures that change every second: always three significant digits, so that a column of them stands still. */

/** Stands where a figure would. */
export const NOTHING = '–';

/** Bits as tc and the policy count them, or bytes for whoever thinks in transfers. */
export type RateUnit = 'bits' | 'bytes';

const BIT_STEPS: ReadonlyArray<[number, string]> = [
  [1e9, 'Gbit/s'],
  [1e6, 'Mbit/s'],
  [1e3, 'kbit/s'],
  [1, 'bit/s'],
];
const BYTE_STEPS: ReadonlyArray<[number, string]> = [
  [1e9, 'GB/s'],
  [1e6, 'MB/s'],
  [1e3, 'kB/s'],
  [1, 'B/s'],
];
/** Sizes as the policy document writes them. */
const SIZE_STEPS: ReadonlyArray<[number, string]> = [
  [1024 * 1024, 'MiB'],
  [1024, 'KiB'],
  [1, 'B'],
];

export function rateFigure(bitsPerSecond: number, unit: RateUnit): string {
  return unit === 'bits' ? stepped(bitsPerSecond, BIT_STEPS) : stepped(bitsPerSecond / 8, BYTE_STEPS);
}

export const sizeFigure = (bytes: number) => stepped(bytes, SIZE_STEPS);

/** Whole packets, with a separator. */
export const countFigure = (count: number) => separated.format(count);

/** Made once: making one costs more than fifty uses. */
const separated = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

function stepped(value: number, steps: ReadonlyArray<[number, string]>): string {
  const [size, unit] = steps.find(([step]) => Math.abs(value) >= step) ?? steps[steps.length - 1];
  const scaled = value / size;
  const decimals = size === 1 ? 0 : Math.abs(scaled) >= 100 ? 0 : Math.abs(scaled) >= 10 ? 1 : 2;
  return `${scaled.toFixed(decimals)} ${unit}`;
}
