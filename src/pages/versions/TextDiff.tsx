/** Two texts side by side, with what differs marked; long equal parts are folded. */
import React, { useMemo } from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import { testIds } from '../../testIds.ts';
import { fold, lineDiff, type Side } from './lineDiff.ts';

export function TextDiff({ before, after }: { before: string; after: string }) {
  const styles = useStyles2(getStyles);
  const rows = useMemo(() => fold(lineDiff(before, after)), [before, after]);
  return (
    <div className={styles.frame} data-testid={testIds.textDiff}>
      <table className={styles.table} aria-label={t('versions.text', 'Both texts, line by line')}>
        {/* A row that is folded goes over all columns, so that no row says how wide they are. */}
        <colgroup>
          <col className={styles.numbers} />
          <col />
          <col className={styles.numbers} />
          <col />
        </colgroup>
        <tbody>
          {rows.map((row, at) =>
            'folded' in row ? (
              <tr key={at}>
                <td colSpan={4} className={styles.folded}>
                  {t('versions.folded', '', {
                    count: row.folded,
                    defaultValue_one: '{{count}} equal line',
                    defaultValue_other: '{{count}} equal lines',
                  })}
                </td>
              </tr>
            ) : (
              <tr key={at}>
                <Half side={row.left} mark={row.same ? '' : styles.gone} />
                <Half side={row.right} mark={row.same ? '' : styles.come} />
              </tr>
            )
          )}
        </tbody>
      </table>
    </div>
  );
}

function Half({ side, mark }: { side: Side | undefined; mark: string }) {
  const styles = useStyles2(getStyles);
  return (
    <>
      <td className={styles.number}>{side?.line}</td>
      <td className={cx(styles.line, side && mark)}>{side?.text}</td>
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  frame: css({
    overflow: 'auto',
    maxHeight: '60vh',
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.primary,
  }),
  table: css({
    width: '100%',
    tableLayout: 'fixed',
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  numbers: css({ width: 48 }),
  number: css({
    paddingRight: theme.spacing(1),
    textAlign: 'right',
    verticalAlign: 'top',
    color: theme.colors.text.disabled,
    userSelect: 'none',
  }),
  line: css({ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', verticalAlign: 'top', padding: theme.spacing(0, 1) }),
  gone: css({ background: theme.colors.error.transparent }),
  come: css({ background: theme.colors.success.transparent }),
  folded: css({ textAlign: 'center', color: theme.colors.text.secondary, padding: theme.spacing(0.5) }),
});
