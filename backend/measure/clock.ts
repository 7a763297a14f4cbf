/**
 * Two clocks: windows are cut on the monotonic one, which no time server sets, and labelled with wall time, which people read.
 */

/** Milliseconds that only ever grow. */
export const monotonic = (): number => performance.now();

/** The wall time, in whole milliseconds, at which the monotonic clock showed `at`, as the wall clock is set now. */
export const wallAt = (at: number): number => Math.round(Date.now() - (monotonic() - at));
