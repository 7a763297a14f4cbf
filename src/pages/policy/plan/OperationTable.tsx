/** The exact lines that tc is given, in order, each with the part of the policy it comes from and why. */
import React from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { ClipboardButton, Icon, Tooltip, useStyles2 } from '@grafana/ui';
import { getTableStyles, toneColor } from '../../../components/index.ts';
import { verbTone } from '../../../components/said.ts';
import type { PlannedOperation } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';
import { cutAtVerb } from './tcLine.ts';

interface Props {
  operations: PlannedOperation[];
  /** Policy paths whose operation the kernel refused. */
  refused?: string[];
}

export function OperationTable({ operations, refused = [] }: Props) {
  const table = useStyles2(getTableStyles);
  const styles = useStyles2(getStyles);
  return (
    <div className={table.card} style={{ overflowX: 'auto' }}>
      <table className={table.table}>
        <thead>
          <tr>
            <th className={cx(table.right, styles.count)}>#</th>
            <th>
              <span className={styles.head}>
                {t('operation.command', 'tc batch line')}
                <ClipboardButton
                  size="sm"
                  variant="secondary"
                  fill="text"
                  icon="copy"
                  getText={() => operations.map((operation) => operation.command).join('\n')}
                  aria-label={t('operation.copy', 'Copy all lines')}
                />
              </span>
            </th>
            <th>{t('operation.reason', 'Why, and from where in the policy')}</th>
          </tr>
        </thead>
        <tbody>
          {operations.map((operation, place) => (
            <tr
              key={`${place} ${operation.command}`}
              data-testid={testIds.planOperation}
              className={cx(styles.row, refused.includes(operation.path) && styles.refused)}
            >
              <td className={cx(table.number, table.right, table.quiet)}>{place + 1}</td>
              <td>
                <Command operation={operation} />
              </td>
              <td className={styles.reason}>
                {operation.disruptive && (
                  <Tooltip content={t('operation.disruptive', 'Disruptive: what waits in this queue is dropped.')}>
                    <span className={styles.disruptive}>
                      <Icon name="exclamation-triangle" size="sm" />
                    </span>
                  </Tooltip>
                )}
                {operation.reason} <span className={styles.path}>{operation.path}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Command({ operation }: { operation: PlannedOperation }) {
  const styles = useStyles2(getStyles);
  const tone = useStyles2(getVerb, operation.verb);
  const { before, verb, after } = cutAtVerb(operation);
  return (
    <span className={styles.command}>
      {before}
      <span className={tone}>{verb}</span>
      {after}
    </span>
  );
}

const getVerb = (theme: GrafanaTheme2, verb: PlannedOperation['verb']) =>
  css({ color: toneColor(theme, verbTone[verb]), fontWeight: theme.typography.fontWeightBold });

const getStyles = (theme: GrafanaTheme2) => ({
  count: css({ width: 48 }),
  head: css({ display: 'inline-flex', alignItems: 'center', gap: theme.spacing(1) }),
  row: css({
    '&& > td': { verticalAlign: 'baseline', paddingTop: theme.spacing(0.5), paddingBottom: theme.spacing(0.5) },
  }),
  refused: css({ '&& > td': { background: theme.colors.error.transparent } }),
  command: css({
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  }),
  reason: css({ width: '36%', minWidth: 240, fontSize: theme.typography.bodySmall.fontSize }),
  disruptive: css({ color: toneColor(theme, 'warn'), marginRight: theme.spacing(0.5) }),
  path: css({
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
    marginLeft: theme.spacing(0.5),
    overflowWrap: 'anywhere',
  }),
});
