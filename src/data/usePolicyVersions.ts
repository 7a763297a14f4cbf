/** Every save of a policy, newest first: who, when, and where it is in force. */
import { useQuery } from '@tanstack/react-query';
import type { PolicyVersion } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { CALM } from './refresh.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function usePolicyVersions(name: string, enabled: boolean) {
  const uid = useDatasourceUid();
  return useQuery<PolicyVersion[], ProblemError>({
    queryKey: [uid, 'versions', name],
    queryFn: () => callSidecar<PolicyVersion[]>(uid, 'GET', `policies/${encodeURIComponent(name)}/versions`),
    enabled,
    refetchInterval: CALM,
  });
}
