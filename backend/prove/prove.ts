/** A policy proved in a twin of its link: loaded as an apply would, driven, measured, judged. */
import {
  compile, diff, emptyAllocation, hooked, ingressNotes, sameTree, sideName, type Direction, type TcTree,
} from '../compile/tc/index.ts'; // prettier-ignore
import {
  classify,
  flatten,
  formatRate,
  PROFILES,
  restored,
  type Clause,
  type Packet,
  type ResolvedPolicy,
} from '../policy/index.ts';
import { applyBatch, discover, readLink, readTree, type Place } from '../target/index.ts';
import { leavesOf } from './entitlement.ts';
import { prepare } from './entry.ts';
import { ProofFailure } from './failure.ts';
import { frameAround } from './frame.ts';
import { measure, measureOnce, type Subject } from './measure.ts';
import type { Measurement } from './measurement.ts';
import { durationOf, phasesOf, type Phase, type Times } from './phases.ts';
import { verdictOf, type ClassFigures, type ProofReport } from './report.ts';
import { everyClause } from './space.ts';
import { inOwnFlows, readyLines, trackingLines } from './tracked.ts';
import { FAR, makeTwin, NEAR, type Twin } from './twin.ts';
import { verdicts } from './verdicts.ts';
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
  /** Of the link's near end: what leaves by it, or what it receives */
  direction?: Direction;
  /** The same policy on a slower link, where all its rates are percents: for links faster than this machine can drive */
  slower?: ((bandwidth: number) => ResolvedPolicy) | undefined;
  /** How often a phase that this machine disturbed, or that speaks against the policy, is measured at most */
  tries?: number;
  onProgress?: (progress: Progress) => void;
  /** For tests: other times than a proof takes */
  times?: Times;
  signal?: AbortSignal | undefined;
  /** For tests: another hand at the twin, once the policy is loaded */
  onLoaded?: (place: Place, device: string) => Promise<void>;
}

const TRIES = 3;
/** Part of what a phase offers that the sender has to reach, and what is left to it for when others need the machine. */
const REACHED = 0.9;
const RESERVE = 0.6;
/** bit/s; a machine that cannot drive this is too busy for any proof */
const LEAST_TWIN = 1e6;

/** @throws ProofFailure when it cannot be proved here, TargetError, CompileError; DOMException when aborted */
export async function prove(policy: ResolvedPolicy, options: ProveOptions): Promise<ProofReport> {
  const startedAt = Date.now();
  const twin = await makeTwin(options.enter, [...new Set([...copiedTo(policy), ...enteredBy(policy)])]);
  try {
    const packets = await packetsOf(policy, twin, options.direction ?? 'egress');
    const { subject, kernel, notes } = await loadWhatCanBeDriven(policy, packets.found, twin, options);
    const measurements = await measureAll(subject, options);
    const promises = verdicts(subject.policy, measurements, { ...subject.manner, unreached: packets.unreached });
    return {
      policy: policy.name,
      kernel,
      bandwidth: policy.bandwidth,
      provedAt: subject.policy.bandwidth,
      startedAt,
      took: Date.now() - startedAt,
      verdict: verdictOf(promises),
      promises,
      classes: classFigures(subject.policy, measurements),
      notes: [...notes, ...(policy.restoreDscp && !packets.tracks ? [UNRESTORED] : [])],
    };
  } finally {
    await twin.remove();
  }
}

const UNRESTORED =
  'This kernel tracks no connections for a proof (act_ct): that a DSCP is restored is not proved, only what becomes of packets that have it.';

/** Interfaces that classes are copied or sent to. */
const copiedTo = ({ classes }: ResolvedPolicy): string[] =>
  flatten(classes).flatMap(({ mirror, redirect }) => [mirror ?? [], redirect ?? []].flat());
