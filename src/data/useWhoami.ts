/** Who the sidecar takes the caller for, and what that person may do. */
import { useQuery } from '@tanstack/react-query';
import type { Caller } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useWhoami() {
  const uid = useDatasourceUid();
  return useQuery<Caller, ProblemError>({
    queryKey: [uid, 'whoami'],
    queryFn: () => callSidecar<Caller>(uid, 'GET', 'whoami'),
    staleTime: 60_000,
  });
}
