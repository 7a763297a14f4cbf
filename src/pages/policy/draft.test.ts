import { describe, expect, it } from 'vitest';
import { currentDraft, draftOf, freshDraft, isConflicting, isDirty, rebase } from './draft.ts';

const first = { revision: 'r1', source: 'one' };
const second = { revision: 'r2', source: 'two' };

describe('a draft', () => {
  it('follows the head while nobody edits it', () => {
    expect(currentDraft(null, first, null)).toEqual(draftOf(first));
    expect(currentDraft(draftOf(first), second, null)).toEqual(draftOf(second));
  });

  it('keeps what the operator typed when somebody else saves, and says so', () => {
    const mine = { ...draftOf(first), text: 'mine' };
    expect(currentDraft(mine, second, null)).toEqual(mine);
    expect(isConflicting(mine, second)).toBe(true);
    expect(isConflicting(mine, first)).toBe(false);
  });

  it('is no conflict when the head already says the same', () => {
    const mine = { ...draftOf(first), text: 'two' };
    expect(currentDraft(mine, second, null)).toEqual(draftOf(second));
  });

  it('that was never saved is unsaved as a whole', () => {
    const fresh = freshDraft('template');
    expect(isDirty(fresh)).toBe(true);
    expect(currentDraft(null, undefined, fresh)).toBe(fresh);
    expect(fresh.base.revision).toBeNull();
  });

  it('keeps what was typed while a save ran, as an edit of what was saved', () => {
    const typedOn = { ...draftOf(first), text: 'two and more' };
    const after = rebase(typedOn, second);
    expect(after).toMatchObject({ text: 'two and more', base: { revision: 'r2' } });
    expect(isConflicting(after, second)).toBe(false);
  });
});
