/**
 * What crosses the sidecar's border, as zod schemas: the routes validate by them, the OpenAPI document is generated
 * from them, and the page takes its types from them (types only, so that no server code reaches the browser).
 *
 * Times are milliseconds since the epoch; rates bit/s; durations in microseconds unless the name says otherwise.
 */
import { z } from 'zod';
import { Finding, Severity } from '../policy/finding.ts';
import { PROMISE_KINDS } from '../prove/report.ts';
import { Name } from '../policy/quantities.ts';
import { InterfaceName } from '../policy/schema.ts';

export const Role = z.enum(['Viewer', 'Editor', 'Admin']);
export type Role = z.infer<typeof Role>;

/** RFC 9457 problem details, with the findings or the operation that caused it. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional().describe('What happened, where, what was not done, what to do'),
  code: z.string().describe('Stable identifier, e.g. CP-KERNEL-REFUSED'),
  findings: z.array(Finding).optional(),
});
export type Problem = z.infer<typeof Problem>;

export const Caller = z.object({
  login: z.string().nullable(),
  role: Role,
  tenant: z.string(),
  can: z.array(z.enum(['read', 'draft', 'plan', 'prove', 'bind', 'apply', 'rollback'])),
});
export type Caller = z.infer<typeof Caller>;

// ---------------------------------------------------------------- policies
/** One class as the page shows it: resolved to bit/s against the bandwidth used for judging. */
export const OutlineClass = z.object({
  path: z.string().describe('Names from the root, e.g. voice/g711'),
  depth: z.number().int(),
  source: z.string().describe('Path in the document, e.g. spec.classes[0]'),
  default: z.boolean(),
  strict: z.boolean(),
  priority: z.number().int().describe('0-6, 6 the most important; 7 for strict'),
  guarantee: z.number().describe('bit/s'),
  ceiling: z.number().describe('bit/s'),
  share: z.number(),
  matches: z.array(z.string()).describe('One readable line per clause'),
  objectives: z.array(z.string()).describe('Readable, e.g. "latency P95 ≤ 20 ms"'),
});
export type OutlineClass = z.infer<typeof OutlineClass>;

export const Judgement = z.object({
  findings: z.array(Finding),
  outline: z
    .object({ bandwidth: z.number().describe('bit/s'), classes: z.array(OutlineClass) })
    .nullable()
    .describe('null when the document cannot be read at all'),
});
export type Judgement = z.infer<typeof Judgement>;

export const FixedText = z.object({ source: z.string().describe('The whole text with the fix made') });
export type FixedText = z.infer<typeof FixedText>;

export const Explanation = z.object({
  code: z.string(),
  severity: Severity,
  title: z.string(),
  wire: z.string().describe('What it means on the wire'),
  example: z
    .object({
      text: z.string().describe('A document that raises it'),
      message: z.string(),
      hint: z.string().optional(),
      fix: z.string().optional().describe('The fix that is offered'),
      mended: z.string().optional().describe('The document without it'),
    })
    .optional(),
});
export type Explanation = z.infer<typeof Explanation>;

export const PolicySummary = z.object({
  name: z.string(),
  description: z.string(),
  revision: z.string().describe('Content hash of the source'),
  updatedAt: z.number(),
  updatedBy: z.string(),
  classes: z.number().int(),
  errors: z.number().int(),
  warnings: z.number().int(),
  bindings: z.array(z.string()),
});
export type PolicySummary = z.infer<typeof PolicySummary>;

export const PolicyDetail = PolicySummary.extend({ source: z.string().describe('YAML as last saved') });
export type PolicyDetail = z.infer<typeof PolicyDetail>;

export const Draft = z.object({
  source: z.string().max(1_000_000),
  baseRevision: z
    .string()
    .nullable()
    .describe(
      'Revision the edit started from; null for a new document. Another head is a 409, nothing is overwritten.'
    ),
});
export type Draft = z.infer<typeof Draft>;

