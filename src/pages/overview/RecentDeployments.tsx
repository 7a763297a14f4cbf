/** What was done to the devices lately: the first question when something changed. */
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { TextLink, useStyles2 } from '@grafana/ui';
import { DataTable, Moment, StateLabel, getTableStyles, sideText } from '../../components/index.ts';
import { sayAction, sayDeploymentState } from '../../components/said.ts';
import { APP_ROOT } from '../../constants.ts';
import type { Deployment } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';

export function RecentDeployments({ deployments }: { deployments: Deployment[] }) {
  const styles = useStyles2(getStyles);
  const table = useStyles2(getTableStyles);
  return (
    <section data-testid={testIds.recentDeployments}>
      <h2 className={styles.title}>
        <Trans i18nKey="overview.deployments">Recent deployments</Trans>
      </h2>
      {deployments.length === 0 ? (
        <div className={table.quiet}>
          <Trans i18nKey="overview.no-deployments">Nothing has been applied to a device yet.</Trans>
        </div>
      ) : (
        <DataTable
          heads={[
            t('deployment.when', 'When'),
            t('deployment.what', 'What'),
            t('deployment.policy', 'Policy'),
            t('deployment.where', 'Where'),
            t('deployment.outcome', 'Outcome'),
            { text: t('deployment.operations', 'Operations'), right: true },
            t('deployment.by', 'By'),
          ]}
        >
          {deployments.map((deployment) => (
            <tr key={deployment.id}>
              <td className={table.number}>
                <Moment at={deployment.startedAt} />
              </td>
              <td>{sayAction(deployment.action)}</td>
              <td>
                <TextLink
                  href={`${APP_ROOT}/policies/${deployment.policy}?tab=deployments&deployment=${deployment.id}`}
                  inline={false}
                >
                  {deployment.policy}
                </TextLink>
              </td>
              <td>
                <code>{sideText(deployment)}</code> <span className={table.quiet}>{deployment.target}</span>
              </td>
              <td>
                <StateLabel {...sayDeploymentState(deployment.state)} title={deployment.message} />
              </td>
              <td className={`${table.number} ${table.right}`}>{deployment.operations.length}</td>
              <td>{deployment.by}</td>
            </tr>
          ))}
        </DataTable>
      )}
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  title: css({ fontSize: theme.typography.h5.fontSize, marginBottom: theme.spacing(1) }),
});