/** Interfaces that packets of classes come in by: the kernel takes no rule that names one that is not there. */
const enteredBy = (policy: ResolvedPolicy): string[] =>
  clausesIn(policy).flatMap(({ inputInterface }) => inputInterface ?? []).filter((name) => name !== 'lo'); // prettier-ignore
const clausesIn = ({ classes }: ResolvedPolicy): Clause[] =>
  everyClause(flatten(classes).flatMap(({ match }) => match));

interface Loaded {
  /** With the policy as it is proved */
  subject: Subject;
  kernel: string;
  notes: string[];
}

/** Loads the policy for its own bandwidth, else for what this machine can drive. @throws ProofFailure */
async function loadWhatCanBeDriven(
  policy: ResolvedPolicy,
  packets: ReadonlyMap<string, Packet>,
  twin: Twin,
  options: ProveOptions
): Promise<Loaded> {
  const { slower, signal } = options;
  for (let twins = policy; ;) {
    const loaded = await load(twins, packets, twin, options);
    const part = await reached(loaded.subject, signal);
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
async function reached(subject: Subject, signal: AbortSignal | undefined): Promise<number> {
  const [all] = phasesFor(subject);
  if (!all || all.offered.size === 0) {
    return 1;
  }
  const { leaves } = await measureOnce(subject, { ...all, warmupMs: 100, windowMs: 400 }, signal);
  const parts = [...leaves].map(([path, { offered }]) => offered / all.offered.get(path)!);
  return Math.min(...parts);
}

/** Phases for the leaves that packets were found for. */
function phasesFor({ policy, packets, manner: { countsPtm } }: Subject, times?: Times): Phase[] {
  const lengths = [...packets].flatMap(([path, { length }]) => (length === undefined ? [] : [[path, frameAround(length)] as const])); // prettier-ignore
  const leaves = leavesOf(policy.classes).filter((leaf) => packets.has(leaf.path));
  return leaves.length > 0
    ? phasesOf(policy, { leaves, fixed: new Map(lengths), countsPtm, ...(times && { times }) })
    : [];
}

/** To two digits, as an operator would name a rate. */
function roundedDown(bits: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(bits)) - 1);
  return Math.floor(bits / unit) * unit;
}

/** A packet for each leaf that one can be sent to, with what the twin needs to send it; or why none can be. */
async function packetsOf(policy: ResolvedPolicy, twin: Twin, direction: Direction) {
  const send = direction === 'ingress' ? FAR : NEAR;
  const found = new Map<string, Packet>();
  const unreached = new Map<string, string>();
  const made = new Map<string, string | null>();
  const tracks = looksAtConnections(policy) && !(await applyBatch(twin.place, readyLines(send))).refusal;
  for (const { path } of leavesOf(policy.classes)) {
    const answer = witness(policy, path, { tracks, enters: direction === 'egress' });
    if ('none' in answer) {
      unreached.set(path, answer.none);
      continue;
    }
    const why = await prepare(twin, send, answer.packet, made);
    if (why === null) {
      found.set(path, answer.packet);
    } else {
      unreached.set(path, why);
    }
  }
  const belongs = (packet: Packet, path: string) => classify(policy.classes, restored(packet, policy.restoreDscp)).path === path; // prettier-ignore
  for (const [path, packet] of inOwnFlows(found, belongs)) {
    if (packet) {
      found.set(path, packet);
    } else {
      found.delete(path);
      unreached.set(path, 'every flow that could be a connection of this class alone is another’s');
    }
  }
  const { refusal } = await applyBatch(twin.place, trackingLines(found.values(), send));
  if (refusal) {
    throw new ProofFailure(`The kernel refused to track what is sent: ${refusal.plain} (${refusal.original}).`);
  }
  return { found, unreached, tracks };
}

const looksAtConnections = (policy: ResolvedPolicy): boolean =>
  policy.restoreDscp !== undefined || clausesIn(policy).some(({ connmark }) => connmark);

const EMPTY: TcTree = { qdiscs: [], classes: [], filters: [] };

