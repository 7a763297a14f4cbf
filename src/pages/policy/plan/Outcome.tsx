/** What became of an apply or a rollback: under way, confirmed by reading back, failed, or refused at a place of the policy. */
import React from 'react';
import { t } from '@grafana/i18n';
import { Alert, Spinner, Stack } from '@grafana/ui';
import { ProblemAlert, sideText } from '../../../components/index.ts';
import { sayAction } from '../../../components/said.ts';
import type { Deployment, ProblemError } from '../../../data/index.ts';
import { raw } from '../../../locales/raw.ts';
import { testIds } from '../../../testIds.ts';
import { AwaitingConfirmation } from '../deployments/AwaitingConfirmation.tsx';
import { FindingList } from '../document/FindingList.tsx';

interface Props {
  /** What is being done now, in words. */
  doing?: string;
  deployment?: Deployment;
  problem: ProblemError | null;
  onDismiss: () => void;
}

export function Outcome({ doing, deployment, problem, onDismiss }: Props) {
  if (doing) {
    return (
      <Alert severity="info" title={doing} bottomSpacing={0} data-testid={testIds.applying}>
        <Stack alignItems="center" gap={1}>
          <Spinner inline />
          {t(
            'outcome.doing',
            'Each step is journalled first: leaving this page does not stop it, and a crash ends in the old state or the new one.'
          )}
        </Stack>
      </Alert>
    );
  }
  if (problem) {
    return (
      <div data-testid={testIds.outcome} data-state="refused">
        <ProblemAlert problem={problem} onRemove={onDismiss}>
          {problem.findings.length > 0 && <FindingList findings={problem.findings} />}
        </ProblemAlert>
      </div>
    );
  }
  if (!deployment) {
    return null;
  }
  if (deployment.state === 'awaiting-confirmation') {
    return (
      <Alert
        severity="warning"
        title={t('outcome.awaiting', '{{action}} awaits confirmation on {{interface}}', {
          ...raw,
          action: sayAction(deployment.action),
          interface: sideText(deployment),
        })}
        bottomSpacing={0}
        data-testid={testIds.outcome}
        data-state={deployment.state}
      >
        <p>{deployment.message}</p>
        <AwaitingConfirmation deployment={deployment} />
      </Alert>
    );
  }
  const done = deployment.state === 'confirmed';
  return (
    <Alert
      severity={done ? 'success' : 'error'}
      title={
        done
          ? t('outcome.confirmed', '{{action}} confirmed on {{interface}}', {
              ...raw,
              action: sayAction(deployment.action),
              interface: sideText(deployment),
            })
          : t('outcome.failed', '{{action}} did not succeed on {{interface}}', {
              ...raw,
              action: sayAction(deployment.action),
              interface: sideText(deployment),
            })
      }
      onRemove={onDismiss}
      bottomSpacing={0}
      data-testid={testIds.outcome}
      data-state={deployment.state}
    >
      {deployment.message}
    </Alert>
  );
}
