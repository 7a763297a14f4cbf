import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overlap, Schedule, spansOf, standing } from './schedule.ts';

const at = (text: string) => Date.parse(text);
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16);
const read = (...windows: object[]) => Schedule.parse(windows.map((window) => ({ zone: 'Europe/Vienna', ...window })));
const spans = (schedule: Schedule, from: string, to: string) =>
  spansOf(schedule, { from: at(from), to: at(to) }).map((span) => `${iso(span.from)} ${iso(span.to)}`);
const OFFICE = read({ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00' });

describe('a schedule', () => {
  it('holds by the clock of its zone, in summer and in winter', () => {
    expect(spans(OFFICE, '2026-01-09T00:00Z', '2026-01-13T00:00Z')).toEqual([
      '2026-01-09T07:00 2026-01-09T17:00',
      '2026-01-12T07:00 2026-01-12T17:00',
    ]);
    expect(spans(OFFICE, '2026-07-10T00:00Z', '2026-07-11T00:00Z')).toEqual(['2026-07-10T06:00 2026-07-10T16:00']);
  });
  it('goes over midnight into the next day, and belongs to the day it begins on', () => {
    const night = read({ days: ['fri'], from: '22:00', to: '06:00', zone: 'UTC' });
    expect(spans(night, '2026-01-09T00:00Z', '2026-01-17T00:00Z')).toEqual([
      '2026-01-09T22:00 2026-01-10T06:00',
      '2026-01-16T22:00 2026-01-17T06:00',
    ]);
    expect(standing(night, at('2026-01-10T05:59Z'))).toEqual({ holds: true, since: at('2026-01-09T22:00Z'), changes: at('2026-01-10T06:00Z'), begins: at('2026-01-16T22:00Z') }); // prettier-ignore
    expect(standing(night, at('2026-01-10T06:00Z'))).toEqual({ holds: false, since: undefined, changes: at('2026-01-16T22:00Z'), begins: at('2026-01-16T22:00Z') }); // prettier-ignore
  });
  it('joins windows that meet, and holds for good where it covers every day', () => {
    const all = read({ from: '00:00', to: '24:00' });
    expect(standing(all, at('2026-03-29T01:00Z'))).toMatchObject({
      holds: true,
      changes: undefined,
      begins: undefined,
    });
    const shifts = read({ from: '06:00', to: '14:00', zone: 'UTC' }, { from: '14:00', to: '22:00', zone: 'UTC' });
    expect(spans(shifts, '2026-01-09T00:00Z', '2026-01-10T00:00Z')).toEqual(['2026-01-09T06:00 2026-01-09T22:00']);
  });
});

describe('when the clock is changed', () => {
  // Vienna: 29 March 2026 from 02:00 to 03:00 (01:00 UTC), 25 October 2026 from 03:00 back to 02:00 (01:00 UTC).
  it('a time that does not exist is the moment at which the clock jumps over it', () => {
    expect(spans(read({ from: '02:30', to: '04:00' }), '2026-03-29T00:00Z', '2026-03-29T12:00Z')).toEqual(['2026-03-29T01:00 2026-03-29T02:00']);
    expect(spans(read({ from: '01:00', to: '02:30' }), '2026-03-29T00:00Z', '2026-03-29T12:00Z')).toEqual(['2026-03-29T00:00 2026-03-29T01:00']);
    expect(spans(read({ from: '02:15', to: '02:45' }), '2026-03-29T00:00Z', '2026-03-29T12:00Z')).toEqual([]);
  }); // prettier-ignore
  it('a time that exists twice begins with the first and ends with the second, without a break', () => {
    expect(spans(read({ from: '02:30', to: '04:00' }), '2026-10-25T00:00Z', '2026-10-25T12:00Z')).toEqual(['2026-10-25T00:30 2026-10-25T03:00']);
    expect(spans(read({ from: '01:00', to: '02:30' }), '2026-10-24T22:00Z', '2026-10-25T12:00Z')).toEqual(['2026-10-24T23:00 2026-10-25T01:30']);
  }); // prettier-ignore
  it('is right in zones of half an hour and on the other side of the date line', () => {
    // Lord Howe: half an hour forward on 4 October 2026 at 02:00 (15:30 UTC the day before).
    expect(spans(read({ from: '02:10', to: '03:00', zone: 'Australia/Lord_Howe' }), '2026-10-03T12:00Z', '2026-10-03T18:00Z')).toEqual(['2026-10-03T15:30 2026-10-03T16:00']);
    expect(spans(read({ days: ['mon'], from: '00:00', to: '24:00', zone: 'Pacific/Kiritimati' }), '2026-01-11T00:00Z', '2026-01-13T00:00Z')).toEqual(['2026-01-11T10:00 2026-01-12T10:00']);
  }); // prettier-ignore
  it('never holds outside of what the clock shows, nor not inside, on any day without a change', () => {
    const minutes = fc.integer({ min: 0, max: 1439 });
    const clock = (n: number) => `${String(Math.floor(n / 60)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}`;
    fc.assert(
      fc.property(minutes, minutes, fc.integer({ min: at('2026-06-01T00:00Z'), max: at('2026-06-30T00:00Z') }), (from, to, when) => {
        fc.pre(from !== to);
        const now = Math.floor(((when + 2 * 3600_000) % 86400_000) / 60_000);
        const inside = from < to ? now >= from && now < to : now >= from || now < to;
        return standing(read({ from: clock(from), to: clock(to) }), when).holds === inside;
      })
    );
  }); // prettier-ignore
});

describe('two schedules', () => {
  const now = at('2026-01-01T00:00Z');
  it('overlap where they hold at once, and not where they only meet', () => {
    expect(overlap(OFFICE, read({ days: ['sat', 'sun'], from: '00:00', to: '24:00' }), now)).toBeUndefined();
    expect(overlap(OFFICE, read({ from: '18:00', to: '08:00' }), now)).toBeUndefined();
    expect(iso(overlap(OFFICE, read({ days: ['wed'], from: '17:59', to: '23:00' }), now)!.from)).toBe(
      '2026-01-07T16:59'
    );
  });
  it('overlap also if only in the weeks in which one zone has summer and the other has not', () => {
    const vienna = read({ from: '08:00', to: '09:00' });
    const york = read({ from: '03:00', to: '04:00', zone: 'America/New_York' });
    // Six hours apart all year but for the weeks in March, in which it is five.
    expect(iso(overlap(vienna, york, now)!.from)).toBe('2026-03-08T07:00');
    expect(overlap(vienna, read({ from: '02:00', to: '02:01', zone: 'America/New_York' }), at('2026-04-10T00:00Z'))).toBeDefined(); // prettier-ignore
  });
});

it.each([
  { from: '8:00', to: '18:00', zone: 'UTC' },
  { from: '08:00', to: '25:00', zone: 'UTC' },
  { from: '08:00', to: '08:00', zone: 'UTC' },
  { from: '08:00', to: '18:00', zone: 'Mars/Olympus' },
  { from: '08:00', to: '18:00' },
  { from: '08:00', to: '18:00', zone: 'UTC', days: ['monday'] },
])('%j is no window', (window) => expect(Schedule.safeParse([window]).success).toBe(false));
