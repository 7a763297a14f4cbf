/** Stop a roll-out, confirm the wave that awaits it, or go on. */
import { useMutation } from '@tanstack/react-query';
import { useAfterDeployment } from './afterDeployment.ts';
import type { Rollout } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useRolloutAction(id: string) {
  const uid = useDatasourceUid();
  return useMutation<Rollout, ProblemError, 'stop' | 'confirm' | 'resume'>({
    mutationFn: (action) => callSidecar<Rollout>(uid, 'POST', `rollouts/${id}/${action}`, {}),
    onSettled: useAfterDeployment(),
  });
}
