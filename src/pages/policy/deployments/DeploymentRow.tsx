import React from 'react';
import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { IconButton, useStyles2 } from '@grafana/ui';
import { getTableStyles, Moment, PermissionButton, sideText, StateLabel } from '../../../components/index.ts';
import { sayAction, sayDeploymentState } from '../../../components/said.ts';
import { shortRevision } from '../../../components/units.ts';
import type { Deployment } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';
import { AwaitingConfirmation } from './AwaitingConfirmation.tsx';
import { OperationTable } from '../plan/OperationTable.tsx';

interface Props {
  deployment: Deployment;
  open: boolean;
  /** It is what the interface holds now: the only one that can be rolled back. */
  inForce: boolean;
  onToggle: () => void;
  onRollback: () => void;
}

/** One deployment; opened, its outcome in words and its lines. */
export function DeploymentRow({ deployment, open, inForce, onToggle, onRollback }: Props) {
  const table = useStyles2(getTableStyles);
  const styles = useStyles2(getStyles);
  return (
    <>
      <tr data-testid={testIds.deployment(deployment.id)} data-state={deployment.state} data-action={deployment.action}>
        <td className={styles.toggle}>
          <IconButton
            name={open ? 'angle-down' : 'angle-right'}
            aria-expanded={open}
            aria-label={
              open ? t('deployments.close', 'Hide the operations') : t('deployments.open', 'Show the operations')
            }
            onClick={onToggle}
          />
        </td>
        <td className={table.number}>
          <div>{dateTimeFormat(deployment.startedAt)}</div>
          <div className={styles.ago}>
            <Moment at={deployment.startedAt} />
          </div>
        </td>
        <td>{sayAction(deployment.action)}</td>
        <td className={styles.where}>
          <code>{sideText(deployment)}</code> <span className={table.quiet}>{deployment.target}</span>
        </td>
        <td>
          <StateLabel {...sayDeploymentState(deployment.state)} title={deployment.message} />
          {inForce && <div className={styles.ago}>{t('deployments.in-force', 'in force')}</div>}
          {deployment.secondsToConfirm !== null && <AwaitingConfirmation deployment={deployment} />}
        </td>
        <td>
          <code>{shortRevision(deployment.revision)}</code>
        </td>
        <td className={`${table.number} ${table.right}`}>{deployment.operations.length}</td>
        <td>{deployment.by}</td>
        <td className={styles.action}>
          {inForce && (
            <PermissionButton
              right="rollback"
              size="sm"
              variant="secondary"
              icon="history"
              tooltip={t('deployments.rollback-tooltip', 'Shows first what would be done.')}
              data-testid={testIds.rollback(deployment.id)}
              onClick={onRollback}
            >
              {t('deployments.rollback', 'Roll back')}
            </PermissionButton>
          )}
        </td>
      </tr>
      {open && (
        <tr>
          <td />
          <td colSpan={8} className={styles.details}>
            <p>{deployment.message}</p>
            {deployment.operations.length > 0 && <OperationTable operations={deployment.operations} />}
          </td>
        </tr>
      )}
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  where: css({ whiteSpace: 'nowrap' }),
  ago: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  toggle: css({ width: 40 }),
  action: css({
    '&&': { textAlign: 'right', paddingTop: 0, paddingBottom: 0, height: theme.spacing(5) },
    whiteSpace: 'nowrap',
  }),
  details: css({ '&&': { paddingBottom: theme.spacing(2) } }),
});
