/** The draft of one policy, kept beside its head as the sidecar polls it. */
import { useMemo, useState } from 'react';
import { useLocation } from 'react-router';
import { usePolicy, type PolicyDetail } from '../../data/index.ts';
import { currentDraft, freshDraft, rebase, type Draft } from './draft.ts';
import { blank } from '../policies/newDocument.ts';
import { startOf } from '../policies/startPolicy.ts';

export function useDraft(name: string, isNew: boolean) {
  const policy = usePolicy(name);
  const [edited, setEdited] = useState<Draft | null>(null);
  const missing = policy.error?.trouble === 'not-found';
  // What was asked for before somebody deleted it is no head any more.
  const head = missing ? undefined : policy.data;
  const { state } = useLocation();
  const fresh = useMemo(() => freshDraft(startOf(state) ?? blank(name)), [name, state]);
  const draft = currentDraft(edited, head, isNew && missing ? fresh : null);

  return {
    policy,
    missing,
    head,
    draft,
    edit: (text: string) => draft && setEdited({ text, base: draft.base }),
    keepOn: (newHead: PolicyDetail) => setEdited((current) => current && rebase(current, newHead)),
    takeHead: () => setEdited(null),
  };
}
