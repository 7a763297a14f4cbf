/** Carry a plan out. Refused when the device or the policy has changed since the plan was made. */
import { useMutation } from '@tanstack/react-query';
import type { ApplyRequest, Deployment } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { useAfterDeployment } from './afterDeployment.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useApply(binding: string) {
  const uid = useDatasourceUid();
  return useMutation<Deployment, ProblemError, ApplyRequest>({
    mutationFn: (request) =>
      callSidecar<Deployment>(uid, 'POST', `bindings/${encodeURIComponent(binding)}/apply`, request),
    onSettled: useAfterDeployment(),
  });
}
