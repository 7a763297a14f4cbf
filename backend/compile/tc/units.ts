/** Numbers as tc prints them (iproute2 tc/tc_util.c: print_rate, print_size, print_time) and back. */

const RATE_SUFFIX = ['', 'K', 'M', 'G', 'T'];

/**
 * What a rate reads back as: tc prints at most six digits of the largest unit that divides it or that keeps
 * it below a million, and drops the rest. The kernel itself keeps whole bytes per second.
 */
export function readable(bits: number): number {
  let rate = Math.floor(bits / 8) * 8;
  let scale = 1;
  for (let unit = 0; unit < RATE_SUFFIX.length - 1; unit++) {
    if (rate < 1000 || (rate % 1000 !== 0 && rate < 1_000_000)) {
      break;
    }
    rate = Math.floor(rate / 1000);
    scale *= 1000;
  }
  return rate * scale;
}

export function parseRate(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)bit$/.exec(text);
  return match ? Math.round(Number(match[1]) * 1000 ** RATE_SUFFIX.indexOf(match[2]!)) : undefined;
}

export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([KMG]?)b$/.exec(text);
  return match ? Math.round(Number(match[1]) * 1024 ** ['', 'K', 'M', 'G'].indexOf(match[2]!)) : undefined;
}

/** A size as tc prints it: in Kb and Mb when it is near a whole number of them. */
export function shownSize(bytes: number): string {
  const near = (unit: number, distance: number) =>
    bytes >= unit && Math.abs(unit * Math.round(bytes / unit) - bytes) < distance;
  return near(1024 ** 2, 1024)
    ? `${Math.round(bytes / 1024 ** 2)}Mb`
    : near(1024, 16)
      ? `${Math.round(bytes / 1024)}Kb`
      : `${bytes}b`;
}

/** tc prints 999.9 ms as "1e+03ms" (%.3g). */
export function parseTime(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?(?:e\+\d+)?)(us|ms|s)$/.exec(text);
  return match ? Math.round(Number(match[1]) * { us: 1, ms: 1e3, s: 1e6 }[match[2] as 'us' | 'ms' | 's']) : undefined;
}

/** The kernel keeps a burst as time at the rate, in ticks of 64 ns, and tc rounds sizes above 1 KiB and 1 MiB. */
export function sameBurst(a: number, b: number, rate: number): boolean {
  return Math.abs(a - b) <= Math.max(16, (rate / 8) * 2e-6, Math.max(a, b) >= 1024 ** 2 ? 2048 : 0);
}

const TICKS_PER_US = 15.625; // of 64 ns, /proc/net/psched
/** What tc shows of ticks, in whole microseconds (tc/tc_core.c, tc_calc_xmitsize). */
const shownTicks = (ticks: number, bytes: number) => Math.floor((bytes * Math.floor(ticks / TICKS_PER_US)) / 1e6);
/** Ticks of a burst: HTB's are made by tc through whole microseconds, TBF's by the kernel of the bytes (sch_tbf.c, TCA_TBF_BURST). */
const ticksOf = {
  htb: (size: number, bytes: number) => Math.floor(Math.floor(1e6 * (size / bytes)) * TICKS_PER_US),
  tbf: (size: number, bytes: number) => Math.floor((1e9 * size) / bytes / 64),
};

/** tc prints a size near a whole number of MiB as that: how much more it may be, in bytes. */
const ROUNDED_AWAY = 1024;

/**
 * Written as it is shown, a burst would lose up to 2 µs of its rate each time.
 * @param shown also in Kb and Mb, where tc has rounded it once more
 * @param rate bit/s
 * @returns the size that reads back as `shown`
 */
export function writableBurst(shown: number, rate: number, kind: keyof typeof ticksOf = 'htb'): number {
  const bytes = rate / 8;
  const step = bytes / 1e6;
  const text = shownSize(shown);
  // Four looks within each microsecond: whole ones fall to either side.
  for (let size = shown; size <= shown + ROUNDED_AWAY + 4 * step; size += Math.max(1, Math.floor(step / 4))) {
    if (shownSize(shownTicks(ticksOf[kind](size, bytes), bytes)) === text) {
      return size;
    }
  }
  return shown;
}

/**
 * tc hands a burst down in whole microseconds and the kernel keeps it in ticks, so that of 1600 B at 1 Gbit/s it keeps
 * 1496: a police would drop every full frame.
 * @returns the size, or the one of which at least `least` bytes are kept
 */
export function burstKeeping(least: number, size: number, rate: number): number {
  const bytes = rate / 8;
  return shownTicks(ticksOf.htb(size, bytes), bytes) >= least
    ? size
    : Math.floor(((Math.ceil((least * 1e6) / bytes) + 1) * bytes) / 1e6) + 1;
}

/** The same for the times of CoDel, which the kernel keeps in units of 1024 ns; below a millisecond tc shows them all. */
export function writableTime(shown: number): number {
  return Math.ceil((Math.ceil((shown * 1000) / 1024) * 1024) / 1000);
}

/** Codel keeps times in units of 1024 ns and tc prints three digits of them: 5 ms is 4999 us, 9564 us is "9.56ms". */
export const sameTime = (a: number, b: number): boolean => Math.abs(a - b) <= Math.max(2, Math.max(a, b) * 0.006);

/** Sizes are printed in Kb and Mb when they are near a whole number of them. */
export const sameSize = (a: number, b: number): boolean => Math.abs(a - b) <= (Math.max(a, b) >= 1024 ** 2 ? 1024 : 16);

/** bit/s as tc takes it without loss: "19mbit", "1900kbit", "123456bit". */
export function rateArgument(bits: number): string {
  if (bits % 1e9 === 0 && bits > 0) {
    return `${bits / 1e9}gbit`;
  }
  if (bits % 1e6 === 0 && bits > 0) {
    return `${bits / 1e6}mbit`;
  }
  if (bits % 1e3 === 0 && bits > 0) {
    return `${bits / 1e3}kbit`;
  }
  return `${bits}bit`;
}
