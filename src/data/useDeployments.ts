/** What was done to the devices, newest first. */
import { useQuery } from '@tanstack/react-query';
import type { Deployment } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { LIVE } from './refresh.ts';
import { callSidecar, queryString } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useDeployments({
  binding,
  limit,
  enabled = true,
}: {
  binding?: string;
  limit: number;
  enabled?: boolean;
}) {
  const uid = useDatasourceUid();
  return useQuery<Deployment[], ProblemError>({
    queryKey: [uid, 'deployments', binding ?? '', limit],
    queryFn: () => callSidecar<Deployment[]>(uid, 'GET', `deployments${queryString({ binding, limit })}`),
    enabled,
    refetchInterval: LIVE,
  });
}
