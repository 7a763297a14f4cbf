/** The roll-outs of one binding, newest first. */
import { useQuery } from '@tanstack/react-query';
import type { Rollout } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar, queryString } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

/** A wave takes a second or two: while one is under way, it is looked at as often. */
const FOLLOW = 1_000;
const REST = 15_000;

export function useRollouts(binding: string) {
  const uid = useDatasourceUid();
  return useQuery<Rollout[], ProblemError>({
    queryKey: [uid, 'rollouts', binding],
    queryFn: () => callSidecar<Rollout[]>(uid, 'GET', `rollouts${queryString({ binding, limit: 5 })}`),
    refetchInterval: ({ state }) => (state.data?.[0]?.state === 'running' ? FOLLOW : REST),
  });
}
