/** The traffic program (backend/prove/traffic): one run of flows through a link, and what arrived of each. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Masked } from '../policy/index.ts';
import { inside, run, type Place } from '../target/index.ts';
import { ProofFailure } from './failure.ts';

export interface TrafficFlow {
  device: string;
  head: string;
  length: number;
  network: number;
  stamp: number;
  /** bit/s at layer 2 */
  rate: number;
  mark: number;
  /** The kernel's, which the interface of a VLAN writes into the tag */
  priority: number;
  /** fwmark that arriving packets are looked at for */
  look: Masked | null;
}
export interface TrafficRequest {
  receive: string;
  /** Other interfaces at which arriving packets are counted */
  beside: string[];
  warmupMs: number;
  windowMs: number;
  /** Until nothing more arrives of what was sent, in place of until the window ends */
  whole: boolean;
  bucketMs: number;
  flows: TrafficFlow[];
}
export interface FlowReport {
  sent: { packets: number; refused: number; held: number; skipped: number };
  arrived: number;
  /** With the mark that was looked for */
  marked: number;
  packets: number;
  bytes: number;
  /** milliseconds */
  latency?: { p50: number; p95: number; p99: number; max: number };
  buckets: number[];
  dscp: Record<string, number>;
  priority: Record<string, number>;
  congested: number;
}
export interface TrafficReport {
  /** milliseconds since 1970 */
  startedAt: number;
  pace: { stalledMs: number; longestMs: number };
  dropped: number;
  flows: FlowReport[];
  /** Packets of each flow by interface */
  beside: Record<string, number[]>;
}

/** Go's names of the architectures that Node names. */
const GOARCH: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Where the build puts it. */
export const trafficProgram = (): string =>
  fileURLToPath(new URL(`bin/traffic_linux_${GOARCH[process.arch] ?? process.arch}`, import.meta.url));

/** @throws ProofFailure when the program is not there or says why it cannot run */
export async function drive(place: Place, request: TrafficRequest, signal?: AbortSignal): Promise<TrafficReport> {
  const program = trafficProgram();
  if (!existsSync(program)) {
    throw new ProofFailure(
      'The program that makes the traffic is not built. Run "npm run build" in the folder of Clearpath, where Go is installed.'
    );
  }
  const { status, stdout, stderr } = await run(inside(place, [program]), {
    input: JSON.stringify(request),
    timeoutMs: request.warmupMs + request.windowMs + 30_000,
    ...(signal && { signal }),
  });
  signal?.throwIfAborted();
  if (status !== 0) {
    throw new ProofFailure(
      `Traffic cannot be driven here: ${stderr.trim() || `the program ended with status ${status}`}.`
    );
  }
  return JSON.parse(stdout) as TrafficReport;
}
