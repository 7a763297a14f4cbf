/** Save a document. `baseRevision` is the revision the edit started from; another head is refused (409), nothing is overwritten. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Draft, PolicyDetail } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useSavePolicy(name: string) {
  const uid = useDatasourceUid();
  const cache = useQueryClient();
  return useMutation<PolicyDetail, ProblemError, Draft>({
    mutationFn: (draft) => callSidecar<PolicyDetail>(uid, 'PUT', `policies/${encodeURIComponent(name)}`, draft),
    onSuccess: async (saved) => {
      // A poll already under way could otherwise put the older head back.
      await cache.cancelQueries({ queryKey: [uid, 'policy', name] });
      cache.setQueryData([uid, 'policy', name], saved);
      void cache.invalidateQueries({ queryKey: [uid, 'policies'] });
      void cache.invalidateQueries({ queryKey: [uid, 'versions', 'policies', name] });
    },
    onError: () => cache.invalidateQueries({ queryKey: [uid, 'policy', name] }),
  });
}
