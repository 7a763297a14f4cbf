import React from 'react';
import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Tooltip, useStyles2 } from '@grafana/ui';
import { Coverage, StateLabel, TrendLine, getTableStyles } from '../../components/index.ts';
import { sayVerdict } from '../../components/said.ts';
import { formatElapsed, formatMeasure, formatThreshold, isFloor } from '../../components/units.ts';
import type { ComplianceRow } from '../../data/index.ts';
import { raw } from '../../locales/raw.ts';
import { testIds } from '../../testIds.ts';

interface Props {
  row: ComplianceRow;
  /** Rows that the class's name spans; 0 when an earlier row carries it. */
  span: number;
  now: number;
}

/** One promise: what is owed, what was measured, how sure that is, and since when it is so. */
export function ObjectiveRow({ row, span, now }: Props) {
  const table = useStyles2(getTableStyles);
  const styles = useStyles2(getStyles);
  const violated = row.verdict === 'violated';
  return (
    <tr data-testid={testIds.objective(row.binding, row.trafficClass, row.objective)} data-verdict={row.verdict}>
      {span > 0 && (
        <td rowSpan={span} className={styles.class}>
          {row.trafficClass}
        </td>
      )}
      <td className={styles.objective}>
        <Tooltip content={row.definition}>
          <span className={styles.explained}>{row.label}</span>
        </Tooltip>
      </td>
      <td>
        <Tooltip content={row.reason}>
          <StateLabel {...sayVerdict(row.verdict)} tabIndex={0} />
        </Tooltip>
      </td>
      <td className={`${table.number} ${table.right}`}>
        {row.value === null ? (
          <span className={table.quiet}>–</span>
        ) : (
          <span className={violated ? styles.wrong : styles.measured}>{formatMeasure(row.value, row.unit)}</span>
        )}
      </td>
      <td className={`${table.number} ${table.quiet}`}>{formatThreshold(row.objective, row.threshold, row.unit)}</td>
      <td>
        <TrendLine
          points={row.trend}
          threshold={row.threshold}
          floor={isFloor(row.objective)}
          label={t('objective.trend-label', 'Trend of {{label}} of {{class}}', {
            ...raw,
            label: row.label,
            class: row.trafficClass,
          })}
        />
      </td>
      <td>
        {row.verdict !== 'not-measured' && (
          <Coverage coverage={row.coverage} samples={row.samples} expected={row.expected} />
        )}
      </td>
      <td className={`${table.number} ${table.quiet}`}>
        {row.since !== null && row.verdict !== 'not-measured' && (
          <Tooltip content={dateTimeFormat(row.since)}>
            <span>{formatElapsed(now - row.since)}</span>
          </Tooltip>
        )}
      </td>
    </tr>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  class: css({
    '&&': { verticalAlign: 'top' },
    fontWeight: theme.typography.fontWeightMedium,
    overflowWrap: 'anywhere',
  }),
  // The first cell of a row whose class stands in an earlier one, but not the first column.
  objective: css({ '&&&': { paddingLeft: theme.spacing(1) } }),
  explained: css({ borderBottom: `1px dotted ${theme.colors.border.strong}`, cursor: 'help' }),
  measured: css({ fontWeight: theme.typography.fontWeightMedium }),
  wrong: css({ fontWeight: theme.typography.fontWeightMedium, color: theme.colors.error.text }),
});
