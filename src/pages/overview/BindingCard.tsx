/** One policy on one interface: its state, and each class's objectives with number, threshold and evidence. */
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Icon, TextLink, Tooltip, useStyles2 } from '@grafana/ui';
import { Moment, StateLabel, getTableStyles } from '../../components/index.ts';
import { sayBindingState } from '../../components/said.ts';
import { shortRevision } from '../../components/units.ts';
import { APP_ROOT } from '../../constants.ts';
import type { BindingSummary, ComplianceRow } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { ObjectiveRow } from './ObjectiveRow.tsx';
import { byClass } from './summary.ts';

interface Props {
  binding: BindingSummary;
  rows: ComplianceRow[];
  now: number;
}

export function BindingCard({ binding, rows, now }: Props) {
  const styles = useStyles2(getStyles);
  const table = useStyles2(getTableStyles);
  return (
    <section
      className={table.card}
      data-testid={testIds.binding(binding.name)}
      aria-label={[binding.site, binding.service].join(' ')}
    >
      <header className={styles.header}>
        <div className={styles.place}>
          <h2 className={styles.site}>{binding.site}</h2>
          <span>{binding.service}</span>
          <span className={styles.interface}>
            <Icon name={binding.direction === 'egress' ? 'arrow-right' : 'arrow-left'} size="sm" />
            <Tooltip content={t('binding.interface', 'Interface of target {{target}}', { target: binding.target })}>
              <code>{binding.interface}</code>
            </Tooltip>
            {binding.direction === 'egress' ? t('binding.egress', 'egress') : t('binding.ingress', 'ingress')}
          </span>
        </div>
        <div className={styles.state}>
          <StateLabel
            {...sayBindingState(binding.state)}
            data-testid={testIds.bindingState(binding.name)}
            data-state={binding.state}
          />
          <span className={styles.message}>{binding.message}</span>
          {binding.changesAt !== null && (
            <span className={styles.message}>
              {t('binding.changes', 'Changes by schedule')} <Moment at={binding.changesAt} />
            </span>
          )}
        </div>
        <div className={styles.policy}>
          <TextLink href={`${APP_ROOT}/policies/${binding.policy}?binding=${binding.name}`} inline={false}>
            {binding.policy}
          </TextLink>
          {binding.revision && (
            <Tooltip content={t('binding.revision', 'Revision of the policy in force')}>
              <code className={styles.revision}>{shortRevision(binding.revision)}</code>
            </Tooltip>
          )}
        </div>
      </header>
      {rows.length === 0 ? (
        <div className={styles.none}>
          <Trans i18nKey="binding.no-objectives">
            The policy states no objectives for its classes, so nothing is judged here. Add an <code>objective</code> to
            a class.
          </Trans>
        </div>
      ) : (
        <div className={styles.scroll}>
          <table className={table.table} style={{ tableLayout: 'fixed', minWidth: 940 }}>
            <colgroup>
              <col style={{ width: '15%' }} />
              <col style={{ width: '17%' }} />
              <col style={{ width: '14%' }} />
              <col style={{ width: '11%' }} />
              <col style={{ width: '10%' }} />
              <col style={{ width: 144 }} />
              <col style={{ width: 116 }} />
              <col style={{ width: '12%' }} />
            </colgroup>
            <thead>
              <tr>
                <th>{t('objective.class', 'Class')}</th>
                <th>{t('objective.objective', 'Objective')}</th>
                <th>{t('objective.verdict', 'Verdict')}</th>
                <th className={table.right}>{t('objective.measured', 'Measured')}</th>
                <th>{t('objective.owed', 'Owed')}</th>
                <th>{t('objective.trend', 'Trend')}</th>
                <th>{t('objective.coverage', 'Coverage')}</th>
                <th>{t('objective.since', 'Since')}</th>
              </tr>
            </thead>
            <tbody>
              {byClass(rows).map((group) =>
                group.rows.map((row, place) => (
                  <ObjectiveRow
                    key={`${row.trafficClass} ${row.objective}`}
                    row={row}
                    span={place === 0 ? group.rows.length : 0}
                    now={now}
                  />
                ))
              )}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  header: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1, 3),
    padding: theme.spacing(1.5, 2),
    background: theme.colors.background.secondary,
    borderBottom: `1px solid ${theme.colors.border.weak}`,
  }),
  place: css({ display: 'flex', alignItems: 'baseline', gap: theme.spacing(1.5) }),
  site: css({ margin: 0, fontSize: theme.typography.h5.fontSize, fontWeight: theme.typography.fontWeightMedium }),
  interface: css({
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(0.75),
    color: theme.colors.text.secondary,
  }),
  state: css({ display: 'flex', alignItems: 'baseline', gap: theme.spacing(1), flex: '1 1 260px', minWidth: 0 }),
  message: css({ color: theme.colors.text.secondary, overflow: 'hidden', textOverflow: 'ellipsis' }),
  policy: css({ display: 'inline-flex', alignItems: 'baseline', gap: theme.spacing(1) }),
  revision: css({ color: theme.colors.text.secondary }),
  none: css({ padding: theme.spacing(2), color: theme.colors.text.secondary }),
  scroll: css({ overflowX: 'auto' }),
});
