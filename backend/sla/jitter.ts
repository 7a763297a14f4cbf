/**
 * Delay variation in its three usual meanings. Delays and results are in one unit, here microseconds. The RFCs define them over one-way delays; over round
 * trips, as the probes measure, they hold the variation of both directions, and no clocks need to agree.
 */

/**
 * Interarrival jitter, RFC 3550 A.8 (and §6.4.1): J += (|D| − J) / 16 for each pair of packets in order of arrival, J starting at 0.
 * D, the difference of two transit times, is the difference of their delays.
 */
export class InterarrivalJitter {
  #jitter = 0;

  /** @param difference |D| between this packet's delay and that of the packet that arrived before it */
  add(difference: number): number {
    this.#jitter += (Math.abs(difference) - this.#jitter) / 16;
    return this.#jitter;
  }

  get value(): number {
    return this.#jitter;
  }
}

/** The running J after each packet but the first. */
export function interarrivalJitter(delays: readonly number[]): number[] {
  const jitter = new InterarrivalJitter();
  return delays.slice(1).map((delay, i) => jitter.add(delay - delays[i]!));
}

/**
 * IPDV, RFC 3393: D(i) − D(i−1), with its sign, for packets consecutive in sequence; a pair with a lost packet (null) has none (§2.5: undefined).
 */
export function ipdv(delays: ReadonlyArray<number | null>): number[] {
  return delays.slice(1).flatMap((delay, i) => {
    const before = delays[i];
    return delay === null || before === null || before === undefined ? [] : [delay - before];
  });
}

/** PDV, RFC 5481 §4.2: D(i) − Dmin over the interval. */
export function pdv(delays: readonly number[]): number[] {
  const shortest = delays.reduce((least, delay) => Math.min(least, delay), Infinity);
  return delays.map((delay) => delay - shortest);
}
