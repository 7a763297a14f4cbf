/** What waiting costs: bursts, queues and objectives against the time that a full frame takes at the rate. */
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import { removal, setting, smallGuarantee } from './fixes.ts';
import { formatDuration, formatRate } from './quantities.ts';
import type { Sharing } from './judge-sharing.ts';
import { flatten, type ResolvedClass } from './resolve.ts';

/** Largest Ethernet frame without its checksum, bytes. */
const FRAME = 1514;
/** A sender that is due again waits up to this for the kernel's timer, seconds (measured, high-resolution timers). */
const TIMER = 200e-6;
/** Microseconds that a full queue without flow control may take before it is a finding. */
const LONG_QUEUE = 1e6;
/** Microseconds that CoDel may let packets wait at low rates before it is a finding. */
const LONG_TARGET = 1e5;
const PERCENTILES = ['p50', 'p95', 'p99', 'max'] as const;

/** The rate at which the queue empties when everything is full, bit/s. */
const drain = ({ guarantee, ceiling }: ResolvedClass) => guarantee || ceiling;
/** Microseconds that so many bytes take. */
const timeOf = (bytes: number, rate: number) => (bytes * 8 * 1e6) / rate;

/** The tightest latency that a class is owed, µs. */
function tightest({ objective, source }: ResolvedClass): { us: number; path: string } | undefined {
  const found = PERCENTILES.flatMap((key) => {
    const us = objective?.latency?.[key];
    return us === undefined ? [] : [{ us, path: `${source}.objective.latency.${key}` }];
  });
  return found.sort((a, b) => a.us - b.us)[0];
}

/** How long packets may wait in the queue of a leaf, and by which of its figures. */
interface Wait {
  us: number;
  /** Path of the figure, where the document gives it */
  path: string | undefined;
  how: string;
}

/** Queues without flow control hold until they are full; CoDel holds its target, of which low rates need one and a half frames. */
function waitOf(item: ResolvedClass): Wait {
  const { queue, source } = item;
  const rate = drain(item);
  const algorithm = queue.algorithm ?? 'auto';
  if (algorithm === 'auto' || algorithm === 'fq_codel') {
    const wanted = item.priority >= 7 ? 2000 : item.priority >= 5 ? 3000 : 5000;
    const path = queue.target === undefined ? undefined : `${source}.queue.target`;
    const us = queue.target ?? Math.max(wanted, timeOf(1.5 * FRAME, rate));
    const how = path ? `the queue lets packets wait ${formatDuration(us)}` : `one and a half full frames, the least that the queue lets wait, take ${formatDuration(us)}`; // prettier-ignore
    return { us, path, how };
  }
  const { limit } = queue;
  if (limit && 'bytes' in limit) {
    const us = timeOf(limit.bytes, rate);
    return { us, path: `${source}.queue.limit`, how: `a full queue of ${limit.bytes} B takes ${formatDuration(us)}` };
  }
  const packets = limit?.packets ?? Math.max(item.strict ? 32 : 64, Math.ceil((rate * 0.1) / (8 * FRAME)));
  const us = timeOf(packets * FRAME, rate);
  return { us, path: limit && `${source}.queue.limit`, how: `a full queue of ${packets} packets takes ${formatDuration(us)}` }; // prettier-ignore
} // prettier-ignore

