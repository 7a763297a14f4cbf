/** Save the text of an earlier version as a new one. Another head than the operator saw is refused (409), nothing is rewritten. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { PolicyDetail } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useRestore(name: string) {
  const uid = useDatasourceUid();
  const cache = useQueryClient();
  return useMutation<PolicyDetail, ProblemError, { number: number; baseRevision: string }>({
    mutationFn: (request) =>
      callSidecar<PolicyDetail>(uid, 'POST', `policies/${encodeURIComponent(name)}/restore`, request),
    onSuccess: async (saved) => {
      await cache.cancelQueries({ queryKey: [uid, 'policy', name] });
      cache.setQueryData([uid, 'policy', name], saved);
      void cache.invalidateQueries({ queryKey: [uid, 'policies'] });
    },
    onError: () => cache.invalidateQueries({ queryKey: [uid, 'policy', name] }),
    onSettled: () => cache.invalidateQueries({ queryKey: [uid, 'versions', name] }),
  });
}
