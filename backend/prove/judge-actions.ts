/** Promises of what is done to packets: marks, police, copies and other ways, and what the wire takes of them. */
import { dscpName, formatMark, formatRate, type ResolvedClass } from '../policy/index.ts';
import { excuse, OVER, SHORT, sum, type Evidence } from './evidence.ts';
import type { LeafMeasurement, Measurement } from './measurement.ts';
import { countedBytes, passes } from './passage.ts';
import { wireLength } from './phases.ts';
import type { PromiseKind, PromiseResult } from './report.ts';

type Base = Omit<PromiseResult, 'measured' | 'verdict' | 'reason'>;
/** What a class must be offered of its ceiling to be full. */
const FULL = 1.05;
const EVERY = { unit: '%', promised: 100, bound: 100, side: 'at-least' } as const;

/** All of a number of packets are as said. */
function every(evidence: Evidence, base: Base, leaf: ResolvedClass, of: number | undefined, good: number, seen: string): PromiseResult {
  if (!of) {
    return { ...base, measured: null, verdict: 'not-judged', reason: evidence.whyNothing([leaf]) };
  }
  const measured = (100 * Math.min(good, of)) / of;
  return good >= of
    ? { ...base, measured, verdict: 'held', reason: null }
    : { ...base, measured, verdict: 'broken', reason: seen };
} // prettier-ignore

const added = (counts: ReadonlyMap<number, number>, which: (value: number) => boolean = () => true): number =>
  [...counts].reduce((total, [value, count]) => total + (which(value) ? count : 0), 0);

/** Code points that police writes */
const remarksOf = ({ police }: ResolvedClass): number[] =>
  [police?.exceed, police?.peak?.violate].flatMap((action) => (typeof action === 'object' ? [action.dscp] : []));

function marks(evidence: Evidence, leaf: ResolvedClass, own: LeafMeasurement | undefined): PromiseResult[] {
  const { dscp, fwmark, vlanPriority } = leaf.mark ?? {};
  const base = (kind: PromiseKind, says: string): Base => ({ kind, class: leaf.path, says, ...EVERY });
  const list = (seen: ReadonlyMap<number, number> | undefined, name: (value: number) => string | number) =>
    `Seen: ${[...(seen ?? [])].map(([value, count]) => `${name(value)} (${count} packets)`).join(', ')}.`;
  const results: PromiseResult[] = [];
  if (dscp !== undefined) {
    const allowed = [dscp, ...remarksOf(leaf)];
    const says = `Every packet of "${leaf.path}" leaves with DSCP ${dscpName(dscp)}${allowed.length > 1 ? ', or with that of its police' : ''}.`;
    const good = own ? added(own.dscp, (value) => allowed.includes(value)) : 0;
    results.push(every(evidence, base('mark', says), leaf, own?.packets, good, list(own?.dscp, dscpName)));
  }
  if (fwmark) {
    const says = `Every packet of "${leaf.path}" leaves with the mark ${formatMark(fwmark)}.`;
    const seen = `${own?.whole.marked} of ${own?.whole.arrived} packets had it.`;
    results.push(every(evidence, base('fwmark', says), leaf, own?.whole.arrived, own?.whole.marked ?? 0, seen));
  }
  if (vlanPriority !== undefined) {
    const says = `Every packet of "${leaf.path}" leaves with priority ${vlanPriority} in its tag.`;
    const good = own?.vlanPriority.get(vlanPriority) ?? 0;
    results.push(every(evidence, base('vlan-priority', says), leaf, own?.packets, good, list(own?.vlanPriority, String)));
  }
  return results;
} // prettier-ignore

