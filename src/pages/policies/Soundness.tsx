import React from 'react';
import { t } from '@grafana/i18n';
import { Stack } from '@grafana/ui';
import { StateLabel } from '../../components/index.ts';

/** How many findings a document has, worst first; "Sound" when none stands in the way. */
export function Soundness({ errors, warnings }: { errors: number; warnings: number }) {
  if (errors === 0 && warnings === 0) {
    return <StateLabel icon="check-circle" tone="good" word={t('soundness.sound', 'Sound')} />;
  }
  return (
    <Stack gap={1.5}>
      {errors > 0 && (
        <StateLabel
          icon="exclamation-circle"
          tone="bad"
          word={t('soundness.errors', '', {
            count: errors,
            defaultValue_one: '{{count}} error',
            defaultValue_other: '{{count}} errors',
          })}
        />
      )}
      {warnings > 0 && (
        <StateLabel
          icon="exclamation-triangle"
          tone="warn"
          word={t('soundness.warnings', '', {
            count: warnings,
            defaultValue_one: '{{count}} warning',
            defaultValue_other: '{{count}} warnings',
          })}
        />
      )}
    </Stack>
  );
}
