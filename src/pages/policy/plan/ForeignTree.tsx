/** What is on the interface was put there by somebody else. Said before anything replaces it. */
import React, { type ReactNode } from 'react';
import { t } from '@grafana/i18n';
import { Alert, Stack, TextLink } from '@grafana/ui';
import { sideText } from '../../../components/index.ts';
import { APP_ROOT } from '../../../constants.ts';
import type { Plan } from '../../../data/index.ts';
import { raw } from '../../../locales/raw.ts';
import { testIds } from '../../../testIds.ts';
import { needsConsent } from './whyNotApply.ts';

/** `children`: how consent is given, shown only where it is needed. */
export function ForeignTree({ plan, children }: { plan: Plan; children: ReactNode }) {
  if (plan.live.owner !== 'foreign' || plan.operations.length === 0) {
    return null;
  }
  const consent = needsConsent(plan);
  return (
    <Alert
      severity={consent ? 'warning' : 'info'}
      title={t('foreign.title', 'The queues on {{interface}} are not Clearpath’s', {
        ...raw,
        interface: sideText(plan),
      })}
      bottomSpacing={0}
      data-testid={testIds.planForeign}
    >
      <Stack direction="column" gap={1}>
        <div>{plan.live.summary}</div>
        <div>
          {consent
            ? t('foreign.lost', 'Replacing them is for good: no rollback puts them back as they were. {{reason}}', {
                ...raw,
                reason: plan.live.reason ?? '',
              })
            : t('foreign.kept', 'They are recorded before they are replaced; a rollback puts them back exactly.')}
        </div>
        <TextLink
          href={`${APP_ROOT}/policies?import=true&target=${encodeURIComponent(plan.target)}&interface=${encodeURIComponent(plan.interface)}&direction=${plan.direction}`}
        >
          {t('foreign.import', 'Import them as a policy')}
        </TextLink>
        {consent && <div>{children}</div>}
      </Stack>
    </Alert>
  );
}