/** As an apply does it: compiled for what this kernel has, one batch, read back. @throws ProofFailure */
async function load(
  policy: ResolvedPolicy,
  packets: ReadonlyMap<string, Packet>,
  twin: Twin,
  { direction = 'egress', onLoaded }: ProveOptions
): Promise<Loaded> {
  const { place } = twin;
  const side = sideName(NEAR, direction);
  const link = await readLink(place, side);
  const capabilities = { ...(await discover(place)), gsoMaxSize: link.gsoMaxSize, mtu: link.mtu, received: direction === 'ingress' };
  const { tree: compiled, notes, scheduler } = compile(policy, capabilities, emptyAllocation());
  const before = await readTree(place, side);
  const tree = before.ingress ? hooked(compiled, NEAR, before.ingress, capabilities) : compiled;
  const operations = diff(before, tree, { device: side, origins: tree.origins });
  const { refusal } = await applyBatch(
    place,
    operations.map((operation) => operation.line)
  );
  if (refusal) {
    throw new ProofFailure(`The kernel refused to load the policy: ${refusal.plain} (${refusal.original}).`);
  }
  if (!sameTree(await readTree(place, side), tree)) {
    throw new ProofFailure('What was read back from the kernel differs from what was loaded.');
  }
  const { title, truths, sharing } = PROFILES[scheduler];
  const judged = sharing === 'own' ? 'is not judged, only that nothing is left unused' : 'is judged by that';
  const own = sharing === 'stated' ? [] : [`What is left over is shared in the way of ${title}, ${truths[2]}. Who gets it ${judged}.`];
  // Police stands at the hook itself, every other tree on a device.
  const police = scheduler === 'police';
  const carrier = police ? NEAR : (before.ingress?.ifbName ?? NEAR);
  const stands = police ? side : carrier;
  await onLoaded?.(place, carrier);
  const loaded = await readTree(place, stands);
  return {
    subject: {
      policy,
      twin,
      reload: [`qdisc del dev ${carrier} ${police ? 'clsact' : 'root'}`, ...diff(EMPTY, loaded, { device: stands }).map(({ line }) => line)],
      way: direction === 'ingress' ? { send: FAR, receive: police ? await twin.behind() : carrier } : { send: NEAR, receive: FAR },
      copies: new Map(copiedTo(policy).map((name) => [name, twin.beside.get(name)!])),
      packets,
      manner: {
        sharing,
        queues: !police,
        countsPtm: scheduler === 'cake',
        // CAKE keeps the time of its next packet, however late it comes to send it.
        catchesUp: scheduler === 'cake',
      },
    },
    kernel: capabilities.kernel,
    notes: [...(before.ingress ? ingressNotes(NEAR) : []), ...notes.map((note) => note.replaceAll('DEV', NEAR)), ...own],
  };
} // prettier-ignore

async function measureAll(subject: Subject, { signal, onProgress, times, tries = TRIES }: ProveOptions): Promise<Measurement[]> {
  const phases = phasesFor(subject, times);
  const measurements: Measurement[] = [];
  for (const [done, phase] of phases.entries()) {
    onProgress?.({ done, of: phases.length, takes: durationOf(phases), phase });
    measurements.push(await measure(subject, phase, tries, signal));
  }
  return measurements;
} // prettier-ignore

function classFigures(policy: ResolvedPolicy, measurements: readonly Measurement[]): ClassFigures[] {
  const all = measurements.find(({ phase }) => phase.kind === 'all');
  return leavesOf(policy.classes).map(({ path, guarantee, ceiling }) => {
    const own = all?.leaves.get(path);
    return {
      class: path, guarantee, ceiling, offered: own?.offered ?? null, measured: own?.arrived ?? null,
      latencyP99: own?.latency?.p99 ?? null, dscp: [...(own?.dscp.keys() ?? [])],
    };
  }); // prettier-ignore
}
