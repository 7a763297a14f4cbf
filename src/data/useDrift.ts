/** What another hand changed on an interface since it was read back. */
import { useQuery } from '@tanstack/react-query';
import type { Drift } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { CALM } from './refresh.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useDrift({ binding, enabled }: { binding: string; enabled: boolean }) {
  const uid = useDatasourceUid();
  return useQuery<Drift, ProblemError>({
    queryKey: [uid, 'bindings', binding, 'drift'],
    queryFn: () => callSidecar<Drift>(uid, 'GET', `bindings/${encodeURIComponent(binding)}/drift`),
    enabled,
    refetchInterval: CALM,
  });
}
