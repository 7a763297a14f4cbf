/** Begin to roll a binding's policy out over its interfaces. */
import { useMutation } from '@tanstack/react-query';
import { useAfterDeployment } from './afterDeployment.ts';
import type { Rollout, RolloutRequest } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useStartRollout() {
  const uid = useDatasourceUid();
  return useMutation<Rollout, ProblemError, RolloutRequest>({
    mutationFn: (request) => callSidecar<Rollout>(uid, 'POST', 'rollouts', request),
    onSettled: useAfterDeployment(),
  });
}
