/** One branch with one policy, in the contract's words: what tests start from and change. */
import type {
  BindingSummary,
  Caller,
  ComplianceRow,
  Deployment,
  Finding,
  OutlineClass,
  Plan,
  PlannedOperation,
  PolicyComparison,
  PolicyDetail,
  PolicyVersion,
  Problem,
  Proof,
  ProofPromise,
  ProofReport,
  Role,
  Rollout,
  RolloutLink,
  Violation,
} from '../data/index.ts';

export const START = Date.UTC(2026, 0, 5, 12, 0, 0);

export function caller(role: Role, login: string | null = 'ines'): Caller {
  const can: Record<Role, Caller['can']> = {
    Viewer: ['read'],
    Editor: ['read', 'draft', 'plan', 'prove'],
    Admin: ['read', 'draft', 'plan', 'prove', 'bind', 'apply', 'rollback'],
  };
  return { login, role, tenant: 'default', can: login === null ? can.Viewer : can[role] };
}

export const trafficClass = (path: string, guarantee: number, rest: Partial<OutlineClass> = {}): OutlineClass => ({
  path,
  depth: path.split('/').length - 1,
  source: 'spec.classes[0]',
  default: false,
  strict: false,
  priority: 3,
  guarantee,
  ceiling: 19e6,
  share: 1,
  matches: ['DSCP ef'],
  objectives: [],
  ...rest,
});

export const finding = (rest: Partial<Finding> = {}): Finding => ({
  code: 'CP-GUARANTEE-SUM',
  severity: 'error',
  path: 'spec.classes[1].guarantee',
  line: 15,
  column: 7,
  message: 'The guarantees add up to 22.8 Mbit/s, but the link has 19 Mbit/s.',
  hint: 'Lower them by 3.8 Mbit/s.',
  ...rest,
});

export const operation = (rest: Partial<PlannedOperation> = {}): PlannedOperation => ({
  command: 'class change dev wan0 parent 1:1 classid 1:20 htb rate 5700000bit ceil 15200000bit',
  verb: 'change',
  object: 'class',
  path: 'spec.classes[1].ceiling',
  reason: 'video: ceiling 11.4 → 15.2 Mbit/s',
  disruptive: false,
  ...rest,
});

export const plan = (rest: Partial<Plan> = {}): Plan => ({
  id: 'plan-1',
  binding: 'branch',
  policy: 'branch-edge',
  revision: 'sha256:9f2c41aa0b7d',
  target: 'branch-router',
  interface: 'wan0',
  direction: 'egress',
  bandwidth: 19e6,
  operations: [operation()],
  notes: ['This kernel has no flower classifier; u32 is used instead.'],
  traffic: [],
  findings: [],
  variables: [],
  live: { owner: 'clearpath', summary: 'HTB with 5 classes', restorable: true },
  disruptive: false,
  ...rest,
});

export const binding = (rest: Partial<BindingSummary> = {}): BindingSummary => ({
  name: 'branch',
  binding: 'branch',
  policy: 'branch-edge',
  target: 'branch-router',
  interface: 'wan0',
  direction: 'egress',
  site: 'branch',
  service: 'branch-edge',
  state: 'in-force',
  turn: null,
  schedule: null,
  changesAt: null,
  variables: [],
  message: 'The interface holds what the policy says.',
  deployment: '01JABCDEFGHJKMNPQRSTVWXYZ0',
  revision: 'sha256:9f2c41aa0b7d',
  ...rest,
});

export const deployment = (rest: Partial<Deployment> = {}): Deployment => ({
  id: '01JABCDEFGHJKMNPQRSTVWXYZ0',
  action: 'apply',
  binding: 'branch',
  policy: 'branch-edge',
  revision: 'sha256:9f2c41aa0b7d',
  target: 'branch-router',
  interface: 'wan0',
  direction: 'egress',
  state: 'confirmed',
  startedAt: START,
  finishedAt: START + 40,
  by: 'ines',
  message: '1 operation carried out, read back and found equal.',
  operations: [operation()],
  secondsToConfirm: null,
  ...rest,
});

export const rolloutLink = (device: string, rest: Partial<RolloutLink> = {}): RolloutLink => ({
  name: `uplinks.${device}`,
  target: 'branch-router',
  interface: device,
  state: 'waiting',
  deployment: null,
  message: '',
  ...rest,
});

export const rollout = (rest: Partial<Rollout> = {}): Rollout => ({
  id: '01JABCDEFGHJKMNPQRSTVWXYZ5',
  binding: 'uplinks',
  policy: 'branch-edge',
  revision: '9f2c41aa0b7d',
  state: 'running',
  by: 'ines',
  startedAt: START,
  finishedAt: null,
  nextAt: null,
  message: 'Wave 1 is done: 1 changed, 1 waiting.',
  pause: null,
  onFailure: 'stop',
  confirm: null,
  secondsToConfirm: null,
  waves: [[rolloutLink('wan0', { state: 'changed' })], [rolloutLink('wan1')]],
  leftOut: [],
  ...rest,
});

