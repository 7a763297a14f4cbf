/** When a binding holds: windows of the week by the clock of a place, daylight saving and all. Times are ms since the epoch. */
import { z } from 'zod';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const DAY_MS = 24 * 3600_000;

const Clock = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'A time of day is HH:MM, from 00:00 to 24:00, in quotes.').transform((text) => {
  const [hours, minutes] = text.split(':').map(Number);
  return (hours! * 60 + minutes!) * 60_000;
}); // prettier-ignore

const known = (zone: string): boolean => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
};

export const ScheduleWindow = z
  .strictObject({
    days: z.array(z.enum(DAYS)).min(1, 'List at least one day, or remove the key.').optional(),
    from: Clock,
    to: Clock,
    zone: z.string().refine(known, {
      error: (issue) => `${JSON.stringify(issue.input)} is no time zone known here. Write its IANA name, e.g. Europe/Vienna or UTC.`,
    }),
  })
  .refine(({ from, to }) => from !== to && from < DAY_MS, 'from and to are the same time, so this never holds. A whole day is 00:00 to 24:00.'); // prettier-ignore
export const Schedule = z.array(ScheduleWindow).min(1, 'An empty schedule never holds. Remove the key.').max(100);
export type Schedule = z.infer<typeof Schedule>;

/** From the first moment to before the last. */
export interface Span {
  from: number;
  to: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
/** What the clock of a zone shows, as if it were UTC. */
function shown(zone: string, at: number): number {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    }); // prettier-ignore
  formats.set(zone, format);
  const of: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of format.formatToParts(at)) {
    of[type] = value;
  }
  return Date.UTC(Number(of.year), Number(of.month) - 1, Number(of.day), Number(of.hour), Number(of.minute), Number(of.second)); // prettier-ignore
}
const offset = (zone: string, at: number) => shown(zone, at) - Math.floor(at / 1000) * 1000;

/**
 * When the clock shows a time: once, twice where it is put back, or, where it is put forward over that time, the moment
 * at which it is.
 * @param clock as if it were UTC
 */
function moments(zone: string, clock: number): [first: number, last: number] {
  const before = offset(zone, clock - DAY_MS);
  const after = offset(zone, clock + DAY_MS);
  const found = [clock - before, clock - after].filter((at) => shown(zone, at) === clock);
  if (found.length > 0) {
    return [Math.min(...found), Math.max(...found)];
  }
  let [low, high] = [clock - Math.max(before, after), clock - Math.min(before, after)];
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (shown(zone, middle) < clock) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return [high, high];
}

/** The spans of a schedule that touch a stretch of time, in their order and joined where they meet. */
export function spansOf(schedule: Schedule, { from: begin, to: end }: Span): Span[] {
  const spans = schedule.flatMap(({ days, from, to, zone }) => {
    const found: Span[] = [];
    const first = Math.floor((begin + offset(zone, begin)) / DAY_MS) - 2;
    const last = Math.floor((end + offset(zone, end)) / DAY_MS) + 1;
    for (let day = first; day <= last; day++) {
      // The epoch began on a Thursday.
      const name = DAYS[(((day + 3) % 7) + 7) % 7]!;
      if (!days || days.includes(name)) {
        const midnight = day * DAY_MS;
        const [opens] = moments(zone, midnight + from);
        const [, closes] = moments(zone, midnight + to + (to <= from ? DAY_MS : 0));
        found.push({ from: opens, to: closes });
      }
    }
    return found;
  });
  const joined: Span[] = [];
  for (const span of spans.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from)) {
    const previous = joined.at(-1);
    if (previous && span.from <= previous.to) {
      previous.to = Math.max(previous.to, span.to);
    } else {
      joined.push({ ...span });
    }
  }
  return joined.filter(({ from, to }) => to > begin && from < end);
}

/** As far as anybody looks ahead: a weekly window comes round, whatever the clock does. */
const AHEAD = 15 * DAY_MS;

/** Whether a schedule holds, since when, when that changes, and when it begins next. */
export interface Standing {
  holds: boolean;
  since: number | undefined;
  changes: number | undefined;
  begins: number | undefined;
}
export function standing(schedule: Schedule, at: number): Standing {
  const spans = spansOf(schedule, { from: at - AHEAD, to: at + AHEAD });
  const now = spans.find(({ from, to }) => from <= at && at < to);
  const next = spans.find(({ from }) => from > at)?.from;
  // Without an end within sight it holds for good.
  const end = now && now.to < at + AHEAD ? now.to : undefined;
  return { holds: now !== undefined, since: now?.from, changes: now ? end : next, begins: next };
}

/** Long enough for every combination of daylight saving of two zones. */
const YEAR = 380 * DAY_MS;

/** The first time that two schedules hold at once in the year to come, or undefined. */
export function overlap(one: Schedule, other: Schedule, at: number): Span | undefined {
  const stretch = { from: at, to: at + YEAR };
  const others = spansOf(other, stretch);
  for (const span of spansOf(one, stretch)) {
    const met = others.find(({ from, to }) => from < span.to && span.from < to);
    if (met) {
      return { from: Math.max(met.from, span.from), to: Math.min(met.to, span.to) };
    }
  }
  return undefined;
}
