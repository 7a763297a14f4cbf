/** For tests: policies as short texts, judged as an operator's would be. */
import { judge } from './judge.ts';
import { parseDocuments, placed } from './document.ts';
import type { Finding } from './finding.ts';
import { resolve, type ResolvedPolicy } from './resolve.ts';
import type { PolicySpec } from './schema.ts';

/** A policy of 10 Mbit/s. Line 1 is the kind, `spec:` is line 3, the first line of `spec` is line 4. */
export const policyText = (spec: string): string =>
  `{apiVersion: clearpath/v1, kind: Policy,\nmetadata: {name: p},\nspec:\n${spec}\n}`;

/** Classes one a line from line 5 on, in a policy of 10 Mbit/s. */
export const classesText = (...classes: string[]): string =>
  policyText(`{bandwidth: 10mbit, classes: [\n${classes.join(',\n')}]}`);

export function specOf(source: string): PolicySpec {
  const { documents, findings } = parseDocuments(source);
  if (findings.length > 0 || documents[0]?.document.kind !== 'Policy') {
    throw new Error(JSON.stringify(findings));
  }
  return documents[0].document.spec;
}

export const resolved = (source: string, bandwidth = 10e6): ResolvedPolicy => resolve('p', specOf(source), bandwidth);

/** Everything that reading and judging say of a text, each with its place. */
export function findingsOf(source: string, bandwidth?: number): Finding[] {
  const { documents, findings } = parseDocuments(source);
  return [
    ...findings,
    ...documents.flatMap((parsed) => {
      const { document } = parsed;
      return document.kind === 'Policy'
        ? judge(document.metadata.name, document.spec, bandwidth).map((item) => placed(parsed, item))
        : [];
    }),
  ];
}

/** Code, line and path: where an operator is sent. */
export const placesOf = (findings: readonly Finding[]): string[] =>
  findings.map(({ code, line, path }) => `${code} ${line ?? '-'} ${path}`);