/** One save of a policy. The same text saved again later is another version of the same revision. */
export const PolicyVersion = z.object({
  number: z.number().int().describe('Counted from 1'),
  revision: z.string(),
  savedAt: z.number(),
  savedBy: z.string(),
  removed: z.boolean().describe('true: with this version the policy was deleted'),
  inForce: z.array(z.string()).describe('Interfaces that carry this revision'),
});
export type PolicyVersion = z.infer<typeof PolicyVersion>;

export const PolicyChange = z.object({
  kind: z
    .enum(['added', 'removed', 'changed', 'moved', 'reclassified'])
    .describe('reclassified: packets that go to another class'),
  path: z.string().describe('Policy path: in the later version, for what was removed in the earlier'),
  class: z.string().nullable().describe('Names from the root; null for the policy itself'),
  text: z.string().describe('In words: "voice: guarantee 10% → 15%"'),
});
export type PolicyChange = z.infer<typeof PolicyChange>;

export const PolicyComparison = z.object({
  changes: z
    .array(PolicyChange)
    .nullable()
    .describe(
      'What the later means beside the earlier; empty: only comments and spelling differ; null: one of them cannot be read by this version, or the policy was deleted with it'
    ),
  unreadable: z.array(z.number().int()).describe('Versions that cannot be read'),
  sources: z.tuple([z.string(), z.string()]).describe('The texts, in the order asked for'),
});
export type PolicyComparison = z.infer<typeof PolicyComparison>;

export const Template = z.object({
  name: z.string(),
  title: z.string(),
  purpose: z.string().describe('For whom it is'),
  assumes: z.string(),
  change: z.string().describe('What to change before it is used'),
  source: z.string().describe('YAML with all its comments'),
  outline: Judgement.shape.outline,
});
export type Template = z.infer<typeof Template>;

// ---------------------------------------------------------------- targets, import
export const TargetSummary = z.object({
  name: z.string(),
  namespace: z.string().nullable(),
  site: z.string().nullable(),
  interfaces: z.array(z.string()).describe('Named by the target, else those that there are'),
  message: z.string().nullable().describe('Why its interfaces are not known'),
});
export type TargetSummary = z.infer<typeof TargetSummary>;

export const ImportRequest = z.object({
  interface: InterfaceName,
  policy: Name.optional().describe('Name of the policy; by default made of the interface’s'),
});
export type ImportRequest = z.infer<typeof ImportRequest>;

export const ImportedPolicy = z.object({
  name: z.string(),
  source: z.string().describe('YAML, saved nowhere'),
  owner: z.enum(['kernel-default', 'clearpath', 'foreign']),
  live: z.string().describe('What is on the interface, in words'),
  remarks: z.array(
    z.object({
      kind: z.enum(['left-out', 'approximate', 'notice']),
      object: z.string().describe('The tc object, e.g. "filter 1: pref 5"'),
      message: z.string(),
    })
  ),
  findings: z.array(Finding),
});
export type ImportedPolicy = z.infer<typeof ImportedPolicy>;

// ---------------------------------------------------------------- bindings and targets as documents
export const DocumentKind = z.enum(['bindings', 'targets']);
export type DocumentKind = z.infer<typeof DocumentKind>;

export const DocumentSummary = z.object({
  name: z.string(),
  description: z.string(),
  revision: z.string(),
  updatedAt: z.number(),
  updatedBy: z.string(),
  file: z.string().nullable().describe('The file that says what it is: then it cannot be edited or deleted here'),
  readable: z.boolean().describe('false: stored, but no document of this version; it acts nowhere until corrected'),
  findings: z.array(Finding).describe('What is wrong with it now, at line and column'),
});
export type DocumentSummary = z.infer<typeof DocumentSummary>;
export const DocumentDetail = DocumentSummary.extend({ source: z.string().describe('YAML as last saved') });
export type DocumentDetail = z.infer<typeof DocumentDetail>;

