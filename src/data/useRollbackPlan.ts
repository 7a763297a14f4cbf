/** What rolling a deployment back would do to the interface. Never kept, for the same reason as a plan. */
import { useQuery } from '@tanstack/react-query';
import type { Plan } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useRollbackPlan({
  binding,
  deployment,
  enabled,
}: {
  binding: string;
  deployment: string;
  enabled: boolean;
}) {
  const uid = useDatasourceUid();
  return useQuery<Plan, ProblemError>({
    queryKey: [uid, 'rollback-plan', binding, deployment],
    queryFn: () =>
      callSidecar<Plan>(uid, 'POST', `bindings/${encodeURIComponent(binding)}/rollback-plan`, { deployment }),
    enabled,
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}
