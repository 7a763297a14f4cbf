/** Which interfaces of a binding a roll-out would change in which wave. */
import { useQuery } from '@tanstack/react-query';
import type { RolloutWaves } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useRolloutWaves(binding: string) {
  const uid = useDatasourceUid();
  return useQuery<RolloutWaves, ProblemError>({
    queryKey: [uid, 'rollout-waves', binding],
    queryFn: () => callSidecar<RolloutWaves>(uid, 'POST', 'rollouts/waves', { binding }),
  });
}
