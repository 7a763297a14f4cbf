/** What one version of a document means beside another, with both texts. Neither ever changes. */
import { useQuery } from '@tanstack/react-query';
import type { ProblemError } from './problem.ts';
import { callSidecar, queryString } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';
import { pathOf, type Comparison, type Versioned } from './versioned.ts';

export function useChanges(kind: Versioned, name: string, { from, to }: { from: number; to: number }) {
  const uid = useDatasourceUid();
  return useQuery<Comparison, ProblemError>({
    queryKey: [uid, 'changes', kind, name, from, to],
    queryFn: () => callSidecar<Comparison>(uid, 'GET', `${pathOf(kind, name)}/changes${queryString({ from, to })}`),
    staleTime: Infinity,
  });
}
