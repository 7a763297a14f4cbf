/** Bindings or targets as documents, with what is wrong with each. */
import { useQuery } from '@tanstack/react-query';
import type { DocumentKind, DocumentSummary } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { CALM } from './refresh.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useDocuments(kind: DocumentKind) {
  const uid = useDatasourceUid();
  return useQuery<DocumentSummary[], ProblemError>({
    queryKey: [uid, 'documents', kind],
    queryFn: () => callSidecar<DocumentSummary[]>(uid, 'GET', `documents/${kind}`),
    refetchInterval: CALM,
  });
}
