/** Quantities as an operator writes them: SI prefixes for rates, at most three figures after the point, never a false one. */

const trimmed = (value: number, digits: number) => String(Number(value.toFixed(digits)));

/** Bits per second, decimal prefixes as tc and every vendor count them: 1900000 → "1.9 Mbit/s". */
export function formatBitrate(bitsPerSecond: number): string {
  const steps: Array<[number, string]> = [
    [1e12, 'Tbit/s'],
    [1e9, 'Gbit/s'],
    [1e6, 'Mbit/s'],
    [1e3, 'kbit/s'],
  ];
  const [size, unit] = steps.find(([step]) => Math.abs(bitsPerSecond) >= step) ?? [1, 'bit/s'];
  return `${trimmed(bitsPerSecond / size, 3)} ${unit}`;
}

/** A part of the link, in percent: one figure after the point only below ten. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0) {
    return '–';
  }
  const percent = (part / whole) * 100;
  return `${trimmed(percent, Math.abs(percent) < 10 ? 1 : 0)} %`;
}

const microseconds = (value: number) =>
  value >= 10e6
    ? `${trimmed(value / 1e6, 1)} s`
    : value >= 1000
      ? `${trimmed(value / 1000, value >= 100_000 ? 0 : 1)} ms`
      : `${trimmed(value / 1000, 2)} ms`;

/** A measured number with its unit. Latency below a millisecond stays in milliseconds, so that a column compares. */
export function formatMeasure(value: number, unit: string): string {
  switch (unit) {
    case 'us':
      return microseconds(value);
    case 'percent':
      return `${trimmed(value, Math.abs(value) < 1 ? 3 : 2)} %`;
    case 'bytes':
      return value >= 1024 * 1024
        ? `${trimmed(value / 1024 / 1024, 1)} MiB`
        : value >= 1024
          ? `${trimmed(value / 1024, 1)} KiB`
          : `${value} B`;
    case 'mos':
      return trimmed(value, 2);
    default:
      return `${trimmed(value, 3)} ${unit}`.trim();
  }
}

/** Throughput, availability and MOS are promises of at least; everything else of at most. */
export function isFloor(objective: string): boolean {
  return ['throughput', 'availability', 'mos'].includes(objective.split('.')[0] ?? '');
}

/** "≤ 20 ms" or "≥ 99.9 %". */
export const formatThreshold = (objective: string, threshold: number, unit: string): string =>
  `${isFloor(objective) ? '≥' : '≤'} ${formatMeasure(threshold, unit)}`;

/** How long something has lasted, in the two largest units that say something: "2 min 5 s", "3 h 12 min", "4 d". */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  const two = (major: number, majorUnit: string, minor: number, minorUnit: string) =>
    minor > 0 ? `${major} ${majorUnit} ${minor} ${minorUnit}` : `${major} ${majorUnit}`;
  if (days > 0) {
    return two(days, 'd', hours % 24, 'h');
  }
  if (hours > 0) {
    return two(hours, 'h', minutes % 60, 'min');
  }
  return minutes > 0 ? two(minutes, 'min', seconds % 60, 's') : `${seconds} s`;
}

/** The first figures of a content hash: enough to tell two revisions apart on a page. */
export const shortRevision = (revision: string): string => revision.replace(/^sha256:/, '').slice(0, 8);
