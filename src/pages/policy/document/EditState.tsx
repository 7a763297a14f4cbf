import React from 'react';
import { t } from '@grafana/i18n';
import { StateLabel } from '../../../components/index.ts';
import { shortRevision } from '../../../components/units.ts';
import type { PolicyDetail } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';
import { isDirty, type Draft } from '../draft.ts';

/** Whether what stands in the editor is what the sidecar holds. */
export function EditState({ draft, head, saving }: { draft: Draft; head?: Pick<PolicyDetail, 'revision' | 'updatedBy'>; saving: boolean }) {
  if (saving) {
    return (
      <StateLabel
        icon="sync"
        tone="info"
        word={t('edit.saving', 'Saving…')}
        data-testid={testIds.editState}
        data-state="saving"
      />
    );
  }
  if (isDirty(draft)) {
    const word =
      draft.base.revision === null ? t('edit.never-saved', 'Never saved') : t('edit.unsaved', 'Unsaved changes');
    return <StateLabel icon="pen" tone="warn" word={word} data-testid={testIds.editState} data-state="unsaved" />;
  }
  return (
    <StateLabel
      icon="check"
      tone="quiet"
      word={t('edit.saved', 'Saved as {{revision}}', { revision: shortRevision(head?.revision ?? '') })}
      title={head ? t('edit.saved-by', 'by {{who}}', { who: head.updatedBy }) : undefined}
      data-testid={testIds.editState}
      data-state="saved"
    />
  );
}
