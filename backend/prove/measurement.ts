/** What one phase measured, as plain data. */
import type { Phase } from './phases.ts';

/** One leaf in one phase; rates in bit/s as the policy counts them. */
export interface LeafMeasurement {
  /** What was really sent to it */
  offered: number;
  arrived: number;
  /** Packets that were sent and never arrived, of how many */
  lost: number;
  sent: number;
  /** milliseconds, one way */
  latency: { p50: number; p95: number; p99: number; max: number } | undefined;
  /** Packets by the code point that they left with */
  dscp: ReadonlyMap<number, number>;
  /** Packets by the priority in their tag */
  vlanPriority: ReadonlyMap<number, number>;
  /** Packets that a queue marked in place of dropping them (RFC 3168), of how many */
  congested: number;
  packets: number;
  /** Of the whole run: what arrived, with the fwmark of the class, and at each interface beside the link */
  whole: { arrived: number; marked: number; beside: ReadonlyMap<string, number> };
}

export interface Doubt {
  part: number;
  why: string;
}
export interface Measurement {
  phase: Phase;
  leaves: ReadonlyMap<string, LeafMeasurement>;
  /** How this machine disturbed it, if it did: for which part of the window, and in words */
  doubt: Doubt | undefined;
}
