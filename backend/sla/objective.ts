/** From a class's objective, as the policy states it, to a flat list of terms that are each judged on their own. */
import { CONFIDENCE, fewestPackets } from './binomial.ts';
import { formatWindow } from './words.ts';

export const PERCENTILES = { p50: 50, p95: 95, p99: 99, max: 100 } as const;
export type PercentileName = keyof typeof PERCENTILES;

/** Thresholds in microseconds. */
export type PercentileFigures = { [P in PercentileName]?: number | undefined };

/** A class's objective as the policy's schema parses it: durations in microseconds, percents as numbers. */
export type ObjectiveFigures = {
  latency?: (PercentileFigures & { oneWay?: boolean | undefined }) | undefined;
  /** `jitter` alone is RFC 3550's. */
  jitter?: PercentileFigures | undefined;
  rfc3550?: PercentileFigures | undefined;
  ipdv?: PercentileFigures | undefined;
  pdv?: PercentileFigures | undefined;
  loss?: number | undefined;
  throughput?: number | undefined;
  queueDepth?: { packets: number } | { bytes: number } | undefined;
  availability?: number | undefined;
  mos?: number | undefined;
  /** Length of the sliding window in microseconds, one minute by default. */
  window?: number | undefined;
};

/** What is measured. The percentile of it that a term judges stands in the term. */
export type Metric =
  | 'latency'
  | 'one-way-latency'
  | 'rfc3550'
  | 'ipdv'
  | 'pdv'
  | 'loss'
  | 'throughput'
  | 'queue-depth'
  | 'availability'
  | 'mos';
export type Unit = 'us' | 'percent' | 'mos' | 'bytes';

export type ObjectiveTerm = {
  /** Stable: `latency.p95`, `loss`. It names the row, the alert's label and the violation. */
  key: string;
  label: string;
  /** Which definition the number follows, with its source. */
  definition: string;
  metric: Metric;
  /** 50, 95, 99 or 100 (the maximum); null where the metric is one figure per window. */
  percent: number | null;
  threshold: number;
  unit: Unit;
  /** Which side of the threshold is the bad one. */
  worse: 'above' | 'below';
  windowMs: number;
  measured: boolean;
  /** Why not, where `measured` is false. */
  why: string | null;
};

/** A reply that takes longer than this counts as lost (the loss threshold of RFC 7680 §2.3). */
export const LATE_MS = 3_000;
export const DEFAULT_WINDOW_MS = 60_000;
/** Loss is rarer than a minute can show: 0.1 % needs 2,995 packets without a loss. */
export const LOSS_WINDOW_MS = 5 * 60_000;
const LONGEST_LOSS_WINDOW_MS = 60 * 60_000;
/** A full Ethernet frame; a queue limit in packets is shown in bytes of these. */
const FULL_FRAME_BYTES = 1514;

type Definition = { label: string; says: string; unit: Unit; worse: 'above' | 'below'; why: string | null };

/** Each metric with the definition it follows. RFCs speak of one-way delay; the probes here apply them to the round trip. */
const METRICS: Record<Metric, Definition> = {
  latency: {
    label: 'Latency',
    says: "Round trip without the reflector's processing time (RFC 2681)",
    unit: 'us',
    worse: 'above',
    why: null,
  },
  'one-way-latency': {
    label: 'One-way latency',
    says: 'One-way delay (RFC 7679)',
    unit: 'us',
    worse: 'above',
    why: 'One-way latency is not measured yet: it is only as good as the clocks at both ends. State latency without oneWay to judge the round trip.',
  },
  rfc3550: {
    label: 'Jitter',
    says: 'Interarrival jitter J of round trips (RFC 3550 A.8)',
    unit: 'us',
    worse: 'above',
    why: null,
  },
  ipdv: {
    label: 'IPDV',
    says: 'Size of the difference between consecutive round trips (IPDV, RFC 3393)',
    unit: 'us',
    worse: 'above',
    why: null,
  },
  pdv: {
    label: 'PDV',
    says: "Round trip above the window's shortest (PDV, RFC 5481 §4.2)",
    unit: 'us',
    worse: 'above',
    why: null,
  },
  loss: {
    label: 'Loss',
    says: `Probe packets without a reply within ${LATE_MS / 1000} s (RFC 7680)`,
    unit: 'percent',
    worse: 'above',
    why: null,
  },
  throughput: {
    label: 'Throughput',
    says: 'Rate sent as a share of the guarantee, judged while there is demand (backlog or drops in at least 90 % of the seconds)',
    unit: 'percent',
    worse: 'below',
    why: null,
  },
  'queue-depth': {
    label: 'Queue depth',
    says: 'Backlog of the class',
    unit: 'bytes',
    worse: 'above',
    why: 'Queue depth is shown live and is not judged yet.',
  },
  availability: {
    label: 'Availability',
    says: 'Share of the time in which the service worked',
    unit: 'percent',
    worse: 'below',
    why: 'Availability is not measured yet: it needs a definition of "down" over weeks, not a minute.',
  },
  mos: {
    label: 'MOS',
    says: 'Mean opinion score (ITU-T G.107)',
    unit: 'mos',
    worse: 'below',
    why: 'The mean opinion score is not computed yet.',
  },
};