function judgeWait(item: ResolvedClass): Finding[] {
  const { us, path, how } = waitOf(item);
  const rate = drain(item);
  const owed = tightest(item);
  const at = path ?? `${item.source}.queue`;
  const figure = path?.endsWith('target') ? 'target' : 'limit';
  if (owed && us > owed.us) {
    const message = `At ${formatRate(rate)} ${how}, but "${item.name}" is owed ${formatDuration(owed.us)}: as soon as its queue fills, the objective is violated.`;
    const fix = path && waitOf({ ...item, queue: { ...item.queue, [figure]: undefined } }).us <= owed.us ? removal(path, `Let the queue’s ${figure} be computed`) : undefined; // prettier-ignore
    return [finding('CP-OBJECTIVE-QUEUE', path ?? owed.path, message, 'Shorten the queue, raise the guarantee, or relax the objective.', fix)]; // prettier-ignore
  }
  const { algorithm = 'auto' } = item.queue;
  const codel = algorithm === 'auto' || algorithm === 'fq_codel';
  if (us <= (codel ? LONG_TARGET : LONG_QUEUE)) {
    return [];
  }
  const message = `At ${formatRate(rate)} ${how}: whoever waits behind it notices.`;
  const packets = Math.max(4, Math.ceil((rate * 0.1) / (8 * FRAME)));
  const fix = !codel && timeOf(packets * FRAME, rate) <= LONG_QUEUE ? setting(`${item.source}.queue.limit`, `${packets}p`, `Hold ${packets} packets at most`) : undefined; // prettier-ignore
  return [finding('CP-QUEUE-LATENCY', at, message, codel ? 'Raise the guarantee; at such a rate no queue is short.' : 'Lower queue.limit, or use fq_codel.', fix)]; // prettier-ignore
}

function judgeBurst({ name, source, burst, ceiling }: ResolvedClass): Finding[] {
  const least = Math.max(2 * FRAME, Math.ceil((ceiling * TIMER) / 8));
  if (burst === undefined || burst >= least) {
    return [];
  }
  const reached = Math.min(ceiling, (burst * 8) / TIMER);
  const consequence = reached < ceiling ? `it reaches about ${formatRate(reached)} of its ${formatRate(ceiling)}` : 'one full frame overdraws it, and the next waits'; // prettier-ignore
  const message = `"${name}" may send ${burst} B at once, but the kernel’s timer wakes it only every 200 µs: ${consequence}. ${least} B would do.`;
  return [finding('CP-BURST', `${source}.burst`, message, 'Remove burst: it is computed.', removal(`${source}.burst`, 'Let the burst be computed'))]; // prettier-ignore
}

function judgeObjective(item: ResolvedClass, sharing: Sharing): Finding[] {
  const { objective, name, source } = item;
  if (!objective) {
    return [];
  }
  const findings: Finding[] = [];
  const { classes, guarantee } = sharing.holderOf(item);
  const bandwidth = sharing.link.ceiling;
  const terms = ['latency', 'jitter', 'ipdv', 'pdv', 'rfc3550', 'loss', 'throughput', 'availability', 'mos'] as const;
  if (terms.some((key) => objective[key] !== undefined) && !sharing.isAssured(item)) {
    const share = objective.throughput === undefined ? '' : ' Its throughput is a percent of a guarantee of nothing.';
    const message = `"${name}" has an objective and is guaranteed nothing, and others may take all there is: when the link is full, the objective is violated.${share}`;
    findings.push(finding('CP-OBJECTIVE-GUARANTEE', `${source}.objective`, message, 'Guarantee it what the objective needs.', smallGuarantee(item, classes, guarantee))); // prettier-ignore
  }
  const owed = tightest(item);
  const frame = timeOf(FRAME, bandwidth);
  if (owed && owed.us < frame) {
    const message = `One full frame of ${FRAME} B holds a link of ${formatRate(bandwidth)} for ${formatDuration(frame)}, and what is on the wire is not called back: a packet of "${name}" that comes just behind one is later than ${formatDuration(owed.us)}.`;
    findings.push(finding('CP-OBJECTIVE-LINK', owed.path, message, 'Relax the objective, or lower the MTU of the link.'));
  }
  return findings;
} // prettier-ignore

export function judgeQueues(sharing: Sharing): Finding[] {
  return flatten(sharing.link.classes).flatMap((item) => {
    const objectives = judgeObjective(item, sharing);
    const linkCannot = objectives.some(({ code }) => code === 'CP-OBJECTIVE-LINK');
    const waits = item.classes.length === 0 && !linkCannot && item.ceiling > 0;
    return [...judgeBurst(item), ...(waits ? judgeWait(item) : []), ...objectives];
  });
}
