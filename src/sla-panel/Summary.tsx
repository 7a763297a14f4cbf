/** How many objectives stand how, in one line; also what a screen reader is told when it changes. */
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Icon, useStyles2, useTheme2 } from '@grafana/ui';
import React from 'react';
import { toneColor } from '../components/StateLabel.tsx';
import { sayVerdict } from '../components/said.ts';
import type { Objective } from './objectives.ts';
import { countByVerdict } from './order.ts';

export const SUMMARY_HEIGHT = { large: 44, small: 30 };

interface Props {
  objectives: readonly Objective[];
  large: boolean;
  /** px; where the words do not fit, icons and numbers stay. */
  width: number;
}

export function Summary({ objectives, large, width }: Props) {
  const styles = useStyles2(getStyles, large);
  const theme = useTheme2();
  const counts = countByVerdict(objectives).map(({ verdict, count }) => ({ verdict, count, ...sayVerdict(verdict) }));
  const withWords =
    width >= counts.reduce((needed, { word }) => needed + (large ? 96 : 60) + word.length * (large ? 10 : 7.5), 0);
  return (
    <div className={styles.line} role="status" aria-label={t('summary.label', 'Objectives by verdict')}>
      {counts.map(({ verdict, count, word, icon, tone }) => (
        <span key={verdict} className={styles.count} style={{ color: toneColor(theme, tone) }} title={word}>
          <Icon name={icon} size={large ? 'xl' : 'md'} />
          <b className={styles.number}>{count}</b>
          <span className={cx(styles.word, !withWords && 'sr-only')}>{word}</span>
        </span>
      ))}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2, large: boolean) => ({
  line: css({
    flex: 'none',
    height: large ? SUMMARY_HEIGHT.large : SUMMARY_HEIGHT.small,
    display: 'flex',
    alignItems: 'center',
    columnGap: large ? 'clamp(12px, 2.2vw, 36px)' : theme.spacing(1.75),
    overflow: 'hidden',
    whiteSpace: 'nowrap',
    paddingBottom: theme.spacing(1),
  }),
  count: css({ display: 'inline-flex', alignItems: 'center', gap: theme.spacing(0.75), lineHeight: 1 }),
  number: css({ fontSize: large ? 28 : theme.typography.h5.fontSize, fontVariantNumeric: 'tabular-nums' }),
  word: css({ fontSize: large ? theme.typography.h4.fontSize : theme.typography.body.fontSize }),
});
