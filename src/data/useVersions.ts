/** Every save of a document, newest first, the one that deleted it among them; of a policy with where it is in force. */
import { useQuery } from '@tanstack/react-query';
import type { ProblemError } from './problem.ts';
import { CALM } from './refresh.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';
import { pathOf, type Version, type Versioned } from './versioned.ts';

export function useVersions(kind: Versioned, name: string, enabled = true) {
  const uid = useDatasourceUid();
  return useQuery<Version[], ProblemError>({
    queryKey: [uid, 'versions', kind, name],
    queryFn: () => callSidecar<Version[]>(uid, 'GET', `${pathOf(kind, name)}/versions`),
    enabled,
    refetchInterval: CALM,
  });
}
