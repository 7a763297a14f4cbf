/** Judgement of Targets and Bindings, each by itself. */
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import { judgeBandwidth } from './judge.ts';
import { LATER_TARGET_KEYS, type BindingDocument, type TargetDocument } from './schema.ts';

const notYet = (path: string, what: string) =>
  finding(
    'CP-NOT-YET',
    path,
    `${what} is part of the language, but this version does not act on it yet.`,
    'Remove it for now.'
  );
const later = (holder: object, keys: readonly string[]) =>
  keys
    .filter((key) => (holder as Record<string, unknown>)[key] !== undefined)
    .map((key) => notYet(`spec.${key}`, `"${key}"`));

export function judgeTarget({ spec }: TargetDocument): Finding[] {
  return [
    ...(spec.platform === 'linux' ? [] : [notYet('spec.platform', `The platform "${spec.platform}"`)]),
    ...later(spec, LATER_TARGET_KEYS),
  ];
}

export function judgeBinding({ spec }: BindingDocument): Finding[] {
  return judgeBandwidth(spec.bandwidth);
}
