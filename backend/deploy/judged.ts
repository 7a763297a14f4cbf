/** The text of a policy, read and judged, by itself or for one link. */
import {
  judge, judgeIngress, ownBandwidth, parseDocuments, parsePath, placed, resolve,
  type Finding, type PolicyDocument, type ResolvedPolicy, type Values, type VariableUse,
} from '../policy/index.ts'; // prettier-ignore
import type { Direction } from '../compile/tc/index.ts';
import { revisionOf } from '../store/index.ts';

/** A policy as judged for one link. */
export interface Judged {
  document: PolicyDocument | undefined;
  revision: string;
  findings: Finding[];
  resolved: ResolvedPolicy | undefined;
  /** The values it was read with */
  variables: readonly VariableUse[];
  /** Line of a path in the source */
  line: (path: string) => number | undefined;
}

/**
 * Reads and judges the text of one policy.
 * @param bandwidth bit/s of the link it is judged for; by default the policy's own
 * @param direction in which it is to act
 * @param values what is given to its variables there; by default the policy by itself, with defaults and examples
 */
export function judgeSource(
  source: string,
  bandwidth?: number,
  values?: Values,
  direction: Direction = 'egress'
): Judged {
  const { documents, findings } = parseDocuments(source, values);
  const policies = documents.filter((parsed) => parsed.document.kind === 'Policy');
  const parsed = policies[0];
  const base = { revision: revisionOf(source), line: () => undefined, variables: [] };
  if (!parsed || policies.length > 1 || documents.length > 1) {
    const wrong: Finding[] =
      findings.length > 0
        ? []
        : [
            {
              code: 'CP-INVALID',
              severity: 'error',
              path: 'kind',
              message:
                policies.length > 1
                  ? 'This text holds several policies; a policy is saved by itself.'
                  : 'This text holds other documents than one policy.',
            },
          ];
    return { ...base, document: undefined, findings: [...findings, ...wrong], resolved: undefined };
  }
  const document = parsed.document as PolicyDocument;
  const line = (path: string) => parsed.locate(parsePath(path))?.line;
  const judged = [
    ...judge(document.metadata.name, document.spec, bandwidth),
    ...(direction === 'ingress' ? judgeIngress(document.spec) : []),
  ].map((item) => placed(parsed, item));
  const own = bandwidth ?? ownBandwidth(document.spec);
  return {
    ...base,
    document,
    variables: parsed.variables,
    line,
    findings: [...findings, ...judged],
    resolved: own ? resolve(document.metadata.name, document.spec, own) : undefined,
  };
}
