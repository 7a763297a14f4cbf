/** What differs between two classes of one id, in words. */
import { formatDuration, formatRate } from '../../policy/quantities.ts';
import { CURVES, type Curve, type DrrClass, type HfscClass, type HtbClass, type TcClass } from './model.ts';
import { sameBurst, sameTime, shownSize } from './units.ts';

function htbDifferences(live: HtbClass, desired: HtbClass): string[] {
  const words: string[] = [];
  if (live.rate !== desired.rate) {
    words.push(`guarantee ${formatRate(live.rate)} → ${formatRate(desired.rate)}`);
  }
  if (live.ceil !== desired.ceil) {
    words.push(`ceiling ${formatRate(live.ceil)} → ${formatRate(desired.ceil)}`);
  }
  if (live.rate === desired.rate && !sameBurst(live.burst, desired.burst, desired.rate)) {
    words.push(`burst ${live.burst} → ${desired.burst} B`);
  }
  if (live.ceil === desired.ceil && !sameBurst(live.cburst, desired.cburst, desired.ceil)) {
    words.push(`ceiling burst ${live.cburst} → ${desired.cburst} B`);
  }
  // A class that is becoming a leaf or an inner class shows no or stale values; what it becomes decides.
  if (live.prio !== undefined && desired.prio !== undefined && live.prio !== desired.prio) {
    words.push(`priority ${7 - live.prio} → ${7 - desired.prio}`);
  }
  if (live.quantum !== undefined && desired.quantum !== undefined && live.quantum !== desired.quantum) {
    words.push(`share (quantum ${live.quantum} → ${desired.quantum} B)`);
  }
  return words;
}

const MEANING = { rt: 'guarantee', ls: 'share', ul: 'ceiling' } as const;
const sameCurve = (a: Curve, b: Curve) => a.m1 === b.m1 && a.m2 === b.m2 && sameTime(a.d, b.d);
const curveText = (curve: Curve | undefined) =>
  !curve
    ? 'none'
    : curve.m1 > 0 || curve.d > 0
      ? `${formatRate(curve.m1)} for ${formatDuration(curve.d)}, then ${formatRate(curve.m2)}`
      : formatRate(curve.m2);

const hfscDifferences = (live: HfscClass, desired: HfscClass): string[] =>
  CURVES.flatMap((name) => {
    const [from, to] = [live[name], desired[name]];
    const same = from && to ? sameCurve(from, to) : from === to;
    return same ? [] : [`${MEANING[name]} ${curveText(from)} → ${curveText(to)}`];
  });

const drrDifferences = (live: DrrClass, desired: DrrClass): string[] =>
  shownSize(live.quantum) === shownSize(desired.quantum)
    ? []
    : [`share (quantum ${live.quantum} → ${desired.quantum} B)`];

/** @returns the differences, empty when the kernel would not see one. */
export function classDifferences(live: TcClass, desired: TcClass): string[] {
  switch (desired.kind) {
    case 'htb':
      return htbDifferences(live as HtbClass, desired);
    case 'hfsc':
      return hfscDifferences(live as HfscClass, desired);
    case 'drr':
      return drrDifferences(live as DrrClass, desired);
  }
}

/** What the kernel cannot do to a class that stands, so that its tree is built anew. */
export function unchangeable(live: TcClass, desired: TcClass): string | undefined {
  if (live.kind !== desired.kind) {
    return `class ${live.classid} is one of ${live.kind}`;
  }
  // HTB cannot move a class (`class replace` under another parent answers success and does nothing), HFSC says no.
  if (live.parent !== desired.parent) {
    return `class ${live.classid} stands under another parent`;
  }
  // A curve that is not named in a change stays, and one of nothing is refused.
  const lost = live.kind === 'hfsc' ? CURVES.find((name) => live[name] && !(desired as HfscClass)[name]) : undefined;
  return lost ? `class ${live.classid} would have to lose its ${MEANING[lost]}` : undefined;
}

/** Whether less is promised or allowed than before. */
export function lowers(live: TcClass, desired: TcClass): boolean {
  switch (desired.kind) {
    case 'htb':
      return desired.ceil < (live as HtbClass).ceil || desired.rate < (live as HtbClass).rate;
    case 'hfsc':
      return (['rt', 'ul'] as const).some((name) => (desired[name]?.m2 ?? 0) < ((live as HfscClass)[name]?.m2 ?? 0));
    case 'drr':
      return false;
  }
}
