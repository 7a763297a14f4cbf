/** Said while there is something to save: that to save is also to apply where a schedule does so by itself. */
import React from 'react';
import { t } from '@grafana/i18n';
import { Alert } from '@grafana/ui';
import { testIds } from '../../../testIds.ts';
import { ScheduledBindings, type ScheduledBinding } from '../../documents/ScheduledBindings.tsx';

export function SaveEffect({ bindings }: { bindings: readonly ScheduledBinding[] }) {
  return (
    <Alert
      severity="warning"
      title={t('save-effect.title', 'What you save is applied without anybody’s apply')}
      data-testid={testIds.saveEffect}
    >
      {t(
        'save-effect.text',
        'Bindings with a schedule apply the saved policy by themselves; elsewhere nothing changes until it is applied.'
      )}
      <ScheduledBindings bindings={bindings} />
    </Alert>
  );
}
