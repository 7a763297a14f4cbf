/** A policy's text with what another hand changed on an interface. Nothing is saved: the draft is the page's. */
import { useMutation } from '@tanstack/react-query';
import type { Adoption, AdoptRequest } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useAdopt(binding: string) {
  const uid = useDatasourceUid();
  return useMutation<Adoption, ProblemError, AdoptRequest>({
    mutationFn: (request) =>
      callSidecar<Adoption>(uid, 'POST', `bindings/${encodeURIComponent(binding)}/adopt`, request),
  });
}
