/** Errors as problem details (RFC 9457). What an operator can act on is said; what only a developer can is logged. */
import type { Finding } from '../policy/index.ts';
import { DeployFailure } from '../deploy/index.ts';
import { HeadMoved, StoreError } from '../store/index.ts';
import { ProgramMissing, TargetError } from '../target/index.ts';
import type { Problem } from './contract.ts';

export function problem(
  status: number,
  code: string,
  title: string,
  detail: string,
  findings?: readonly Finding[]
): Problem {
  const type = `urn:clearpath:problem:${code.toLowerCase()}`;
  return { type, title, status, code, detail, ...(findings ? { findings: [...findings] } : {}) };
}

export class ProblemError extends Error {
  readonly problem: Problem;
  constructor(...said: Parameters<typeof problem>) {
    super(said[3]);
    this.problem = problem(...said);
  }
}

const DEPLOY_STATUS: Record<DeployFailure['code'], number> = {
  'CP-FINDINGS': 422, 'CP-COMPILE': 422, 'CP-BANDWIDTH-UNKNOWN': 422, 'CP-PLAN-STALE': 409, 'CP-FOREIGN': 409, 'CP-LOCKED': 409, 'CP-PROOF-MISSING': 409,
  'CP-NOTHING-TO-ROLL-BACK': 409, 'CP-NOT-RESTORABLE': 409, 'CP-NOTHING-TO-IMPORT': 409, 'CP-KERNEL-REFUSED': 502, 'CP-NOT-VERIFIED': 502,
  'CP-AWAITING-CONFIRMATION': 409, 'CP-NOTHING-TO-CONFIRM': 409, 'CP-ROLLOUT': 409, 'CP-FROM-FILE': 409,
}; // prettier-ignore
const DEPLOY_TITLE: Record<DeployFailure['code'], string> = {
  'CP-FINDINGS': 'The policy has errors', 'CP-COMPILE': 'The policy cannot be compiled for this kernel', 'CP-BANDWIDTH-UNKNOWN': 'The bandwidth is not known',
  'CP-PLAN-STALE': 'The plan no longer holds', 'CP-FOREIGN': 'A foreign tree stands there', 'CP-LOCKED': 'The interface is being changed', 'CP-PROOF-MISSING': 'A proof is required',
  'CP-NOTHING-TO-ROLL-BACK': 'Nothing to roll back', 'CP-NOT-RESTORABLE': 'Not restorable', 'CP-NOTHING-TO-IMPORT': 'Nothing to import', 'CP-KERNEL-REFUSED': 'The kernel refused', 'CP-NOT-VERIFIED': 'The read-back differs',
  'CP-AWAITING-CONFIRMATION': 'A deployment awaits confirmation', 'CP-NOTHING-TO-CONFIRM': 'Nothing to confirm', 'CP-ROLLOUT': 'Not at this point of the roll-out', 'CP-FROM-FILE': 'The document comes from a file',
}; // prettier-ignore

/** @param locate line of a policy path, so that a refusal is shown where it belongs */
export function asProblem(error: unknown, locate?: (path: string) => number | undefined): Problem | undefined {
  if (error instanceof ProblemError) {
    return error.problem;
  }
  if (error instanceof DeployFailure) {
    const { code, path, message } = error;
    const line = path ? locate?.(path) : undefined;
    const findings: Finding[] | undefined = path
      ? [{ code, severity: 'error', path, message, ...(line ? { line } : {}) }]
      : undefined;
    return problem(DEPLOY_STATUS[code], code, DEPLOY_TITLE[code], message, findings);
  }
  if (error instanceof TargetError) {
    return problem(502, error.code, 'The interface cannot be read', `${error.message} Nothing was changed.`);
  }
  if (error instanceof ProgramMissing) {
    return problem(502, 'CP-PROGRAM-MISSING', 'A program is missing', `${error.message} Nothing was changed.`);
  }
  if (error instanceof HeadMoved) {
    const detail = `${error.message} Nothing was overwritten. Reload, then make your edit again.`;
    return problem(409, 'CP-HEAD-MOVED', 'Someone else saved in the meantime', detail);
  }
  if (error instanceof StoreError) {
    return problem(507, 'CP-STORE', 'The store cannot be used', error.message);
  }
  return undefined;
}
