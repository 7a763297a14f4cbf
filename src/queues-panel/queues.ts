/** Class counters as queues: each class with its figures of the newest second and its recent past. */
import { type DataFrame, type Field, FieldType } from '@grafana/data';
import type { Point } from '../panels/line.ts';

export interface Queue {
  key: string;
  /** Empty where the frames name no binding. */
  binding: string;
  site: string;
  /** Path of the class, e.g. voice/g711. */
  trafficClass: string;
  /** How deep in the policy's tree; 0 at the first level. */
  depth: number;
  /** bit/s */
  rate: number | null;
  guarantee: number | null;
  ceiling: number | null;
  /** packets/s */
  drops: number | null;
  /** bytes */
  backlog: number | null;
  /** ms since the epoch of the newest sample. */
  at: number;
  /** Rates, oldest first. */
  history: Point[];
}

type Quantity = 'rate' | 'guarantee' | 'ceiling' | 'drops' | 'backlog';
const QUANTITIES: readonly Quantity[] = ['rate', 'guarantee', 'ceiling', 'drops', 'backlog'];

/** A class that has no sample while its neighbours have had some for this long has left the policy. */
const LEFT_AFTER_MS = 10_000;

/**
 * Undefined when no frame holds class counters. Classes stay in the policy's order, which is that of the frames.
 * Read from the newest row backwards and no further than `historySeconds`: this runs every second for every class.
 */
export function readQueues(frames: readonly DataFrame[], historySeconds: number): Queue[] | undefined {
  const series = frames.flatMap(seriesOf);
  if (series.length === 0) {
    return frames.some(hasNoClasses) ? [] : undefined;
  }
  const queues = new Map<string, Queue>();
  for (const { quantity, labels, time, field } of series) {
    const trafficClass = labels.traffic_class ?? '';
    const binding = labels.binding ?? '';
    const key = `${binding} ${trafficClass}`;
    const queue: Queue = queues.get(key) ?? {
      key,
      binding,
      site: labels.site ?? '',
      trafficClass,
      depth: trafficClass.split('/').length - 1,
      rate: null,
      guarantee: null,
      ceiling: null,
      drops: null,
      backlog: null,
      at: -Infinity,
      history: [],
    };
    queues.set(key, queue);
    const newest = field.values.findLastIndex(isNumber);
    if (newest !== -1) {
      queue[quantity] = field.values[newest];
      queue.at = Math.max(queue.at, Number(time.values[newest]));
    }
    if (quantity === 'rate') {
      queue.history = historyOf(time, field, historySeconds);
    }
  }
  return stillThere([...queues.values()]);
}

/** A live answer before anything is counted: the times of nothing. */
const hasNoClasses = ({ name, fields }: DataFrame) =>
  name === 'counters' && fields.length === 1 && fields[0].type === FieldType.time;

function stillThere(queues: Queue[]): Queue[] {
  const newest = new Map<string, number>();
  for (const { binding, at } of queues) {
    newest.set(binding, Math.max(newest.get(binding) ?? -Infinity, at));
  }
  return queues.filter(({ binding, at }) => at > -Infinity && at >= (newest.get(binding) ?? 0) - LEFT_AFTER_MS);
}

function seriesOf(frame: DataFrame) {
  const time = frame.fields.find((field) => field.type === FieldType.time);
  if (!time) {
    return [];
  }
  return frame.fields.flatMap((field) => {
    const quantity = QUANTITIES.find((known) => known === field.name);
    return quantity && field.labels?.traffic_class !== undefined
      ? [{ quantity, labels: field.labels, time, field }]
      : [];
  });
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

function historyOf(time: Field, field: Field, seconds: number): Point[] {
  const rows = time.values.length;
  const start = Number(time.values[rows - 1]) - seconds * 1000;
  const points: Point[] = [];
  for (let row = rows - 1; row >= 0; row -= 1) {
    const at = Number(time.values[row]);
    if (at < start) {
      break;
    }
    const value: unknown = field.values[row];
    points.push({ at, value: isNumber(value) ? value : null });
  }
  return points.reverse();
}

/** A history in at most about `most` points; of several in one place the highest, so that no peak is lost. */
export function thinned(history: readonly Point[], seconds: number, most: number): readonly Point[] {
  if (history.length <= most) {
    return history;
  }
  const slot = (seconds * 1000) / most;
  const slots = new Map<number, Point>();
  for (const point of history) {
    // By absolute time, so that a slot's peak stays where it is while the window moves on.
    const index = Math.floor(point.at / slot);
    const held = slots.get(index);
    if (!held || (point.value ?? -1) > (held.value ?? -1)) {
      slots.set(index, point);
    }
  }
  return [...slots.values()];
}

/**
 * `dropping`: what it sends beyond its guarantee is cut, which is what shaping is for. `deprived`: it drops although it
 * sends less than it is owed, which must not be. `sending`: nothing is known of what it is owed.
 */
export type QueueState = 'idle' | 'sending' | 'owed' | 'borrowing' | 'full' | 'dropping' | 'deprived';

/** Counters of one second move about a rate that the shaper holds exactly. */
const AT_CEILING = 0.97;
const BELOW_GUARANTEE = 0.9;

export function stateOf({
  rate,
  guarantee,
  ceiling,
  drops,
}: Pick<Queue, 'rate' | 'guarantee' | 'ceiling' | 'drops'>): QueueState {
  if (drops !== null && drops > 0) {
    return guarantee !== null && (rate ?? 0) < guarantee * BELOW_GUARANTEE ? 'deprived' : 'dropping';
  }
  if (rate === null || rate < 1) {
    return 'idle';
  }
  if (ceiling !== null && ceiling > 0 && rate >= ceiling * AT_CEILING) {
    return 'full';
  }
  return guarantee === null ? 'sending' : rate > guarantee * 1.02 ? 'borrowing' : 'owed';
}

export interface Total {
  rate: number;
  /** null where nothing says. */
  drops: number | null;
  backlog: number | null;
  /** The highest ceiling: what the link may carry. 0 when unknown. */
  ceiling: number;
}

/** Of leaves only: an inner class counts what its children count. */
export function totalOf(queues: readonly Queue[]): Total {
  const inner = new Set(
    queues.flatMap(({ binding, trafficClass }) => ancestors(trafficClass).map((path) => `${binding} ${path}`))
  );
  const leaves = queues.filter(({ key }) => !inner.has(key));
  const sum = (pick: (queue: Queue) => number | null) =>
    leaves.reduce(
      (total: number | null, queue) => (pick(queue) === null ? total : (total ?? 0) + (pick(queue) ?? 0)),
      null
    );
  return {
    rate: sum(({ rate }) => rate) ?? 0,
    drops: sum(({ drops }) => drops),
    backlog: sum(({ backlog }) => backlog),
    ceiling: Math.max(0, ...queues.map(({ ceiling }) => ceiling ?? 0)),
  };
}

function ancestors(path: string): string[] {
  const names = path.split('/');
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'));
}

/** Queues of one binding together, in the order in which the bindings come. */
export function byBinding(queues: readonly Queue[]): Array<{ binding: string; site: string; queues: Queue[] }> {
  const groups = new Map<string, { binding: string; site: string; queues: Queue[] }>();
  for (const queue of queues) {
    const group = groups.get(queue.binding) ?? { binding: queue.binding, site: queue.site, queues: [] };
    group.queues.push(queue);
    groups.set(queue.binding, group);
  }
  return [...groups.values()];
}
