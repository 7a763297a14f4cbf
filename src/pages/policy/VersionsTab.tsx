/** The versions of a policy, none of which is restored over what is being edited. */
import React from 'react';
import { t } from '@grafana/i18n';
import { EmptyState } from '@grafana/ui';
import { VersionsPanel } from '../versions/VersionsPanel.tsx';
import { isDirty, type Draft } from './draft.ts';

export function VersionsTab({ policy, draft }: { policy: string; draft: Draft }) {
  if (draft.base.revision === null) {
    return <EmptyState variant="not-found" hideImage message={t('versions.none', 'Nothing has been saved yet')} />;
  }
  const unsaved = isDirty(draft)
    ? t('versions.unsaved', 'Not while the document has unsaved changes: save or undo them first.')
    : '';
  return <VersionsPanel kind="policies" name={policy} blocked={unsaved} />;
}
