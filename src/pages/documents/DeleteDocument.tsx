/** The question before a document is deleted, and why that was refused. */
import React, { useState } from 'react';
import { t } from '@grafana/i18n';
import { locationService } from '@grafana/runtime';
import { Button, Modal, Stack } from '@grafana/ui';
import { ModalFoot, PermissionButton, ProblemAlert } from '../../components/index.ts';
import { APP_ROOT } from '../../constants.ts';
import { useDeleteDocument, type Versioned } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';

interface Props {
  kind: Versioned;
  name: string;
  revision: string;
  /** Why not now; empty when it may be tried */
  blocked: string;
}

export function DeleteDocument({ kind, name, revision, blocked }: Props) {
  const [asking, setAsking] = useState(false);
  const remove = useDeleteDocument(kind, name);
  const close = () => {
    setAsking(false);
    remove.reset();
  };
  return (
    <>
      <PermissionButton
        right={kind === 'policies' ? 'draft' : 'bind'}
        blocked={blocked}
        variant="secondary"
        icon="trash-alt"
        data-testid={testIds.documentDelete}
        onClick={() => setAsking(true)}
      >
        {t('document.delete', 'Delete')}
      </PermissionButton>
      <Modal isOpen={asking} title={t('document.delete-title', 'Delete {{name}}?', { name })} onDismiss={close}>
        <Stack direction="column" gap={2}>
          <span>
            {t(
              'document.delete-body',
              'Its versions are kept and can be restored. What is in force on an interface has to be rolled back first, and what other documents name cannot be deleted.'
            )}
          </span>
          {remove.error && <ProblemAlert problem={remove.error} onRemove={remove.reset} />}
        </Stack>
        <ModalFoot onCancel={close}>
          <Button
            variant="destructive"
            disabled={remove.isPending}
            data-testid={testIds.documentDeleteConfirm}
            onClick={() =>
              remove.mutate(
                { baseRevision: revision },
                { onSuccess: () => locationService.push(`${APP_ROOT}/${kind === 'policies' ? kind : 'bindings'}`) }
              )
            }
          >
            {t('document.delete-confirm', 'Delete')}
          </Button>
        </ModalFoot>
      </Modal>
    </>
  );
}