/** What may be marked in place of being dropped is, once its queue is full. */
function congestion(evidence: Evidence, leaf: ResolvedClass, own: LeafMeasurement | undefined): PromiseResult {
  const least = own?.packets ? 100 / own.packets : 0;
  const base: Base = {
    kind: 'ecn', class: leaf.path, unit: '%', promised: 0, bound: least, side: 'at-least',
    says: `While "${leaf.path}" is full, its queue marks packets of senders that know ECN.`,
  }; // prettier-ignore
  if (!own?.packets) {
    return { ...base, measured: null, verdict: 'not-judged', reason: evidence.whyNothing([leaf]) };
  }
  const measured = (100 * own.congested) / own.packets;
  return own.congested > 0
    ? { ...base, measured, verdict: 'held', reason: null }
    : { ...base, measured, verdict: 'broken', reason: `None of ${own.packets} packets was marked.` };
}

/** The rate of a police: what it drops above it, or what it lets through unmarked. */
function police(evidence: Evidence, leaf: ResolvedClass): PromiseResult[] {
  const { rate, exceed, peak } = leaf.police!;
  const most = passes(leaf);
  const dropped =
    most < Infinity
      ? [evidence.never({ kind: 'police', class: leaf.path, unit: 'bit/s', promised: most, says: `The police of "${leaf.path}" lets no more than ${formatRate(most)} through.` }, [leaf], 1.1)] // prettier-ignore
      : [];
  if (typeof exceed !== 'object') {
    return dropped;
  }
  const measurement = evidence.of('police', leaf.path);
  const own = measurement?.leaves.get(leaf.path);
  const remarks = remarksOf(leaf);
  const exceeding = own ? added(own.dscp, (value) => remarks.includes(value)) : 0;
  const conforming = own?.packets ? (own.arrived * (own.packets - exceeding)) / own.packets : null;
  const base: Base = {
    kind: 'conform', class: leaf.path, unit: 'bit/s', promised: rate, bound: (1 + OVER) * rate, side: 'at-most',
    says: `Of "${leaf.path}", ${formatRate(rate)} keep their mark and what is above leaves with DSCP ${remarks.map(dscpName).join(' or ')}${peak ? `, up to ${formatRate(peak.rate)}` : ''}.`,
  }; // prettier-ignore
  if (conforming === null) {
    const reason = measurement ? evidence.whyNothing([leaf]) : `Its ceiling of ${formatRate(leaf.ceiling)} leaves no room above its police: what is marked and what is dropped cannot be told apart.`;
    return [...dropped, { ...base, measured: null, verdict: 'not-judged', reason }];
  }
  const slack = evidence.granularityOf(leaf.path, measurement!);
  const short = conforming < rate;
  const figures = short
    ? { ...base, side: 'at-least' as const, bound: (1 - SHORT) * rate - slack, measured: conforming }
    : { ...base, bound: (1 + OVER) * rate + slack, measured: conforming };
  const holds = short ? conforming >= figures.bound : conforming <= figures.bound;
  const doubt = short && conforming >= (1 - excuse(measurement!)) * figures.bound ? measurement!.doubt?.why : undefined;
  const seen = `${own!.packets - exceeding} packets kept their mark, ${exceeding} were marked.`;
  return [
    ...dropped,
    holds
      ? { ...figures, verdict: 'held', reason: null }
      : { ...figures, verdict: doubt ? 'not-judged' : 'broken', reason: doubt ?? seen },
  ];
} // prettier-ignore

function elsewhere(evidence: Evidence, leaf: ResolvedClass, own: LeafMeasurement | undefined): PromiseResult[] {
  const { mirror, redirect } = leaf;
  const results: PromiseResult[] = [];
  if (mirror !== undefined && redirect === undefined) {
    const says = `A copy of every packet of "${leaf.path}" arrives at ${mirror}.`;
    const copies = own?.whole.beside.get(mirror) ?? 0;
    const seen = `${copies} copies of ${own?.whole.arrived} packets arrived.`;
    results.push(every(evidence, { kind: 'mirror', class: leaf.path, says, ...EVERY }, leaf, own?.whole.arrived, copies, seen)); // prettier-ignore
  }
  if (redirect !== undefined) {
    const says = `Every packet of "${leaf.path}" leaves by ${redirect} and none by this link.`;
    const there = own?.whole.beside.get(redirect) ?? 0;
    // What police drops, or a ceiling where nothing is queued, leaves by no interface.
    const of =
      own && (leaf.police || !evidence.queues ? Math.max(1, there + own.whole.arrived) : own.sent + own.whole.arrived);
    const seen = `${there} of ${own?.sent} packets arrived there, ${own?.whole.arrived} at the link.`;
    results.push(every(evidence, { kind: 'redirect', class: leaf.path, says, ...EVERY }, leaf, of, there, seen));
  }
  return results;
}

