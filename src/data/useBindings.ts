/** Which policy acts on which interface, and whether it is in force. */
import { useQuery } from '@tanstack/react-query';
import type { BindingSummary } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { LIVE } from './refresh.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useBindings() {
  const uid = useDatasourceUid();
  return useQuery<BindingSummary[], ProblemError>({
    queryKey: [uid, 'bindings'],
    queryFn: () => callSidecar<BindingSummary[]>(uid, 'GET', 'bindings'),
    refetchInterval: LIVE,
  });
}
