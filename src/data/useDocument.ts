/** One binding or target with its source as last saved. */
import { useQuery } from '@tanstack/react-query';
import type { DocumentDetail, DocumentKind } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { CALM } from './refresh.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useDocument(kind: DocumentKind, name: string) {
  const uid = useDatasourceUid();
  return useQuery<DocumentDetail, ProblemError>({
    queryKey: [uid, 'documents', kind, name],
    queryFn: () => callSidecar<DocumentDetail>(uid, 'GET', `documents/${kind}/${encodeURIComponent(name)}`),
    refetchInterval: CALM,
  });
}
