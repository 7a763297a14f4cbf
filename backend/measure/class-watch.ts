/** One class of one binding: its probe, its counters, and the judgement of each of its objective's terms. */
import type { ClassSample, ComplianceRow } from '../api/contract.ts';
import { judgeProbe } from '../sla/judge.ts';
import { LATE_MS, needsProbe, objectiveTerms, type ObjectiveFigures, type ObjectiveTerm } from '../sla/objective.ts';
import { judgeThroughput } from '../sla/throughput.ts';
import { notMeasured, type Judgement, type Verdict } from '../sla/verdict.ts';
import { monotonic, wallAt } from './clock.ts';
import { classSample, CounterTrack, type CounterReading } from './counters.ts';
import { IrttProbe, type IrttSpec, type ProbeListener, type ProbeState } from './irtt.ts';
import { ProbeSamples } from './samples.ts';
import type { CounterKey, MinuteWindows, ProbeKey } from './windows.ts';

/** What to measure and hold against what. Names are those of the documents; figures are resolved for the binding. */
export type MonitoredClass = {
  tenant: string;
  binding: string;
  policy: string;
  site: string;
  service: string;
  /** Path by names, e.g. voice/g711. */
  trafficClass: string;
  direction: 'egress' | 'ingress';
  interface: string;
  /** The class's id on the interface, e.g. 1:10; null while no policy of ours is there. */
  classid: string | null;
  strict: boolean;
  /** bit/s */
  guarantee: number;
  /** bit/s */
  ceiling: number;
  objective: ObjectiveFigures | null;
  /** irtt server beyond the link; null where the binding names none, or where no probe would reach the class. */
  reflector: string | null;
  /** Why there is no reflector, when it is not that the binding names none. */
  unprobed?: string | undefined;
  /** 0-63: what the probe's packets are marked with, so that they fall into the class. */
  dscp: number;
  /** 20,000 by default: 50 packets a second, as a voice call has. */
  probeIntervalUs?: number | undefined;
  /** UDP payload, 172 bytes by default: G.711 with its RTP header. */
  probeBytes?: number | undefined;
  /** Argument vector that irtt is started through, e.g. ['ip', 'netns', 'exec', 'branch']. */
  prefix: readonly string[];
};

const INTERVAL_US = 20_000;
const PAYLOAD_BYTES = 172;
const TREND_POINTS = 60;
/** Why a term of this class cannot be judged, whatever is sent. */
const NO_REFLECTOR =
  'The binding names no reflector, so no probe packets are sent. Add probe.reflector with the address of an "irtt server -i 0" beyond the link.';

/** Nothing is blind about a class that nobody has put on the interface yet: there is nothing to look at. */
const NOT_IN_FORCE = 'No policy that has this class is in force on the interface, so nothing counts its traffic.';

type Standing = { verdict: Verdict; since: number; trend: ComplianceRow['trend'] };

/** What a class shares with the others. */
export type Surroundings = {
  minutes: MinuteWindows;
  /** ULID in force on the class's binding. */
  deployment(of: MonitoredClass): string | null;
  irtt?: string | undefined;
  onProbe(of: MonitoredClass, state: ProbeState): void;
};

export class ClassWatch {
  #around: Surroundings;
  #spec: MonitoredClass;
  #terms: ObjectiveTerm[] = [];
  #standing = new Map<string, Standing>();
  #probe: { probe: IrttProbe; spec: IrttSpec; key: ProbeKey } | null = null;
  #samples = new ProbeSamples(0);
  #counters = new CounterTrack();
  #counterTrouble: string | null = null;
  #watchedFrom = monotonic();
  #ending: Promise<void> = Promise.resolve();

  constructor(spec: MonitoredClass, around: Surroundings) {
    this.#around = around;
    this.#spec = spec;
    this.#adopt(spec);
  }

  get spec(): MonitoredClass {
    return this.#spec;
  }

  get samples(): readonly ClassSample[] {
    return this.#counters.samples;
  }

  get probe(): ProbeState | null {
    return this.#probe?.probe.state ?? null;
  }

  /** Process id of the class's irtt, where one runs. */
  get probePid(): number | null {
    return this.#probe?.probe.pid ?? null;
  }

  /** Takes over what changed; the probe goes on unless its own parameters changed. */
  update(spec: MonitoredClass): void {
    const before = this.#spec;
    this.#spec = spec;
    if (
      before.guarantee !== spec.guarantee ||
      before.ceiling !== spec.ceiling ||
      before.classid !== spec.classid ||
      before.interface !== spec.interface
    ) {
      this.#counters.restart(monotonic());
    }
    this.#adopt(spec);
  }

  async stop(): Promise<void> {
    this.#endProbe();
    await this.#ending;
  }

