/** Violations that are open now. */
import { useQuery } from '@tanstack/react-query';
import type { Violation } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { LIVE } from './refresh.ts';
import { callSidecar, queryString } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useViolations() {
  const uid = useDatasourceUid();
  return useQuery<Violation[], ProblemError>({
    queryKey: [uid, 'violations', 'open'],
    queryFn: () => callSidecar<Violation[]>(uid, 'GET', `violations${queryString({ open: true })}`),
    refetchInterval: LIVE,
  });
}
