/** One policy with its source as last saved. */
import { useQuery } from '@tanstack/react-query';
import type { PolicyDetail } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { CALM } from './refresh.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function usePolicy(name: string) {
  const uid = useDatasourceUid();
  return useQuery<PolicyDetail, ProblemError>({
    queryKey: [uid, 'policy', name],
    queryFn: () => callSidecar<PolicyDetail>(uid, 'GET', `policies/${encodeURIComponent(name)}`),
    // Somebody else may save meanwhile: the editor says so before its own save is refused.
    refetchInterval: CALM,
  });
}
