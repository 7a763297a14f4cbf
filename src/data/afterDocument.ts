/** A binding or target is another: what the page knows of documents, bindings and targets is asked again. */
import { useQueryClient } from '@tanstack/react-query';
import type { DocumentKind } from './contract.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useAfterDocument(kind: DocumentKind, name: string) {
  const uid = useDatasourceUid();
  const cache = useQueryClient();
  return () => {
    void cache.invalidateQueries({ queryKey: [uid, 'document-versions', kind, name] });
    for (const what of ['documents', 'bindings', 'targets', 'policies', 'rollout-waves']) {
      void cache.invalidateQueries({ queryKey: [uid, what] });
    }
  };
}
