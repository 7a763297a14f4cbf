/** What is on an interface as a policy. Asked each time anew: it is a picture of the live device, and nothing is saved. */
import { useMutation } from '@tanstack/react-query';
import type { ImportedPolicy, ImportRequest } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useImport(target: string) {
  const uid = useDatasourceUid();
  return useMutation<ImportedPolicy, ProblemError, ImportRequest>({
    mutationFn: (request) =>
      callSidecar<ImportedPolicy>(uid, 'POST', `targets/${encodeURIComponent(target)}/import`, request),
  });
}
