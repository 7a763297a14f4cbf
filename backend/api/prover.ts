/** The proof that is under way: one at a time, since two would disturb each other's figures. */
import { ulid } from 'ulid';
import { sideOf } from '../compile/tc/index.ts';
import { proofSubject, type Intent } from '../deploy/index.ts';
import { prove, ProofFailure, type ProofReport, type ProveOptions } from '../prove/index.ts';
import type { ProofRow, Store } from '../store/index.ts';
import { kernelRelease } from '../target/index.ts';
import type { Proof } from './contract.ts';
import type { Hub } from './hub.ts';
import { asProblem } from './problem.ts';
import { proofView } from './views-proof.ts';

const MESSAGE: Readonly<Record<ProofReport['verdict'], string>> = {
  held: 'Every promise held.',
  broken: 'Promises were broken.',
  inconclusive: 'Not everything could be judged.',
};

interface Running {
  tenant: string;
  proof: Proof;
  controller: AbortController;
  ended: Promise<void>;
}

export class Prover {
  private readonly store: Store;
  private readonly hub: Hub;
  private running: Running | undefined;
  constructor(store: Store, hub: Hub) {
    this.store = store;
    this.hub = hub;
  }

  /** The one under way, of this tenant. */
  current(tenant: string): Proof | undefined {
    return this.running?.tenant === tenant ? this.running.proof : undefined;
  }

  /** @returns the proof as it begins, or undefined while another is under way, whosever it is */
  start(intent: Intent, by: string, slower: ProveOptions['slower']): Proof | undefined {
    if (this.running) {
      return undefined;
    }
    const { tenant, policy, revision, binding, device } = intent;
    const row: ProofRow = {
      id: ulid(), tenant, policy: policy.name, revision, binding, subject: proofSubject(policy, sideOf(device).direction), kernel: kernelRelease(), by,
      started_at: Date.now(), finished_at: Date.now(), state: 'failed', message: '', report: null,
    }; // prettier-ignore
    const proof: Proof = { ...proofView(row), state: 'running', finishedAt: null, progress: { done: 0, of: 0 } };
    const controller = new AbortController();
    const ended = this.carryOut(intent, row, slower, controller.signal);
    this.running = { tenant, proof, controller, ended };
    return proof;
  }

  /** Ends what is under way, and waits until it has removed what it made. */
  async stop(): Promise<void> {
    this.running?.controller.abort();
    await this.running?.ended;
  }

  private async carryOut(
    { place, policy, tenant, binding, device }: Intent,
    row: ProofRow,
    slower: ProveOptions['slower'],
    signal: AbortSignal
  ): Promise<void> {
    const end = await prove(policy, {
      enter: place.enter, direction: sideOf(device).direction, slower, signal,
      onProgress: ({ done, of }) => this.tell(tenant, binding, { ...this.running!.proof, progress: { done, of } }),
    }).then(
      (report): Pick<ProofRow, 'state' | 'message' | 'report'> => ({
        state: report.verdict, message: MESSAGE[report.verdict], report: JSON.stringify(report),
      }),
      (error: unknown) => ({ state: 'failed' as const, message: whyNot(error, signal), report: null })
    ); // prettier-ignore
    const done = { ...row, ...end, finished_at: Date.now() };
    try {
      await this.store.proofs.add(done);
      this.tell(tenant, binding, proofView(done));
    } catch (error) {
      const message = `The proof ended (${end.message}) and could not be stored: ${error instanceof Error ? error.message : String(error)}`;
      this.tell(tenant, binding, { ...proofView(done), state: 'failed', message });
    } finally {
      this.running = undefined;
    }
  }

  private tell(tenant: string, binding: string, proof: Proof): void {
    if (this.running) {
      this.running.proof = proof;
    }
    this.hub.tell({ topic: 'proofs', tenant, binding, data: proof });
  }
}

function whyNot(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) {
    return 'Stopped before its end, since the sidecar was.';
  }
  if (error instanceof ProofFailure) {
    return error.message;
  }
  return asProblem(error)?.detail ?? (error instanceof Error ? error.message : String(error));
}
