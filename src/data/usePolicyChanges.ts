/** What one version of a policy means beside another, with both texts. Neither ever changes. */
import { useQuery } from '@tanstack/react-query';
import type { PolicyComparison } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar, queryString } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function usePolicyChanges(name: string, { from, to }: { from: number; to: number }, enabled = true) {
  const uid = useDatasourceUid();
  return useQuery<PolicyComparison, ProblemError>({
    queryKey: [uid, 'changes', name, from, to],
    queryFn: () =>
      callSidecar<PolicyComparison>(
        uid,
        'GET',
        `policies/${encodeURIComponent(name)}/changes${queryString({ from, to })}`
      ),
    enabled,
    staleTime: Infinity,
  });
}
