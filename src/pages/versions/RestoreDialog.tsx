/** The question before an earlier version is saved again, with what that changes beside the saved document. */
import React from 'react';
import { t } from '@grafana/i18n';
import { Modal, Stack } from '@grafana/ui';
import { ModalFoot, PermissionButton, ProblemAlert, SkeletonLines } from '../../components/index.ts';
import type { Right } from '../../components/permissions.ts';
import { useChanges, useRestore, type Version, type Versioned } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { FindingList } from '../policy/document/FindingList.tsx';
import { ByItself } from './ByItself.tsx';
import { ChangeList } from './ChangeList.tsx';
import { TextDiff } from './TextDiff.tsx';

interface Props {
  kind: Versioned;
  name: string;
  right: Right;
  head: Version;
  version: Version;
  onClose: () => void;
}

export function RestoreDialog({ kind, name, right, head, version, onClose }: Props) {
  const comparison = useChanges(kind, name, { from: head.number, to: version.number });
  const restore = useRestore(kind, name);
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
        <div data-testid={testIds.restoreEffect}>
          {t('restore.body', 'Its text is saved again as a new version; no version is lost.')}{' '}
          <ByItself kind={kind} name={name} comparison={comparison.data} />
        </div>
        {comparison.error && <ProblemAlert problem={comparison.error} onRetry={() => void comparison.refetch()} />}
        {comparison.isPending && !comparison.error && <SkeletonLines lines={3} />}
        {comparison.data && (
          <>
            <strong>{t('restore.beside', 'Beside the saved document:')}</strong>
            <ChangeList kind={kind} comparison={comparison.data} />
            <TextDiff before={comparison.data.sources[0]} after={comparison.data.sources[1]} />
          </>
        )}
        {restore.error && (
          <ProblemAlert problem={restore.error} onRemove={restore.reset}>
            {restore.error.findings.length > 0 && <FindingList findings={restore.error.findings} />}
          </ProblemAlert>
        )}
      </Stack>
      <ModalFoot onCancel={onClose}>
        <PermissionButton
          right={right}
          blocked={blocked}
          data-testid={testIds.restoreConfirm}
          onClick={() =>
            restore.mutate(
              { number: version.number, baseRevision: head.removed ? null : head.revision },
              { onSuccess: onClose }
            )
          }
        >
          {t('restore.confirm', 'Restore')}
        </PermissionButton>
      </ModalFoot>
    </Modal>
  );
}
