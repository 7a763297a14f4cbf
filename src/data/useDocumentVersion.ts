/** The text of one version of a binding or target. */
import { useQuery } from '@tanstack/react-query';
import type { DocumentKind, DocumentVersionText } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useDocumentVersion(kind: DocumentKind, name: string, number: number, enabled = true) {
  const uid = useDatasourceUid();
  return useQuery<DocumentVersionText, ProblemError>({
    queryKey: [uid, 'document-version', kind, name, number],
    queryFn: () => callSidecar(uid, 'GET', `documents/${kind}/${encodeURIComponent(name)}/versions/${number}`),
    staleTime: Infinity,
    enabled,
  });
}
