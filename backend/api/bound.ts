/** A binding by name, and what it means now: the saved policy, or a text, judged for its own link. */
import { bandwidthFor, judgeSource, type Bound, type Intent, type Judged } from '../deploy/index.ts';
import { hasErrors, type PolicyDocument } from '../policy/index.ts';
import type { Context } from './context.ts';
import { ProblemError } from './problem.ts';

export async function boundOr404(context: Context, tenant: string, name: string): Promise<Bound> {
  const bound = await context.catalog.binding(tenant, name);
  if (!bound) {
    throw new ProblemError(404, 'CP-NOT-FOUND', 'No such binding', `There is no binding "${name}".`);
  }
  if (hasErrors(bound.findings)) {
    throw new ProblemError(
      422,
      'CP-FINDINGS',
      'The binding has errors',
      bound.findings.find((finding) => finding.severity === 'error')!.message,
      bound.findings
    );
  }
  return bound;
}

/** A text as the binding's policy, whatever else may be wrong with it. */
export function documentOf(bound: Bound, source: string): PolicyDocument {
  const { document, findings } = judgeSource(source, undefined, bound.values);
  if (!document) {
    throw new ProblemError(
      422,
      'CP-FINDINGS',
      'The policy has errors',
      'Nothing was planned. Correct what is named below.',
      findings
    );
  }
  if (document.metadata.name !== bound.binding.spec.policy) {
    throw new ProblemError(
      422,
      'CP-NAME',
      'Another policy',
      `The binding "${bound.name}" uses the policy "${bound.binding.spec.policy}", not "${document.metadata.name}".`
    );
  }
  return document;
}

/** The policy judged for the binding's own link. */
export async function intentOf(
  bound: Bound,
  tenant: string,
  source: string | undefined
): Promise<{ intent: Intent; judged: Judged }> {
  const text = source ?? bound.policy!.stored.source;
  const document = documentOf(bound, text);
  const bandwidth = await bandwidthFor(bound.place, bound.device, bound.binding, document);
  const judged = judgeSource(text, bandwidth, bound.values, bound.binding.spec.direction);
  if (hasErrors(judged.findings)) {
    throw new ProblemError(
      422,
      'CP-FINDINGS',
      'The policy has errors',
      'Nothing was planned. Correct what is named below.',
      judged.findings
    );
  }
  const intent: Intent = {
    tenant, place: bound.place, device: bound.device, binding: bound.name, target: bound.targetName, policy: judged.resolved!, revision: judged.revision,
    requiresProof: bound.binding.spec.requireProof,
  }; // prettier-ignore
  return { intent, judged };
}
