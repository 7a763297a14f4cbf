/** What there is to shape, with the interfaces of each. */
import { useQuery } from '@tanstack/react-query';
import type { TargetSummary } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useTargets() {
  const uid = useDatasourceUid();
  return useQuery<TargetSummary[], ProblemError>({
    queryKey: [uid, 'targets'],
    queryFn: () => callSidecar<TargetSummary[]>(uid, 'GET', 'targets'),
  });
}
