/** One line for each objective, for a panel in a corner of somebody else's dashboard. */
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import type { TimeZone } from '@grafana/schema';
import { Icon, Tooltip, useStyles2, useTheme2 } from '@grafana/ui';
import React from 'react';
import { toneColor } from '../components/StateLabel.tsx';
import { sayVerdict } from '../components/said.ts';
import { Details } from './Details.tsx';
import { inWords, valueFigure } from './figures.ts';
import { hatching } from './hatching.ts';
import type { Objective } from './objectives.ts';
import { limitWords, NOTHING, spoken } from './words.ts';

interface Props {
  objectives: readonly Objective[];
  width: number;
  contextOf: (objective: Objective) => string;
  timeZone: TimeZone;
}

export function CompactList({ objectives, width, contextOf, timeZone }: Props) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  return (
    <ul className={styles.list}>
      {objectives.map((objective) => {
        const { word, icon, tone } = sayVerdict(objective.verdict);
        const figure = valueFigure(objective);
        return (
          <Tooltip
            key={objective.key}
            content={<Details objective={objective} timeZone={timeZone} />}
            placement="auto"
            interactive
          >
            <li
              className={cx(styles.line, styles[objective.verdict])}
              tabIndex={0}
              aria-label={spoken(objective)}
              data-verdict={objective.verdict}
            >
              <span className={styles.verdict} style={{ color: toneColor(theme, tone) }}>
                <Icon name={icon} size="sm" />
                {width >= 340 && word}
              </span>
              <span className={styles.name}>
                <b className={styles.trafficClass}>{objective.trafficClass}</b> {objective.label}
                {contextOf(objective) && <span className={styles.quiet}> {contextOf(objective)}</span>}
              </span>
              <span className={styles.figure}>{figure ? inWords(figure) : width < 340 ? word : NOTHING}</span>
              {width >= 260 && <span className={styles.limit}>{limitWords(objective)}</span>}
            </li>
          </Tooltip>
        );
      })}
    </ul>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({
    margin: 0,
    padding: 0,
    listStyle: 'none',
    fontVariantNumeric: 'tabular-nums',
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  line: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1),
    minHeight: 26,
    padding: theme.spacing(0, 0.75),
    borderBottom: `1px solid ${theme.colors.border.weak}`,
    whiteSpace: 'nowrap',
    '&:hover': { background: theme.colors.action.hover },
    '&:focus-visible': { outline: `2px solid ${theme.colors.primary.border}`, outlineOffset: -2 },
  }),
  violated: css({ background: theme.colors.error.transparent, boxShadow: `inset 3px 0 0 ${theme.colors.error.main}` }),
  compliant: css({}),
  'no-data': css({ background: hatching(theme) }),
  insufficient: css({ background: hatching(theme) }),
  'not-measured': css({ color: theme.colors.text.secondary }),
  verdict: css({ display: 'inline-flex', alignItems: 'center', gap: theme.spacing(0.5), flex: 'none' }),
  name: css({ flex: 1, overflow: 'hidden', textOverflow: 'ellipsis' }),
  trafficClass: css({ fontWeight: theme.typography.fontWeightMedium }),
  quiet: css({ color: theme.colors.text.secondary }),
  figure: css({ fontWeight: theme.typography.fontWeightMedium }),
  limit: css({ color: theme.colors.text.secondary, minWidth: 62 }),
});
