/** Who did what, newest first, page by page; looked for by the sidecar in all there is. */
import { useInfiniteQuery, type InfiniteData } from '@tanstack/react-query';
import type { AuditEntry, AuditQuery } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { CALM } from './refresh.ts';
import { callSidecar, queryString } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

const PAGE = 100;

export function useAudit(question: AuditQuery, enabled: boolean) {
  const uid = useDatasourceUid();
  const asked = Object.values(question).some((value) => value !== undefined);
  return useInfiniteQuery<AuditEntry[], ProblemError, InfiniteData<AuditEntry[]>, unknown[], number | undefined>({
    queryKey: [uid, 'audit', question],
    queryFn: ({ pageParam }) =>
      callSidecar<AuditEntry[]>(uid, 'GET', `audit${queryString({ ...question, before: pageParam, limit: PAGE })}`),
    initialPageParam: undefined,
    getNextPageParam: (last) => (last.length === PAGE ? last.at(-1)!.number : undefined),
    // Who looks for something, or reads what is older, is not disturbed.
    refetchInterval: ({ state }) => (asked || (state.data?.pages.length ?? 0) > 1 ? false : CALM),
    placeholderData: (previous) => previous,
    enabled,
  });
}
