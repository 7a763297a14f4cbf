/** Whether packets go to the same classes: the tree's rules and the policy's matches, asked about packets that tell them apart. */
import { classify, holds, type Packet } from '../../../policy/classify.ts';
import { describeClause } from '../../../policy/outline.ts';
import { PORT_PROTOCOLS, type PortRange, type Prefix } from '../../../policy/quantities.ts';
import type { ResolvedClass } from '../../../policy/resolve.ts';
import type { Remark, Rule } from './model.ts';
import { meetMore, packetWith } from './more.ts';
import { takesAll } from './rules.ts';

/** More rules than these are not held against each other: their pairs would take seconds. */
export const MOST_RULES = 1000;
const MOST_REMARKS = 20;

const meetRange = (a: PortRange | undefined, b: PortRange | undefined): PortRange | undefined | null => {
  if (!a || !b) {
    return a ?? b;
  }
  const range = { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
  return range.from <= range.to ? range : null;
};
const meetPrefix = (a: Prefix | undefined, b: Prefix | undefined): Prefix | undefined | null => {
  if (!a || !b) {
    return a ?? b;
  }
  const [wide, narrow] = a.length <= b.length ? [a, b] : [b, a];
  const inside = wide.bytes.every(
    (byte, i) => byte === (narrow.bytes[i]! & ((0xff00 >> Math.min(8, Math.max(0, wide.length - 8 * i))) & 0xff))
  );
  return wide.family === narrow.family && inside ? narrow : null;
};
const meetList = (a: readonly number[] | undefined, b: readonly number[] | undefined) => {
  const both = a && b ? a.filter((value) => b.includes(value)) : (a ?? b);
  return both?.length === 0 ? null : both;
};
const meetValue = <T>(a: T | undefined, b: T | undefined): T | undefined | null =>
  a === undefined ? b : b === undefined || a === b ? a : null;

/** What both ask for, or null where no packet satisfies both. */
export function meet(a: Rule, b: Rule): Rule | null {
  const sides = {
    family: meetValue(a.family, b.family),
    dscp: meetList(a.dscp, b.dscp),
    protocol: meetList(a.protocol, b.protocol),
    sourcePorts: meetRange(a.sourcePorts, b.sourcePorts),
    destinationPorts: meetRange(a.destinationPorts, b.destinationPorts),
    source: meetPrefix(a.source, b.source),
    destination: meetPrefix(a.destination, b.destination),
    more: meetMore(a.more, b.more),
  };
  return Object.values(sides).includes(null) ? null : ({ ...a, ...sides } as Rule);
}

/** A packet that satisfies a rule and, where the rule leaves it open, little else. */
function packetOf(rule: Rule): Packet | undefined {
  if (rule.family === 0) {
    return packetWith(rule.more);
  }
  const family = rule.family ?? 4;
  const ported = rule.sourcePorts ?? rule.destinationPorts;
  const fits = (number: number) => !ported || PORT_PROTOCOLS.includes(number);
  const protocol = rule.protocol ? rule.protocol.find(fits) : ported || rule.more?.tcpFlags ? 6 : 254;
  if (protocol === undefined) {
    return undefined;
  }
  const anywhere = Array<number>(family === 4 ? 4 : 16).fill(250);
  return {
    family, protocol, dscp: rule.dscp?.[0] ?? 63,
    ...(PORT_PROTOCOLS.includes(protocol) && { sourcePort: rule.sourcePorts?.from ?? 65_533, destinationPort: rule.destinationPorts?.from ?? 65_532 }),
    source: rule.source?.bytes ?? anywhere, destination: rule.destination?.bytes ?? anywhere,
    ...packetWith(rule.more),
  }; // prettier-ignore
}

const satisfies = (rule: Rule, packet: Packet): boolean => {
  const inRange = (range: PortRange | undefined, port: number | undefined) =>
    !range || (port !== undefined && range.from <= port && port <= range.to);
  const at = (prefix: Prefix | undefined, bytes: readonly number[] | undefined) =>
    !prefix ||
    (bytes !== undefined &&
      meetPrefix(prefix, { family: packet.family!, bytes: [...bytes], length: bytes.length * 8, text: '' }) !== null);
  return (
    (rule.family === undefined || rule.family === (packet.family ?? 0)) &&
    (rule.more === undefined || holds(rule.more, packet)) &&
    (rule.dscp === undefined || rule.dscp.includes(packet.dscp!)) &&
    (rule.protocol === undefined || rule.protocol.includes(packet.protocol!)) &&
    inRange(rule.sourcePorts, packet.sourcePort) &&
    inRange(rule.destinationPorts, packet.destinationPort) &&
    at(rule.source, packet.source) &&
    at(rule.destination, packet.destination)
  );
};

const inWords = ({ family = 4, more, dscp, protocol, sourcePorts, destinationPorts, source, destination }: Rule) =>
  describeClause({
    ipVersion: family === 0 ? undefined : family,
    ...more,
    dscp: dscp && [...dscp],
    protocol: protocol?.map((number) => ({ number })),
    sourcePorts: sourcePorts && [sourcePorts],
    destinationPorts: destinationPorts && [destinationPorts],
    source: source && [source],
    destination: destination && [destination],
  });

/** The tree as the kernel asks it (sch_htb.c, htb_classify). */
export interface Kernel {
  rules: ReadonlyMap<string, readonly Rule[]>;
  root: string;
  isLeaf: (classid: string) => boolean;
  exists: (classid: string) => boolean;
  /** Leaf of what nothing takes; undefined goes past all classes. */
  fallback: string | undefined;
}

function leafOf(kernel: Kernel, packet: Packet): string | undefined {
  let at = kernel.root;
  for (let depth = 0; depth < 10; depth++) {
    const rule = kernel.rules.get(at)?.find((item) => satisfies(item, packet));
    if (!rule || !kernel.exists(rule.classid)) {
      return kernel.fallback;
    }
    if (kernel.isLeaf(rule.classid)) {
      return rule.classid;
    }
    at = rule.classid;
  }
  return kernel.fallback;
}

/**
 * Says of which packets the policy would make something else than the tree did.
 * @param paths of classes in the policy, by classid
 */
export function remarkReclassified(
  kernel: Kernel,
  classes: readonly ResolvedClass[],
  paths: ReadonlyMap<string, string>,
  remark: (item: Remark) => void
): void {
  const rules = [...kernel.rules.values()].flat().filter((rule) => !takesAll(rule));
  if (rules.length > MOST_RULES) {
    remark({ kind: 'notice', object: `${rules.length} filters`, message: `More than ${MOST_RULES} rules are not held against each other: where two take the same packet, compare their order with that of the policy’s classes.` }); // prettier-ignore
    return;
  }
  const said = new Set<string>();
  const ask = (rule: Rule, objects: string) => {
    const packet = packetOf(rule);
    if (!packet) {
      return;
    }
    const now = leafOf(kernel, packet) ?? 'no class';
    const then = classify(classes, packet).path;
    const key = `${now} ${then}`;
    if (paths.get(now) !== then && !said.has(key) && said.size < MOST_REMARKS) {
      said.add(key);
      remark({ kind: 'approximate', object: objects, message: `${inWords(rule)} goes to ${now}${paths.has(now) ? ` (${paths.get(now)})` : ''} in the tree and to "${then}" in the policy: the order of their rules cannot be said by classes within classes.` }); // prettier-ignore
    }
  };
  rules.forEach((rule, index) => {
    ask(rule, rule.object);
    for (const other of rules.slice(index + 1)) {
      const both = other.classid === rule.classid ? null : meet(rule, other);
      if (both) {
        ask(both, `${rule.object}, ${other.object}`);
      }
    }
  });
}