export const DocumentVersion = z.object({
  number: z.number().int().describe('Counted from 1'),
  revision: z.string(),
  savedAt: z.number(),
  savedBy: z.string(),
  removed: z.boolean().describe('true: with this version the document was deleted'),
});
export type DocumentVersion = z.infer<typeof DocumentVersion>;
export const DocumentVersionText = DocumentVersion.extend({ source: z.string() });
export type DocumentVersionText = z.infer<typeof DocumentVersionText>;

export const DocumentComparison = PolicyComparison.extend({
  alone: z
    .array(z.enum(['schedule', 'reapply']))
    .describe('By which of its keys the later version changes interfaces without anybody’s apply'),
});
export type DocumentComparison = z.infer<typeof DocumentComparison>;

export const RestoreDocument = z.object({
  number: z.number().int().min(1).describe('Version whose text is saved again, as a new version'),
  baseRevision: z.string().nullable().describe('Revision of the head that the operator saw; null: it is deleted'),
});
export const RemoveDocument = z.object({
  baseRevision: z.string().describe('Revision of the head that the operator saw; another is a 409'),
});

// ---------------------------------------------------------------- bindings, plans, deployments
/** A binding on one of its interfaces: its own name, or that with target and interface behind it (see policy/links.ts). */
export const BoundName = z.string().regex(/^[a-z][a-z0-9-]{0,62}(\.[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,79})?$/);

export const PlannedVariable = z.object({
  name: z.string(),
  type: z.string(),
  value: z.string(),
  from: z.enum(['binding', 'default', 'example']),
});

export const Direction = z
  .enum(['egress', 'ingress'])
  .describe('egress: what leaves by the interface; ingress: what it receives');

export const BindingSummary = z.object({
  name: BoundName.describe('Unique; of a binding with several interfaces uplinks.wan0 or uplinks.graz.wan0'),
  binding: z.string().describe('Name of the document'),
  policy: z.string(),
  target: z.string(),
  interface: z.string(),
  direction: Direction,
  site: z.string(),
  service: z.string(),
  state: z
    .enum(['in-force', 'not-applied', 'drifted', 'unreachable', 'standby'])
    .describe('standby: by the schedules it is not this binding’s turn'),
  turn: z
    .object({
      scheduled: z.boolean().describe('This binding has a schedule; else one that does takes turns with it'),
      on: z.boolean().describe('It is the one that is to act now'),
      instead: z.string().nullable().describe('The binding whose turn it is'),
    })
    .nullable()
    .describe('null where no schedule has a say here'),
  changesAt: z.number().nullable().describe('When a schedule begins or ends here'),
  variables: z.array(PlannedVariable).describe('What the policy’s variables are on this interface'),
  message: z.string().describe('One sentence that explains the state'),
  deployment: z.string().nullable().describe('ULID of the deployment in force'),
  revision: z.string().nullable().describe('Policy revision in force'),
});
export type BindingSummary = z.infer<typeof BindingSummary>;

export const PlannedOperation = z.object({
  command: z
    .string()
    .describe(
      'The exact line of "tc -batch", e.g. "class add dev wan0 parent 1:1 classid 1:10 htb rate …"; of a link, of "ip -batch"'
    ),
  verb: z.enum(['add', 'change', 'replace', 'del']),
  object: z.enum(['qdisc', 'class', 'filter', 'link']),
  path: z.string().describe('Policy path it came from, e.g. spec.classes[0].guarantee'),
  reason: z.string().describe('Why, in words: "voice: ceiling 1.9 → 3.8 Mbit/s"'),
  disruptive: z.boolean(),
});
export type PlannedOperation = z.infer<typeof PlannedOperation>;

