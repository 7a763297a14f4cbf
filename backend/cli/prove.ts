/** clearpath prove: 0 when every promise held, 1 when one is broken, 3 when that could not be found out. */
import { AllocationError, CompileError } from '../compile/tc/index.ts';
import { hasErrors } from '../policy/index.ts';
import { prove, ProofFailure, slowerOf } from '../prove/index.ts';
import { enterPrefix } from '../target/index.ts';
import type { Call } from './arguments.ts';
import { sayPhase, sayProof } from './proof-words.ts';
import { DONE, FINDINGS, findingsOnly, REFUSED, refusalAt, result, type Result } from './result.ts';
import { judgeFile, readSource } from './source.ts';

const STATUS = { held: DONE, broken: FINDINGS, inconclusive: REFUSED } as const;

export async function proveFile(call: Call): Promise<Result> {
  const judged = judgeFile(readSource(call.file), call.policy, call.bandwidth, call.values);
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
      slower: slowerOf(judged.document),
      signal,
      onProgress: ({ done, of, takes, phase }) => {
        const first = done === 0 ? `It takes about ${Math.ceil(takes / 1000 + of / 2)} s.\n` : '';
        process.stderr.write(call.json ? '' : `${first}${done + 1} of ${of}: ${sayPhase(phase)}\n`);
      },
    });
    return result(STATUS[report.verdict], sayProof(report), { ...report, revision: judged.revision });
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

const notProved = (code: string, message: string) => result(REFUSED, `${message}\n`, { error: { code, message } });

/** Ctrl-C and a polite end of the process stop the proof, which then removes what it made. */
function interruption(): { signal: AbortSignal; forget: () => void } {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return { signal: controller.signal, forget: () => process.off('SIGINT', stop).off('SIGTERM', stop) };
}
