/** The policy document as zod schemas: the one definition of its keys, from which types and messages come. */
import { z } from 'zod';
import { APPLICATIONS } from './applications.ts';
import { LINK_NAMES } from './link.ts';
import {
  BitsField, DscpField, DurationField, EtherTypeField, LengthField, LimitField, MacField, MarkField, Name, PercentField, PortsField, PrefixField,
  ProtocolField, RateField, SizeField, TcpFlagsField,
} from './quantities.ts'; // prettier-ignore
import { Rollout } from './rollout.ts';
import { Schedule } from './schedule.ts';
import { Values, Variables } from './variables.ts';

/**
 * Narrower than what Linux allows: in a batch, tc reads quotes as its own, a backslash as the end of a line and
 * everything from a "#" as a comment, so that "eth0#x" would act on eth0.
 */
const INTERFACE = /^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,14}$/;
export const InterfaceName = z.string().regex(INTERFACE, {
  error: (issue) =>
    `${JSON.stringify(issue.input)} is not an interface name that can be used here: 1 to 15 letters, digits or any of _ . @ + -, not beginning with a sign.`,
});

/** Each value is at least one rule in the kernel, and lists of one clause multiply. */
const MOST_VALUES = 1024;

/** A field that takes one value or a list of them; the list must not be empty. */
const listOf = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) => (Array.isArray(value) ? value : [value]),
    z
      .array(item)
      .min(1, 'An empty list matches nothing. Remove the key or list at least one value.')
      .max(MOST_VALUES, `A list holds at most ${MOST_VALUES} values. Use ranges or shorter prefixes.`)
  );

/** Keys that the language has and this version does not compile yet: read, then refused by name (judge.ts). */
const later = z.unknown().optional();

const numberFrom = (from: number, to: number, what: string) =>
  z.number({ error: what }).int(what).min(from, what).max(to, what);
const VlanId = numberFrom(0, 4094, 'vlan is the id of a VLAN, 0 to 4094; 0 is a tag that says the priority alone.');
const VlanPriority = numberFrom(0, 7, 'vlanPriority is 0 to 7.');

const Conditions = z.strictObject({
  dscp: listOf(DscpField).optional(),
  protocol: listOf(ProtocolField).optional(),
  source: listOf(PrefixField).optional(),
  destination: listOf(PrefixField).optional(),
  sourcePorts: listOf(PortsField).optional(),
  destinationPorts: listOf(PortsField).optional(),
  ports: listOf(PortsField).optional(),
  ipVersion: z.union([z.literal(4), z.literal(6)], { error: 'ipVersion is 4 or 6.' }).optional(),
  vlan: listOf(VlanId).optional(),
  vlanPriority: listOf(VlanPriority).optional(),
  sourceMac: listOf(MacField).optional(),
  destinationMac: listOf(MacField).optional(),
  fwmark: listOf(MarkField).optional(),
  connmark: listOf(MarkField).optional(),
  length: listOf(LengthField).optional(),
  etherType: listOf(EtherTypeField).optional(),
  inputInterface: listOf(InterfaceName).optional(),
  tcpFlags: listOf(TcpFlagsField).optional(),
  application: listOf(z.enum(APPLICATIONS)).optional(),
});
export interface Clause extends z.infer<typeof Conditions> {
  not?: Clause | undefined;
}

export const Clause = Conditions.extend({
  get not(): z.ZodOptional<z.ZodType<Clause>> {
    return Clause.optional();
  },
}).refine(
  (clause) => Object.values(clause).some((value) => value !== undefined),
  'An empty clause would match everything. Name at least one condition.'
);

const percentiles = {
  p50: DurationField.optional(),
  p95: DurationField.optional(),
  p99: DurationField.optional(),
  max: DurationField.optional(),
};
const Percentiles = z
  .strictObject(percentiles)
  .refine((value) => Object.values(value).some((v) => v !== undefined), 'Name at least one of p50, p95, p99 or max.');

const ObjectiveTerms = z.strictObject({
  latency: z.strictObject({ ...percentiles, oneWay: z.boolean().optional() }).optional(),
  jitter: Percentiles.optional(),
  ipdv: Percentiles.optional(),
  pdv: Percentiles.optional(),
  rfc3550: Percentiles.optional(),
  loss: PercentField.optional(),
  throughput: PercentField.optional(),
  queueDepth: LimitField.optional(),
  availability: PercentField.optional(),
  mos: z.number().min(1).max(4.5).optional(),
});

export const Objective = ObjectiveTerms.extend({
  window: DurationField.refine((us) => us >= 10e6 && us <= 3.6e9, 'window is 10s to 1h.').optional(),
  period: z
    .union([z.literal('month'), z.string().regex(/^\d+d$/)], {
      error: 'period is a number of days such as 30d, or month.',
    })
    .optional(),
  target: PercentField.optional(),
  contract: ObjectiveTerms.optional(),
});
export type Objective = z.infer<typeof Objective>;

