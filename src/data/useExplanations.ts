/** What each code of a finding means, from the sidecar itself: there without a way to the internet. */
import { useQuery } from '@tanstack/react-query';
import type { Explanation } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useExplanations() {
  const uid = useDatasourceUid();
  return useQuery<Explanation[], ProblemError>({
    queryKey: [uid, 'findings'],
    queryFn: () => callSidecar<Explanation[]>(uid, 'GET', 'findings'),
    staleTime: Infinity,
  });
}
