/** Delete a document; its versions stay. What is still in use or in force is refused (409). */
import { useMutation } from '@tanstack/react-query';
import { useAfterDocument } from './afterDocument.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';
import { pathOf, type Versioned } from './versioned.ts';

export function useDeleteDocument(kind: Versioned, name: string) {
  const uid = useDatasourceUid();
  return useMutation<unknown, ProblemError, { baseRevision: string }>({
    mutationFn: (request) => callSidecar(uid, 'DELETE', pathOf(kind, name), request),
    onSuccess: useAfterDocument(kind, name),
  });
}