export const Plan = z.object({
  id: z.string().describe('Hash of the live state seen and the operations; apply refuses when it no longer holds'),
  binding: z.string(),
  policy: z.string(),
  revision: z.string(),
  target: z.string(),
  interface: z.string(),
  direction: Direction,
  bandwidth: z.number(),
  operations: z.array(PlannedOperation),
  notes: z.array(z.string()).describe('Compile notes: what was chosen and why, what the kernel lacks'),
  traffic: z
    .array(z.string())
    .nullable()
    .describe(
      'Packets that go to another class than now: "DSCP EF · UDP: from voice to video"; null: what is in force is not known'
    ),
  findings: z.array(Finding),
  variables: z.array(PlannedVariable).describe('The values that the policy was read with for this link'),
  live: z.object({
    owner: z.enum(['kernel-default', 'clearpath', 'foreign']),
    summary: z.string().describe('What is on the interface now, in words'),
    restorable: z.boolean().describe('false: it could not be restored exactly, so apply needs replaceForeign'),
    reason: z.string().optional(),
  }),
  disruptive: z.boolean(),
});
export type Plan = z.infer<typeof Plan>;

export const PlanRequest = z.object({
  source: z
    .string()
    .max(1_000_000)
    .optional()
    .describe('An unsaved policy document to plan with; by default the saved head'),
});
export const ApplyRequest = z.object({
  plan: z.string().describe('Plan.id that the operator looked at'),
  replaceForeign: z.boolean().default(false),
  confirm: z
    .number()
    .int()
    .min(0)
    .max(86_400)
    .optional()
    .describe('Seconds after which it is rolled back unless confirmed; 0: at once in force. By default the binding’s'),
});
export const ConfirmRequest = z.object({
  deployment: z.string().optional().describe('ULID of the one that is meant; by default the one in force'),
});
export type ConfirmRequest = z.infer<typeof ConfirmRequest>;
export type ApplyRequest = z.input<typeof ApplyRequest>;
export const RollbackRequest = z.object({
  deployment: z.string().optional().describe('ULID to undo; by default the one in force'),
});
export type RollbackRequest = z.infer<typeof RollbackRequest>;

export const Drifted = z.object({
  path: z.string().describe('Policy path, e.g. spec.classes[1].ceiling; empty where the document has no place for it'),
  words: z.string().describe('e.g. "video’s ceiling: 11.4 Mbit/s in force, 5 Mbit/s live, changed by hand."'),
  value: z
    .union([z.string(), z.number(), z.boolean()])
    .nullable()
    .describe('As the document would say what is live; null where the language cannot'),
});
export type Drifted = z.infer<typeof Drifted>;
export const Drift = z.object({
  deployment: z.string().nullable().describe('ULID of what is in force; null: nothing is, so nothing can have drifted'),
  drifted: z.array(Drifted).describe('Empty: the interface carries what was applied'),
});
export type Drift = z.infer<typeof Drift>;

export const AdoptRequest = z.object({
  source: z
    .string()
    .max(1_000_000)
    .optional()
    .describe('The unsaved document to put the live figures into; by default the saved head'),
});
export type AdoptRequest = z.infer<typeof AdoptRequest>;
export const Adoption = z.object({
  source: z.string().describe('The document with the live figures; nothing is saved'),
  adopted: z.array(Drifted),
  left: z
    .array(Drifted.extend({ reason: z.string().describe('Why the document cannot say it, and what to do instead') }))
    .describe('What another hand changed and is not in it'),
});
export type Adoption = z.infer<typeof Adoption>;

export const DeploymentState = z.enum([
  'applying',
  'awaiting-confirmation',
  'confirmed',
  'rolled-back',
  'failed',
  'superseded',
]);
export const Deployment = z.object({
  id: z.string().describe('ULID'),
  action: z.enum(['apply', 'rollback', 'recover']),
  binding: z.string(),
  policy: z.string(),
  revision: z.string(),
  target: z.string(),
  interface: z.string(),
  direction: Direction,
  state: DeploymentState,
  startedAt: z.number(),
  finishedAt: z.number().nullable(),
  by: z.string(),
  message: z.string().describe('Outcome in one sentence'),
  operations: z.array(PlannedOperation),
  secondsToConfirm: z
    .number()
    .int()
    .nullable()
    .describe('Seconds from now in which it must be confirmed, else it is rolled back; null where it awaits nobody'),
});
export type Deployment = z.infer<typeof Deployment>;

