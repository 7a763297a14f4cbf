/** The kernel under a place: reads trees and counters, discovers capabilities by trying, applies batches. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync, existsSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import {
  isClassful,
  policeCounters,
  read,
  ruleHolders,
  sideOf,
  type Capabilities,
  type LiveTree,
  type RuleHolder,
  type Totals,
} from '../compile/tc/index.ts';
import { carrierOf, readReceived } from './ingress.ts';
import type { Lock } from './lock.ts';
import { inside, kernelOf, placeKey, withNamespace, type Place } from './place.ts';
import { explainRefusal, type Refusal } from './refusal.ts';
import { run, Running } from './run.ts';

export class TargetError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Link {
  device: string;
  mtu: number;
  gsoMaxSize: number;
  up: boolean;
  /** bit/s of a physical link that says so; undefined for a virtual or unknown one */
  speed: number | undefined;
}

/** @param side of an interface. @throws TargetError when it does not exist or may not be read */
export async function readLink(place: Place, side: string): Promise<Link> {
  const { interface: device, direction } = sideOf(side);
  const result = await run(withNamespace(place, 'ip', ['-j', '-d', 'link', 'show', 'dev', device]));
  if (result.status !== 0) {
    if (/does not exist|Cannot find device/i.test(result.stderr)) {
      const known = await listLinks(place).catch(() => []);
      throw new TargetError(
        'CP-INTERFACE-UNKNOWN',
        `There is no interface "${device}"${place.namespace ? ` in the network namespace ${place.namespace}` : ''}. ${known.length > 0 ? `It has ${known.join(', ')}.` : ''}`.trim()
      );
    }
    const { plain, original } = explainRefusal(result.stderr);
    throw new TargetError('CP-TARGET-UNREACHABLE', `${placeKey(place, device)} cannot be read: ${plain} (${original})`);
  }
  const [link] = JSON.parse(result.stdout) as LinkListing[];
  return { ...linkOf(place, link!, await offloads(place, device, LARGER[direction])), device: side };
}

/** What `ip -j -d link show` says of an interface */
export interface LinkListing {
  ifname: string;
  mtu: number;
  gso_max_size?: number;
  gso_max_segs?: number;
  flags: string[];
}

export function linkOf(place: Place, link: LinkListing, offloaded: boolean): Link {
  const largest = Math.min(link.gso_max_size ?? 65536, (link.gso_max_segs ?? 65535) * link.mtu);
  return {
    device: link.ifname,
    mtu: link.mtu,
    gsoMaxSize: offloaded ? largest : link.mtu,
    up: link.flags.includes('UP'),
    speed: physicalSpeed(place, link.ifname),
  };
}

/** Whether the interface, or the network it was in, is there no more: what was on it went with it. */
export async function isGone(place: Place, side: string): Promise<boolean> {
  const { status, stderr } = await run(withNamespace(place, 'ip', ['link', 'show', 'dev', sideOf(side).interface]));
  return status !== 0 && /does not exist|Cannot find device|Cannot open network namespace .*No such file/i.test(stderr);
}

/** Whether packets larger than the MTU reach the qdisc; without ethtool it is assumed, since that is the default. */
async function offloads(place: Place, device: string, features: RegExp): Promise<boolean> {
  try {
    const { status, stdout } = await run(inside(place, ['ethtool', '-k', device]), { timeoutMs: 5000 });
    return status !== 0 || features.test(stdout);
  } catch {
    return true;
  }
}

/** What makes packets larger than the MTU, as `ethtool -k` prints it. */
const LARGER = {
  egress: /^(generic|tcp)-segmentation-offload: on/m,
  ingress: /^(generic-receive|large-receive|tcp-segmentation|generic-segmentation)-offload: on/m,
};
/** @param features as `ethtool -k` prints them */
export const mayOffload = (features: string): boolean => LARGER.egress.test(features);

function physicalSpeed(place: Place, device: string): number | undefined {
  const base = `/sys/class/net/${device}`;
  // Another namespace's interfaces are not in this sysfs, and those moved into one are virtual in practice.
  if (place.namespace || !existsSync(`${base}/device`)) {
    return undefined;
  }
  try {
    const mbit = Number(readFileSync(`${base}/speed`, 'utf8'));
    return mbit > 0 ? mbit * 1e6 : undefined;
  } catch {
    return undefined;
  }
}

export async function listLinks(place: Place): Promise<string[]> {
  const { stdout } = await run(withNamespace(place, 'ip', ['-j', 'link', 'show']));
  return (JSON.parse(stdout) as Array<{ ifname: string }>).map((link) => link.ifname);
}

