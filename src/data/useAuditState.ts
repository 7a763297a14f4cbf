/** Whether the audit still says what it said. The whole chain is read for it: asked once, and again when somebody wants it. */
import { useQuery } from '@tanstack/react-query';
import type { AuditState } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useAuditState(enabled: boolean) {
  const uid = useDatasourceUid();
  return useQuery<AuditState, ProblemError>({
    queryKey: [uid, 'audit-state'],
    queryFn: () => callSidecar<AuditState>(uid, 'GET', 'audit/verify'),
    staleTime: 60_000,
    enabled,
  });
}
