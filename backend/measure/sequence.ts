/**
 * What became of each packet of one irtt session, from the numbers of the replies and the time. irtt prints replies only: a gap in the numbers, or silence,
 * is a loss once the late limit has passed. Pure; times are monotonic milliseconds.
 */
import { InterarrivalJitter } from '../sla/jitter.ts';
import { LATE_MS } from '../sla/objective.ts';

export type Received = {
  /** When it was sent: the reply's arrival less its round trip, an estimate that only places it in a window. */
  sentAt: number;
  rttUs: number;
  /** |IPDV| against the packet before it in sequence; null when that one was not there. */
  ipdvUs: number | null;
  /** RFC 3550 jitter after this packet; null for a session's first. */
  jitterUs: number | null;
};

type Reply = { seq: number; rttUs: number; ipdvUs: number | null };

export class Sequence {
  #intervalMs: number;
  /** Highest number that came back, and when that packet was sent. */
  #highest = -1;
  #highestSentAt: number;
  /** Packets after the highest that were already given up by time alone, their numbers unknown. */
  #givenUp = 0;
  /** Numbers below the highest that have not come back, with an estimate of when they were sent. */
  #gaps = new Map<number, number>();
  #jitter = new InterarrivalJitter();
  #before: { seq: number; rttUs: number } | null = null;

  /** @param startedAt when the first packet was sent */
  constructor(intervalMs: number, startedAt: number) {
    this.#intervalMs = intervalMs;
    this.#highestSentAt = startedAt - intervalMs;
  }

  /** @returns the packet, or null for one that had been given up or came twice; and the times at which packets now known to be lost were sent */
  reply({ seq, rttUs, ipdvUs }: Reply, arrivedAt: number): { received: Received | null; lost: number[] } {
    const sentAt = arrivedAt - rttUs / 1_000;
    const late = rttUs / 1_000 > LATE_MS;
    const known = seq <= this.#highest;
    if (known && !this.#gaps.delete(seq)) {
      return { received: null, lost: [] };
    }
    const alreadyCounted = !known && this.#advanceTo(seq, sentAt, late);
    if (late) {
      return { received: null, lost: alreadyCounted ? [] : [sentAt] };
    }
    return { received: { sentAt, rttUs, ...this.#variation(seq, rttUs, ipdvUs) }, lost: [] };
  }

  /** Packets whose late limit has passed by `now`: the times at which they were sent. */
  settle(now: number): number[] {
    const lost: number[] = [];
    for (const [seq, sentAt] of this.#gaps) {
      if (sentAt + LATE_MS <= now) {
        this.#gaps.delete(seq);
        lost.push(sentAt);
      }
    }
    for (let sentAt = this.#nextSentAt(); sentAt + LATE_MS <= now; sentAt = this.#nextSentAt()) {
      this.#givenUp++;
      lost.push(sentAt);
    }
    return lost;
  }

  #nextSentAt(): number {
    return this.#highestSentAt + (this.#givenUp + 1) * this.#intervalMs;
  }

  /** Makes `seq` the highest. @returns whether it had itself been given up by time before */
  #advanceTo(seq: number, sentAt: number, late: boolean): boolean {
    const between = seq - this.#highest - 1;
    const fresh = Math.max(0, between - this.#givenUp);
    const from = this.#highestSentAt + this.#givenUp * this.#intervalMs;
    for (let i = 1; i <= fresh; i++) {
      this.#gaps.set(seq - fresh - 1 + i, from + ((sentAt - from) * i) / (fresh + 1));
    }
    const left = Math.max(0, this.#givenUp - between);
    const own = late && left > 0;
    this.#highest = seq;
    this.#highestSentAt = sentAt;
    // In time although given up: irtt had skipped ticks of its timer, and fewer packets were sent than the time said.
    this.#givenUp = own ? left - 1 : 0;
    return own;
  }

  #variation(seq: number, rttUs: number, ipdvUs: number | null): { ipdvUs: number | null; jitterUs: number | null } {
    const before = this.#before;
    this.#before = { seq, rttUs };
    if (!before) {
      return { ipdvUs, jitterUs: null };
    }
    // irtt's own difference is finer than that of two rounded round trips.
    const difference = ipdvUs !== null && seq === before.seq + 1 ? ipdvUs : Math.abs(rttUs - before.rttUs);
    return { ipdvUs, jitterUs: Math.round(this.#jitter.add(difference)) };
  }
}
