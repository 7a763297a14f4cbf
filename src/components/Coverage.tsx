/** How much of what should have been measured was measured: a number without it is not evidence. */
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Tooltip, useStyles2 } from '@grafana/ui';

interface Props {
  /** 0 to 1 */
  coverage: number;
  samples: number;
  expected: number;
}

export function Coverage({ coverage, samples, expected }: Props) {
  const percent = Math.floor(coverage * 100);
  const styles = useStyles2(getStyles, percent, coverage >= 0.9);
  return (
    <Tooltip content={t('coverage.tooltip', '{{samples}} of {{expected}} expected samples', { samples, expected })}>
      <span className={styles.box}>
        <span className={styles.track}>
          <span className={styles.fill} />
        </span>
        <span className={styles.number}>{`${percent} %`}</span>
      </span>
    </Tooltip>
  );
}

const getStyles = (theme: GrafanaTheme2, percent: number, enough: boolean) => ({
  box: css({ display: 'inline-flex', alignItems: 'center', gap: theme.spacing(1) }),
  track: css({
    width: 40,
    height: 4,
    borderRadius: theme.shape.radius.default,
    background: theme.colors.border.medium,
    overflow: 'hidden',
  }),
  fill: css({
    display: 'block',
    height: '100%',
    width: `${percent}%`,
    background: enough ? theme.colors.text.secondary : theme.colors.warning.main,
  }),
  number: css({
    fontVariantNumeric: 'tabular-nums',
    color: enough ? theme.colors.text.secondary : theme.colors.warning.text,
  }),
});
