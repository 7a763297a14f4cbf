/** What the sidecar says about a binding or target that need not be saved, with what it would change around it. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { DocumentKind } from './contract.ts';
import type { Finding } from '../../backend/policy/finding.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useDocumentJudgement(kind: DocumentKind, name: string, source: string, enabled: boolean) {
  const uid = useDatasourceUid();
  return useQuery<{ findings: Finding[] }, ProblemError>({
    queryKey: [uid, 'documents', kind, name, 'judgement', source],
    queryFn: () => callSidecar(uid, 'POST', `documents/${kind}/validate`, { name, source }),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
    enabled,
  });
}
