/** Every policy, as the list shows it. */
import { useQuery } from '@tanstack/react-query';
import type { PolicySummary } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { CALM } from './refresh.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function usePolicies() {
  const uid = useDatasourceUid();
  return useQuery<PolicySummary[], ProblemError>({
    queryKey: [uid, 'policies'],
    queryFn: () => callSidecar<PolicySummary[]>(uid, 'GET', 'policies'),
    refetchInterval: CALM,
  });
}