  /**
   * @param at monotonic time of the reading
   * @param wall the same in milliseconds of the day, one for all classes of a reading so that charts can add them up
   * @param reading null with the reason where the counters could not be read
   */
  count(at: number, wall: number, reading: CounterReading | null, trouble: string | null): ClassSample | null {
    this.#counterTrouble = trouble;
    if (!reading) {
      return null;
    }
    const counters = reading.classes.find((c) => c.classid === this.#spec.classid) ?? null;
    this.#counterTrouble = counters
      ? null
      : 'The class is not on the interface: the tree that was applied is no longer there.';
    const step = this.#counters.read(at, counters);
    if (!step) {
      return null;
    }
    const { binding, trafficClass, guarantee, ceiling } = this.#spec;
    this.#around.minutes.counted(this.#counterKey(), wall, step, this.#around.deployment(this.#spec));
    const silentSeconds = this.#counters.silentMs / 1_000;
    const sample = classSample(step, { at: wall, binding, trafficClass, guarantee, ceiling, silentSeconds });
    this.#counters.keep(sample);
    return sample;
  }

  /** Judges every term at this monotonic time. */
  judge(now: number): ComplianceRow[] {
    const wall = wallAt(now);
    if (this.#probe) {
      this.#around.minutes.expect(this.#probe.key, wall, this.#packets(60_000), this.#around.deployment(this.#spec));
    }
    const { binding, policy, site, service, trafficClass, strict } = this.#spec;
    return this.#terms.map((term) => {
      const to = term.metric === 'loss' ? now - LATE_MS : now;
      const judged = this.#judgeTerm(term, to, now);
      const standing = this.#stand(term.key, judged, wall);
      return {
        binding, policy, site, service, trafficClass, objective: term.key, label: term.label, definition: term.definition, threshold: term.threshold,
        unit: term.unit, value: judged.value, verdict: judged.verdict, reason: judged.reason, samples: judged.samples, expected: judged.expected,
        coverage: judged.coverage, severity: strict ? 'critical' : 'warning', windowFrom: wallAt(to - term.windowMs), windowTo: wallAt(to),
        since: standing.since, deployment: this.#around.deployment(this.#spec), trend: [...standing.trend],
      } satisfies ComplianceRow; // prettier-ignore
    });
  }

  /** Which side of the threshold is the bad one. */
  worse(objective: string): 'above' | 'below' {
    return this.#terms.find((t) => t.key === objective)?.worse ?? 'above';
  }

  #judgeTerm(term: ObjectiveTerm, to: number, now: number): Judgement {
    if (!term.measured) {
      return notMeasured(term.why ?? `${term.label} is not measured.`);
    }
    const from = to - term.windowMs;
    if (term.metric === 'throughput' && this.#spec.classid === null) {
      return notMeasured(NOT_IN_FORCE);
    }
    if (term.metric === 'throughput') {
      const { guarantee, ceiling } = this.#spec;
      const watchedFrom = this.#counters.watchedFrom;
      const seconds = this.#counters.window(from, to);
      const expected = Math.round(term.windowMs / 1_000);
      return judgeThroughput(term, {
        from,
        to,
        watchedFrom,
        expected,
        seconds,
        guarantee,
        ceiling,
        trouble: this.#counterTrouble,
      });
    }
    if (!this.#probe) {
      return notMeasured(this.#spec.unprobed ?? NO_REFLECTOR);
    }
    const packets = this.#samples.window(term.metric, from, to, now);
    const trouble = this.#probe.probe.state.message || null;
    return judgeProbe(term, {
      from,
      to,
      watchedFrom: this.#watchedFrom,
      expected: this.#packets(term.windowMs),
      trouble,
      ...packets,
    });
  }

  #stand(key: string, judged: Judgement, wall: number): Standing {
    const before = this.#standing.get(key);
    const since = before?.verdict === judged.verdict ? before.since : wall;
    const trend = [...(before?.trend ?? []), { at: wall, value: judged.value }].slice(-TREND_POINTS);
    const standing = { verdict: judged.verdict, since, trend };
    this.#standing.set(key, standing);
    return standing;
  }

  /** Packets that the probe sends in so many milliseconds. */
  #packets(ms: number): number {
    return Math.round((ms * 1_000) / (this.#spec.probeIntervalUs ?? INTERVAL_US));
  }

  #adopt(spec: MonitoredClass): void {
    const intervalUs = spec.probeIntervalUs ?? INTERVAL_US;
    this.#terms = spec.objective ? objectiveTerms(spec.objective, 1e6 / intervalUs) : [];
    const keys = new Set(this.#terms.map((t) => t.key));
    [...this.#standing.keys()].filter((key) => !keys.has(key)).forEach((key) => this.#standing.delete(key));
    const probed = this.#terms.filter(needsProbe);
    this.#samples.keep(Math.max(0, ...probed.map((t) => t.windowMs)) + 2 * LATE_MS);
    const wanted: IrttSpec | null =
      spec.reflector === null || probed.length === 0
        ? null
        : {
            reflector: spec.reflector,
            dscp: spec.dscp,
            intervalUs,
            length: spec.probeBytes ?? PAYLOAD_BYTES,
            prefix: spec.prefix,
            ...(this.#around.irtt === undefined ? {} : { command: this.#around.irtt }),
          };
    if (JSON.stringify(wanted) !== JSON.stringify(this.#probe?.spec ?? null)) {
      this.#endProbe();
      this.#startProbe(wanted);
    }
  }

  #startProbe(spec: IrttSpec | null): void {
    this.#samples.clear();
    this.#watchedFrom = monotonic();
    if (!spec) {
      return;
    }
    const { minutes, deployment } = this.#around;
    const key: ProbeKey = { ...this.#counterKey(), probe: `irtt ${spec.reflector}` };
    const samples = this.#samples;
    const listener: ProbeListener = {
      received: (packet) => {
        samples.receive(packet);
        minutes.received(key, wallAt(packet.sentAt), this.#packets(60_000), deployment(this.#spec), packet);
      },
      lost: (sentAt) => {
        samples.lose(sentAt);
        minutes.lost(key, wallAt(sentAt), this.#packets(60_000), deployment(this.#spec));
      },
      state: (state) => this.#around.onProbe(this.#spec, state),
    };
    const probe = new IrttProbe(spec, listener);
    this.#probe = { probe, spec, key };
    probe.start();
  }

  #endProbe(): void {
    const ended = this.#probe?.probe;
    this.#probe = null;
    if (ended) {
      this.#ending = Promise.all([this.#ending, ended.stop()]).then(() => undefined);
    }
  }

  #counterKey(): CounterKey {
    const { tenant, binding, trafficClass, direction } = this.#spec;
    return { tenant, binding, trafficClass, direction };
  }
}
