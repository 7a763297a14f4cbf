/** A document is another: what the page knows of it, and of bindings, targets and policies, is asked again. */
import { useQueryClient } from '@tanstack/react-query';
import { useDatasourceUid } from './SidecarProvider.tsx';
import type { Versioned } from './versioned.ts';

export function useAfterDocument(kind: Versioned, name: string) {
  const uid = useDatasourceUid();
  const cache = useQueryClient();
  return () => {
    void cache.invalidateQueries({ queryKey: [uid, 'versions', kind, name] });
    for (const what of ['documents', 'bindings', 'targets', 'policy', 'policies', 'rollout-waves']) {
      void cache.invalidateQueries({ queryKey: [uid, what] });
    }
  };
}
