/** One proof with its report. What has ended does not change any more. */
import { useQuery } from '@tanstack/react-query';
import type { Proof, ProofDetail } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useProof(proof: Proof | undefined) {
  const uid = useDatasourceUid();
  return useQuery<ProofDetail, ProblemError>({
    queryKey: [uid, 'proof', proof?.id ?? '', proof?.state ?? ''],
    queryFn: () => callSidecar<ProofDetail>(uid, 'GET', `proofs/${proof!.id}`),
    enabled: proof !== undefined && proof.state !== 'running',
    staleTime: Infinity,
  });
}
