/** Figures of RED. */
import type { ResolvedClass } from '../../policy/resolve.ts';
import { CompileError } from './compile-error.ts';
import { MTU_FRAME } from './frame.ts';
import type { Qdisc } from './model.ts';

/** How the kernel keeps the average: the exponent of its weight, and how fast it decays while nothing comes. */
interface RedAverage {
  ewma: number;
  Scell_log: number;
}

/** Bytes of the average packet, as tc-red(8) counts. */
const AVERAGE_PACKET = 1000;
/** Above this tc’s clock of a microsecond would make the time of one packet nothing. */
const FASTEST = 1e9;
/** Longer queues would leave the kernel’s 32-bit average no room for its weight (red_check_params). */
const MOST_MAX = 2 ** 20;
const LEAST_MAX = 6 * MTU_FRAME;
/** The average queue at which everything is dropped, as time at the rate: half of what CoDel’s interval would bear. */
const MAX_SECONDS = 0.05;
const TICKS_PER_US = 15.625;

/** @returns the least exponent whose weight lets `burst` average packets pass before the average reaches `min` (Floyd, Jacobson 1993, section 4) */
function weightOf(min: number, burst: number): number | undefined {
  const wanted = burst + 1 - min / AVERAGE_PACKET;
  for (let log = 1, weight = 0.5; wanted >= 1 && log < 32; log++, weight /= 2) {
    if (wanted <= (1 - (1 - weight) ** burst) / weight) {
      return log;
    }
  }
  return undefined;
}

/** Ticks of one average packet, through the whole microseconds of tc. */
const packetTicks = (bandwidth: number) => Math.floor(Math.floor((8e6 * AVERAGE_PACKET) / bandwidth) * TICKS_PER_US);
/** The exponent that brings the longest idle time within the kernel's table of 512. */
const decayOf = (ewma: number, ticks: number) =>
  Math.max(0, Math.ceil(Math.log2((31 * ticks) / -Math.log(1 - 2 ** -ewma) / 512)));

/** @param rate bit/s that the queue drains with */
export function redAverage(min: number, max: number, rate: number): RedAverage | undefined {
  // tc-red(8)’s rule, and at least what makes a weight.
  const burst = Math.max(Math.ceil((2 * min + max) / (3 * AVERAGE_PACKET)), Math.ceil(min / AVERAGE_PACKET) + 1);
  const ewma = weightOf(min, burst);
  return ewma === undefined ? undefined : { ewma, Scell_log: decayOf(ewma, packetTicks(Math.min(rate, FASTEST))) };
}

/** tc takes neither but what they are made of: any packet size, burst and rate that give the same. */
export function redArguments({ min, ewma, Scell_log }: Qdisc['options']): string {
  let burst = Math.ceil(Number(min) / AVERAGE_PACKET);
  while (burst < 2 ** 20 && (weightOf(Number(min), burst) ?? 0) < Number(ewma)) {
    burst++;
  }
  let bandwidth = FASTEST;
  while (bandwidth > 8 && decayOf(Number(ewma), packetTicks(bandwidth)) < Number(Scell_log)) {
    bandwidth /= 1.25;
  }
  return `avpkt ${AVERAGE_PACKET} burst ${burst} bandwidth ${Math.round(bandwidth)}bit`;
}

export interface RedFigures {
  limit: number;
  min: number;
  max: number;
  probability: number;
}

const bytes = (limit: { packets: number } | { bytes: number }) =>
  'bytes' in limit ? limit.bytes : limit.packets * AVERAGE_PACKET;

/** From the policy where it says so, else by tc-red(8): min a third of max, limit eight times max, probability 2 %. */
export function redFigures(item: ResolvedClass, rate: number): RedFigures & { why: string } {
  const { drop, limit } = item.queue;
  // Whatever is said of single DSCPs: the kernel tells them apart by a mark that nothing sets any more (see queue.ts).
  const said = drop?.toSorted((a, b) => bytes(b.max) - bytes(a.max))[0];
  const max = said ? bytes(said.max) : Math.round(Math.min(MOST_MAX, Math.max(LEAST_MAX, (rate * MAX_SECONDS) / 8)));
  const min = said ? bytes(said.min) : Math.round(max / 3);
  const figures = {
    limit: limit ? bytes(limit) : 8 * max,
    min,
    max,
    probability: said?.probability === undefined ? 0.02 : said.probability / 100,
  };
  if (min >= max || max > figures.limit || !redAverage(min, max, rate) || max > MOST_MAX) {
    throw new CompileError(
      said ? `${item.source}.queue.drop` : `${item.source}.queue.limit`,
      `"${item.name}": RED takes a least average (${min} B) below the most (${max} B), that at most ${MOST_MAX} B and no more than its limit (${figures.limit} B).`
    );
  }
  const why = `drops from an average of ${min} B on, up to ${+(100 * figures.probability).toFixed(3)} % at ${max} B${said ? ' as asked for' : ' (50 ms at its rate)'}, all above; at most ${figures.limit} B`;
  return { ...figures, why };
}
