/** A policy proved in a twin of its link: loaded as an apply would, driven, measured, judged. */
import { compile, diff, emptyAllocation, sameTree, type TcTree } from '../compile/tc/index.ts';
import { formatRate, PROFILES, type Packet, type ResolvedPolicy } from '../policy/index.ts';
import { applyBatch, discover, readLink, readTree, type Place } from '../target/index.ts';
import { leavesOf } from './entitlement.ts';
import { ProofFailure } from './failure.ts';
import { frameOf } from './frame.ts';
import { durationOf, phasesOf, type Phase } from './phases.ts';
import { verdictOf, type ClassFigures, type ProofReport } from './report.ts';
import { drive, type TrafficReport } from './traffic.ts';
import { FAR, makeTwin, NEAR, type Twin } from './twin.ts';
import { verdicts, type Doubt, type LeafMeasurement, type Measurement } from './verdicts.ts';
import { witness } from './witness.ts';

export interface Progress {
  /** Phases that are done, of how many */
  done: number;
  of: number;
  /** milliseconds that all of them take when none is repeated */
  takes: number;
  phase: Phase;
}
export interface ProveOptions {
  /** Command prefix into namespaces, for an installation without root */
  enter: readonly string[];
  /** The same policy on a slower link, where all its rates are percents: for links faster than this machine can drive */
  slower?: ((bandwidth: number) => ResolvedPolicy) | undefined;
  /** How often a phase that this machine disturbed, or that speaks against the policy, is measured at most */
  tries?: number;
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal | undefined;
  /** For tests: another hand at the twin, once the policy is loaded */
  onLoaded?: (place: Place, device: string) => Promise<void>;
}

const TRIES = 3;
/** Part of a measured window that the sender may stand still in before what is missing is in doubt. */
const MOST_STALLED = 0.01;
/** Part of what a phase offers that the sender has to reach, and what is left to it for when others need the machine. */
const REACHED = 0.9;
const RESERVE = 0.6;
/** bit/s; a machine that cannot drive this is too busy for any proof */
const LEAST_TWIN = 1e6;

/** @throws ProofFailure when it cannot be proved here, TargetError, CompileError; DOMException when aborted */
export async function prove(policy: ResolvedPolicy, options: ProveOptions): Promise<ProofReport> {
  const startedAt = Date.now();
  const twin = await makeTwin(options.enter);
  try {
    const packets = packetsOf(policy);
    const { twins, kernel, notes, sharesAsStated } = await loadWhatCanBeDriven(policy, packets.found, twin, options);
    await options.onLoaded?.(twin.place, NEAR);
    const measurements = await measureAll(twins, packets.found, twin, { ...options, sharesAsStated });
    const promises = verdicts(twins, measurements, { unreached: packets.unreached, sharesAsStated });
    return {
      policy: policy.name,
      kernel,
      bandwidth: policy.bandwidth,
      provedAt: twins.bandwidth,
      startedAt,
      took: Date.now() - startedAt,
      verdict: verdictOf(promises),
      promises,
      classes: classFigures(twins, measurements),
      notes,
    };
  } finally {
    await twin.remove();
  }
}

interface Loaded {
  /** The policy as it is proved */
  twins: ResolvedPolicy;
  kernel: string;
  notes: string[];
  sharesAsStated: boolean;
}

/** Loads the policy for its own bandwidth, else for what this machine can drive. @throws ProofFailure */
async function loadWhatCanBeDriven(
  policy: ResolvedPolicy,
  packets: ReadonlyMap<string, Packet>,
  twin: Twin,
  { slower, signal }: ProveOptions
): Promise<Loaded> {
  for (let twins = policy; ;) {
    const loaded = { twins, ...(await load(twins, twin)) };
    const part = await reached(twins, packets, twin, signal);
    if (part >= REACHED) {
      return loaded;
    }
    const possible = roundedDown(RESERVE * part * twins.bandwidth);
    if (!slower || possible < LEAST_TWIN) {
      throw new ProofFailure(
        `This machine cannot send what a proof at ${formatRate(policy.bandwidth)} takes; about ${formatRate(possible)} would be possible now. Prove it on a faster or less busy machine, or write every rate in percent: then it can be proved at less.`
      );
    }
    twins = slower(possible);
  }
}

