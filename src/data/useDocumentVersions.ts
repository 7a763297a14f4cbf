/** Every save of a binding or target, newest first, the one that deleted it among them. */
import { useQuery } from '@tanstack/react-query';
import type { DocumentKind, DocumentVersion } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useDocumentVersions(kind: DocumentKind, name: string) {
  const uid = useDatasourceUid();
  return useQuery<DocumentVersion[], ProblemError>({
    queryKey: [uid, 'document-versions', kind, name],
    queryFn: () => callSidecar(uid, 'GET', `documents/${kind}/${encodeURIComponent(name)}/versions`),
  });
}
