/** What was measured against what the policy promises: plain data in, one result for each promise out. */
import { flatten, type ResolvedPolicy } from '../policy/index.ts';
import { leavesOf } from './entitlement.ts';
import { Evidence, under, type Circumstances } from './evidence.ts';
import { actions, overhead, policeAbove } from './judge-actions.ts';
import { latency, loss, rates, reach } from './judge-rates.ts';
import { shared } from './judge-sharing.ts';
import type { Measurement } from './measurement.ts';
import { passes, staysHere } from './passage.ts';
import type { PromiseResult } from './report.ts';

export function verdicts(
  policy: ResolvedPolicy,
  measurements: readonly Measurement[],
  circumstances: Circumstances = {}
): PromiseResult[] {
  const evidence = new Evidence(policy, measurements, circumstances);
  const holders = flatten(policy.classes).filter((item) => item.classes.length > 0 && passes(item) < Infinity);
  return [
    ...rates(evidence),
    ...holders.map((item) => policeAbove(evidence, item, under(policy, item.path))),
    ...leavesOf(policy.classes).flatMap((leaf) => [
      ...(staysHere(leaf) ? [reach(evidence, leaf)] : []),
      ...actions(evidence, leaf),
      ...(leaf.strict && staysHere(leaf) ? [latency(evidence, leaf), loss(evidence, leaf)] : []),
    ]),
    ...overhead(evidence),
    ...measurements.filter(({ phase }) => phase.kind === 'all' || phase.kind === 'idle').map((each) => shared(evidence, each)),
  ];
} // prettier-ignore