const STATISTIC: Record<PercentileName, { label: string; says: string }> = {
  p50: { label: 'P50', says: 'median' },
  p95: { label: 'P95', says: '95th percentile' },
  p99: { label: 'P99', says: '99th percentile' },
  max: { label: 'maximum', says: 'maximum' },
};

/**
 * The terms of one class's objective, in the order of the language's page.
 * @param packetsPerSecond rate of the probe: the loss window is lengthened where five minutes of it could never show the threshold.
 */
export function objectiveTerms(objective: ObjectiveFigures, packetsPerSecond = 50): ObjectiveTerm[] {
  const windowMs = Math.max(1_000, Math.round((objective.window ?? DEFAULT_WINDOW_MS * 1_000) / 1_000));
  const figure = (key: string, metric: Metric, threshold: number | undefined, length = windowMs): ObjectiveTerm[] =>
    threshold === undefined ? [] : [term(key, metric, null, threshold, length)];
  const figures = (key: string, metric: Metric, values: PercentileFigures | undefined): ObjectiveTerm[] =>
    (Object.keys(PERCENTILES) as PercentileName[]).flatMap((name) => {
      const threshold = values?.[name];
      return threshold === undefined ? [] : [term(`${key}.${name}`, metric, name, threshold, windowMs)];
    });
  return [
    ...figures('latency', objective.latency?.oneWay ? 'one-way-latency' : 'latency', objective.latency),
    ...figures('jitter', 'rfc3550', objective.jitter),
    ...figures('rfc3550', 'rfc3550', objective.rfc3550),
    ...figures('ipdv', 'ipdv', objective.ipdv),
    ...figures('pdv', 'pdv', objective.pdv),
    ...figure('loss', 'loss', objective.loss, lossWindow(objective.loss ?? 0, windowMs, packetsPerSecond)),
    ...figure('throughput', 'throughput', objective.throughput),
    ...figure('queueDepth', 'queue-depth', queueBytes(objective.queueDepth)),
    ...figure('availability', 'availability', objective.availability),
    ...figure('mos', 'mos', objective.mos),
  ];
}

/** Metrics that probe packets answer; the others come from the class counters or are not measured. */
export const needsProbe = (term: ObjectiveTerm): boolean =>
  term.measured &&
  (term.metric === 'latency' ||
    term.metric === 'rfc3550' ||
    term.metric === 'ipdv' ||
    term.metric === 'pdv' ||
    term.metric === 'loss');

function term(
  key: string,
  metric: Metric,
  name: PercentileName | null,
  threshold: number,
  windowMs: number
): ObjectiveTerm {
  const { label, says, unit, worse, why } = METRICS[metric];
  const statistic = name ? STATISTIC[name] : metric === 'throughput' ? { says: 'mean' } : null;
  return {
    key,
    metric,
    threshold,
    unit,
    worse,
    windowMs,
    label: name ? `${label} ${STATISTIC[name].label}` : label,
    definition: statistic
      ? `${says}, ${statistic.says} of the sliding ${formatWindow(windowMs)}`
      : `${says}, in the sliding ${formatWindow(windowMs)}`,
    percent: name ? PERCENTILES[name] : null,
    measured: why === null,
    why,
  };
}

function lossWindow(percent: number, windowMs: number, packetsPerSecond: number): number {
  const packets = percent > 0 ? fewestPackets(percent / 100, CONFIDENCE) : 0;
  // A twentieth more, so that full coverage is not needed to the last packet; whole minutes read better.
  const needed = Math.ceil((packets * 1.05) / packetsPerSecond / 60) * 60_000;
  return Math.max(windowMs, LOSS_WINDOW_MS, Math.min(needed, LONGEST_LOSS_WINDOW_MS));
}

const queueBytes = (depth: ObjectiveFigures['queueDepth']): number | undefined =>
  depth === undefined ? undefined : 'bytes' in depth ? depth.bytes : depth.packets * FULL_FRAME_BYTES;
