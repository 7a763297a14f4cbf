/** A policy as a person reads it: each class with its figures, matches and objectives in words. */
import { dscpName, formatDuration, PROTOCOLS, type Limit, type PortRange } from './quantities.ts';
import { flatten, type ResolvedClass, type ResolvedPolicy } from './resolve.ts';
import type { Clause, Objective } from './schema.ts';
import { etherTypeName, formatMark } from './selectors.ts';

const ports = (ranges: readonly PortRange[]) =>
  ranges.map((r) => (r.from === r.to ? String(r.from) : `${r.from}-${r.to}`)).join(', ');
export const protocolName = (number: number) =>
  Object.entries(PROTOCOLS)
    .find(([, p]) => p.number === number)?.[0]
    .toUpperCase() ?? `protocol ${number}`;

export function describeClause(clause: Clause): string {
  return [
    clause.dscp && `DSCP ${clause.dscp.map(dscpName).join(', ')}`,
    clause.ipVersion && `IPv${clause.ipVersion}`,
    clause.protocol?.map((p) => protocolName(p.number)).join(', '),
    clause.ports && `port ${ports(clause.ports)}`,
    clause.sourcePorts && `from port ${ports(clause.sourcePorts)}`,
    clause.destinationPorts && `to port ${ports(clause.destinationPorts)}`,
    clause.source && `from ${clause.source.map((p) => p.text).join(', ')}`,
    clause.destination && `to ${clause.destination.map((p) => p.text).join(', ')}`,
    clause.vlan && `VLAN ${clause.vlan.join(', ')}`,
    clause.vlanPriority && `VLAN priority ${clause.vlanPriority.join(', ')}`,
    clause.etherType && clause.etherType.map(etherTypeName).join(', '),
    clause.sourceMac && `from MAC ${clause.sourceMac.map((mac) => mac.text).join(', ')}`,
    clause.destinationMac && `to MAC ${clause.destinationMac.map((mac) => mac.text).join(', ')}`,
    clause.fwmark && `mark ${clause.fwmark.map(formatMark).join(', ')}`,
    clause.connmark && `connection mark ${clause.connmark.map(formatMark).join(', ')}`,
    clause.length && `length ${ports(clause.length)}`,
    clause.tcpFlags && `TCP flags ${clause.tcpFlags.map((flags) => flags.text).join(', ')}`,
    clause.inputInterface && `in by ${clause.inputInterface.join(', ')}`,
    clause.application && `application ${clause.application.join(', ')}`,
    clause.not && `not (${describeClause(clause.not)})`,
  ]
    .filter(Boolean)
    .join(' · ');
}

const describeLimit = (limit: Limit) => ('packets' in limit ? `${limit.packets} packets` : `${limit.bytes} B`);

export function describeObjective(objective: Objective): string[] {
  const times = (label: string, value: Record<string, unknown> | undefined) =>
    Object.entries(value ?? {}).flatMap(([key, us]) =>
      typeof us === 'number'
        ? [`${label} ${key === 'max' ? 'maximum' : key.toUpperCase()} ≤ ${formatDuration(us)}`]
        : []
    );
  const atLeast = (label: string, value: number | undefined, unit: string) =>
    value === undefined ? [] : [`${label} ≥ ${value}${unit}`];
  return [
    ...times(objective.latency?.oneWay ? 'one-way latency' : 'latency', objective.latency),
    ...times('jitter', objective.jitter),
    ...times('jitter (RFC 3550)', objective.rfc3550),
    ...times('IPDV', objective.ipdv),
    ...times('PDV', objective.pdv),
    ...(objective.loss === undefined ? [] : [`loss ≤ ${objective.loss} %`]),
    ...atLeast('throughput', objective.throughput, ' % of the guarantee'),
    ...(objective.queueDepth === undefined ? [] : [`queue ≤ ${describeLimit(objective.queueDepth)}`]),
    ...atLeast('availability', objective.availability, ' %'),
    ...atLeast('MOS', objective.mos, ''),
  ];
}

export interface OutlineRow {
  path: string;
  depth: number;
  source: string;
  default: boolean;
  strict: boolean;
  priority: number;
  guarantee: number;
  ceiling: number;
  share: number;
  matches: string[];
  objectives: string[];
}

export function outline(policy: ResolvedPolicy): { bandwidth: number; classes: OutlineRow[] } {
  const row = (item: ResolvedClass): OutlineRow => ({
    path: item.path,
    depth: item.path.split('/').length - 1,
    source: item.source,
    default: item.default,
    strict: item.strict,
    priority: item.priority,
    guarantee: item.guarantee,
    ceiling: item.ceiling,
    share: item.share,
    matches: item.match.map(describeClause),
    objectives: item.objective ? describeObjective(item.objective) : [],
  });
  return { bandwidth: policy.bandwidth, classes: flatten(policy.classes).map(row) };
}
