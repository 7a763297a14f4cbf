/** The question before an earlier version is saved again, with what that changes beside the saved document. */
import React from 'react';
import { t } from '@grafana/i18n';
import { Button, Modal, Stack } from '@grafana/ui';
import { PermissionButton, ProblemAlert, SkeletonLines } from '../../../components/index.ts';
import { usePolicyChanges, useRestore, type PolicyVersion } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';
import { FindingList } from '../document/FindingList.tsx';
import { ChangeList } from './ChangeList.tsx';

interface Props {
  policy: string;
  head: PolicyVersion;
  version: PolicyVersion;
  onClose: () => void;
}

export function RestoreDialog({ policy, head, version, onClose }: Props) {
  const comparison = usePolicyChanges(policy, { from: head.number, to: version.number });
  const restore = useRestore(policy);
  const blocked = restore.isPending
    ? t('restore.pending', 'Being saved…')
    : !comparison.data
      ? t('restore.no-changes', 'What it changes is not known yet.')
      : '';
  return (
    <Modal
      isOpen
      title={t('restore.title', 'Restore version {{number}}?', { number: version.number })}
      onDismiss={onClose}
    >
      <Stack direction="column" gap={2}>
        <span>
          {t(
            'restore.body',
            'Its text is saved again as a new version; no version is lost. Nothing changes on any interface until it is applied. Beside the saved document:'
          )}
        </span>
        {comparison.error && <ProblemAlert problem={comparison.error} onRetry={() => void comparison.refetch()} />}
        {comparison.isPending && !comparison.error && <SkeletonLines lines={3} />}
        {comparison.data && <ChangeList comparison={comparison.data} />}
        {restore.error && (
          <ProblemAlert problem={restore.error} onRemove={restore.reset}>
            {restore.error.findings.length > 0 && <FindingList findings={restore.error.findings} />}
          </ProblemAlert>
        )}
      </Stack>
      <Modal.ButtonRow>
        <Button variant="secondary" fill="outline" onClick={onClose}>
          {t('restore.dismiss', 'Cancel')}
        </Button>
        <PermissionButton
          right="draft"
          blocked={blocked}
          data-testid={testIds.restoreConfirm}
          onClick={() =>
            restore.mutate({ number: version.number, baseRevision: head.revision }, { onSuccess: onClose })
          }
        >
          {t('restore.confirm', 'Restore')}
        </PermissionButton>
      </Modal.ButtonRow>
    </Modal>
  );
}
