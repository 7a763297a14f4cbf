/** What was done with this policy: who, when, where, how it ended, and each operation; and the way back. */
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { EmptyState, useStyles2 } from '@grafana/ui';
import { DataTable, ProblemAlert, SkeletonLines } from '../../../components/index.ts';
import { useDeployments, type BindingSummary } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';
import { useUrlState } from '../../urlState.ts';
import { DeploymentRow } from './DeploymentRow.tsx';
import { RollbackDrawer } from './RollbackDrawer.tsx';

export function DeploymentsTab({ policy, bindings }: { policy: string; bindings: BindingSummary[] }) {
  const styles = useStyles2(getStyles);
  const [url, setUrl] = useUrlState();
  const deployments = useDeployments({ limit: 100 });
  const own = deployments.data?.filter((deployment) => deployment.policy === policy) ?? [];
  const open = url.get('deployment');
  const rollingBack = own.find((deployment) => deployment.id === url.get('rollback'));

  return (
    <div className={styles.page} data-testid={testIds.deployments}>
      {deployments.error && <ProblemAlert problem={deployments.error} onRetry={() => void deployments.refetch()} />}
      {deployments.isPending && !deployments.error && <SkeletonLines lines={4} height={5} />}
      {deployments.data && own.length === 0 && (
        <EmptyState
          variant="not-found"
          hideImage
          message={t('deployments.empty', 'This policy has not been applied yet')}
        >
          <Trans i18nKey="deployments.empty-text">
            Look at its plan; applying it records the first deployment here.
          </Trans>
        </EmptyState>
      )}
      {own.length > 0 && (
        <DataTable
          heads={[
            { label: t('deployments.details', 'Details') },
            t('deployment.when', 'When'),
            t('deployment.what', 'What'),
            t('deployment.where', 'Where'),
            t('deployment.outcome', 'Outcome'),
            t('deployment.revision', 'Revision'),
            { text: t('deployment.operations', 'Operations'), right: true },
            t('deployment.by', 'By'),
            '',
          ]}
        >
          {own.map((deployment) => (
            <DeploymentRow
              key={deployment.id}
              deployment={deployment}
              open={deployment.id === open}
              inForce={bindings.some((binding) => binding.deployment === deployment.id)}
              onToggle={() =>
                setUrl({ deployment: deployment.id === open ? undefined : deployment.id }, { replace: true })
              }
              onRollback={() => setUrl({ rollback: deployment.id })}
            />
          ))}
        </DataTable>
      )}
      {rollingBack && <RollbackDrawer deployment={rollingBack} onClose={() => setUrl({ rollback: undefined })} />}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), marginTop: theme.spacing(2) }),
});