export const compliance = (rest: Partial<ComplianceRow> = {}): ComplianceRow => ({
  binding: 'branch',
  policy: 'branch-edge',
  site: 'branch',
  service: 'branch-edge',
  trafficClass: 'voice',
  objective: 'latency.p95',
  label: 'Latency P95',
  definition: 'Round trip, 95th percentile of the sliding minute',
  threshold: 20_000,
  unit: 'us',
  value: 68_800,
  verdict: 'violated',
  reason: '68.8 ms is above 20 ms',
  samples: 2995,
  expected: 3000,
  coverage: 2995 / 3000,
  severity: 'critical',
  windowFrom: START - 60_000,
  windowTo: START,
  since: START - 30_000,
  deployment: null,
  trend: [
    { at: START - 5000, value: 3000 },
    { at: START, value: 68_800 },
  ],
  ...rest,
});

export const violation = (rest: Partial<Violation> = {}): Violation => ({
  id: 'v1',
  binding: 'branch',
  site: 'branch',
  service: 'branch-edge',
  trafficClass: 'voice',
  objective: 'latency.p95',
  label: 'Latency P95',
  unit: 'us',
  threshold: 20_000,
  worst: 71_300,
  startedAt: START - 125_000,
  endedAt: null,
  severity: 'critical',
  deployment: null,
  ...rest,
});

export const proof = (rest: Partial<Proof> = {}): Proof => ({
  id: '01JABCDEFGHJKMNPQRSTVWXYZ5',
  policy: 'branch-edge',
  revision: 'sha256:9f2c41aa0b7d',
  binding: 'branch',
  kernel: 'Linux 6.18',
  by: 'ines',
  state: 'held',
  message: 'Every promise held.',
  startedAt: START,
  finishedAt: START + 54_000,
  progress: null,
  ...rest,
});

export const proofPromise = (rest: Partial<ProofPromise> = {}): ProofPromise => ({
  kind: 'guarantee',
  class: 'video',
  says: 'While every class is full, "video" gets at least 5.7 Mbit/s.',
  unit: 'bit/s',
  promised: 5.7e6,
  bound: 5.415e6,
  side: 'at-least',
  measured: 5_699_907.2,
  verdict: 'held',
  reason: null,
  ...rest,
});

export const proofReport = (rest: Partial<ProofReport> = {}): ProofReport => ({
  policy: 'branch-edge',
  kernel: 'Linux 6.18',
  bandwidth: 19e6,
  provedAt: 19e6,
  startedAt: START,
  took: 54_000,
  verdict: 'held',
  promises: [
    proofPromise(),
    proofPromise({
      kind: 'latency',
      class: 'voice',
      says: 'Inside its rate, "voice" waits only for what the link has begun to send.',
      unit: 'ms',
      promised: 5.46,
      bound: 5.46,
      side: 'at-most',
      measured: 0.013,
    }),
  ],
  classes: [
    {
      class: 'voice',
      guarantee: 1.9e6,
      ceiling: 1.9e6,
      offered: 3e6,
      measured: 1_899_161.6,
      latencyP99: 204,
      dscp: [46],
    },
    {
      class: 'video',
      guarantee: 5.7e6,
      ceiling: 11.4e6,
      offered: 18e6,
      measured: 5_699_907.2,
      latencyP99: 136,
      dscp: [34],
    },
  ],
  notes: [],
  ...rest,
});

export const policy = (rest: Partial<PolicyDetail> = {}): PolicyDetail => ({
  name: 'branch-edge',
  description: 'Branch uplink',
  revision: 'sha256:9f2c41aa0b7d',
  updatedAt: START,
  updatedBy: 'ines',
  classes: 5,
  errors: 0,
  warnings: 0,
  bindings: ['branch'],
  source: 'kind: Policy\n',
  ...rest,
});

export const version = (number: number, rest: Partial<PolicyVersion> = {}): PolicyVersion => ({
  number,
  revision: `sha256:${String(number).repeat(12)}`,
  savedAt: START + number * 60_000,
  savedBy: 'ines',
  removed: false,
  inForce: [],
  ...rest,
});

export const comparison = (rest: Partial<PolicyComparison> = {}): PolicyComparison => ({
  changes: [
    {
      kind: 'changed',
      path: 'spec.classes[0].guarantee',
      class: 'voice',
      text: 'voice: guarantee 10% → 15%',
    },
  ],
  unreadable: [],
  sources: ['kind: Policy\nguarantee: 10%\n', 'kind: Policy\nguarantee: 15%\n'],
  ...rest,
});

export const problem = (rest: Partial<Problem> = {}): Problem => ({
  type: 'about:blank',
  title: 'Sidecar does not answer',
  status: 502,
  code: 'CP-BRIDGE-NO-ANSWER',
  detail: 'No sidecar is answering at http://127.0.0.1:8003. Nothing was read or changed.',
  ...rest,
});
