/** Exact binomial bounds: what a number of lost packets among those sent says about the loss rate behind it. */

/** One-sided, for both "above" and "below". At the threshold itself one window in twenty errs either way; nothing is claimed between the two bounds. */
export const CONFIDENCE = 0.95;

/** P(X ≤ k) for X binomial (n, p). Terms are kept as logarithms: (1 − p)^n underflows long before n does. */
export function atMost(k: number, n: number, p: number): number {
  if (k < 0) {
    return 0;
  }
  if (k >= n || p <= 0) {
    return 1;
  }
  if (p >= 1) {
    return 0;
  }
  const odds = Math.log(p) - Math.log1p(-p);
  let logTerm = n * Math.log1p(-p);
  let sum = Math.exp(logTerm);
  for (let i = 0; i < k; i++) {
    logTerm += Math.log((n - i) / (i + 1)) + odds;
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}

/** `lost` of `sent` show a rate above `p`: at `p` so many would be seen in at most one window of twenty (Clopper and Pearson's lower bound). */
export const showsAbove = (lost: number, sent: number, p: number, confidence = CONFIDENCE): boolean =>
  lost > 0 && 1 - atMost(lost - 1, sent, p) <= 1 - confidence;

/** `lost` of `sent` show a rate of at most `p`: at `p` so few would be seen in at most one window of twenty (the upper bound; without losses, the rule of three). */
export const showsAtMost = (lost: number, sent: number, p: number, confidence = CONFIDENCE): boolean =>
  atMost(lost, sent, p) <= 1 - confidence;

/** Packets without a single loss that show a rate of at most `p`: 2,995 for 0.1 %. */
export const fewestPackets = (p: number, confidence = CONFIDENCE): number =>
  Math.ceil(Math.log(1 - confidence) / Math.log1p(-p));

/** Losses that among `sent` first show a rate above `p`. */
export function fewestLosses(sent: number, p: number, confidence = CONFIDENCE): number {
  let low = 1;
  let high = Math.max(1, sent);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (showsAbove(middle, sent, p, confidence)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
