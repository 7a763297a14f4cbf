/** A state said twice, by icon and by word, so that nobody depends on colour. */
import React, { forwardRef, type HTMLAttributes } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2, IconName } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';

export type Tone = 'good' | 'bad' | 'warn' | 'info' | 'quiet';

export function toneColor(theme: GrafanaTheme2, tone: Tone): string {
  switch (tone) {
    case 'good':
      return theme.colors.success.text;
    case 'bad':
      return theme.colors.error.text;
    case 'warn':
      return theme.colors.warning.text;
    case 'info':
      return theme.colors.info.text;
    case 'quiet':
      return theme.colors.text.secondary;
  }
}

export interface Said {
  word: string;
  icon: IconName;
  tone: Tone;
}

type Props = Said & HTMLAttributes<HTMLSpanElement>;

export const StateLabel = forwardRef<HTMLSpanElement, Props>(function StateLabel({ word, icon, tone, ...rest }, ref) {
  const styles = useStyles2(getStyles, tone);
  return (
    <span {...rest} ref={ref} className={styles.label}>
      <Icon name={icon} size="sm" className={styles.icon} />
      <span>{word}</span>
    </span>
  );
});

const getStyles = (theme: GrafanaTheme2, tone: Tone) => ({
  label: css({
    display: 'inline-flex',
    alignItems: 'baseline',
    gap: theme.spacing(0.5),
    color: toneColor(theme, tone),
    fontWeight: tone === 'bad' || tone === 'warn' ? theme.typography.fontWeightMedium : undefined,
    whiteSpace: 'nowrap',
  }),
  // The word gives the baseline, so that a label stands in line with the text beside it.
  icon: css({ alignSelf: 'center' }),
});