export const RolloutRequest = z.object({
  binding: z.string().describe('Name of the Binding document'),
  replaceForeign: z.boolean().default(false),
  confirm: z
    .number()
    .int()
    .min(0)
    .max(86_400)
    .optional()
    .describe(
      'Seconds in which each wave is to be confirmed, else all of it goes back; 0: none. By default the binding’s'
    ),
});
export type RolloutRequest = z.input<typeof RolloutRequest>;

export const RolloutLink = z.object({
  name: BoundName.describe('The binding on this interface, as in /bindings'),
  target: z.string(),
  interface: z.string(),
  state: z.enum(['waiting', 'awaiting', 'changed', 'unchanged', 'failed', 'rolled-back', 'left-out']),
  deployment: z.string().nullable().describe('ULID of what this roll-out put into force'),
  message: z.string(),
});
export type RolloutLink = z.infer<typeof RolloutLink>;

export const RolloutWaves = z.object({
  waves: z.array(z.array(RolloutLink)).describe('In their order; the first is the canary'),
  leftOut: z.array(RolloutLink).describe('Interfaces with errors, which are not tried'),
});
export type RolloutWaves = z.infer<typeof RolloutWaves>;

export const Rollout = RolloutWaves.extend({
  id: z.string().describe('ULID'),
  binding: z.string(),
  policy: z.string(),
  revision: z.string(),
  state: z.enum(['running', 'paused', 'stopped', 'failed', 'done']),
  by: z.string(),
  startedAt: z.number(),
  finishedAt: z.number().nullable(),
  nextAt: z.number().nullable().describe('When the next wave begins'),
  message: z.string().describe('Where it stands, in one sentence'),
  pause: z.union([z.literal('manual'), z.number(), z.null()]).describe('Milliseconds between two waves'),
  onFailure: z.enum(['stop', 'rollback']),
  confirm: z.number().nullable().describe('Seconds in which each wave is to be confirmed'),
  secondsToConfirm: z
    .number()
    .int()
    .nullable()
    .describe('Seconds from now in which the wave under way must be confirmed, else it goes back; null: none awaits'),
});
export type Rollout = z.infer<typeof Rollout>;

