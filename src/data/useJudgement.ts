/** What the sidecar says about a document that need not be saved. The last judgement stays until the next one is there. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Judgement } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useJudgement(source: string, enabled = true) {
  const uid = useDatasourceUid();
  return useQuery<Judgement, ProblemError>({
    queryKey: [uid, 'judgement', source],
    queryFn: () => callSidecar<Judgement>(uid, 'POST', 'policies/validate', { source }),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 60_000,
    enabled,
  });
}
