/** Save the text of an earlier version as a new one, also of a document that was deleted. */
import { useMutation } from '@tanstack/react-query';
import { useAfterDocument } from './afterDocument.ts';
import type { DocumentDetail, DocumentKind } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useRestoreDocument(kind: DocumentKind, name: string) {
  const uid = useDatasourceUid();
  return useMutation<DocumentDetail, ProblemError, { number: number; baseRevision: string | null }>({
    mutationFn: (request) => callSidecar(uid, 'POST', `documents/${kind}/${encodeURIComponent(name)}/restore`, request),
    onSettled: useAfterDocument(kind, name),
  });
}
