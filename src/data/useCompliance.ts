/** Each objective of each class with its verdict. */
import { useQuery } from '@tanstack/react-query';
import type { ComplianceRow } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { LIVE } from './refresh.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useCompliance() {
  const uid = useDatasourceUid();
  return useQuery<ComplianceRow[], ProblemError>({
    queryKey: [uid, 'sla'],
    queryFn: () => callSidecar<ComplianceRow[]>(uid, 'GET', 'sla'),
    refetchInterval: LIVE,
  });
}
