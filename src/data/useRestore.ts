/**
 * Save the text of an earlier version as a new one, also of a document that was deleted. Another head than the operator
 * saw is refused (409), nothing is rewritten.
 */
import { useMutation } from '@tanstack/react-query';
import { useAfterDocument } from './afterDocument.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';
import { pathOf, type Versioned } from './versioned.ts';

export function useRestore(kind: Versioned, name: string) {
  const uid = useDatasourceUid();
  return useMutation<unknown, ProblemError, { number: number; baseRevision: string | null }>({
    mutationFn: (request) => callSidecar(uid, 'POST', `${pathOf(kind, name)}/restore`, request),
    onSettled: useAfterDocument(kind, name),
  });
}
