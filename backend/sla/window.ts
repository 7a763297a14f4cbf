/** One minute of one probe as it is kept: counts, sketches and the deployments that were in force. Merges are sums, so a minute may be written in parts. */
import { createSketch, mergeSketches, type Sketch } from './sketch.ts';

/** Version of what a stored window means; readers refuse or convert others. */
export const WINDOW_SCHEMA = 1;
export const WINDOW_MS = 60_000;

/** What a window is of. The start is wall time in milliseconds, a whole minute. */
export type WindowKey = {
  tenant: string;
  binding: string;
  trafficClass: string;
  direction: 'egress' | 'ingress';
  /** Which probe: irtt's round trip through one reflector, e.g. `irtt 192.0.2.1:2112`. */
  probe: string;
  start: number;
};

export type MeasurementWindow = WindowKey & {
  schema: number;
  /** Packets known to be sent: received and lost. */
  sent: number;
  received: number;
  /** Packets of the full minute at the probe's rate, also where the minute was measured only in part. */
  expected: number;
  /** Round trips, RFC 3550 jitter after each of them, and sizes of IPDV: whole microseconds. Extremes are in the sketches. */
  rtt: Sketch;
  jitter: Sketch;
  ipdv: Sketch;
  /** ULIDs of the deployments in force, in the order in which they came. */
  deployments: string[];
};

export const emptyWindow = (key: WindowKey, expected: number): MeasurementWindow => ({
  ...key,
  schema: WINDOW_SCHEMA,
  sent: 0,
  received: 0,
  expected,
  rtt: createSketch(),
  jitter: createSketch(),
  ipdv: createSketch(),
  deployments: [],
});

/** The start of the minute that a wall time falls into. */
export const minuteOf = (wall: number): number => Math.floor(wall / WINDOW_MS) * WINDOW_MS;

/** One window of two parts of the same minute, or of the minutes of a chart's step; `expected` stays that of one minute. */
export const mergeWindows = (a: MeasurementWindow, b: MeasurementWindow): MeasurementWindow => ({
  ...a,
  start: Math.min(a.start, b.start),
  sent: a.sent + b.sent,
  received: a.received + b.received,
  expected: Math.max(a.expected, b.expected),
  rtt: mergeSketches(a.rtt, b.rtt),
  jitter: mergeSketches(a.jitter, b.jitter),
  ipdv: mergeSketches(a.ipdv, b.ipdv),
  deployments: [...new Set([...a.deployments, ...b.deployments])],
});

/** One minute of one class's counters, as sums of the readings. Kept apart from what is concluded from them. */
export type CounterMinute = Omit<WindowKey, 'probe'> & {
  schema: number;
  /** Readings, of 60. */
  readings: number;
  /** Time that they cover, in milliseconds. */
  coveredMs: number;
  bytes: number;
  packets: number;
  drops: number;
  overlimits: number;
  /** Readings with backlog or drops. */
  demand: number;
  maxBacklogBytes: number;
  maxBacklogPackets: number;
  deployments: string[];
};

export const emptyCounterMinute = (key: Omit<WindowKey, 'probe'>): CounterMinute => ({
  ...key,
  schema: WINDOW_SCHEMA,
  readings: 0,
  coveredMs: 0,
  bytes: 0,
  packets: 0,
  drops: 0,
  overlimits: 0,
  demand: 0,
  maxBacklogBytes: 0,
  maxBacklogPackets: 0,
  deployments: [],
});

export const mergeCounterMinutes = (a: CounterMinute, b: CounterMinute): CounterMinute => ({
  ...a,
  start: Math.min(a.start, b.start),
  readings: a.readings + b.readings,
  coveredMs: a.coveredMs + b.coveredMs,
  bytes: a.bytes + b.bytes,
  packets: a.packets + b.packets,
  drops: a.drops + b.drops,
  overlimits: a.overlimits + b.overlimits,
  demand: a.demand + b.demand,
  maxBacklogBytes: Math.max(a.maxBacklogBytes, b.maxBacklogBytes),
  maxBacklogPackets: Math.max(a.maxBacklogPackets, b.maxBacklogPackets),
  deployments: [...new Set([...a.deployments, ...b.deployments])],
});