/** What tc prints for lines of `show`, in one process. @throws TargetError */
export async function show(place: Place, lines: readonly string[], flags: readonly string[] = ['-d']): Promise<string> {
  const result = await run(withNamespace(place, 'tc', [...flags, '-batch', '-']), {
    input: lines.map((line) => `${line}\n`).join(''),
  });
  if (result.status !== 0) {
    const { plain, original } = explainRefusal(result.stderr);
    throw new TargetError('CP-TARGET-UNREACHABLE', `Traffic control cannot be read: ${plain} (${original})`);
  }
  return result.stdout;
}

/** A listing is divided by how its lines begin; what is indented (a size table, say) belongs to the line above. */
export const blocksOf = (text: string, kind: 'qdisc' | 'class'): string[] =>
  text.split(/\n(?=\S)/).filter((block) => block.startsWith(`${kind} `));
export const linesOf = (text: string, kind: 'qdisc' | 'class'): string => blocksOf(text, kind).join('\n');
export const filtersOf = (text: string) => {
  const start = text.search(/^filter /m);
  return start < 0 ? '' : text.slice(start);
};

/**
 * The listing of the rules at a class or a qdisc says not whose they are, so that a class is shown before them. A qdisc is
 * not asked for by its handle: iproute2 takes that once in a batch.
 */
export const rulesAtLines = (device: string, { parent, classid }: RuleHolder): string[] => [
  `class show dev ${device} classid ${classid}`,
  `filter show dev ${device} parent ${parent}`,
];
/** What comes after each line of a class. */
export const rulesAfterEach = (text: string): string[] => text.split(/^class .*$/m).slice(1);

/** The rules of several holders in one process. */
async function rulesOf(place: Place, device: string, holders: readonly RuleHolder[]): Promise<Record<string, string>> {
  if (holders.length === 0) {
    return {};
  }
  const parts = rulesAfterEach(
    await show(
      place,
      holders.flatMap((holder) => rulesAtLines(device, holder))
    )
  );
  return Object.fromEntries(holders.map(({ parent }, index) => [parent, parts[index] ?? '']));
}

/** What is on a side of an interface now. @throws TargetError */
export async function readTree(place: Place, side: string): Promise<LiveTree> {
  const { interface: device, direction } = sideOf(side);
  if (direction === 'ingress') {
    return readReceived(place, device);
  }
  const first = await show(place, [
    `qdisc show dev ${device}`,
    `class show dev ${device}`,
    `filter show dev ${device}`,
  ]);
  const listing = { qdiscs: linesOf(first, 'qdisc'), classes: linesOf(first, 'class') };
  const filters = { '': filtersOf(first), ...(await rulesOf(place, device, ruleHolders(listing))) };
  return read({ ...listing, filters });
}

/** Rules at queues that have no classes (fq_codel takes some): ours never have any, so they are not part of a tree. */
export async function rulesAtQueues(place: Place, side: string, tree: LiveTree): Promise<string[]> {
  const device = sideOf(side).direction === 'egress' ? side : tree.ingress?.ifb?.name;
  const queues = tree.qdiscs.filter((qdisc) => qdisc.parent !== 'root' && qdisc.handle !== '0:' && !isClassful(qdisc));
  if (queues.length === 0) {
    return [];
  }
  const text = await show(
    place,
    queues.map((qdisc) => `filter show dev ${device} parent ${qdisc.handle}`)
  );
  return [
    ...new Set(
      [...text.matchAll(/^filter .*?pref (\d+) (\S+)/gm)].map(
        ([, pref, kind]) => `filter pref ${pref} ${kind} (at the queue of a class)`
      )
    ),
  ];
}

export interface BatchResult {
  refusal: Refusal | undefined;
}

const programOf = (line: string): 'tc' | 'ip' => (line.startsWith('link ') ? 'ip' : 'tc');

const BATCH_MS = 300_000;

/** One `tc -batch`, or ip's, which is given its lines in parts and stops at the first that is refused. The caller holds the lock. */
export class Batch {
  private readonly program: 'tc' | 'ip';
  private readonly running: Running;
  private result: Promise<BatchResult> | undefined;

  constructor(place: Place, program: 'tc' | 'ip', lock: Lock | undefined) {
    this.program = program;
    const started = program === 'tc' ? lock?.started() : undefined;
    started?.limit(BATCH_MS);
    this.running =
      started ??
      new Running(withNamespace(place, program, ['-batch', '-']), { inherit: lock?.files, timeoutMs: BATCH_MS });
  }

  write(lines: readonly string[]): void {
    this.running.write(`${lines.join('\n')}\n`);
  }