/** A link that takes more of small packets than their frames carries fewer of them, by that much; and the other way round. */
function wire(evidence: Evidence, measurement: Measurement): PromiseResult {
  const { subject = '', lengths } = measurement.phase;
  const leaf = evidence.leaf(subject)!;
  const length = lengths.get(subject)!;
  const counted = countedBytes(evidence.policy.link, length, evidence.countsPtm);
  const least = (1 - SHORT - evidence.tableStep([leaf], measurement)) * leaf.ceiling;
  const base: Base = {
    kind: 'overhead', class: subject, unit: 'bit/s', promised: leaf.ceiling,
    says: `A frame of ${length} bytes counts ${counted}, as the wire has it: so counted, "${subject}" never carries more than ${formatRate(leaf.ceiling)}, and no less.`,
    ...(counted > length ? { side: 'at-most', bound: (1 + OVER) * leaf.ceiling } : { side: 'at-least', bound: least }),
  }; // prettier-ignore
  const measured = sum([leaf], measurement, 'arrived');
  if (counted > length && measured > base.bound) {
    return { ...base, measured, verdict: 'broken', reason: 'The kernel does not count what the wire adds.' };
  }
  if (sum([leaf], measurement, 'offered') < FULL * leaf.ceiling) {
    return { ...base, measured, verdict: 'not-judged', reason: evidence.whyNotDriven([leaf]) };
  }
  if (measured >= least) {
    return { ...base, measured, verdict: 'held', reason: null };
  }
  const doubt = measurement.doubt?.why;
  const figures = { ...base, side: 'at-least' as const, bound: least, measured };
  return doubt
    ? { ...figures, verdict: 'not-judged', reason: doubt }
    : { ...figures, verdict: 'broken', reason: 'The kernel counts more than the wire takes.' };
}

/** Everything that a leaf does to its packets. */
export function actions(evidence: Evidence, leaf: ResolvedClass): PromiseResult[] {
  const own = evidence.of('all')?.leaves.get(leaf.path);
  return [
    ...(leaf.redirect === undefined ? marks(evidence, leaf, own) : []),
    ...(evidence.queues && leaf.queue.ecn && leaf.redirect === undefined ? [congestion(evidence, leaf, own)] : []),
    ...(leaf.police && leaf.redirect === undefined ? police(evidence, leaf) : []),
    ...elsewhere(evidence, leaf, own),
  ];
}

/** A class with children drops before they are told apart. */
export function policeAbove(evidence: Evidence, item: ResolvedClass, leaves: readonly ResolvedClass[]): PromiseResult {
  const promised = passes(item);
  const says = `The police of "${item.path}" lets no more than ${formatRate(promised)} through.`;
  return evidence.never({ kind: 'police', class: item.path, unit: 'bit/s', promised, says }, leaves, 1.1);
}

export const overhead = (evidence: Evidence): PromiseResult[] => {
  const measurement = evidence.of('wire');
  if (measurement) {
    return [wire(evidence, measurement)];
  }
  const { policy, countsPtm } = evidence;
  const says = 'What the wire adds to each packet is counted.';
  const reason = 'No class takes packets that are small enough to show it.';
  return policy.link && wireLength(policy, countsPtm)
    ? [
        {
          kind: 'overhead',
          class: '',
          says,
          unit: 'bit/s',
          promised: 0,
          bound: 0,
          side: 'at-most',
          measured: null,
          verdict: 'not-judged',
          reason,
        },
      ]
    : [];
};
