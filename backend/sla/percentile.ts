/**
 * Nearest-rank percentile: the smallest value that at least `percent` % of the values do not exceed. Chosen over interpolation because it is one of the
 * measured values and because "the percentile is above T" then says exactly "more than (100 − percent) % are above T", which early verdicts count.
 * @param percent 0 < percent ≤ 100; 100 is the maximum
 * @returns null without values
 */
export function percentile(values: readonly number[], percent: number): number | null {
  if (values.length === 0) {
    return null;
  }
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil((percent * values.length) / 100) - 1)]!;
}

/** Samples that may lie above a threshold among `total` while the percentile still holds it. */
export const allowedAbove = (percent: number, total: number): number => Math.floor(((100 - percent) * total) / 100);
