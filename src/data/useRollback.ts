/** Put the interface back to what it was before a deployment. */
import { useMutation } from '@tanstack/react-query';
import type { Deployment } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { useAfterDeployment } from './afterDeployment.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useRollback(binding: string) {
  const uid = useDatasourceUid();
  return useMutation<Deployment, ProblemError, { deployment: string }>({
    mutationFn: (request) =>
      callSidecar<Deployment>(uid, 'POST', `bindings/${encodeURIComponent(binding)}/rollback`, request),
    onSettled: useAfterDeployment(),
  });
}
