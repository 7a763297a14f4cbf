/** A device was touched, well or badly: everything that shows its state asks again. */
import { useQueryClient } from '@tanstack/react-query';
import { useDatasourceUid } from './SidecarProvider.tsx';

export function useAfterDeployment() {
  const uid = useDatasourceUid();
  const cache = useQueryClient();
  return async () => {
    await Promise.all(
      ['bindings', 'deployments', 'plan', 'rollouts', 'sla'].map((subject) =>
        cache.invalidateQueries({ queryKey: [uid, subject] })
      )
    );
  };
}
