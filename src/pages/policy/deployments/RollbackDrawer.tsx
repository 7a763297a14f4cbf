/** The way back, shown before it is taken: the plan of the rollback, then the question, then what became of it. */
import React, { useState } from 'react';
import { dateTimeFormat } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Button, ConfirmModal, Drawer, Stack } from '@grafana/ui';
import { PermissionButton, ProblemAlert, sideText, SkeletonLines } from '../../../components/index.ts';
import { useRollback, useRollbackPlan, type Deployment } from '../../../data/index.ts';
import { raw } from '../../../locales/raw.ts';
import { testIds } from '../../../testIds.ts';
import { Outcome } from '../plan/Outcome.tsx';
import { PlanView } from '../plan/PlanView.tsx';

export function RollbackDrawer({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
  const [confirming, setConfirming] = useState(false);
  const rollback = useRollback(deployment.binding);
  const plan = useRollbackPlan({ binding: deployment.binding, deployment: deployment.id, enabled: !rollback.data });
  const blocked = rollback.isPending
    ? t('rollback.blocked-pending', 'Being rolled back…')
    : !plan.data
      ? t('rollback.blocked-no-plan', 'There is no plan yet.')
      : '';

  return (
    <Drawer
      size="lg"
      onClose={onClose}
      title={t('rollback.title', 'Roll back {{interface}} of {{target}}', {
        ...raw,
        interface: sideText(deployment),
        target: deployment.target,
      })}
      subtitle={t('rollback.subtitle', 'To what it was before the deployment of {{when}} by {{who}}', {
        ...raw,
        when: dateTimeFormat(deployment.startedAt),
        who: deployment.by,
      })}
    >
      <div data-testid={testIds.rollbackPlan}>
        <Stack direction="column" gap={2}>
          <Outcome
            doing={
              rollback.isPending
                ? t('rollback.doing', 'Rolling back {{interface}}…', { ...raw, interface: sideText(deployment) })
                : undefined
            }
            deployment={rollback.data}
            problem={rollback.error}
            onDismiss={rollback.reset}
          />
          {plan.error && <ProblemAlert problem={plan.error} onRetry={() => void plan.refetch()} />}
          {plan.isPending && <SkeletonLines lines={6} />}
          {plan.data && !rollback.data && <PlanView plan={plan.data} refused={rollback.error?.findings} />}
          <Stack gap={1} justifyContent="flex-end">
            <Button variant="secondary" onClick={onClose}>
              {t('rollback.close', 'Close')}
            </Button>
            {!rollback.data && (
              <PermissionButton
                right="rollback"
                blocked={blocked}
                variant="destructive"
                icon="history"
                data-testid={testIds.rollbackApply}
                onClick={() => setConfirming(true)}
              >
                {t('rollback.apply', 'Roll back')}
              </PermissionButton>
            )}
          </Stack>
        </Stack>
      </div>
      <ConfirmModal
        isOpen={confirming}
        title={t('rollback.confirm-title', 'Roll back {{interface}}?', { ...raw, interface: sideText(deployment) })}
        body={t('rollback.confirm-body', '', {
          ...raw,
          count: plan.data?.operations.length ?? 0,
          interface: sideText(deployment),
          target: deployment.target,
          defaultValue_one:
            '{{count}} operation puts {{interface}} of {{target}} back; the result is read back and confirmed.',
          defaultValue_other:
            '{{count}} operations put {{interface}} of {{target}} back; the result is read back and confirmed.',
        })}
        confirmText={t('rollback.confirm', 'Roll back')}
        dismissText={t('rollback.dismiss', 'Cancel')}
        onConfirm={() => {
          setConfirming(false);
          rollback.mutate({ deployment: deployment.id });
        }}
        onDismiss={() => setConfirming(false)}
      />
    </Drawer>
  );
}
