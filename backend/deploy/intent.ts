/** From a binding on an interface to what is to be put there: its policy, judged for that link. */
import { hasErrors } from '../policy/index.ts';
import { bandwidthFor, type Bound } from './catalog.ts';
import { judgeSource, type Judged } from './judged.ts';
import type { Intent } from './model.ts';

export interface Meant {
  judged: Judged;
  /** undefined where the policy has errors for this link, or is another than the binding's */
  intent: Intent | undefined;
}
export type IntentMaker = (bound: Bound, tenant: string, source: string) => Promise<Meant>;

/** Interfaces that differ in nothing share one judgement and so one compilation. */
export function intentMaker(): IntentMaker {
  const known = new Map<string, Judged>();
  const judged = (source: string, bandwidth: number | undefined, { values, binding }: Bound): Judged => {
    const { direction } = binding.spec;
    const key = JSON.stringify([source, bandwidth, values, direction]);
    const found = known.get(key) ?? judgeSource(source, bandwidth, values, direction);
    known.set(key, found);
    return found;
  };
  return async (bound, tenant, source) => {
    const first = judged(source, undefined, bound);
    if (!first.document || first.document.metadata.name !== bound.binding.spec.policy) {
      return { judged: first, intent: undefined };
    }
    const bandwidth = await bandwidthFor(bound.place, bound.device, bound.binding, first.document);
    const second = judged(source, bandwidth, bound);
    const { resolved, revision } = second;
    return {
      judged: second,
      intent:
        resolved && !hasErrors(second.findings)
          ? {
              tenant,
              place: bound.place,
              device: bound.device,
              binding: bound.name,
              target: bound.targetName,
              policy: resolved,
              revision,
              requiresProof: bound.binding.spec.requireProof,
            }
          : undefined,
    };
  };
}
