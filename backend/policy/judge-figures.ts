/** Sums, ceilings and strict figures of a policy on one link. */
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import { formatRate } from './quantities.ts';
import type { ResolvedClass } from './resolve.ts';
import type { TrafficClass } from './schema.ts';

/** bit/s; the kernel counts rates in whole bytes per second, and zero is no rate. */
export const LEAST_RATE = 8;

/** What the classes of a level share: their parent, or the link. */
export interface Above {
  name: string;
  guarantee: number;
  ceiling: number;
  specs: readonly TrafficClass[];
  hasGuarantee: boolean;
}

/** Sums, ceilings and strict figures of one level, in bit/s; rounding of percents is tolerated. */
export function judgeFigures(classes: readonly ResolvedClass[], above: Above, path: string): Finding[] {
  const findings: Finding[] = [];
  const tolerance = classes.length;
  classes.forEach((item, index) => {
    const spec = above.specs[index];
    if (!spec) {
      return;
    }
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
          'Remove one of them.'
        )
      );
    } else if (item.guarantee > item.ceiling + 1) {
      findings.push(
        finding(
          'CP-GUARANTEE-CEILING',
          `${item.source}.guarantee`,
          `"${item.name}" is guaranteed ${formatRate(item.guarantee)} but may never exceed ${formatRate(item.ceiling)}.`
        )
      );
    }
    if (item.ceiling > above.ceiling + 1) {
      findings.push(
        finding(
          'CP-CEILING-PARENT',
          `${item.source}.${spec.ceiling ? 'ceiling' : 'guarantee'}`,
          `"${item.name}" may send ${formatRate(item.ceiling)}, but ${above.name} carries at most ${formatRate(above.ceiling)}.`
        )
      );
    }
    if (item.ceiling < LEAST_RATE && (spec.ceiling || spec.guarantee)) {
      findings.push(
        finding(
          'CP-CEILING-ZERO',
          item.source,
          `"${item.name}" has a ceiling of ${formatRate(item.ceiling)}: none of its packets would ever leave.`
        )
      );
    }
    if (spec.classes) {
      findings.push(
        ...judgeFigures(
          item.classes,
          {
            name: `"${item.name}"`,
            guarantee: item.guarantee,
            ceiling: item.ceiling,
            specs: spec.classes,
            hasGuarantee: spec.guarantee !== undefined,
          },
          item.source
        )
      );
    }
  });
  const sum = classes.reduce((total, item) => total + item.guarantee, 0);
  if (sum > above.guarantee + tolerance) {
    // The place to mend is the largest guarantee that is not strict: usually the one that was just raised.
    const largest = classes
      .filter((item) => item.guarantee > 0)
      .sort((a, b) => Number(a.strict) - Number(b.strict) || b.guarantee - a.guarantee)[0]!;
    const list = classes.filter((item) => item.guarantee > 0).map((item) => `${item.name} ${formatRate(item.guarantee)}`).join(' + '); // prettier-ignore
    findings.push(
      finding(
        'CP-GUARANTEE-SUM',
        above.specs.length > 0 ? `${largest.source}.guarantee` : path,
        `Guarantees add up to ${formatRate(sum)}, but ${above.name} has ${formatRate(above.guarantee)}: when everything is full, ${formatRate(sum - above.guarantee)} of what was promised does not exist (${list}).`,
        `Lower guarantees by ${formatRate(sum - above.guarantee)} in all.`
      )
    );
  }
  return findings;
}
