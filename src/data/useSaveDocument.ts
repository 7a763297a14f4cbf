/** Save a binding or target. Another head than the edit started from is refused (409), nothing is overwritten. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useAfterDocument } from './afterDocument.ts';
import type { DocumentDetail, DocumentKind, Draft } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useSaveDocument(kind: DocumentKind, name: string) {
  const uid = useDatasourceUid();
  const cache = useQueryClient();
  return useMutation<DocumentDetail, ProblemError, Draft>({
    mutationFn: (draft) => callSidecar(uid, 'PUT', `documents/${kind}/${encodeURIComponent(name)}`, draft),
    onSuccess: async (saved) => {
      // A poll already under way could otherwise put the older head back.
      await cache.cancelQueries({ queryKey: [uid, 'documents', kind, name] });
      cache.setQueryData([uid, 'documents', kind, name], saved);
    },
    onSettled: useAfterDocument(kind, name),
  });
}
