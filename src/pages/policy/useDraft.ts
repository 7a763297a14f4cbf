/** The draft of one policy, kept beside its head as the sidecar polls it. */
import { useMemo, useState } from 'react';
import { useLocation } from 'react-router';
import { usePolicy, type PolicyDetail } from '../../data/index.ts';
import { currentDraft, freshDraft, rebase, type Draft } from './draft.ts';
import { startOf } from '../policies/startPolicy.ts';
import { template } from './template.ts';

export function useDraft(name: string, isNew: boolean) {
  const policy = usePolicy(name);
  const [edited, setEdited] = useState<Draft | null>(null);
  const head = policy.data;
  const { state } = useLocation();
  const fresh = useMemo(() => freshDraft(startOf(state) ?? template(name)), [name, state]);
  const draft = currentDraft(edited, head, isNew && policy.error?.trouble === 'not-found' ? fresh : null);

  return {
    policy,
    head,
    draft,
    edit: (text: string) => draft && setEdited({ text, base: draft.base }),
    keepOn: (newHead: PolicyDetail) => setEdited((current) => current && rebase(current, newHead)),
    takeHead: () => setEdited(null),
  };
}
