/** The packets of one probe over the longest window that is judged, in memory. */
import { pdv } from '../sla/jitter.ts';
import type { Metric } from '../sla/objective.ts';
import type { Received } from './sequence.ts';

/** Old packets are dropped in bulk, so that each costs little. */
const PRUNE_EVERY_MS = 10_000;

export class ProbeSamples {
  #received: Received[] = [];
  #lost: number[] = [];
  #keepMs: number;
  #prunedAt = -Infinity;

  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  /** The longest window that will be asked for. */
  keep(ms: number): void {
    this.#keepMs = ms;
  }

  receive(packet: Received): void {
    this.#received.push(packet);
  }

  lose(sentAt: number): void {
    this.#lost.push(sentAt);
  }

  clear(): void {
    this.#received = [];
    this.#lost = [];
  }

  /** Packets sent in [from, to), both monotonic. `values` are those of the metric, in microseconds. */
  window(metric: Metric, from: number, to: number, now: number): { received: number; lost: number; values: number[] } {
    this.#prune(now);
    const packets = this.#received.filter((p) => p.sentAt >= from && p.sentAt < to);
    return {
      received: packets.length,
      lost: this.#lost.filter((at) => at >= from && at < to).length,
      values: valuesOf(metric, packets),
    };
  }

  #prune(now: number): void {
    if (now - this.#prunedAt >= PRUNE_EVERY_MS) {
      this.#prunedAt = now;
      const oldest = now - this.#keepMs;
      this.#received = this.#received.filter((p) => p.sentAt >= oldest);
      this.#lost = this.#lost.filter((at) => at >= oldest);
    }
  }
}

function valuesOf(metric: Metric, packets: readonly Received[]): number[] {
  switch (metric) {
    case 'latency':
      return packets.map((p) => p.rttUs);
    case 'rfc3550':
      return packets.flatMap((p) => p.jitterUs ?? []);
    case 'ipdv':
      return packets.flatMap((p) => p.ipdvUs ?? []);
    case 'pdv':
      return pdv(packets.map((p) => p.rttUs));
    case 'loss':
    case 'throughput':
    case 'one-way-latency':
    case 'queue-depth':
    case 'availability':
    case 'mos':
      return [];
  }
}
