/** clearpath prove: 0 when every promise held, 1 when one is broken, 3 when that could not be found out. */
import { userInfo } from 'node:os';
import { ulid } from 'ulid';
import { AllocationError, CompileError, type Direction } from '../compile/tc/index.ts';
import { stateDirectory, storeOptions } from '../daemon/settings.ts';
import { proofSubject } from '../deploy/index.ts';
import { hasErrors, type ResolvedPolicy } from '../policy/index.ts';
import { prove, ProofFailure, slowerOf, type ProofReport } from '../prove/index.ts';
import { openStore, StoreError } from '../store/index.ts';
import { enterPrefix } from '../target/index.ts';
import type { Call } from './arguments.ts';
import { sayPhase, sayProof, VERDICT } from './proof-words.ts';
import { DONE, FINDINGS, findingsOnly, REFUSED, refusalAt, result, type Result } from './result.ts';
import { judgeFile, readSource } from './source.ts';

/** The sidecar's tenant: both keep the same store. */
const TENANT = 'main';
const actorLogin = () => process.env.SUDO_USER ?? userInfo().username;
const STATUS = { held: DONE, broken: FINDINGS, inconclusive: REFUSED } as const;

export async function proveFile(call: Call): Promise<Result> {
  const judged = judgeFile(readSource(call.file), call.policy, call.bandwidth, call.values, call.direction);
  if (!judged.document || hasErrors(judged.findings)) {
    return findingsOnly(call, judged.findings);
  }
  if (!judged.resolved) {
    return refusalAt(call, 'CP-BANDWIDTH-UNKNOWN', 'The policy names no bandwidth; nothing was proved. Add --bandwidth, e.g. --bandwidth 19mbit.', 'spec.bandwidth', judged.line('spec.bandwidth')); // prettier-ignore
  }
  const { signal, forget } = interruption();
  try {
    const report = await prove(judged.resolved, {
      enter: enterPrefix(process.env),
      direction: call.direction,
      slower: slowerOf(judged.document),
      signal,
      onProgress: ({ done, of, takes, phase }) => {
        const first = done === 0 ? `It takes about ${Math.ceil(takes / 1000 + of / 2)} s.\n` : '';
        process.stderr.write(call.json ? '' : `${first}${done + 1} of ${of}: ${sayPhase(phase)}\n`);
      },
    });
    const recorded = await record(judged.resolved, call.direction, judged.revision, report);
    return result(STATUS[report.verdict], `${sayProof(report)}${recorded.words}\n`, {
      ...report,
      revision: judged.revision,
      id: recorded.id,
    });
  } catch (error) {
    if (signal.aborted) {
      return notProved('CP-INTERRUPTED', 'Interrupted; the twin was removed, and nothing is known.');
    }
    if (error instanceof ProofFailure) {
      return notProved('CP-NOT-PROVED', error.message);
    }
    if (error instanceof CompileError) {
      return refusalAt(call, 'CP-COMPILE', error.message, error.path, judged.line(error.path));
    }
    if (error instanceof AllocationError) {
      return refusalAt(call, 'CP-COMPILE', error.message, 'spec.classes', judged.line('spec.classes'));
    }
    throw error;
  } finally {
    forget();
  }
}

/** Kept where the sidecar keeps its own, so that a binding that requires a proof finds it. The result stands without that. */
async function record(
  policy: ResolvedPolicy,
  direction: Direction,
  revision: string,
  { kernel, startedAt, took, verdict, ...rest }: ProofReport
): Promise<{ id: string | null; words: string }> {
  const id = ulid();
  try {
    const store = await openStore(stateDirectory(process.env), storeOptions(process.env));
    try {
      await store.proofs.add({
        id, tenant: TENANT, policy: policy.name, revision, binding: '', subject: proofSubject(policy, direction), kernel, by: actorLogin(),
        started_at: startedAt, finished_at: startedAt + took, state: verdict, message: VERDICT[verdict],
        report: JSON.stringify({ kernel, startedAt, took, verdict, ...rest }),
      }); // prettier-ignore
    } finally {
      await store.close();
    }
    return { id, words: `Proof ${id}` };
  } catch (error) {
    if (error instanceof StoreError) {
      return { id: null, words: `The proof was not recorded: ${error.message}` };
    }
    throw error;
  }
}

const notProved = (code: string, message: string) => result(REFUSED, `${message}\n`, { error: { code, message } });

/** Ctrl-C and a polite end of the process stop the proof, which then removes what it made. */
function interruption(): { signal: AbortSignal; forget: () => void } {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return { signal: controller.signal, forget: () => process.off('SIGINT', stop).off('SIGTERM', stop) };
}
