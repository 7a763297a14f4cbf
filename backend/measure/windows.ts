/** What was measured, gathered by the minute until it is stored. */
import {
  emptyCounterMinute, emptyWindow, mergeCounterMinutes, mergeWindows, minuteOf, WINDOW_MS,
  type CounterMinute, type MeasurementWindow, type WindowKey,
} from '../sla/window.ts'; // prettier-ignore
import type { Violation } from '../sla/violations.ts';
import type { CounterStep } from './counters.ts';
import type { Received } from './sequence.ts';

/** Where minutes and violations are kept. Saving merges into what is there; a rejection's message is shown to the operator. */
export type MeasurementSink = {
  saveMinutes(minutes: { windows: readonly MeasurementWindow[]; counters: readonly CounterMinute[] }): Promise<void>;
  saveViolations(violations: ReadonlyArray<{ tenant: string; violation: Violation }>): Promise<void>;
  openViolations(): Promise<Array<{ tenant: string; violation: Violation }>>;
};

export type ProbeKey = Omit<WindowKey, 'start'>;
export type CounterKey = Omit<ProbeKey, 'probe'>;
export type Minutes = { windows: MeasurementWindow[]; counters: CounterMinute[] };

/** A minute is complete when its last packets are either back or given up. */
const COMPLETE_AFTER_MS = WINDOW_MS + 5_000;
/** While nothing can be stored, so many minutes of each class are held back; older ones are lost. */
const HELD_MINUTES = 60;

export class MinuteWindows {
  #windows = new Map<string, MeasurementWindow>();
  #counters = new Map<string, CounterMinute>();

  /** Notes that the probe was to measure in this minute, also where nothing comes of it. */
  expect(key: ProbeKey, wall: number, packets: number, deployment: string | null): MeasurementWindow {
    const start = minuteOf(wall);
    const id = idOf({ ...key, start });
    const window = this.#windows.get(id) ?? emptyWindow({ ...key, start }, packets);
    note(window.deployments, deployment);
    this.#windows.set(id, window);
    return window;
  }

  received(key: ProbeKey, wall: number, packets: number, deployment: string | null, packet: Received): void {
    const window = this.expect(key, wall, packets, deployment);
    window.sent++;
    window.received++;
    window.rtt.accept(packet.rttUs);
    if (packet.jitterUs !== null) {
      window.jitter.accept(packet.jitterUs);
    }
    if (packet.ipdvUs !== null) {
      window.ipdv.accept(packet.ipdvUs);
    }
  }

  lost(key: ProbeKey, wall: number, packets: number, deployment: string | null): void {
    this.expect(key, wall, packets, deployment).sent++;
  }

  counted(key: CounterKey, wall: number, step: CounterStep, deployment: string | null): void {
    const start = minuteOf(wall);
    const id = idOf({ ...key, start });
    const deployments = deployment === null ? [] : [deployment];
    const one: CounterMinute = {
      ...emptyCounterMinute({ ...key, start }),
      readings: 1,
      coveredMs: Math.round(step.ms),
      bytes: step.bytes,
      packets: step.packets,
      drops: step.drops,
      overlimits: step.overlimits,
      demand: step.demand ? 1 : 0,
      maxBacklogBytes: step.backlogBytes,
      maxBacklogPackets: step.backlogPackets,
      deployments,
    };
    const before = this.#counters.get(id);
    this.#counters.set(id, before ? mergeCounterMinutes(before, one) : one);
  }

  /** Takes out the minutes that are complete at this wall time; a minute that lies ahead was begun before the clock was set back, and is complete too. */
  take(wall: number): Minutes {
    const complete = ({ start }: { start: number }) => start + COMPLETE_AFTER_MS <= wall || start > wall + WINDOW_MS;
    return { windows: takeOut(this.#windows, complete), counters: takeOut(this.#counters, complete) };
  }

  takeAll(): Minutes {
    return { windows: takeOut(this.#windows, () => true), counters: takeOut(this.#counters, () => true) };
  }

  /** Puts back what could not be stored. @returns how many of the oldest minutes were dropped for it */
  giveBack({ windows, counters }: Minutes): number {
    windows.forEach((window) => {
      const later = this.#windows.get(idOf(window));
      this.#windows.set(idOf(window), later ? mergeWindows(window, later) : window);
    });
    counters.forEach((minute) => {
      const later = this.#counters.get(idOf(minute));
      this.#counters.set(idOf(minute), later ? mergeCounterMinutes(minute, later) : minute);
    });
    return dropOldest(this.#windows) + dropOldest(this.#counters);
  }
}

const idOf = (key: CounterKey & { start: number; probe?: string }): string =>
  JSON.stringify([key.tenant, key.binding, key.trafficClass, key.direction, key.probe ?? null, key.start]);

function note(deployments: string[], deployment: string | null): void {
  if (deployment !== null && !deployments.includes(deployment)) {
    deployments.push(deployment);
  }
}

function takeOut<T extends { start: number }>(from: Map<string, T>, which: (item: T) => boolean): T[] {
  const taken: T[] = [];
  for (const [id, item] of from) {
    if (which(item)) {
      from.delete(id);
      taken.push(item);
    }
  }
  return taken;
}

function dropOldest(minutes: Map<string, { start: number }>): number {
  const starts = [...new Set([...minutes.values()].map((m) => m.start))].sort((a, b) => b - a);
  const oldest = starts[HELD_MINUTES - 1] ?? -Infinity;
  return takeOut(minutes, (m) => m.start < oldest).length;
}
