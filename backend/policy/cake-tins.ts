/**
 * The tins of CAKE: which DSCPs each takes, and what it gets of the link when all are full. Measured on Linux 7.2 by
 * sending one packet of each DSCP, and all tins twice their share (at 4 Mbit/s: 253, 751, 2015 and 1006 kbit/s).
 */
export interface Tin {
  name: string;
  dscp: readonly number[];
  /** part of the bandwidth; the tin of best effort gets what the others leave */
  share: number;
}

export const TIN_MODES = ['diffserv3', 'diffserv4', 'diffserv8'] as const;
export type TinMode = (typeof TIN_MODES)[number];

/** By DSCP from 0 on, the number of its tin. */
const TIN_OF: Readonly<Record<TinMode, string>> = {
  diffserv3: '1011211101111111111111111111111111111111111121212111111121111111',
  diffserv4: '1011211101111111212121212121212131212121311131313111111131111111',
  diffserv8: '2012422212121212524242423232323262323232622262627222222272222222',
};
const NAMES: Readonly<Record<TinMode, ReadonlyArray<readonly [string, number]>>> = {
  diffserv3: [['bulk', 0.0625], ['best effort', 0.6875], ['voice', 0.25]],
  diffserv4: [['bulk', 0.0625], ['best effort', 0.1875], ['video', 0.5], ['voice', 0.25]],
  // Each tin's threshold is 7/8 of that below it, and the higher goes first: two of them fill the link.
  diffserv8: [['tin 0', 0], ['tin 1', 0], ['tin 2', 0], ['tin 3', 0], ['tin 4', 0], ['tin 5', 0.15], ['tin 6', 0.44], ['tin 7', 0.39]],
}; // prettier-ignore

/** The tin that takes what no other does, and packets that are not IP (but ARP, which goes with voice). */
export const BEST_EFFORT: Readonly<Record<TinMode, number>> = { diffserv3: 1, diffserv4: 1, diffserv8: 2 };

export const TINS: Readonly<Record<TinMode, readonly Tin[]>> = Object.fromEntries(
  TIN_MODES.map((mode) => [
    mode,
    NAMES[mode].map(([name, share], tin) => ({
      name,
      share,
      dscp: [...TIN_OF[mode]].flatMap((at, dscp) => (Number(at) === tin ? [dscp] : [])),
    })),
  ])
) as unknown as Record<TinMode, Tin[]>;
