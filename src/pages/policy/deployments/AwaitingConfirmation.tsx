/** A deployment with a deadline: the seconds that are left, and the button that keeps it. */
import React, { useEffect, useState } from 'react';
import { t } from '@grafana/i18n';
import { Stack } from '@grafana/ui';
import { PermissionButton, ProblemAlert } from '../../../components/index.ts';
import { useConfirm, type Deployment } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';

/** Counts down from what the sidecar said, by a clock that nobody can set. */
function useSecondsLeft(said: number): number {
  const [left, setLeft] = useState(said);
  useEffect(() => {
    const began = performance.now();
    const count = () => setLeft(Math.max(0, said - Math.floor((performance.now() - began) / 1000)));
    count();
    const timer = setInterval(count, 250);
    return () => clearInterval(timer);
  }, [said]);
  return left;
}

export function AwaitingConfirmation({ deployment }: { deployment: Deployment }) {
  const left = useSecondsLeft(deployment.secondsToConfirm ?? 0);
  const confirm = useConfirm(deployment.binding);
  return (
    <Stack direction="column" gap={1}>
      <Stack alignItems="center" gap={1}>
        <span role="timer" data-testid={testIds.countdown(deployment.id)} data-seconds={left}>
          {left > 0
            ? t('confirmation.left', '', {
                count: left,
                defaultValue_one: 'Rolled back in {{count}} second unless it is confirmed.',
                defaultValue_other: 'Rolled back in {{count}} seconds unless it is confirmed.',
              })
            : t('confirmation.over', 'The time is over: it is being rolled back.')}
        </span>
        <PermissionButton
          right="apply"
          size="sm"
          icon="check"
          blocked={confirm.isPending ? t('confirmation.pending', 'Being confirmed…') : ''}
          data-testid={testIds.confirm(deployment.id)}
          onClick={() => confirm.mutate({ deployment: deployment.id })}
        >
          {t('confirmation.confirm', 'Confirm')}
        </PermissionButton>
      </Stack>
      {confirm.error && <ProblemAlert problem={confirm.error} onRemove={confirm.reset} />}
    </Stack>
  );
}
