/** The draft of one policy, kept beside its head as the sidecar polls it. */
import { useEffect, useState } from 'react';
import { usePolicy } from '../../data/index.ts';
import { draftOf, freshDraft, receiveHead, type Draft } from './draft.ts';
import { template } from './template.ts';

export function useDraft(name: string, isNew: boolean) {
  const policy = usePolicy(name);
  const [draft, setDraft] = useState<Draft | null>(null);
  const head = policy.data;
  const missing = policy.error?.trouble === 'not-found';

  useEffect(() => {
    if (head) {
      setDraft((current) => receiveHead(current, head));
    } else if (missing && isNew) {
      setDraft((current) => current ?? freshDraft(template(name)));
    }
  }, [head, missing, isNew, name]);

  const edit = (text: string) => setDraft((current) => (current ? { ...current, text } : current));
  const takeHead = () => head && setDraft(draftOf(head));
  return { policy, head, draft, setDraft, edit, takeHead };
}
