/** The text with the fix of one finding, as the sidecar makes it. Nothing is saved: the draft is the page's. */
import { useMutation } from '@tanstack/react-query';
import type { Finding, FixedText } from './contract.ts';
import type { ProblemError } from './problem.ts';
import { callSidecar } from './sidecar.ts';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useFix() {
  const uid = useDatasourceUid();
  return useMutation<FixedText, ProblemError, { source: string; finding: Finding }>({
    mutationFn: ({ source, finding: { code, path } }) =>
      callSidecar<FixedText>(uid, 'POST', 'policies/fix', { source, code, path }),
  });
}
