/** Sums, ceilings and strict figures of a policy on one link. */
import { finding } from './codes.ts';
import type { Finding, Fix } from './finding.ts';
import { removal, setting, writeRate } from './fixes.ts';
import { proportions, uncut } from './oversubscribe.ts';
import { formatRate } from './quantities.ts';
import type { ResolvedClass } from './resolve.ts';
import type { TrafficClass } from './schema.ts';

/** bit/s; the kernel counts rates in whole bytes per second, and zero is no rate. */
export const LEAST_RATE = 8;
/** Classes that are named in the sentence about a sum. */
const MOST_NAMED = 8;

/** What the classes of a level share: their parent, or the link. */
export interface Above {
  name: string;
  guarantee: number;
  ceiling: number;
  specs: readonly TrafficClass[];
  hasGuarantee: boolean;
  /** Why more may be guaranteed than there is, where the policy says so */
  oversubscribed: string | undefined;
}

function judgeClassFigures(item: ResolvedClass, spec: TrafficClass, above: Above): Finding[] {
  const findings: Finding[] = [];
  // Figures of children are parts of these: what becomes of them is for the operator to say.
  const leaf = item.classes.length === 0;
  if (spec.guarantee?.kind === 'percent' && !above.hasGuarantee) {
    findings.push(
      finding(
        'CP-GUARANTEE-PARENT',
        `${item.source}.guarantee`,
        `"${item.name}" is guaranteed a percent of ${above.name}, which has no guarantee itself.`,
        `Give ${above.name} a guarantee, or write this one as a rate.`
      )
    );
  }
  if (item.strict && spec.guarantee && spec.ceiling && item.guarantee !== item.ceiling) {
    findings.push(
      finding(
        'CP-STRICT-FIGURES',
        `${item.source}.ceiling`,
        `"${item.name}" is strict: guarantee (${formatRate(item.guarantee)}) and ceiling (${formatRate(item.ceiling)}) are one figure.`,
        'Remove one of them.',
        leaf && item.guarantee >= LEAST_RATE && item.guarantee <= above.ceiling
          ? removal(`${item.source}.ceiling`, `Keep the guarantee of "${item.name}" alone`)
          : undefined
      )
    );
  } else if (item.guarantee > item.ceiling + 1) {
    findings.push(
      finding(
        'CP-GUARANTEE-CEILING',
        `${item.source}.guarantee`,
        `"${item.name}" is guaranteed ${formatRate(item.guarantee)} but may never exceed ${formatRate(item.ceiling)}.`,
        undefined,
        leaf && item.ceiling >= LEAST_RATE && spec.ceiling
          ? setting(
              `${item.source}.guarantee`,
              writeRate(item.ceiling),
              `Lower the guarantee of "${item.name}" to its ceiling`
            )
          : undefined
      )
    );
  }
  if (item.ceiling > above.ceiling + 1) {
    findings.push(
      finding(
        'CP-CEILING-PARENT',
        `${item.source}.${spec.ceiling ? 'ceiling' : 'guarantee'}`,
        `"${item.name}" may send ${formatRate(item.ceiling)}, but ${above.name} carries at most ${formatRate(above.ceiling)}.`,
        undefined,
        leaf && spec.ceiling && !item.strict && item.guarantee <= above.ceiling && above.ceiling >= LEAST_RATE
          ? removal(`${item.source}.ceiling`, `Let ${above.name} be the ceiling of "${item.name}"`)
          : undefined
      )
    );
  }
  if (item.ceiling < LEAST_RATE && (spec.ceiling || spec.guarantee)) {
    findings.push(
      finding(
        'CP-CEILING-ZERO',
        item.source,
        `"${item.name}" has a ceiling of ${formatRate(item.ceiling)}: none of its packets would ever leave.`,
        undefined,
        leaf && spec.ceiling && !item.strict && above.ceiling >= LEAST_RATE
          ? removal(`${item.source}.ceiling`, `Let ${above.name} be the ceiling of "${item.name}"`)
          : undefined
      )
    );
  }
  return findings;
}