export const QUEUE_ALGORITHMS = ['auto', 'fq_codel', 'codel', 'sfq', 'pfifo', 'bfifo', 'red', 'cake'] as const;
export const Queue = z.strictObject({
  algorithm: z.enum(QUEUE_ALGORITHMS).optional(),
  limit: LimitField.optional(),
  target: DurationField.optional(),
  interval: DurationField.optional(),
  // The kernel raises less to 256 and refuses more than 1 MiB (sch_fq_codel.c).
  quantum: SizeField.refine((bytes) => bytes >= 256 && bytes <= 2 ** 20, 'quantum is 256B to 1MiB.').optional(),
  flows: z.number().int().min(1).max(65536).optional(),
  ecn: z.boolean().optional(),
  memory: SizeField.optional(),
  isolation: z.enum(['flow', 'source', 'destination']).optional(),
  drop: z
    .array(
      z.strictObject({
        dscp: listOf(DscpField).optional(),
        min: LimitField,
        max: LimitField,
        probability: PercentField.optional(),
      })
    )
    .min(1, 'An empty list drops nothing early. Remove the key.')
    .optional(),
});
export type Queue = z.infer<typeof Queue>;

export const SCHEDULERS = [
  'auto',
  'htb',
  'hfsc',
  'drr',
  'cake',
  'prio',
  'ets',
  'tbf',
  'fq_codel',
  'sfq',
  'pfifo',
  'red',
  'cbwfq',
  'llq',
  'police',
] as const;

const PoliceAction = z.union([z.literal('drop'), z.strictObject({ dscp: DscpField })], {
  error: 'What is too much is dropped or marked: drop, or {dscp: af12}.',
});
export const Police = z
  .strictObject({
    rate: RateField,
    burst: SizeField.optional(),
    peakRate: RateField.optional(),
    peakBurst: SizeField.optional(),
    exceed: PoliceAction.optional(),
    violate: PoliceAction.optional(),
  })
  .refine(
    (police) => police.peakRate !== undefined || (police.peakBurst === undefined && police.violate === undefined),
    'peakBurst and violate are of traffic above peakRate: say that too.'
  );
export type Police = z.infer<typeof Police>;

/** A plain DSCP is short for `{dscp}`. */
export const Mark = z.preprocess(
  (value) => (typeof value === 'string' || typeof value === 'number' ? { dscp: value } : value),
  z
    .strictObject({ dscp: DscpField.optional(), fwmark: MarkField.optional(), vlanPriority: VlanPriority.optional() })
    .refine(
      (mark) => Object.values(mark).some((value) => value !== undefined),
      'Name what is set: dscp, fwmark or vlanPriority.'
    )
);
export type Mark = z.infer<typeof Mark>;

export const TrafficClass = z.strictObject({
  name: Name,
  description: z.string().optional(),
  match: z
    .array(Clause)
    .min(1, 'An empty match selects nothing. Remove the class or say what belongs to it.')
    .optional(),
  default: z.boolean().optional(),
  strict: z.boolean().optional(),
  priority: z
    .number()
    .int()
    .min(0, 'priority is 0 to 6, 6 the most important.')
    .max(6, 'priority is 0 to 6, 6 the most important.')
    .optional(),
  guarantee: RateField.optional(),
  ceiling: RateField.optional(),
  share: z.number().int().min(1, 'share is 1 to 100.').max(100, 'share is 1 to 100.').optional(),
  burst: SizeField.optional(),
  queue: Queue.optional(),
  police: Police.optional(),
  mark: Mark.optional(),
  redirect: InterfaceName.optional(),
  mirror: InterfaceName.optional(),
  objective: Objective.optional(),
  get classes(): z.ZodOptional<z.ZodArray<typeof TrafficClass>> {
    return z.array(TrafficClass).min(1, 'An empty list of classes holds no traffic. Remove the key.').optional();
  },
});
export type TrafficClass = z.infer<typeof TrafficClass>;

/** More may be guaranteed than there is; the reason is kept in the audit. */
export const Oversubscribe = z.strictObject({
  reason: z
    .string()
    .trim()
    .min(1, 'Say why more is guaranteed than there is: the audit keeps it.')
    .max(500, 'A reason has at most 500 characters.'),
});

/** What CAKE takes as overhead and least size, counted from the frame (tc-cake(8)). */
const LINK_MESSAGE = `overhead is one of ${LINK_NAMES.join(', ')}, or bytes from -64 to 242 beyond the frame.`;
export const LinkSpec = z.strictObject({
  overhead: z.union([z.enum(LINK_NAMES), z.number().int().min(-64).max(242)], { error: LINK_MESSAGE }).optional(),
  mpu: z.number().int().min(0, 'mpu is 0 to 256 bytes.').max(256, 'mpu is 0 to 256 bytes.').optional(),
  cell: z.enum(['atm', 'ptm']).optional(),
});