/** The last that is a date */
const Moment = z.coerce.number().int().min(0).max(8.64e15);
/** Times are ms since the epoch; texts are looked for anywhere in their field, capital letters or not. */
export const AuditQuery = z.object({
  by: z.string().max(200).optional().describe('Part of who did it'),
  action: z.string().max(200).optional().describe('Part of what was done, e.g. policy or apply'),
  subject: z.string().max(200).optional().describe('Part of the document or the interface'),
  outcome: z.enum(['done', 'refused', 'failed']).optional(),
  search: z.string().max(200).optional().describe('Words, each of which stands somewhere in the entry'),
  from: Moment.optional(),
  to: Moment.optional().describe('The first moment that does not count any more'),
  before: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .optional()
    .describe('Number of the last entry of the page before'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export type AuditQuery = Partial<z.output<typeof AuditQuery>>;

export const AuditEntry = z.object({
  number: z.number().int().describe('Of its place in the chain of seals'),
  id: z.string(),
  at: z.number(),
  by: z.string(),
  role: z.string(),
  action: z.string().describe('policy.save, plan, apply, rollback, recover, …'),
  subject: z.string(),
  outcome: z.enum(['done', 'refused', 'failed']),
  detail: z.string(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** Whether the audit still says what it said, by its seals and by the anchor outside the database. */
export const AuditState = z.object({
  intact: z.boolean(),
  entries: z.number().int(),
  unsealed: z.number().int().describe('Entries of before the chain of seals began, held as they stood then'),
  verified: z.number().int().describe('Every entry up to this number stands as it was written'),
  anchored: z.number().int().nullable().describe('How far the anchor outside the database has come'),
  breaks: z.array(
    z.object({
      number: z.number().int().describe('The entry, or the first of those that are missing'),
      reason: z.enum(['changed', 'missing', 'cut', 'replaced', 'no-anchor']),
      by: z.string().nullable().describe('Who the entry names'),
      message: z.string(),
    })
  ),
});
export type AuditState = z.infer<typeof AuditState>;

// ---------------------------------------------------------------- proofs
/** One promise of the policy, with what was measured of it. */
export const ProofPromise = z.object({
  kind: z.enum(PROMISE_KINDS),
  class: z.string().describe('Class path; empty for the link; for sharing, the class that was idle'),
  says: z.string().describe('The promise as a sentence'),
  unit: z.enum(['bit/s', 'ms', '%']),
  promised: z.number(),
  bound: z.number().describe('What still counts as held, with the tolerance'),
  side: z.enum(['at-least', 'at-most']),
  measured: z.number().nullable(),
  verdict: z.enum(['held', 'broken', 'not-judged']),
  reason: z.string().nullable().describe('What speaks against it, or why it was not judged'),
});
export type ProofPromise = z.infer<typeof ProofPromise>;

export const ProofReport = z.object({
  policy: z.string(),
  kernel: z.string(),
  bandwidth: z.number().describe('bit/s of the link'),
  provedAt: z.number().describe('bit/s of the twin; less than the bandwidth where the machine could not drive as much'),
  startedAt: z.number(),
  took: z.number().describe('ms'),
  verdict: z.enum(['held', 'broken', 'inconclusive']),
  promises: z.array(ProofPromise),
  classes: z
    .array(
      z.object({
        class: z.string(),
        guarantee: z.number(),
        ceiling: z.number(),
        offered: z.number().nullable(),
        measured: z.number().nullable(),
        latencyP99: z.number().nullable().describe('ms, one way'),
        dscp: z.array(z.number()).describe('Code points that its packets left with'),
      })
    )
    .describe('Each leaf while every class was full; rates in bit/s as the policy counts them'),
  notes: z.array(z.string()),
});
export type ProofReport = z.infer<typeof ProofReport>;

export const Proof = z.object({
  id: z.string().describe('ULID'),
  policy: z.string(),
  revision: z.string(),
  binding: z.string().describe('Whose figures it was proved with; empty on the command line'),
  kernel: z.string(),
  by: z.string(),
  state: z.enum(['running', 'held', 'broken', 'inconclusive', 'failed']).describe('failed: no proof could be made'),
  message: z.string(),
  startedAt: z.number(),
  finishedAt: z.number().nullable(),
  progress: z
    .object({ done: z.number().int(), of: z.number().int() })
    .nullable()
    .describe('Phases of traffic, while it runs'),
});
export type Proof = z.infer<typeof Proof>;
export const ProofDetail = Proof.extend({ report: ProofReport.nullable() });
export type ProofDetail = z.infer<typeof ProofDetail>;

// ---------------------------------------------------------------- service levels
export const Verdict = z.enum(['compliant', 'violated', 'insufficient', 'no-data', 'not-measured']);
export type Verdict = z.infer<typeof Verdict>;

export const ComplianceRow = z.object({
  binding: z.string(),
  policy: z.string(),
  site: z.string(),
  service: z.string(),
  trafficClass: z.string().describe('Class path'),
  objective: z.string().describe('Stable key, e.g. latency.p95, jitter.p95, loss, throughput, availability'),
  label: z.string().describe('Readable, e.g. "Latency P95"'),
  definition: z
    .string()
    .describe('Which definition the number follows, e.g. "Round trip, 95th percentile of the sliding minute"'),
  threshold: z.number(),
  unit: z.enum(['us', 'percent', 'mos', 'bytes']),
  value: z.number().nullable(),
  verdict: Verdict,
  reason: z.string().describe('One sentence: why this verdict'),
  samples: z.number().int(),
  expected: z.number().int(),
  coverage: z.number().min(0).max(1),
  severity: z.enum(['critical', 'warning']).describe('critical for strict classes'),
  windowFrom: z.number(),
  windowTo: z.number(),
  since: z.number().nullable().describe('Since when this verdict holds'),
  deployment: z.string().nullable(),
  trend: z
    .array(z.object({ at: z.number(), value: z.number().nullable() }))
    .describe('Oldest first, one point per judgement'),
});
export type ComplianceRow = z.infer<typeof ComplianceRow>;

export const Violation = z.object({
  id: z.string(),
  binding: z.string(),
  site: z.string(),
  service: z.string(),
  trafficClass: z.string(),
  objective: z.string(),
  label: z.string(),
  unit: z.string(),
  threshold: z.number(),
  worst: z.number(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  severity: z.enum(['critical', 'warning']),
  deployment: z.string().nullable(),
});
export type Violation = z.infer<typeof Violation>;

/** One second of one class, as tc counted it. */
export const ClassSample = z.object({
  at: z.number(),
  binding: z.string(),
  trafficClass: z.string(),
  rate: z.number().describe('bit/s sent, layer 2'),
  packetRate: z.number(),
  drops: z.number().describe('packets dropped in this second'),
  dropsTotal: z.number(),
  backlogBytes: z.number(),
  backlogPackets: z.number(),
  guarantee: z.number(),
  ceiling: z.number(),
});
export type ClassSample = z.infer<typeof ClassSample>;

// ---------------------------------------------------------------- queries and frames (the bridge's half)
export const Query = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('class-statistics'),
    refId: z.string(),
    binding: z.string().optional().describe('all bindings when absent'),
    metric: z.enum(['rate', 'packets', 'drops', 'backlog']).default('rate'),
  }),
  z.object({
    type: z.literal('sla-compliance'),
    refId: z.string(),
    binding: z.string().optional(),
    trafficClass: z.string().optional(),
    format: z.enum(['table', 'alert', 'timeseries']).default('table'),
    signal: z
      .enum(['violated', 'blind'])
      .default('violated')
      .describe('For format alert: 1 while violated, or 1 while nothing is measured'),
  }),
  z.object({
    type: z.literal('violations'),
    refId: z.string(),
    binding: z.string().optional(),
    open: z.boolean().default(false),
  }),
  z.object({ type: z.literal('deployments'), refId: z.string(), binding: z.string().optional() }),
]);
export type Query = z.infer<typeof Query>;

export const QueryRequest = z.object({
  from: z.number(),
  to: z.number(),
  maxDataPoints: z.number().int().positive().max(20_000).default(1000),
  queries: z
    .array(z.unknown())
    .max(100)
    .describe('Each judged on its own, so that one malformed query does not hide the others'),
});

export const FrameField = z.object({
  name: z.string(),
  type: z.enum(['time', 'number', 'string', 'boolean']).describe('time: ms since the epoch'),
  labels: z.record(z.string(), z.string()).optional(),
  config: z
    .object({ displayName: z.string().optional(), unit: z.string().optional(), description: z.string().optional() })
    .optional(),
  values: z.array(z.union([z.number(), z.string(), z.boolean(), z.null()])),
});
export const Frame = z.object({
  name: z.string(),
  type: z
    .enum(['timeseries-wide', 'timeseries-multi', 'numeric-wide', 'numeric-long', 'table'])
    .describe('Grafana dataplane type; "table" carries none'),
  fields: z.array(FrameField),
});
export type Frame = z.infer<typeof Frame>;

export const QueryResponse = z.object({
  results: z.record(
    z.string().describe('refId'),
    z.object({ frames: z.array(Frame).optional(), error: z.string().optional(), status: z.number().int().optional() })
  ),
});
export type QueryResponse = z.infer<typeof QueryResponse>;

/** Server-Sent Events of /api/v1/events: `event` is the topic, `data` this JSON. */
export const Topic = z.enum(['counters', 'verdicts', 'deployments', 'violations', 'policies', 'proofs', 'rollouts']);
export type Topic = z.infer<typeof Topic>;
