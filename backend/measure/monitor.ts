/**
 * The engine: keeps probes and counters going for the classes it is given, judges them every five seconds, and hands on rows, violations, samples and whole
 * minutes. It decides nothing itself; what a number means is said in sla/.
 */
import { EventEmitter } from 'node:events';
import { ulid } from 'ulid';
import type { ClassSample, ComplianceRow, Violation } from '../api/contract.ts';
import { advance, violationKey, type Judged, type Transition } from '../sla/violations.ts';
import { ClassWatch, type MonitoredClass, type Surroundings } from './class-watch.ts';
import { monotonic, wallAt } from './clock.ts';
import type { CounterSource } from './counters.ts';
import type { ProbeState } from './irtt.ts';
import { MinuteWindows, type MeasurementSink } from './windows.ts';

export type CounterEvent = { at: number; binding: string; classes: ClassSample[] };

/** Each event is of one tenant: nothing of one may reach another. */
export type MonitorEvents = {
  verdicts: [rows: ComplianceRow[], tenant: string];
  violations: [violation: Violation, tenant: string, kind: Transition['kind']];
  counters: [event: CounterEvent, tenant: string];
  probes: [of: { tenant: string; binding: string; trafficClass: string }, state: ProbeState];
  /** What keeps it from storing, once when it begins and (null) once when it ends. */
  trouble: [message: string | null];
};

export type MonitorOptions = {
  readCounters?: CounterSource;
  sink?: MeasurementSink;
  /** Another irtt than the one on the PATH. */
  irtt?: string;
  judgeEveryMs?: number;
  countEveryMs?: number;
};

const JUDGE_EVERY_MS = 5_000;
const COUNT_EVERY_MS = 1_000;

const nameOf = (of: { tenant: string; binding: string; trafficClass?: string }): string =>
  JSON.stringify([of.tenant, of.binding, of.trafficClass ?? null]);

export class Monitor extends EventEmitter<MonitorEvents> {
  #options: MonitorOptions;
  #around: Surroundings;
  #watches = new Map<string, ClassWatch>();
  #deployments = new Map<string, string | null>();
  #rows = new Map<string, ComplianceRow[]>();
  #open = new Map<string, ReadonlyMap<string, Violation>>();
  #minutes = new MinuteWindows();
  #unsaved = new Map<string, { tenant: string; violation: Violation }>();
  #trouble: string | null = null;
  #losing = false;
  #timers: NodeJS.Timeout[] = [];
  #counting = new Set<string>();
  #ending = new Set<Promise<void>>();
  #saving: Promise<void> = Promise.resolve();
  /** Without a list nothing is known about what exists, and no violation may be closed as gone. */
  #listed = false;

