/** Objectives as tiles as large as the panel allows: read from three metres, violations first and filled. */
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2, TimeZone } from '@grafana/data';
import { Icon, Tooltip, useStyles2 } from '@grafana/ui';
import React from 'react';
import { drawTrend } from '../components/trend.ts';
import { formatElapsed } from '../components/units.ts';
import { toneColor } from '../components/StateLabel.tsx';
import { sayVerdict } from '../components/said.ts';
import { Details } from './Details.tsx';
import { valueFigure } from './figures.ts';
import { hatching } from './hatching.ts';
import { type Tiles, tileParts } from './layout.ts';
import type { Objective } from './objectives.ts';
import { coverageWords, isCounted, limitWords, samplesWords, spoken } from './words.ts';

interface Props {
  objectives: readonly Objective[];
  grid: Tiles;
  showTrend: boolean;
  contextOf: (objective: Objective) => string;
  now: number;
  timeZone: TimeZone;
}

export function Wall({ objectives, grid, showTrend, contextOf, now, timeZone }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <ul
      className={styles.grid}
      style={{ gridTemplateColumns: `repeat(${grid.columns}, minmax(0, 1fr))`, gridAutoRows: `${grid.tileHeight}px` }}
    >
      {objectives.map((objective) => (
        <Tile
          key={objective.key}
          objective={objective}
          grid={grid}
          showTrend={showTrend}
          context={contextOf(objective)}
          now={now}
          timeZone={timeZone}
        />
      ))}
    </ul>
  );
}

interface TileProps extends Omit<Props, 'objectives' | 'contextOf'> {
  objective: Objective;
  context: string;
}

function Tile({ objective, grid, showTrend, context, now, timeZone }: TileProps) {
  const { verdict, trafficClass, label, reason, since } = objective;
  const styles = useStyles2(getTileStyles, grid.figure);
  const figure = valueFigure(objective);
  const { word, icon } = sayVerdict(verdict);
  const parts = tileParts(grid, showTrend && objective.trend.some(({ value }) => value !== null), isCounted(objective));

  return (
    <Tooltip content={<Details objective={objective} timeZone={timeZone} />} placement="auto" interactive>
      <li className={cx(styles.tile, styles[verdict])} tabIndex={0} aria-label={spoken(objective)} data-verdict={verdict}>
        <div className={styles.head}>
          <span className={styles.verdict}>
            <Icon name={icon} size={grid.figure >= 44 ? 'xl' : 'md'} />
            {word}
          </span>
          {since !== null && <span className={styles.since}>{formatElapsed(now - since)}</span>}
        </div>
        <div className={styles.name}>
          <span className={styles.trafficClass}>{trafficClass}</span> {label}
          {context && <span className={styles.context}> {context}</span>}
        </div>
        {figure ? (
          <div className={styles.figures}>
            <span className={styles.number}>{figure.number}</span>
            <span className={styles.unit}>{figure.unit}</span>
            <span className={styles.limit}>{limitWords(objective)}</span>
          </div>
        ) : (
          <div className={styles.reason}>
            {reason} <span className={styles.limit}>{limitWords(objective)}</span>
          </div>
        )}
        {parts.trendHeight > 0 && <TileTrend objective={objective} width={grid.tileWidth - 2 * PADDING} height={parts.trendHeight} />}
        {parts.foot && (
          <div className={styles.foot}>
            {coverageWords(objective)} · {samplesWords(objective)}
          </div>
        )}
      </li>
    </Tooltip>
  );
}

/** In the tile's own text colour, because a violated tile is filled with the error colour. */
function TileTrend({ objective, width, height }: { objective: Objective; width: number; height: number }) {
  const styles = useStyles2(getTrendStyles);
  const { line, thresholdY, last } = drawTrend(objective.trend, objective.threshold, objective.floor, width - 6, height);
  return (
    <svg width={width} height={height} viewBox={`-3 0 ${width} ${height}`} className={styles.trend} aria-hidden>
      <line x1={0} x2={width - 6} y1={thresholdY} y2={thresholdY} className={styles.threshold} />
      <path d={line} className={styles.line} />
      {last && <circle cx={last.x} cy={last.y} r={3} fill="currentColor" />}
    </svg>
  );
}

