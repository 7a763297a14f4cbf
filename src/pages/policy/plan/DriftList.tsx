/** What another hand changed on the interface, and the two ways on: the plan puts it right, or the document takes it in. */
import React, { useState } from 'react';
import { t } from '@grafana/i18n';
import { Alert, Stack } from '@grafana/ui';
import { PermissionButton } from '../../../components/index.ts';
import { useDrift, type BindingSummary } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';
import { AdoptDrawer } from './AdoptDrawer.tsx';
import { DriftItems } from './DriftItems.tsx';

interface Props {
  binding: BindingSummary;
  /** The document as it is open, saved or not */
  text: string;
  /** Why the plan below cannot be applied now, in words; empty when it can */
  blocked: string;
  onCorrect: () => void;
  onAdopt: (text: string) => void;
}

export function DriftList({ binding, text, blocked, onCorrect, onAdopt }: Props) {
  const [adopting, setAdopting] = useState(false);
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
      <DriftItems items={drifted} />
      <Stack gap={1} wrap="wrap">
        <PermissionButton
          right="apply"
          blocked={blocked}
          variant="secondary"
          icon="history"
          tooltip={t('drift.correct-tooltip', 'Applies the plan below, which puts it right. You are asked first.')}
          data-testid={testIds.driftCorrect}
          onClick={onCorrect}
        >
          {t('drift.correct', 'Correct it')}
        </PermissionButton>
        <PermissionButton
          right="plan"
          variant="secondary"
          icon="import"
          tooltip={t('drift.adopt-tooltip', 'Shows the document with the live figures. Nothing is saved.')}
          data-testid={testIds.driftAdopt}
          onClick={() => setAdopting(true)}
        >
          {t('drift.adopt', 'Adopt into the policy')}
        </PermissionButton>
      </Stack>
      {adopting && <AdoptDrawer binding={binding} text={text} onAdopt={onAdopt} onClose={() => setAdopting(false)} />}
    </Alert>
  );
}
