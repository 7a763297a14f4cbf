/** What was done to the devices lately: the first question when something changed. */
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { TextLink, useStyles2 } from '@grafana/ui';
import { getTableStyles, Moment, sideText, StateLabel } from '../../components/index.ts';
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
        <div className={table.card} style={{ overflowX: 'auto' }}>
          <table className={table.table}>
            <thead>
              <tr>
                <th>{t('deployment.when', 'When')}</th>
                <th>{t('deployment.what', 'What')}</th>
                <th>{t('deployment.policy', 'Policy')}</th>
                <th>{t('deployment.where', 'Where')}</th>
                <th>{t('deployment.outcome', 'Outcome')}</th>
                <th className={table.right}>{t('deployment.operations', 'Operations')}</th>
                <th>{t('deployment.by', 'By')}</th>
              </tr>
            </thead>
            <tbody>
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
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  title: css({ fontSize: theme.typography.h5.fontSize, marginBottom: theme.spacing(1) }),
});
