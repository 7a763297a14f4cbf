/** Delete a binding or target; its versions stay. What is still in use is refused (409). */
import { useMutation } from '@tanstack/react-query';
import { useAfterDocument } from './afterDocument.ts';
import type { DocumentKind } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useDeleteDocument(kind: DocumentKind, name: string) {
  const uid = useDatasourceUid();
  return useMutation<unknown, ProblemError, { baseRevision: string }>({
    mutationFn: (request) => callSidecar(uid, 'DELETE', `documents/${kind}/${encodeURIComponent(name)}`, request),
    onSuccess: useAfterDocument(kind, name),
  });
}