  /** No more lines. @returns whether it has ended, after so long at most */
  async endsWithin(ms: number): Promise<boolean> {
    return Promise.race([this.end().then(() => true), sleep(ms, false)]);
  }

  end(): Promise<BatchResult> {
    this.result ??= this.finish();
    return this.result;
  }

  private async finish(): Promise<BatchResult> {
    const { status, stderr } = await this.running.end();
    return {
      refusal: status === 0 ? undefined : explainRefusal(stderr || `${this.program} ended with status ${status}`),
    };
  }
}

/** Lines of tc and of ip (those of links), in order, in as few processes as they allow; stops at the first refusal. The caller holds the lock. */
export async function applyBatch(place: Place, lines: readonly string[], lock?: Lock): Promise<BatchResult> {
  for (let from = 0; from < lines.length;) {
    const program = programOf(lines[from]!);
    const other = lines.findIndex((line, index) => index > from && programOf(line) !== program);
    const end = other < 0 ? lines.length : other;
    const batch = new Batch(place, program, lock);
    batch.write(from === 0 && end === lines.length ? lines : lines.slice(from, end));
    const { refusal } = await batch.end();
    if (refusal) {
      return { refusal: refusal.line === undefined ? refusal : { ...refusal, line: refusal.line + from } };
    }
    from = end;
  }
  return { refusal: undefined };
}

const QDISCS = [
  'htb',
  'fq_codel',
  'sfq',
  'pfifo',
  'bfifo',
  'tbf',
  'prio',
  'cake',
  'drr',
  'hfsc',
  'ets',
  'red',
  'codel',
  'fq',
];
const CLASSIFIERS: Record<string, string> = {
  u32: 'protocol ip pref 1 u32 match u32 0x00b80000 0x00fc0000 at 0 flowid 1:1',
  flower: 'protocol ip pref 2 flower ip_proto udp ip_tos 0xb8/0xfc dst_port 16384-32767 classid 1:1',
};
/** On a kernel without flower none of these is compiled, so they are tried on u32, which every kernel here has. */
const ACTIONS: Record<string, string> = {
  gact: 'gact drop',
  police: 'police rate 1mbit burst 10k mtu 65536b conform-exceed drop / continue',
  pedit: 'pedit ex munge ip dsfield set 0xb8 retain 0xfc pipe',
  csum: 'csum ip4h pipe',
  skbedit: 'skbedit mark 1 pipe',
  ctinfo: 'ctinfo dscp 0x3f 0x80 cpmark 0xff continue',
  vlan: 'vlan modify id 1 priority 1 pipe',
  mirred: 'mirred egress mirror dev lo pipe',
};
const QDISC_TRIAL: Record<string, string> = {
  tbf: 'tbf rate 1mbit burst 10k limit 10k', red: 'red limit 100k avpkt 1000', ets: 'ets bands 2', pfifo: 'pfifo limit 10', bfifo: 'bfifo limit 10k',
}; // prettier-ignore

/** A namespace of its own where that is allowed; else an interface made for the trial, which carries nothing. */
async function tryBatch(
  place: Place,
  lines: (device: string) => string[]
): Promise<{ stdout: string; stderr: string }> {
  const enter = place.namespace ? place.enter : [];
  const alone = await run([...enter, 'unshare', '--net', '--', 'tc', '-force', '-batch', '-'], {
    input: lines('lo').join('\n') + '\n',
  });
  if (!/unshare failed|Operation not permitted/i.test(alone.stderr) && alone.status !== 127) {
    return alone;
  }
  const device = `cp${randomBytes(4).toString('hex')}`;
  for (const kind of [['dummy'], ['veth', 'peer', 'name', `${device}p`]]) {
    const made = await run(withNamespace(place, 'ip', ['link', 'add', device, 'type', ...kind]));
    if (made.status !== 0) {
      continue;
    }
    try {
      return await run(withNamespace(place, 'tc', ['-force', '-batch', '-']), {
        input: lines(device).join('\n') + '\n',
      });
    } finally {
      await run(withNamespace(place, 'ip', ['link', 'del', device]));
    }
  }
  const { plain, original } = explainRefusal(alone.stderr);
  throw new TargetError('CP-TARGET-UNREACHABLE', `What this kernel can do cannot be found out: ${plain} (${original})`);
}

