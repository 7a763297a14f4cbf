/**
 * What would be done to a binding's interface. A plan is a picture of the live device, so it is never kept: each look asks again,
 * and apply names the plan that was looked at. `source` plans with an unsaved document.
 */
import { useQuery } from '@tanstack/react-query';
import type { Plan } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

interface Wanted {
  binding: string;
  revision: string;
  source?: string;
  enabled: boolean;
}

export function usePlan({ binding, revision, source, enabled }: Wanted) {
  const uid = useDatasourceUid();
  return useQuery<Plan, ProblemError>({
    queryKey: [uid, 'plan', binding, revision, source ?? ''],
    queryFn: () =>
      callSidecar<Plan>(
        uid,
        'POST',
        `bindings/${encodeURIComponent(binding)}/plan`,
        source === undefined ? {} : { source }
      ),
    enabled: enabled && binding !== '',
    staleTime: 0,
    gcTime: 0,
    // The operator is reading: lines must not move under the eye. Planning again is a button.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}