/** The part of what the busiest phase offers that this machine sends, tried for a moment. */
async function reached(
  policy: ResolvedPolicy,
  packets: ReadonlyMap<string, Packet>,
  twin: Twin,
  signal: AbortSignal | undefined
): Promise<number> {
  const [all] = phasesOf(policy, reachable(policy, packets));
  if (!all || packets.size === 0) {
    return 1;
  }
  const { leaves } = await measureOnce({ ...all, warmupMs: 100, windowMs: 400 }, packets, twin, signal);
  const parts = [...leaves].map(([path, { offered }]) => offered / all.offered.get(path)!);
  return Math.min(...parts);
}

const reachable = (policy: ResolvedPolicy, packets: ReadonlyMap<string, Packet>) =>
  leavesOf(policy.classes).filter((leaf) => packets.has(leaf.path));

/** To two digits, as an operator would name a rate. */
function roundedDown(bits: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(bits)) - 1);
  return Math.floor(bits / unit) * unit;
}

function packetsOf(policy: ResolvedPolicy) {
  const found = new Map<string, Packet>();
  const unreached = new Map<string, string>();
  for (const { path, police, redirect } of leavesOf(policy.classes)) {
    const other = police ? 'it polices what arrives' : redirect ? 'its packets go to another interface' : undefined;
    const answer = other ? { none: `${other}, which a proof does not judge` } : witness(policy.classes, path);
    if ('packet' in answer) {
      found.set(path, answer.packet);
    } else {
      unreached.set(path, answer.none);
    }
  }
  return { found, unreached };
}

/** As an apply does it: compiled for what this kernel has, one batch, read back. @throws ProofFailure */
async function load(policy: ResolvedPolicy, { place }: Twin): Promise<Omit<Loaded, 'twins'>> {
  const link = await readLink(place, NEAR);
  const capabilities = { ...(await discover(place)), gsoMaxSize: link.gsoMaxSize, mtu: link.mtu };
  const { tree, notes, scheduler } = compile(policy, capabilities, emptyAllocation());
  const operations = diff(await readTree(place, NEAR), tree, { device: NEAR, origins: tree.origins });
  const { refusal } = await applyBatch(
    place,
    operations.map((operation) => operation.line)
  );
  if (refusal) {
    throw new ProofFailure(`The kernel refused to load the policy: ${refusal.plain} (${refusal.original}).`);
  }
  if (!sameTree(await readTree(place, NEAR), tree as TcTree)) {
    throw new ProofFailure('What was read back from the kernel differs from what was loaded.');
  }
  const { title, truths, sharesAsStated } = PROFILES[scheduler];
  const sharing = sharesAsStated
    ? []
    : [`Who gets what is left over is not judged: ${title} has its own way, ${truths[2]}.`];
  return {
    kernel: capabilities.kernel,
    notes: [...notes.map((note) => note.replaceAll('DEV', NEAR)), ...sharing],
    sharesAsStated,
  };
}

async function measureAll(
  policy: ResolvedPolicy,
  packets: ReadonlyMap<string, Packet>,
  twin: Twin,
  { signal, onProgress, tries = TRIES, sharesAsStated }: ProveOptions & { sharesAsStated: boolean }
): Promise<Measurement[]> {
  if (packets.size === 0) {
    return [];
  }
  const phases = phasesOf(policy, reachable(policy, packets));
  const measurements: Measurement[] = [];
  for (const [done, phase] of phases.entries()) {
    onProgress?.({ done, of: phases.length, takes: durationOf(phases), phase });
    measurements.push(await measure(policy, phase, packets, twin, { signal, tries, sharesAsStated }));
  }
  return measurements;
}

