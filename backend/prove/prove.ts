/** A policy proved in a twin of its link: loaded as an apply would, driven, measured, judged. */
import { compile, diff, emptyAllocation, sameTree, type TcTree } from '../compile/tc/index.ts';
import { formatRate, type Packet, type ResolvedPolicy } from '../policy/index.ts';
import { applyBatch, discover, readLink, readTree, type Place } from '../target/index.ts';
import { leavesOf } from './entitlement.ts';
import { ProofFailure } from './failure.ts';
import { frameOf, LONGEST_FRAME } from './frame.ts';
import { durationOf, packetRate, phasesOf, type Phase } from './phases.ts';
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
/** Part of what this machine can send at most that a proof may take: the rest is for the link's own work. */
const USABLE = 0.35;

/** @throws ProofFailure when it cannot be proved here, TargetError, CompileError; DOMException when aborted */
export async function prove(policy: ResolvedPolicy, options: ProveOptions): Promise<ProofReport> {
  const startedAt = Date.now();
  const twin = await makeTwin(options.enter);
  try {
    const twins = await sized(policy, twin, options);
    const packets = packetsOf(twins);
    const { kernel, notes } = await load(twins, twin);
    await options.onLoaded?.(twin.place, NEAR);
    const measurements = await measureAll(twins, packets.found, twin, options);
    const promises = verdicts(twins, measurements, packets.unreached);
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

/** The policy as it is proved: on its own bandwidth, else on what this machine can drive. @throws ProofFailure */
async function sized(policy: ResolvedPolicy, twin: Twin, options: ProveOptions): Promise<ResolvedPolicy> {
  const takes = packetRate(phasesOf(policy));
  const most = USABLE * (await capacity(twin, options.signal));
  if (takes <= most) {
    return policy;
  }
  const possible = roundedDown(policy.bandwidth * (most / takes));
  if (options.slower) {
    return options.slower(possible);
  }
  throw new ProofFailure(
    `At ${formatRate(policy.bandwidth)} the proof would send ${Math.round(takes)} packets a second; this machine manages ${Math.round(most)}, enough for about ${formatRate(possible)}. Prove it on a faster machine, or write every rate in percent: then it can be proved at less.`
  );
}

/** Packets a second that this machine sends and receives at most, tried for a moment without any policy. */
async function capacity({ place }: Twin, signal: AbortSignal | undefined): Promise<number> {
  const windowMs = 400;
  const { flows } = await drive(
    place,
    {
      receive: FAR, warmupMs: 100, windowMs, bucketMs: 100,
      flows: [{ ...flowOf({ family: 4, protocol: 17 }, LONGEST_FRAME), rate: 20e9 }],
    },
    signal
  ); // prettier-ignore
  return (flows[0]!.packets * 1000) / windowMs;
}

/** To two digits, as an operator would name a rate. */
function roundedDown(bits: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(bits)) - 1);
  return Math.floor(bits / unit) * unit;
}

function packetsOf(policy: ResolvedPolicy) {
  const found = new Map<string, Packet>();
  const unreached = new Map<string, string>();
  for (const { path } of leavesOf(policy.classes)) {
    const answer = witness(policy.classes, path);
    if ('packet' in answer) {
      found.set(path, answer.packet);
    } else {
      unreached.set(path, answer.none);
    }
  }
  return { found, unreached };
}

/** As an apply does it: compiled for what this kernel has, one batch, read back. @throws ProofFailure */
async function load(policy: ResolvedPolicy, { place }: Twin): Promise<{ kernel: string; notes: string[] }> {
  const link = await readLink(place, NEAR);
  const capabilities = { ...(await discover(place)), gsoMaxSize: link.gsoMaxSize, mtu: link.mtu };
  const { tree, notes } = compile(policy, capabilities, emptyAllocation());
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
  return { kernel: capabilities.kernel, notes: notes.map((note) => note.replaceAll('DEV', NEAR)) };
}

async function measureAll(
  policy: ResolvedPolicy,
  packets: ReadonlyMap<string, Packet>,
  twin: Twin,
  { signal, onProgress, tries = TRIES }: ProveOptions
): Promise<Measurement[]> {
  if (packets.size === 0) {
    return [];
  }
  const phases = phasesOf(
    policy,
    leavesOf(policy.classes).filter((leaf) => packets.has(leaf.path))
  );
  const measurements: Measurement[] = [];
  for (const [done, phase] of phases.entries()) {
    onProgress?.({ done, of: phases.length, takes: durationOf(phases), phase });
    measurements.push(await measure(policy, phase, packets, twin, { signal, tries }));
  }
  return measurements;
}

async function measure(
  policy: ResolvedPolicy,
  phase: Phase,
  packets: ReadonlyMap<string, Packet>,
  { place }: Twin,
  { signal, tries }: { signal: AbortSignal | undefined; tries: number }
): Promise<Measurement> {
  const paths = [...phase.offered.keys()];
  const { warmupMs, windowMs } = phase;
  for (let attempt = 1; ; attempt++) {
    const flows = paths.map((path) => ({
      ...flowOf(packets.get(path)!, phase.lengths.get(path)!),
      rate: phase.offered.get(path)!,
    }));
    const report = await drive(place, { receive: FAR, warmupMs, windowMs, bucketMs: 100, flows }, signal);
    const measurement: Measurement = {
      phase,
      doubt: doubtOf(report, windowMs),
      leaves: new Map(paths.map((path, index) => [path, leafOf(report, index, phase, phase.lengths.get(path)!)])),
    };
    if (attempt >= tries || settled(policy, measurement)) {
      return measurement;
    }
  }
}

/** Whether nothing speaks against the policy, and it was offered what the phase says: then a doubt changes nothing. */
function settled(policy: ResolvedPolicy, measurement: Measurement): boolean {
  const { offered } = measurement.phase;
  return (
    [...measurement.leaves].every(([path, leaf]) => leaf.offered >= 0.95 * offered.get(path)!) &&
    verdicts(policy, [{ ...measurement, doubt: undefined }]).every(({ verdict }) => verdict !== 'broken')
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
