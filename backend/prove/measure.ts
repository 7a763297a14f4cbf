/** One phase driven through the twin, and what became of each class in it; again where the machine disturbed it. */
import type { Masked, Packet, ResolvedPolicy } from '../policy/index.ts';
import { leavesOf } from './entitlement.ts';
import { senderOf } from './entry.ts';
import type { Manner } from './evidence.ts';
import { ProofFailure } from './failure.ts';
import { ECN_CAPABLE, frameOf } from './frame.ts';
import type { Doubt, LeafMeasurement, Measurement } from './measurement.ts';
import { countedBytes } from './passage.ts';
import type { Phase, PhaseKind } from './phases.ts';
import { applyBatch } from '../target/index.ts';
import { drive, type TrafficFlow, type TrafficReport } from './traffic.ts';
import type { Twin, Way } from './twin.ts';
import { verdicts } from './verdicts.ts';

/** Part of a measured window that the sender may stand still in before what is missing is in doubt. */
const MOST_STALLED = 0.01;
/** Part of what a phase is to offer that the sender has to reach, or it is measured again. */
const OFFERED = 0.95;

/** Phases of which more counts than their window: copies and marks of all packets, or what is lost of them. */
const WHOLE: readonly PhaseKind[] = ['all', 'strict'];

/** What is proved, where, and with which packets. */
export interface Subject {
  policy: ResolvedPolicy;
  twin: Twin;
  way: Way;
  /** Where copies and redirected packets arrive, by the interface that the policy names */
  copies: ReadonlyMap<string, string>;
  /** Lines of tc that load the policy anew, with empty queues */
  reload: readonly string[];
  /** By path of leaf */
  packets: ReadonlyMap<string, Packet>;
  manner: Manner;
}

/** @param tries how often a phase that is in doubt, or that speaks against the policy, is measured at most */
export async function measure(subject: Subject, phase: Phase, tries: number, signal?: AbortSignal): Promise<Measurement> {
  for (let attempt = 1; ; attempt++) {
    const measurement = await measureOnce(subject, phase, signal);
    if (attempt >= tries || settled(subject, measurement)) {
      return measurement;
    }
  }
} // prettier-ignore

export async function measureOnce(subject: Subject, phase: Phase, signal?: AbortSignal): Promise<Measurement> {
  const { warmupMs, windowMs } = phase;
  const { place } = subject.twin;
  const paths = [...phase.offered.keys()];
  const flows = paths.map((path) => flowOf(subject, phase, path));
  const request = {
    receive: subject.way.receive,
    beside: [...subject.copies.values()],
    warmupMs,
    windowMs,
    whole: WHOLE.includes(phase.kind),
    bucketMs: 100,
    flows,
  };
  // What an earlier run left would take its part of the link, and be counted as a flow of this one.
  const { refusal } = await applyBatch(place, subject.reload);
  if (refusal) {
    throw new ProofFailure(`The kernel refused to load the policy anew: ${refusal.plain} (${refusal.original}).`);
  }
  const report = await drive(place, request, signal);
  const leaves = paths.map((path, index) => [path, leafOf(subject, report, index, phase, path)] as const);
  return { phase, doubt: doubtOf(report, windowMs), leaves: new Map(leaves) };
}

/** Whether nothing speaks against the policy, and it was offered what the phase says: then a doubt changes nothing. */
function settled({ policy, manner }: Subject, measurement: Measurement): boolean {
  const { offered } = measurement.phase;
  return (
    [...measurement.leaves].every(([path, leaf]) => leaf.offered >= OFFERED * offered.get(path)!) &&
    verdicts(policy, [{ ...measurement, doubt: undefined }], manner).every(({ verdict }) => verdict !== 'broken')
  );
}

/** How many bits the policy counts for one that is sent. */
function weightOf({ policy, manner: { countsPtm } }: Subject, phase: Phase, path: string): number {
  const length = phase.lengths.get(path)!;
  return countedBytes(policy.link, length, countsPtm) / length;
}

function flowOf(subject: Subject, phase: Phase, path: string): TrafficFlow {
  const packet = subject.packets.get(path)!;
  const leaf = leavesOf(subject.policy.classes).find((item) => item.path === path)!;
  const look: Masked | undefined = leaf.mark?.fwmark;
  return {
    device: senderOf(subject.twin, subject.way.send, packet),
    ...frameOf(packet, phase.lengths.get(path)!, leaf.queue.ecn ? ECN_CAPABLE : 0),
    rate: phase.offered.get(path)! / weightOf(subject, phase, path),
    mark: packet.fwmark ?? 0,
    priority: packet.vlanPriority ?? 0,
    look: look ?? null,
  };
}

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

function leafOf(subject: Subject, report: TrafficReport, index: number, phase: Phase, path: string): LeafMeasurement {
  const { sent, arrived, packets, latency, dscp, priority, congested, marked } = report.flows[index]!;
  const bits = 8 * phase.lengths.get(path)! * weightOf(subject, phase, path);
  const counts = (seen: Record<string, number>) => new Map(Object.entries(seen).map(([value, count]) => [Number(value), count])); // prettier-ignore
  const beside = [...subject.copies].map(([name, far]) => [name, report.beside[far]![index]!] as const);
  return {
    offered: (sent.packets * bits * 1e3) / (phase.warmupMs + phase.windowMs),
    arrived: (packets * bits * 1e3) / phase.windowMs,
    lost: sent.packets - arrived,
    sent: sent.packets,
    latency,
    dscp: counts(dscp),
    vlanPriority: counts(priority),
    congested,
    packets,
    whole: { arrived, marked, beside: new Map(beside) },
  };
}
