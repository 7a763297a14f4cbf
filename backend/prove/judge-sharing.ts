/** Who gets what is left over, as the scheduler shares it. */
import { formatRate } from '../policy/index.ts';
import { entitlement, leavesOf, type Rates } from './entitlement.ts';
import { excuse, SHORT, sum, type Evidence } from './evidence.ts';
import type { Measurement } from './measurement.ts';
import { policedAbove } from './passage.ts';
import type { PromiseResult } from './report.ts';

/** Within a tenth of what a class is owed, or a hundredth of the link where that is more. */
const SHARED = 0.1;
const SHARED_LINK = 0.01;
/** Parts of the link that are worth a name. */
const WORTH_NAMING = 0.01;

const HOW = {
  stated: 'by priority, then by share',
  weights: 'by priority, then by guarantee and share',
  levels: 'by guarantee and share of each level',
} as const;

/** "control" (+2.85 Mbit/s), the most first */
function gainers(owed: Rates, before: Rates, bandwidth: number): string {
  const gains = [...owed]
    .map(([path, bits]) => ({ path, more: bits - (before.get(path) ?? 0) }))
    .filter(({ more }) => more > WORTH_NAMING * bandwidth)
    .sort((a, b) => b.more - a.more);
  return gains.map(({ path, more }) => `"${path}" (${formatRate(Math.round(more))} more)`).join(', ');
}

/** Each leaf gets what the scheduler owes it in this phase; the result tells the one that is farthest from it. */
export function shared(evidence: Evidence, measurement: Measurement): PromiseResult {
  const { policy, sharing } = evidence;
  const { phase } = measurement;
  const owed = entitlement(policy, phase.offered, sharing);
  if (sharing === 'own') {
    return whole(evidence, measurement, [...owed.values()].reduce((total, bits) => total + bits, 0)); // prettier-ignore
  }
  const lines = [...measurement.leaves].map(([path, { arrived }]) => {
    const wanted = owed.get(path)!;
    const tolerance = Math.max(SHARED * wanted, SHARED_LINK * policy.bandwidth) + evidence.granularityOf(path, measurement);
    return { path, wanted, arrived, off: Math.abs(arrived - wanted) / tolerance, tolerance };
  }); // prettier-ignore
  const worst = lines.reduce<(typeof lines)[number] | undefined>(
    (found, line) => (!found || line.off > found.off ? line : found),
    undefined
  );
  const all = evidence.of('all');
  const taken = phase.subject && all ? gainers(owed, entitlement(policy, all.phase.offered, sharing), policy.bandwidth) : ''; // prettier-ignore
  const says = phase.subject
    ? `While "${phase.subject}" is idle, ${taken ? `what it leaves goes to ${taken}: ${HOW[sharing]}.` : 'the others get what they do when it is not.'}`
    : `While every class is full, what no guarantee takes goes ${HOW[sharing]}.`;
  const base = { kind: 'sharing', class: phase.subject ?? '', unit: 'bit/s', says } as const;
  const here = leavesOf(policy.classes).filter(({ path }) => measurement.leaves.has(path));
  if (!worst || here.some(({ path }) => policedAbove(policy, path))) {
    const reason = evidence.whyPoliced(here) ?? evidence.whyNothing(leavesOf(policy.classes));
    return { ...base, promised: 0, bound: 0, side: 'at-least', measured: null, verdict: 'not-judged', reason };
  }
  const short = worst.arrived < worst.wanted;
  const figures = {
    promised: worst.wanted,
    bound: short ? worst.wanted - worst.tolerance : worst.wanted + worst.tolerance,
    side: short ? ('at-least' as const) : ('at-most' as const),
    measured: worst.arrived,
  };
  const table = lines.map(({ path, arrived, wanted }) => `${path} ${formatRate(arrived)} of ${formatRate(wanted)}`).join(', '); // prettier-ignore
  if (worst.off <= 1) {
    return { ...base, ...figures, verdict: 'held', reason: `Farthest from what it is owed: ${worst.path}. ${table}.` };
  }
  // What a pause kept from one class another gets, whatever that is owed.
  const excused = worst.tolerance + excuse(measurement) * (short ? worst.wanted : policy.bandwidth);
  return Math.abs(worst.arrived - worst.wanted) <= excused
    ? { ...base, ...figures, verdict: 'not-judged', reason: measurement.doubt!.why }
    : { ...base, ...figures, verdict: 'broken', reason: `${table}.` };
}

/** A scheduler that shares in its own way wastes nothing at least. */
function whole(evidence: Evidence, measurement: Measurement, promised: number): PromiseResult {
  const { subject } = measurement.phase;
  const leaves = leavesOf(evidence.policy.classes);
  const says = `While ${subject ? `"${subject}" is idle and every other class` : 'every class'} is full, nothing of the link is left unused; who gets it is the scheduler’s own way.`;
  const bound = (1 - SHORT) * promised - evidence.granularity(leaves, measurement);
  const result = evidence.least({ kind: 'sharing', class: subject ?? '', says, unit: 'bit/s', promised }, measurement, leaves, bound); // prettier-ignore
  const table = [...measurement.leaves].map(([path, { arrived }]) => `${path} ${formatRate(arrived)}`).join(', ');
  return { ...result, reason: result.reason ?? `${table}, ${formatRate(sum(leaves, measurement, 'arrived'))} in all.` };
}
