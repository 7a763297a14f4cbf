/** A deployment with a deadline: the seconds that are left, and the button that keeps it. */
import React from 'react';
import { t } from '@grafana/i18n';
import { Stack } from '@grafana/ui';
import { Countdown, PermissionButton, ProblemAlert } from '../../../components/index.ts';
import { useConfirm, type Deployment } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';

export function AwaitingConfirmation({ deployment }: { deployment: Deployment }) {
  const confirm = useConfirm(deployment.binding);
  return (
    <Stack direction="column" gap={1}>
      <Stack alignItems="center" gap={1}>
        <Countdown id={deployment.id} seconds={deployment.secondsToConfirm ?? 0} />
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
