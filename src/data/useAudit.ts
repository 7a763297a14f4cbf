/** Who did what, newest first. */
import { useQuery } from '@tanstack/react-query';
import type { AuditEntry } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { CALM } from './refresh.ts';
import { callSidecar, queryString } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useAudit(limit: number, enabled: boolean) {
  const uid = useDatasourceUid();
  return useQuery<AuditEntry[], ProblemError>({
    queryKey: [uid, 'audit', limit],
    queryFn: () => callSidecar<AuditEntry[]>(uid, 'GET', `audit${queryString({ limit })}`),
    refetchInterval: CALM,
    enabled,
  });
}
