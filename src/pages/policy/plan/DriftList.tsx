/** What another hand changed on the interface; the plan below would put it right. */
import React from 'react';
import { t } from '@grafana/i18n';
import { Alert } from '@grafana/ui';
import { useDrift, type BindingSummary } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';

export function DriftList({ binding }: { binding: BindingSummary }) {
  const drift = useDrift({ binding: binding.name, enabled: binding.state === 'drifted' });
  const drifted = binding.state === 'drifted' ? (drift.data?.drifted ?? []) : [];
  if (drifted.length === 0) {
    return null;
  }
  return (
    <Alert
      severity="warning"
      title={t('drift.title', '', {
        count: drifted.length,
        defaultValue_one: '{{count}} thing was changed by others since it was applied',
        defaultValue_other: '{{count}} things were changed by others since it was applied',
      })}
      bottomSpacing={0}
      data-testid={testIds.drift}
    >
      <ul>
        {drifted.map(({ path, words }, index) => (
          <li key={index}>
            {words} {path && <code>{path}</code>}
          </li>
        ))}
      </ul>
      {t('drift.correct', 'The plan below puts it right.')}
    </Alert>
  );
}
