/** A tc batch line cut where the eye wants it cut. Nothing is added or lost: the parts joined are the line. */
import type { PlannedOperation } from '../../../data/index.ts';

export interface TcLine {
  before: string;
  verb: string;
  after: string;
}

export function cutAtVerb({ command, verb }: Pick<PlannedOperation, 'command' | 'verb'>): TcLine {
  const at = command.search(new RegExp(`\\b${verb}\\b`));
  return at < 0
    ? { before: command, verb: '', after: '' }
    : { before: command.slice(0, at), verb, after: command.slice(at + verb.length) };
}
