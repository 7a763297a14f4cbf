/** A panel without figures: loading, failed, asked the wrong question, or nothing there. Each is drawn on purpose. */
import { css, cx, keyframes } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, type IconName, useStyles2 } from '@grafana/ui';
import React from 'react';

interface Props {
  icon: IconName;
  tone: 'error' | 'quiet';
  title: string;
  /** What happened and what to do; the long half. */
  text?: string;
  height: number;
}

export function PanelNotice({ icon, tone, title, text, height }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.box} role={tone === 'error' ? 'alert' : 'status'}>
      {height > 170 && <Icon name={icon} size="xxxl" className={cx(tone === 'error' ? styles.error : styles.quiet)} />}
      <div className={styles.title}>
        {height <= 170 && <Icon name={icon} size="lg" className={cx(tone === 'error' ? styles.error : styles.quiet)} />}
        {title}
      </div>
      {text && height > 90 && <div className={styles.text}>{text}</div>}
    </div>
  );
}

/** Rows in the shape of what will come. Still for whoever asked for less motion. */
export function PanelSkeleton({ label, height, rowHeight }: { label: string; height: number; rowHeight: number }) {
  const styles = useStyles2(getStyles);
  const rows = Math.max(1, Math.min(8, Math.floor(height / rowHeight)));
  return (
    <div className={styles.skeleton} role="status" aria-busy="true" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={styles.bone} style={{ height: rowHeight - 8, opacity: 1 - row / (rows + 1) }} />
      ))}
    </div>
  );
}

const pulse = keyframes({ '0%, 100%': { opacity: 1 }, '50%': { opacity: 0.45 } });

const getStyles = (theme: GrafanaTheme2) => ({
  box: css({
    height: '100%',
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    justifyContent: 'safe center',
    gap: theme.spacing(1),
    padding: theme.spacing(1, 2),
    textAlign: 'center',
    overflow: 'auto',
  }),
  title: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1),
    fontSize: theme.typography.h4.fontSize,
    fontWeight: theme.typography.fontWeightMedium,
  }),
  text: css({ maxWidth: '64ch', color: theme.colors.text.secondary }),
  error: css({ color: theme.colors.error.text }),
  quiet: css({ color: theme.colors.text.disabled }),
  skeleton: css({
    height: '100%',
    overflow: 'hidden',
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(1),
  }),
  bone: css({
    flex: 'none',
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.secondary,
    [theme.transitions.handleMotion('no-preference')]: { animation: `${pulse} 1.6s ease-in-out infinite` },
  }),
});