const PADDING = 12;

const getStyles = (theme: GrafanaTheme2) => ({
  grid: css({ display: 'grid', gap: theme.spacing(1), margin: 0, padding: 0, listStyle: 'none' }),
});

const getTrendStyles = () => ({
  trend: css({ display: 'block', flex: 'none', overflow: 'visible' }),
  threshold: css({ stroke: 'currentColor', strokeOpacity: 0.55, strokeDasharray: '3 4' }),
  line: css({ fill: 'none', stroke: 'currentColor', strokeOpacity: 0.85, strokeWidth: 2, strokeLinejoin: 'round', strokeLinecap: 'round' }),
});

const getTileStyles = (theme: GrafanaTheme2, figure: number) => {
  const word = Math.max(13, Math.min(24, figure * 0.3));
  const blind = {
    background: hatching(theme),
    borderStyle: 'dashed',
  };
  const head = (tone: 'good' | 'warn' | 'quiet') => ({ '& > div:first-of-type > span:first-of-type': { color: toneColor(theme, tone) } });
  return {
    tile: css({
      display: 'flex',
      flexDirection: 'column',
      minWidth: 0,
      overflow: 'hidden',
      padding: `${PADDING - 2}px ${PADDING}px`,
      border: `1px solid ${theme.colors.border.weak}`,
      borderRadius: theme.shape.radius.default,
      color: theme.colors.text.primary,
      lineHeight: 1.25,
      '&:focus-visible': { outline: `2px solid ${theme.colors.primary.border}`, outlineOffset: -2 },
    }),
    violated: css({ background: theme.colors.error.main, borderColor: theme.colors.error.main, color: theme.colors.error.contrastText }),
    compliant: css({
      background: theme.colors.background.secondary,
      boxShadow: `inset 4px 0 0 ${theme.colors.success.main}`,
      ...head('good'),
    }),
    'no-data': css({ ...blind, borderColor: theme.colors.warning.border, ...head('warn') }),
    insufficient: css({ ...blind, borderColor: theme.colors.warning.border, ...head('warn') }),
    'not-measured': css({ background: 'transparent', borderStyle: 'dashed', color: theme.colors.text.secondary, ...head('quiet') }),
    head: css({ display: 'flex', justifyContent: 'space-between', alignItems: 'center', gap: theme.spacing(1), whiteSpace: 'nowrap' }),
    verdict: css({ display: 'inline-flex', alignItems: 'center', gap: theme.spacing(0.75), fontSize: word, fontWeight: theme.typography.fontWeightBold }),
    since: css({ fontSize: Math.max(12, word * 0.75), opacity: 0.8, fontVariantNumeric: 'tabular-nums', overflow: 'hidden', textOverflow: 'ellipsis' }),
    name: css({ fontSize: word, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', flex: 'none' }),
    trafficClass: css({ fontWeight: theme.typography.fontWeightBold }),
    context: css({ opacity: 0.7 }),
    figures: css({
      flex: 1,
      minHeight: 0,
      display: 'flex',
      alignItems: 'center',
      columnGap: figure * 0.14,
      fontVariantNumeric: 'tabular-nums',
      whiteSpace: 'nowrap',
      lineHeight: 1,
    }),
    number: css({ fontSize: figure, fontWeight: theme.typography.fontWeightBold, letterSpacing: '-0.02em' }),
    unit: css({ fontSize: figure * 0.45, alignSelf: 'center', paddingTop: figure * 0.32 }),
    limit: css({ marginLeft: 'auto', fontSize: Math.max(13, figure * 0.34), opacity: 0.85 }),
    reason: css({ flex: 1, minHeight: 0, overflow: 'hidden', fontSize: Math.max(12, Math.min(18, figure * 0.26)), color: theme.colors.text.secondary }),
    foot: css({ fontSize: Math.max(12, word * 0.72), opacity: 0.8, fontVariantNumeric: 'tabular-nums', paddingTop: theme.spacing(0.5) }),
  };
};
