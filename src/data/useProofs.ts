/** The proofs of a policy, newest first; asked for every second while one is under way. */
import { useQuery } from '@tanstack/react-query';
import type { Proof } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { CALM, WATCHED } from './refresh.ts';
import { callSidecar, queryString } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useProofs(policy: string) {
  const uid = useDatasourceUid();
  return useQuery<Proof[], ProblemError>({
    queryKey: [uid, 'proofs', policy],
    queryFn: () => callSidecar<Proof[]>(uid, 'GET', `proofs${queryString({ policy, limit: 50 })}`),
    refetchInterval: ({ state }) => (state.data?.some((proof) => proof.state === 'running') ? WATCHED : CALM),
  });
}
