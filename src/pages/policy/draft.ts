/** A document under the operator's hands, beside the head that the sidecar holds. Pure: the page keeps the state. */
import type { PolicyDetail } from '../../data/index.ts';

export interface Draft {
  text: string;
  /** What the edit started from. `revision` is null for a document that was never saved. */
  base: { revision: string | null; source: string };
}

type Head = Pick<PolicyDetail, 'revision' | 'source'>;

export const draftOf = (head: Head): Draft => ({
  text: head.source,
  base: { revision: head.revision, source: head.source },
});

/** A document that nobody has saved yet: everything in it is unsaved. */
export const freshDraft = (text: string): Draft => ({ text, base: { revision: null, source: '' } });

export const isDirty = (draft: Draft): boolean => draft.text !== draft.base.source;

/** An edited document is left alone whatever others save; an untouched one follows the head. */
export function currentDraft(edited: Draft | null, head: Head | undefined, fresh: Draft | null): Draft | null {
  if (edited && isDirty(edited) && edited.text !== head?.source) {
    return edited;
  }
  return head ? draftOf(head) : fresh;
}

/** Somebody else saved while this was being edited. */
export const isConflicting = (draft: Draft, head: Head | undefined): boolean =>
  head !== undefined && isDirty(draft) && draft.base.revision !== head.revision;

/** Keep the text as an edit of `head`: after a save (what was typed meanwhile stays), or to replace theirs knowingly. */
export const rebase = (draft: Draft, head: Head): Draft => ({
  ...draft,
  base: { revision: head.revision, source: head.source },
});
