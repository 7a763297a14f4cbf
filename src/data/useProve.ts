/** Begin to prove the saved policy with the figures of a binding; it goes on by itself. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Proof } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useProve(binding: string) {
  const uid = useDatasourceUid();
  const cache = useQueryClient();
  return useMutation<Proof, ProblemError, void>({
    mutationFn: () => callSidecar<Proof>(uid, 'POST', `bindings/${encodeURIComponent(binding)}/proofs`),
    onSettled: () => cache.invalidateQueries({ queryKey: [uid, 'proofs'] }),
  });
}