  constructor(options: MonitorOptions = {}) {
    super();
    this.#options = options;
    this.#around = {
      minutes: this.#minutes,
      irtt: options.irtt,
      deployment: (of) => this.#deployments.get(nameOf({ tenant: of.tenant, binding: of.binding })) ?? null,
      onProbe: ({ tenant, binding, trafficClass }, state) =>
        this.emit('probes', { tenant, binding, trafficClass }, state),
    };
  }

  /** Takes up the violations that were open when it last stopped, and begins. @throws what the sink throws */
  async start(): Promise<void> {
    for (const { tenant, violation } of (await this.#options.sink?.openViolations()) ?? []) {
      this.#open.set(tenant, new Map([...(this.#open.get(tenant) ?? []), [violationKey(violation), violation]]));
    }
    this.#timers = [
      setInterval(() => this.#judge(), this.#options.judgeEveryMs ?? JUDGE_EVERY_MS),
      setInterval(() => this.#count(), this.#options.countEveryMs ?? COUNT_EVERY_MS),
    ];
  }

  /** The classes to measure from now on: starts and stops only what changed. */
  update(classes: readonly MonitoredClass[]): void {
    this.#listed = true;
    const wanted = new Map(classes.map((c) => [nameOf(c), c]));
    for (const [name, watch] of this.#watches) {
      if (!wanted.has(name)) {
        this.#watches.delete(name);
        const end: Promise<void> = watch.stop().finally(() => this.#ending.delete(end));
        this.#ending.add(end);
      }
    }
    for (const [name, spec] of wanted) {
      const watch = this.#watches.get(name);
      if (watch) {
        watch.update(spec);
      } else {
        this.#watches.set(name, new ClassWatch(spec, this.#around));
      }
    }
  }

  /** @param deployment ULID of what is in force on the binding, null for nothing of ours */
  setDeployment(tenant: string, binding: string, deployment: string | null): void {
    this.#deployments.set(nameOf({ tenant, binding }), deployment);
  }

  /** The last judgement of everything, in the order of the list. */
  rows(tenant: string, binding?: string): ComplianceRow[] {
    return this.#of(tenant, binding).flatMap((watch) => this.#rows.get(nameOf(watch.spec)) ?? []);
  }

  /** The last quarter of an hour of each class's counters, oldest first. */
  counters(
    tenant: string,
    binding?: string
  ): Array<{ binding: string; trafficClass: string; samples: readonly ClassSample[] }> {
    return this.#of(tenant, binding).map(({ spec, samples }) => ({
      binding: spec.binding,
      trafficClass: spec.trafficClass,
      samples,
    }));
  }

  openViolations(tenant: string): Violation[] {
    return [...(this.#open.get(tenant)?.values() ?? [])];
  }

  probes(tenant: string): Array<{ binding: string; trafficClass: string; pid: number | null } & ProbeState> {
    return this.#of(tenant).flatMap(({ spec, probe, probePid }) =>
      probe ? [{ binding: spec.binding, trafficClass: spec.trafficClass, pid: probePid, ...probe }] : []
    );
  }

  /** What keeps it from storing, or null. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Ends every probe, stores what there is, and leaves no process behind. */
  async stop(): Promise<void> {
    this.#timers.forEach(clearInterval);
    await Promise.all([...this.#ending, ...[...this.#watches.values()].map((watch) => watch.stop())]);
    this.#save(true);
    await this.#saving;
  }

  #of(tenant: string, binding?: string): ClassWatch[] {
    return [...this.#watches.values()].filter(
      ({ spec }) => spec.tenant === tenant && (binding === undefined || spec.binding === binding)
    );
  }

  #judge(): void {
    const now = monotonic();
    this.#rows = new Map([...this.#watches].map(([name, watch]) => [name, watch.judge(now)]));
    const tenants = new Set([...[...this.#watches.values()].map((w) => w.spec.tenant), ...this.#open.keys()]);
    for (const tenant of this.#listed ? tenants : []) {
      const judged = this.#of(tenant).flatMap((watch) =>
        (this.#rows.get(nameOf(watch.spec)) ?? []).map((row): Judged => ({
          ...row,
          worse: watch.worse(row.objective),
          at: wallAt(now),
        }))
      );
      const { open, transitions } = advance(this.#open.get(tenant) ?? new Map(), judged, wallAt(now), ulid);
      this.#open.set(tenant, open);
      for (const { kind, violation } of transitions) {
        this.#unsaved.set(violation.id, { tenant, violation });
        this.emit('violations', violation, tenant, kind);
      }
      this.emit('verdicts', this.rows(tenant), tenant);
    }
    this.#save(false);
  }

  #count(): void {
    const bindings = new Map(
      [...this.#watches.values()].map((watch) => [
        nameOf({ tenant: watch.spec.tenant, binding: watch.spec.binding }),
        watch.spec,
      ])
    );
    for (const [name, spec] of bindings) {
      // A reading that takes longer than a second is waited for; the next one then covers the time between.
      if (this.#options.readCounters && !this.#counting.has(name)) {
        this.#counting.add(name);
        void this.#countBinding(this.#options.readCounters, spec).finally(() => this.#counting.delete(name));
      }
    }
  }

  async #countBinding(
    read: CounterSource,
    { tenant, binding, interface: device, prefix }: MonitoredClass
  ): Promise<void> {
    const began = monotonic();
    const reading = await read({ tenant, binding, interface: device, prefix }).then(
      (value) => ({ value, trouble: null }),
      (error: unknown) => ({
        value: null,
        trouble: `The counters could not be read: ${error instanceof Error ? error.message : String(error)}`,
      })
    );
    // The kernel was asked somewhere between; the middle keeps a slow reading from looking like a slow second.
    const at = (began + monotonic()) / 2;
    const wall = wallAt(at);
    const classes = this.#of(tenant, binding).flatMap(
      (watch) => watch.count(at, wall, reading.value, reading.trouble) ?? []
    );
    if (classes.length > 0) {
      this.emit('counters', { at: wall, binding, classes }, tenant);
    }
  }

  /** Stores one batch after the other; what cannot be stored is kept and tried again at the next judgement. */
  #save(everything: boolean): void {
    const { sink } = this.#options;
    this.#saving = this.#saving.then(async () => {
      const minutes = everything ? this.#minutes.takeAll() : this.#minutes.take(Date.now());
      const violations = [...this.#unsaved.values()];
      this.#unsaved.clear();
      if (!sink || minutes.windows.length + minutes.counters.length + violations.length === 0) {
        return;
      }
      try {
        if (violations.length > 0) {
          await sink.saveViolations(violations);
          violations.length = 0;
        }
        if (minutes.windows.length + minutes.counters.length > 0) {
          await sink.saveMinutes(minutes);
        }
        this.#losing = false;
        this.#troubled(null);
      } catch (error) {
        violations.forEach((v) => this.#unsaved.set(v.violation.id, this.#unsaved.get(v.violation.id) ?? v));
        this.#losing ||= this.#minutes.giveBack(minutes) > 0;
        const why = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
        const lost = this.#losing ? ' Minutes older than an hour are being lost.' : '';
        this.#troubled(
          `Measurements are not being stored: ${why}. They are kept in memory for an hour and stored when that is possible again.${lost}`
        );
      }
    });
  }

  #troubled(message: string | null): void {
    if (this.#trouble !== message) {
      this.#trouble = message;
      this.emit('trouble', message);
    }
  }
}
