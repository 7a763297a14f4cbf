/** Keep a deployment that awaits confirmation: the network still works. */
import { useMutation } from '@tanstack/react-query';
import type { Deployment } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { useAfterDeployment } from './afterDeployment.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useConfirm(binding: string) {
  const uid = useDatasourceUid();
  return useMutation<Deployment, ProblemError, { deployment: string }>({
    mutationFn: (request) =>
      callSidecar<Deployment>(uid, 'POST', `bindings/${encodeURIComponent(binding)}/confirm`, request),
    onSettled: useAfterDeployment(),
  });
}
