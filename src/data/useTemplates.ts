/** Policies to start from. They come with the sidecar and do not change while it runs. */
import { useQuery } from '@tanstack/react-query';
import type { Template } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useTemplates() {
  const uid = useDatasourceUid();
  return useQuery<Template[], ProblemError>({
    queryKey: [uid, 'templates'],
    queryFn: () => callSidecar<Template[]>(uid, 'GET', 'templates'),
    staleTime: Infinity,
  });
}