/** Where the mark of a connection keeps a DSCP; the kernel takes nothing else (act_ctinfo, tcf_ctinfo_init). */
export const RestoreDscp = z
  .strictObject({
    mask: BitsField.refine(
      (mask) => mask / (mask & -mask) === 0x3f,
      'mask is the six bits of the connection’s mark that hold the DSCP, side by side: 0x3f, or 0xfc000000.'
    ),
    state: BitsField.optional(),
  })
  .refine(({ mask, state = 0 }) => (mask & state) === 0, {
    path: ['state'],
    error: 'state has bits of mask, which hold the DSCP itself. Name another bit, such as 0x80 beside the mask 0x3f.',
  });
export type RestoreDscp = z.infer<typeof RestoreDscp>;

export const PolicySpec = z.strictObject({
  bandwidth: RateField.optional(),
  link: LinkSpec.optional(),
  restoreDscp: RestoreDscp.optional(),
  variables: Variables.optional(),
  oversubscribe: Oversubscribe.optional(),
  scheduler: z.enum(SCHEDULERS).optional(),
  classes: z
    .array(TrafficClass)
    .min(1, 'An empty list of classes holds no traffic. Remove the key to get one default class.')
    .optional(),
});
export type PolicySpec = z.infer<typeof PolicySpec>;

/** A name, or a pattern in which a star stands for any characters. */
export const InterfacePattern = z.string().refine((text) => INTERFACE.test(text.replaceAll('*', 'x')), {
  error: (issue) => `${JSON.stringify(issue.input)} is neither an interface name nor a pattern such as wan*.`,
});

const LabelName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, 'A label is named by small letters, digits and underscores.');
const Labels = z.record(LabelName, z.string().max(255));

export const NamespaceName = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/,
    'A network namespace is named by letters, digits, dots, hyphens and underscores.'
  );

export const TargetSpec = z.strictObject({
  platform: z.enum(['linux', 'ios', 'junos', 'ovs']),
  namespace: NamespaceName.optional(),
  address: later,
  credential: later,
  interfaces: z.array(InterfaceName).min(1, 'List at least one interface or remove the key.').optional(),
});
export type TargetSpec = z.infer<typeof TargetSpec>;
export const LATER_TARGET_KEYS = ['address', 'credential'] as const;

/** Where the probes of a binding go: an irtt server beyond the link. */
export const Probe = z.strictObject({
  reflector: z
    .string()
    .regex(
      /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]*):\d{1,5}$/,
      'A reflector is host:port or [IPv6]:port of an irtt server.'
    ),
  interval: DurationField.refine(
    (us) => us >= 1000 && us <= 10e6,
    'interval is 1ms to 10s between two probe packets.'
  ).optional(),
  length: z.number().int().min(60).max(1400).optional(),
});
export type Probe = z.infer<typeof Probe>;

const BindingKeys = z.strictObject({
  policy: Name,
  target: Name.optional(),
  selector: Labels.refine(
    (labels) => Object.keys(labels).length > 0,
    'An empty selector would select every target. Name at least one label.'
  ).optional(),
  interfaces: z.array(InterfacePattern).min(1, 'List at least one interface.').optional(),
  direction: z.enum(['egress', 'ingress']).default('egress'),
  bandwidth: RateField.optional(),
  service: Name.optional(),
  requireProof: z.boolean().optional(),
  /** What the kernel has lost, as after a restart of the machine, is put back */
  reapply: z.boolean().optional(),
  probe: Probe.optional(),
  variables: Values.optional(),
  rollout: Rollout.optional(),
  schedule: Schedule.optional(),
  /** Microseconds in which a person has to confirm what a person applied; without it nobody has to */
  confirm: DurationField.refine(
    (us) => us >= 1e6 && us <= 24 * 3600e6,
    'The time to confirm a deployment is 1s to 24h.'
  ).optional(),
});
export const BindingSpec = BindingKeys.refine(
  ({ target, selector }) => (target === undefined) !== (selector === undefined),
  'A binding has either a target, or a selector by the labels of targets.'
);
export type BindingSpec = z.infer<typeof BindingSpec>;

const Metadata = z.strictObject({
  name: Name,
  labels: Labels.optional(),
  description: z.string().optional(),
});
const document = <K extends string, S extends z.ZodType>(kind: K, spec: S) =>
  z.strictObject({
    apiVersion: z.literal('clearpath/v1', { error: 'apiVersion is clearpath/v1.' }),
    kind: z.literal(kind),
    metadata: Metadata,
    spec,
  });

export const PolicyDocument = document('Policy', PolicySpec);
export const TargetDocument = document('Target', TargetSpec);
export const BindingDocument = document('Binding', BindingSpec);
export type PolicyDocument = z.infer<typeof PolicyDocument>;
export type TargetDocument = z.infer<typeof TargetDocument>;
export type BindingDocument = z.infer<typeof BindingDocument>;

export const DOCUMENTS = { Policy: PolicyDocument, Target: TargetDocument, Binding: BindingDocument } as const;
export type Kind = keyof typeof DOCUMENTS;
/** Kinds that the language has and this version does not read yet. */
export const LATER_KINDS = ['Objective', 'Application', 'Intent', 'Trial', 'Slice', 'Site'] as const;
export type AnyDocument = PolicyDocument | TargetDocument | BindingDocument;
