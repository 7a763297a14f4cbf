/** clearpath validate: what is judged of a file, and what its classes come to. */
import { hasErrors } from '../policy/index.ts';
import type { Call } from './arguments.ts';
import { DONE, FINDINGS, result, type Result } from './result.ts';
import { judgeFile, readSource } from './source.ts';
import { sayFindings, sayPolicy, sayVariables } from './words.ts';

export function validateFile(call: Call): Result {
  const given = Object.keys(call.values).length > 0 ? call.values : undefined;
  const judged = judgeFile(readSource(call.file), call.policy, undefined, given);
  const bad = hasErrors(judged.findings);
  const verdict = bad ? '' : judged.resolved ? sayPolicy(judged.resolved) : '';
  return result(
    bad ? FINDINGS : DONE,
    `${sayFindings(call.file, judged.findings)}${sayVariables(judged.variables)}${verdict}${bad ? '' : 'Valid.\n'}`,
    {
      valid: !bad,
      findings: judged.findings,
    }
  );
}
