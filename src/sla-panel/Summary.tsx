/** How many objectives stand how, in one line; also what a screen reader is told when it changes. */
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Icon, useStyles2, useTheme2 } from '@grafana/ui';
import React from 'react';
import { toneColor } from '../components/StateLabel.tsx';
import { sayVerdict } from '../components/said.ts';
import type { Objective } from './objectives.ts';
import { countByVerdict } from './order.ts';

export const SUMMARY_HEIGHT = { large: 44, small: 30 };

export function Summary({ objectives, large }: { objectives: readonly Objective[]; large: boolean }) {
  const styles = useStyles2(getStyles, large);
  const theme = useTheme2();
  return (
    <div className={styles.line} role="status" aria-label={t('summary.label', 'Objectives by verdict')}>
      {countByVerdict(objectives).map(({ verdict, count }) => {
        const { word, icon, tone } = sayVerdict(verdict);
        return (
          <span key={verdict} className={styles.count} style={{ color: toneColor(theme, tone) }}>
            <Icon name={icon} size={large ? 'xl' : 'md'} />
            <b className={styles.number}>{count}</b>
            <span className={styles.word}>{word}</span>
          </span>
        );
      })}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2, large: boolean) => ({
  line: css({
    flex: 'none',
    height: large ? SUMMARY_HEIGHT.large : SUMMARY_HEIGHT.small,
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(large ? 4 : 2),
    overflow: 'hidden',
    whiteSpace: 'nowrap',
    paddingBottom: theme.spacing(1),
  }),
  count: css({ display: 'inline-flex', alignItems: 'center', gap: theme.spacing(0.75), lineHeight: 1 }),
  number: css({ fontSize: large ? 28 : theme.typography.h5.fontSize, fontVariantNumeric: 'tabular-nums' }),
  word: css({ fontSize: large ? theme.typography.h4.fontSize : theme.typography.body.fontSize }),
});
