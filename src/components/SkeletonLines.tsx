/** The shape of what is coming, so that nothing jumps when it arrives. */
import React from 'react';
import { css, keyframes } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';

interface Props {
  lines: number;
  /** Height of one line in grid units of the theme. */
  height?: number;
}

export function SkeletonLines({ lines, height = 4 }: Props) {
  const styles = useStyles2(getStyles, height);
  return (
    <div role="status" aria-label={t('loading.label', 'Loading')} className={styles.column}>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className={styles.line} />
      ))}
    </div>
  );
}

const pulse = keyframes({ '0%, 100%': { opacity: 1 }, '50%': { opacity: 0.45 } });

const getStyles = (theme: GrafanaTheme2, height: number) => ({
  column: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  line: css({
    height: theme.spacing(height),
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.secondary,
    [theme.transitions.handleMotion('no-preference')]: { animation: `${pulse} 1.6s ease-in-out infinite` },
  }),
});