/** The largest guarantee lowered by what is too much, written as it was, where it alone can carry that. */
function lowered(item: ResolvedClass, spec: TrafficClass, above: Above, excess: number): Fix | undefined {
  const left = item.guarantee - excess;
  if (left < LEAST_RATE || item.strict || left < item.classes.reduce((sum, child) => sum + child.guarantee, 0)) {
    return undefined;
  }
  const text =
    spec.guarantee?.kind === 'percent'
      ? `${Math.floor((1e5 * left) / above.guarantee) / 1e3}%`
      : writeRate(left >= 1e6 ? left - (left % 1e3) : left);
  return parseFloat(text) > 0
    ? setting(`${item.source}.guarantee`, text, `Lower the guarantee of "${item.name}" to ${text}`)
    : undefined;
}

function judgeSum(classes: readonly ResolvedClass[], above: Above, path: string): Finding[] {
  const sum = classes.reduce((total, item) => total + item.guarantee, 0);
  // Rounding of percents is tolerated.
  if (sum <= above.guarantee + classes.length) {
    return [];
  }
  const owed = classes.filter((item) => item.guarantee > 0);
  // The place to mend is the largest guarantee that is not strict: usually the one that was just raised.
  const largest = [...owed].sort((a, b) => Number(a.strict) - Number(b.strict) || b.guarantee - a.guarantee)[0]!;
  const at = above.specs.length > 0 ? `${largest.source}.guarantee` : path;
  const excess = sum - above.guarantee;
  const listed = (figures: (item: ResolvedClass) => string, between: string) =>
    owed.slice(0, MOST_NAMED).map((item) => `${item.name} ${figures(item)}`).join(between) + (owed.length > MOST_NAMED ? `${between}${owed.length - MOST_NAMED} more` : ''); // prettier-ignore
  const unfit = classes.reduce((total, item) => total + uncut(item), 0);
  if (above.oversubscribed && above.guarantee > 0 && unfit <= above.guarantee) {
    const cut = proportions(classes, above.guarantee);
    const figures = (item: ResolvedClass) => `${formatRate(cut[classes.indexOf(item)]!)} of ${formatRate(item.guarantee)}`; // prettier-ignore
    const message = `Guarantees add up to ${formatRate(sum)}, but ${above.name} has ${formatRate(above.guarantee)}, on purpose: when everything is full, each gets its part (${listed(figures, ', ')}).`;
    return [finding('CP-OVERSUBSCRIBED', at, message)];
  }
  const strict = above.oversubscribed ? ' Strict classes keep theirs whole, so oversubscribe cannot make it fit.' : '';
  const index = classes.indexOf(largest);
  return [
    finding(
      'CP-GUARANTEE-SUM',
      at,
      `Guarantees add up to ${formatRate(sum)}, but ${above.name} has ${formatRate(above.guarantee)}: when everything is full, ${formatRate(excess)} of what was promised does not exist (${listed((item) => formatRate(item.guarantee), ' + ')}).${strict}`,
      `Lower guarantees by ${formatRate(excess)} in all.`,
      above.specs[index] && lowered(largest, above.specs[index], above, excess)
    ),
  ];
}

/** Sums, ceilings and strict figures of one level and those below, in bit/s. */
export function judgeFigures(classes: readonly ResolvedClass[], above: Above, path: string): Finding[] {
  const each = classes.flatMap((item, index) => {
    const spec = above.specs[index];
    if (!spec) {
      return [];
    }
    const own = judgeClassFigures(item, spec, above);
    const inside: Above = {
      name: `"${item.name}"`,
      guarantee: item.guarantee,
      ceiling: item.ceiling,
      specs: spec.classes ?? [],
      hasGuarantee: spec.guarantee !== undefined,
      oversubscribed: above.oversubscribed,
    };
    return spec.classes ? [...own, ...judgeFigures(item.classes, inside, item.source)] : own;
  });
  return [...each, ...judgeSum(classes, above, path)];
}
