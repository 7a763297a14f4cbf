/** Two texts of one document beside each other. */
import { documentChanges, type Change, type Written } from './changes.ts';
import { fieldsChanged, type WrittenFields } from './changes-fields.ts';
import { parseDocuments } from './document.ts';
import type { Kind } from './schema.ts';
import { readValue } from './variables.ts';

export interface Comparison {
  /** null where one of the texts cannot be read */
  changes: Change[] | null;
  unreadable: Array<'before' | 'after'>;
}

function both<T>(old: T | undefined, now: T | undefined, compare: (before: T, after: T) => Change[]): Comparison {
  const unreadable = [...(old ? [] : ['before' as const]), ...(now ? [] : ['after' as const])];
  return { changes: old && now ? compare(old, now) : null, unreadable };
}

/** @param choose which document, where a text holds several of the kind; by default the first */
export function compareSources(kind: Kind, before: string, after: string, choose?: string): Comparison {
  const found = (text: string) =>
    parseDocuments(text).documents.find(
      ({ document }) => document.kind === kind && (choose === undefined || document.metadata.name === choose)
    );
  const policy = (text: string): Written | undefined => {
    const { document, source } = found(text) ?? {};
    return document?.kind === 'Policy' ? { document, source: source! } : undefined;
  };
  const other = (text: string): WrittenFields | undefined => {
    const { document, source } = found(text) ?? {};
    return document && document.kind !== 'Policy' ? { document, raw: readValue(source!) } : undefined;
  };
  return kind === 'Policy'
    ? both(policy(before), policy(after), documentChanges)
    : both(other(before), other(after), fieldsChanged);
}
