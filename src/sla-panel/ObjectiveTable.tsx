/** Objectives as a table, class by class: everything there is to know, where the panel has the width for it. */
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import type { TimeZone } from '@grafana/schema';
import { Tooltip, useStyles2 } from '@grafana/ui';
import React from 'react';
import { StateLabel } from '../components/StateLabel.tsx';
import { sayVerdict } from '../components/said.ts';
import { TrendLine } from '../components/TrendLine.tsx';
import { formatElapsed } from '../components/units.ts';
import { Details } from './Details.tsx';
import { inWords, valueFigure } from './figures.ts';
import { hatching } from './hatching.ts';
import type { Objective } from './objectives.ts';
import { byClass } from './order.ts';
import { coverageWords, isCounted, limitWords, NOTHING, samplesWords } from './words.ts';

interface Props {
  objectives: readonly Objective[];
  width: number;
  showTrend: boolean;
  contextOf: (objective: Objective) => string;
  now: number;
  timeZone: TimeZone;
}

/** Columns leave in the order of what an operator misses least. */
const columnsFor = (width: number, showTrend: boolean) => ({
  trend: showTrend && width >= 700,
  coverage: width >= 790,
  samples: width >= 920,
  since: width >= 580,
});

/** The trend takes what the words leave, as far as a line of a minute is worth it. */
const trendWidth = (width: number) => Math.max(130, Math.min(560, width - 940));

export function ObjectiveTable({ objectives, width, showTrend, contextOf, now, timeZone }: Props) {
  const styles = useStyles2(getStyles);
  const columns = columnsFor(width, showTrend);

  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{t('table.class', 'Class')}</th>
          <th scope="col">{t('table.objective', 'Objective')}</th>
          <th scope="col">{t('table.verdict', 'Verdict')}</th>
          <th scope="col" className={styles.right}>
            {t('table.measured', 'Measured')}
          </th>
          <th scope="col">{t('table.owed', 'Owed')}</th>
          {columns.trend && <th scope="col">{t('table.trend', 'Trend')}</th>}
          {columns.coverage && (
            <th scope="col" className={styles.right}>
              {t('table.coverage', 'Coverage')}
            </th>
          )}
          {columns.samples && (
            <th scope="col" className={styles.right}>
              {t('table.samples', 'Samples')}
            </th>
          )}
          {columns.since && (
            <th scope="col" className={styles.right}>
              {t('table.since', 'For')}
            </th>
          )}
        </tr>
      </thead>
      {byClass(objectives).map(({ name, objectives: ofClass }) => (
        <tbody key={name} className={styles.class}>
          {ofClass.map((objective, row) => {
            const figure = valueFigure(objective);
            const counted = isCounted(objective);
            const { verdict } = objective;
            return (
              <Tooltip
                key={objective.key}
                content={<Details objective={objective} timeZone={timeZone} />}
                placement="auto-start"
                interactive
              >
                <tr className={cx(styles.row, styles[verdict])} tabIndex={0} data-verdict={verdict}>
                  {row === 0 && (
                    <th scope="rowgroup" rowSpan={ofClass.length} className={styles.className}>
                      {objective.trafficClass}
                      {contextOf(objective) && <div className={styles.context}>{contextOf(objective)}</div>}
                    </th>
                  )}
                  <td className={styles.objective}>{objective.label}</td>
                  <td>
                    <StateLabel {...sayVerdict(verdict)} />
                  </td>
                  <td className={cx(styles.right, styles.value)}>{figure ? inWords(figure) : NOTHING}</td>
                  <td className={styles.limit}>{limitWords(objective)}</td>
                  {columns.trend && (
                    <td>
                      <TrendLine
                        points={objective.trend}
                        threshold={objective.threshold}
                        floor={objective.floor}
                        width={trendWidth(width)}
                        height={20}
                        label={t('table.trendLabel', 'Trend of {{label}} of {{trafficClass}}', {
                          label: objective.label,
                          trafficClass: objective.trafficClass,
                        })}
                      />
                    </td>
                  )}
                  {columns.coverage && <td className={styles.right}>{counted ? coverageWords(objective) : NOTHING}</td>}
                  {columns.samples && <td className={styles.right}>{counted ? samplesWords(objective) : NOTHING}</td>}
                  {columns.since && (
                    <td className={cx(styles.right, styles.since)}>
                      {objective.since === null ? NOTHING : formatElapsed(now - objective.since)}
                    </td>
                  )}
                </tr>
              </Tooltip>
            );
          })}
        </tbody>
      ))}
    </table>
  );
}

const getStyles = (theme: GrafanaTheme2) => {
  const cell = { padding: theme.spacing(0.5, 1), whiteSpace: 'nowrap', verticalAlign: 'middle' } as const;
  return {
    table: css({
      width: '100%',
      borderCollapse: 'separate',
      borderSpacing: 0,
      fontVariantNumeric: 'tabular-nums',
      'thead th': {
        ...cell,
        position: 'sticky',
        top: 0,
        zIndex: 1,
        background: theme.colors.background.primary,
        borderBottom: `1px solid ${theme.colors.border.medium}`,
        color: theme.colors.text.secondary,
        fontSize: theme.typography.bodySmall.fontSize,
        fontWeight: theme.typography.fontWeightMedium,
        textAlign: 'left',
      },
      'tbody td': cell,
    }),
    class: css({ '& > tr:last-child > *, & > tr > th': { borderBottom: `1px solid ${theme.colors.border.weak}` } }),
    row: css({
      '&:hover > td': { background: theme.colors.action.hover },
      '&:focus-visible': { outline: `2px solid ${theme.colors.primary.border}`, outlineOffset: -2 },
    }),
    violated: css({
      '& > td': { background: theme.colors.error.transparent },
      '& > td:first-of-type': { boxShadow: `inset 3px 0 0 ${theme.colors.error.main}` },
      fontWeight: theme.typography.fontWeightMedium,
    }),
    compliant: css({}),
    'no-data': css({ '& > td': { background: hatching(theme) } }),
    insufficient: css({ '& > td': { background: hatching(theme) } }),
    'not-measured': css({ color: theme.colors.text.secondary }),
    className: css({
      ...cell,
      verticalAlign: 'top',
      paddingTop: theme.spacing(0.75),
      textAlign: 'left',
      fontWeight: theme.typography.fontWeightMedium,
      color: theme.colors.text.primary,
    }),
    context: css({
      fontSize: theme.typography.bodySmall.fontSize,
      fontWeight: theme.typography.fontWeightRegular,
      color: theme.colors.text.secondary,
    }),
    objective: css({ overflow: 'hidden', textOverflow: 'ellipsis' }),
    right: css({ textAlign: 'right !important' as 'right' }),
    value: css({ fontSize: theme.typography.h5.fontSize }),
    limit: css({ color: theme.colors.text.secondary }),
    since: css({ color: theme.colors.text.secondary }),
  };
};
