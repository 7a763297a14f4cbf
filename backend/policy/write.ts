/** A policy as the YAML text that an operator would have written: the way back from `parseDocuments`. */
import { Document, isCollection, isMap, isSeq, type Node } from 'yaml';
import {
  dscpName,
  PROTOCOLS,
  type Limit,
  type PortRange,
  type Prefix,
  type Protocol,
  type Rate,
} from './quantities.ts';
import type { Clause, Mark, Police, PolicySpec, Queue, TrafficClass } from './schema.ts';
import { etherTypeName, formatMark, type Masked } from './selectors.ts';

const scaled = (value: number, units: ReadonlyArray<readonly [string, number]>): string => {
  const [unit, scale] = units.find(([, size]) => value % size === 0 && value >= size) ?? units[units.length - 1]!;
  return `${value / scale}${unit}`;
};
export const rateText = (bits: number): string => scaled(bits, [['gbit', 1e9], ['mbit', 1e6], ['kbit', 1e3], ['bit', 1]]); // prettier-ignore
const durationText = (us: number) =>
  scaled(us, [
    ['s', 1e6],
    ['ms', 1e3],
    ['us', 1],
  ]);
const sizeText = (bytes: number) =>
  scaled(bytes, [
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
    ['B', 1],
  ]);
const limitText = (limit: Limit) => ('packets' in limit ? `${limit.packets}p` : sizeText(limit.bytes));
const rateOf = (rate: Rate) => (rate.kind === 'percent' ? `${rate.percent}%` : rateText(rate.bits));
const portsText = ({ from, to }: PortRange) => (from === to ? from : `${from}-${to}`);
const markText = (mark: Masked) => (/^\d+$/.test(formatMark(mark)) ? mark.value : formatMark(mark));
const prefixText = ({ text, family, length }: Prefix) => text.slice(0, length === (family === 4 ? 32 : 128) ? text.indexOf('/') : undefined); // prettier-ignore
const dscpText = (value: number) => (/^\d+$/.test(dscpName(value)) ? value : dscpName(value).toLowerCase());
const protocolText = ({ number, family }: Protocol) =>
  Object.entries(PROTOCOLS).find(([, known]) => known.number === number && known.family === family)?.[0] ?? number;

/** One value stands alone, several stand in a list. */
const some = <T>(list: readonly T[] | undefined, text: (item: T) => unknown) =>
  list && (list.length === 1 ? text(list[0]!) : list.map(text));

const writeClause = (clause: Clause): Record<string, unknown> => ({
  ...clause,
  dscp: some(clause.dscp, dscpText),
  protocol: some(clause.protocol, protocolText),
  source: some(clause.source, prefixText),
  destination: some(clause.destination, prefixText),
  sourcePorts: some(clause.sourcePorts, portsText),
  destinationPorts: some(clause.destinationPorts, portsText),
  ports: some(clause.ports, portsText),
  vlan: some(clause.vlan, Number),
  vlanPriority: some(clause.vlanPriority, Number),
  sourceMac: some(clause.sourceMac, ({ text }) => text),
  destinationMac: some(clause.destinationMac, ({ text }) => text),
  fwmark: some(clause.fwmark, markText),
  connmark: some(clause.connmark, markText),
  length: some(clause.length, portsText),
  etherType: some(clause.etherType, etherTypeName),
  inputInterface: some(clause.inputInterface, String),
  tcpFlags: some(clause.tcpFlags, ({ text }) => text),
  not: clause.not && writeClause(clause.not),
});

const writeQueue = (queue: Queue) => ({
  ...queue,
  limit: queue.limit && limitText(queue.limit),
  target: queue.target && durationText(queue.target),
  interval: queue.interval && durationText(queue.interval),
  quantum: queue.quantum && sizeText(queue.quantum),
  memory: queue.memory && sizeText(queue.memory),
  drop: queue.drop?.map(({ min, max, probability, ...rest }) => ({
    ...rest,
    min: limitText(min),
    max: limitText(max),
    probability: probability === undefined ? undefined : `${probability}%`,
  })),
});

const writeAction = (action: Police['exceed']) =>
  typeof action === 'object' ? { dscp: dscpText(action.dscp) } : action;
const writePolice = (police: Police) => ({
  rate: rateOf(police.rate),
  burst: police.burst && sizeText(police.burst),
  peakRate: police.peakRate && rateOf(police.peakRate),
  peakBurst: police.peakBurst && sizeText(police.peakBurst),
  exceed: writeAction(police.exceed),
  violate: writeAction(police.violate),
});

/** A DSCP alone stands for itself. */
function writeMark({ dscp, fwmark, vlanPriority }: Mark): unknown {
  const code = dscp === undefined ? undefined : dscpText(dscp);
  return (fwmark ?? vlanPriority !== undefined)
    ? { dscp: code, fwmark: fwmark && markText(fwmark), vlanPriority }
    : code;
}

/** Keys in the order in which the language's page lists them. */
const writeClass = ({ name, description, match, classes, ...rest }: TrafficClass): Record<string, unknown> => ({
  name,
  description,
  match: match?.map(writeClause),
  default: rest.default,
  strict: rest.strict,
  priority: rest.priority,
  guarantee: rest.guarantee && rateOf(rest.guarantee),
  ceiling: rest.ceiling && rateOf(rest.ceiling),
  share: rest.share,
  burst: rest.burst && sizeText(rest.burst),
  queue: rest.queue && writeQueue(rest.queue),
  police: rest.police && writePolice(rest.police),
  mark: rest.mark && writeMark(rest.mark),
  redirect: rest.redirect,
  mirror: rest.mirror,
  classes: classes?.map(writeClass),
});

/** What an operator writes on one line, beside the clauses of a match. */
const INLINE = new Set(['metadata', 'queue', 'police', 'mark', 'restoreDscp']);
function inline(node: unknown): void {
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const name = String(key);
      if (isCollection(value) && INLINE.has(name)) {
        value.flow = true;
      } else if (isSeq(value) && name === 'match') {
        value.items.forEach((clause) => ((clause as Node & { flow?: boolean }).flow = true));
      } else {
        inline(value);
      }
    }
  } else if (isSeq(node)) {
    node.items.forEach(inline);
  }
}

/**
 * @param spec without objectives, which nothing writes yet
 * @param comment lines above the document, without "#"
 */
export function writePolicy(name: string, spec: PolicySpec, description?: string, comment?: string): string {
  const { bandwidth, classes, ...rest } = spec;
  const document = new Document(
    {
      apiVersion: 'clearpath/v1',
      kind: 'Policy',
      metadata: { name, ...(description ? { description } : {}) },
      spec: { bandwidth: bandwidth && rateOf(bandwidth), ...rest, classes: classes?.map(writeClass) },
    },
    { keepUndefined: false }
  );
  inline(document.contents);
  if (comment) {
    document.commentBefore = comment.replace(/^/gm, ' ');
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