async function measure(
  policy: ResolvedPolicy,
  phase: Phase,
  packets: ReadonlyMap<string, Packet>,
  twin: Twin,
  { signal, tries, sharesAsStated }: { signal: AbortSignal | undefined; tries: number; sharesAsStated: boolean }
): Promise<Measurement> {
  for (let attempt = 1; ; attempt++) {
    const measurement = await measureOnce(phase, packets, twin, signal);
    if (attempt >= tries || settled(policy, measurement, sharesAsStated)) {
      return measurement;
    }
  }
}

async function measureOnce(
  phase: Phase,
  packets: ReadonlyMap<string, Packet>,
  { place }: Twin,
  signal: AbortSignal | undefined
): Promise<Measurement> {
  const { warmupMs, windowMs, lengths } = phase;
  const flows = [...phase.offered].map(([path, rate]) => ({ ...flowOf(packets.get(path)!, lengths.get(path)!), rate }));
  const report = await drive(place, { receive: FAR, warmupMs, windowMs, bucketMs: 100, flows }, signal);
  const leaves = [...phase.offered.keys()].map(
    (path, index) => [path, leafOf(report, index, phase, lengths.get(path)!)] as const
  );
  return { phase, doubt: doubtOf(report, windowMs), leaves: new Map(leaves) };
}

/** Whether nothing speaks against the policy, and it was offered what the phase says: then a doubt changes nothing. */
function settled(policy: ResolvedPolicy, measurement: Measurement, sharesAsStated: boolean): boolean {
  const { offered } = measurement.phase;
  return (
    [...measurement.leaves].every(([path, leaf]) => leaf.offered >= 0.95 * offered.get(path)!) &&
    verdicts(policy, [{ ...measurement, doubt: undefined }], { sharesAsStated }).every(
      ({ verdict }) => verdict !== 'broken'
    )
  );
}

const flowOf = (packet: Packet, length: number) => ({ device: NEAR, ...frameOf(packet, length), mark: 0 });

function doubtOf({ pace, dropped, flows }: TrafficReport, windowMs: number): Doubt | undefined {
  const arrived = flows.reduce((sum, flow) => sum + flow.arrived, 0);
  if (dropped > 0) {
    const why = `This machine lost ${dropped} packets after they had arrived: it is too busy, or too slow for this link.`;
    return { part: dropped / (dropped + arrived), why };
  }
  const part = pace.stalledMs / windowMs;
  return part > MOST_STALLED
    ? {
        part,
        why: `This machine stopped the sender for ${Math.round(pace.stalledMs)} ms of ${windowMs} ms: it is too busy to tell.`,
      }
    : undefined;
}

function leafOf({ flows }: TrafficReport, index: number, phase: Phase, length: number): LeafMeasurement {
  const { sent, arrived, bytes, latency, dscp } = flows[index]!;
  return {
    offered: (sent.packets * length * 8e3) / (phase.warmupMs + phase.windowMs),
    arrived: (bytes * 8e3) / phase.windowMs,
    lost: sent.packets - arrived,
    sent: sent.packets,
    latency,
    dscp: Object.keys(dscp).map(Number),
  };
}

function classFigures(policy: ResolvedPolicy, measurements: readonly Measurement[]): ClassFigures[] {
  const all = measurements.find(({ phase }) => phase.kind === 'all');
  return leavesOf(policy.classes).map(({ path, guarantee, ceiling }) => {
    const own = all?.leaves.get(path);
    return {
      class: path, guarantee, ceiling, offered: own?.offered ?? null, measured: own?.arrived ?? null,
      latencyP99: own?.latency?.p99 ?? null, dscp: own?.dscp ?? [],
    };
  }); // prettier-ignore
}
