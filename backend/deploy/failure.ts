/** What stops a deployment: a stable code, the policy path where there is one, and a sentence for the operator. */

export type FailureCode =
  | 'CP-FINDINGS'
  | 'CP-COMPILE'
  | 'CP-PLAN-STALE'
  | 'CP-FOREIGN'
  | 'CP-KERNEL-REFUSED'
  | 'CP-NOT-VERIFIED'
  | 'CP-NOTHING-TO-ROLL-BACK'
  | 'CP-NOT-RESTORABLE'
  | 'CP-PROOF-MISSING'
  | 'CP-LOCKED'
  | 'CP-AWAITING-CONFIRMATION'
  | 'CP-NOTHING-TO-CONFIRM'
  | 'CP-BANDWIDTH-UNKNOWN'
  | 'CP-NOTHING-TO-IMPORT'
  | 'CP-ROLLOUT'
  | 'CP-FROM-FILE';

export class DeployFailure extends Error {
  readonly code: FailureCode;
  /** Policy path, e.g. spec.classes[0].guarantee */
  readonly path: string | undefined;
  constructor(code: FailureCode, message: string, path?: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}