/** Whether an IFB can be made, tried in a namespace of its own where that is allowed. */
async function hasIfb(place: Place): Promise<boolean> {
  const device = `cp${randomBytes(4).toString('hex')}`;
  const enter = place.namespace ? place.enter : [];
  const make = ['link', 'add', device, 'type', 'ifb'];
  const alone = await run([...enter, 'unshare', '--net', '--', 'ip', ...make]);
  if (alone.status === 0 || !/unshare failed|Operation not permitted/i.test(alone.stderr)) {
    return alone.status === 0;
  }
  const made = await run(withNamespace(place, 'ip', make));
  if (made.status === 0) {
    await run(withNamespace(place, 'ip', ['link', 'del', device]));
  }
  return made.status === 0;
}

/** Tries each discipline and classifier on something that carries no traffic. */
export async function discover(place: Place): Promise<Capabilities> {
  const trial = (device: string) => [
    ...QDISCS.flatMap((kind) => [
      `qdisc add dev ${device} root handle 1: ${QDISC_TRIAL[kind] ?? kind}`,
      `qdisc del dev ${device} root`,
    ]),
    `qdisc add dev ${device} root handle 1: htb default 1`,
    ...Object.values(CLASSIFIERS).map((rule) => `filter add dev ${device} parent 1: ${rule}`),
    ...Object.values(ACTIONS).map(
      (action, index) => `filter add dev ${device} parent 1: protocol ip pref ${10 + index} u32 match u32 0 0 at 0 flowid 1:1 action ${action}` // prettier-ignore
    ),
    // Built without CLS_U32_MARK, the kernel takes the condition and forgets it: only the listing tells.
    `filter add dev ${device} parent 1: protocol ip pref 9 u32 match mark 0x1 0x1 flowid 1:1`,
    `filter show dev ${device} parent 1: pref 9`,
    `qdisc add dev ${device} clsact`,
    `filter add dev ${device} ingress protocol all pref 1 matchall action mirred egress redirect dev lo`,
  ];
  const { stdout, stderr } = await tryBatch(place, trial);
  const failed = new Set([...stderr.matchAll(/Command failed -:(\d+)/g)].map((match) => Number(match[1])));
  const first = 2 * QDISCS.length + 2;
  return {
    qdiscs: QDISCS.filter((_, index) => !failed.has(2 * index + 1)),
    classifiers: Object.keys(CLASSIFIERS).filter((_, index) => !failed.has(first + index)),
    actions: Object.keys(ACTIONS).filter((_, index) => !failed.has(first + Object.keys(CLASSIFIERS).length + index)),
    marks: /^\s*mark 0x/m.test(stdout),
    // The last two lines of the trial, counted from 1.
    ingress: [
      ...['clsact', 'matchall'].filter((_, index) => !failed.has(trial('').length - 1 + index)),
      ...((await hasIfb(place)) ? ['ifb'] : []),
    ],
    kernel: await kernelOf(place),
  };
}

export interface ClassCounters extends Totals {
  classid: string;
  backlogBytes: number;
  backlogPackets: number;
  /** Where several rules count for the class; the totals are their sums */
  parts?: Record<string, Totals>;
}

const UNIT: Record<string, number> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** Of classes that are rules at the hook: nothing waits there. */
const policeCounted = (listing: string): ClassCounters[] =>
  policeCounters(listing).map(({ classid, parts }) => {
    const sum = (key: keyof Totals) => Object.values(parts).reduce((total, part) => total + part[key], 0);
    return {
      classid,
      bytes: sum('bytes'),
      packets: sum('packets'),
      drops: sum('drops'),
      overlimits: sum('overlimits'),
      backlogBytes: 0,
      backlogPackets: 0,
      parts,
    };
  });

/** Counters of the classes and bands of one side of an interface. Backlog is the leaf's. */
export async function readCounters(place: Place, side: string): Promise<ClassCounters[]> {
  const device = await carrierOf(place, side);
  if (device === undefined) {
    return policeCounted(await show(place, [`filter show dev ${sideOf(side).interface} ingress`], ['-s']));
  }
  const text = await show(place, [`class show dev ${device}`], ['-s']);
  const pattern =
    /^class (?:htb|hfsc|drr|prio|ets|tbf) (\S+) [^\n]*\n Sent (\d+) bytes (\d+) pkts? \(dropped (\d+), overlimits (\d+) requeues \d+\) ?\n(?: rate [^\n]*\n)?\s*backlog (\d+(?:\.\d+)?)([KMG]?)b (\d+)p/gm;
  return [...text.matchAll(pattern)].map(([, classid, bytes, packets, drops, overlimits, backlog, unit, queued]) => ({
    classid: classid!,
    bytes: Number(bytes),
    packets: Number(packets),
    drops: Number(drops),
    overlimits: Number(overlimits),
    backlogBytes: Math.round(Number(backlog) * UNIT[unit ?? '']!),
    backlogPackets: Number(queued),
  }));
}
