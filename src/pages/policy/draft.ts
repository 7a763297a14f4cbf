/** A document under the operator's hands, beside the head that the sidecar holds. Pure: the page keeps the state. */
import type { PolicyDetail } from '../../data/index.ts';

export interface Draft {
  text: string;
  /** What the edit started from. `revision` is null for a document that was never saved. */
  base: { revision: string | null; source: string };
}

type Head = Pick<PolicyDetail, 'revision' | 'source'>;

export const draftOf = (head: Head): Draft => ({ text: head.source, base: { revision: head.revision, source: head.source } });

/** A document that nobody has saved yet: everything in it is unsaved. */
export const freshDraft = (text: string): Draft => ({ text, base: { revision: null, source: '' } });

export const isDirty = (draft: Draft): boolean => draft.text !== draft.base.source;

/** Somebody else saved while this was being edited. */
export const isConflicting = (draft: Draft, head: Head | undefined): boolean =>
  head !== undefined && isDirty(draft) && draft.base.revision !== head.revision;

/** The head as polled: an untouched document follows it, an edited one is left alone. */
export function receiveHead(draft: Draft | null, head: Head): Draft {
  if (draft === null || (!isDirty(draft) && draft.base.revision !== head.revision)) {
    return draftOf(head);
  }
  return draft;
}

/** The save went through; what was typed while it ran stays, as an edit of what was saved. */
export const afterSave = (draft: Draft, saved: Head): Draft => ({ ...draft, base: { revision: saved.revision, source: saved.source } });

/** Keep my text although the head has moved: the next save replaces theirs, knowingly. */
export const rebase = afterSave;
