/** The sidecar's words as the page uses them. Types only: nothing of the sidecar reaches the browser. */
export type {
  ApplyRequest,
  BindingSummary,
  Caller,
  ComplianceRow,
  Deployment,
  Draft,
  Judgement,
  OutlineClass,
  Plan,
  PlannedOperation,
  PolicyDetail,
  PolicySummary,
  Problem,
  Role,
  Rollout,
  RolloutLink,
  RolloutRequest,
  RolloutWaves,
  Verdict,
  Violation,
} from '../../backend/api/contract.ts';
export type { Finding, Severity } from '../../backend/policy/finding.ts';
