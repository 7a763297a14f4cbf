/** Objectives as tiles as large as the panel allows: read from three metres, violations first and filled. */
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import type { TimeZone } from '@grafana/schema';
import { Icon, Tooltip, useStyles2 } from '@grafana/ui';
import React from 'react';
import { drawTrend } from '../components/trend.ts';
import { formatElapsed } from '../components/units.ts';
import { type Tone, toneColor } from '../components/StateLabel.tsx';
import { sayVerdict } from '../components/said.ts';
import { Details } from './Details.tsx';
import { valueFigure } from './figures.ts';
import { hatching } from './hatching.ts';
import { type Tiles, tileParts } from './layout.ts';
import type { Objective } from './objectives.ts';
import { count, coverageWords, isCounted, limitWords, samplesWords, spoken } from './words.ts';

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
  const {
    word: wordSize,
    foot,
    trend,
  } = tileParts(grid, showTrend && objective.trend.some(({ value }) => value !== null));
  const styles = useStyles2(getTileStyles, grid.figure, wordSize);
  const figure = valueFigure(objective);
  const { word, icon } = sayVerdict(verdict);
  const limit = limitWords(objective);

  return (
    <Tooltip content={<Details objective={objective} timeZone={timeZone} />} placement="auto" interactive>
      <li
        className={cx(styles.tile, styles[verdict])}
        tabIndex={0}
        aria-label={spoken(objective)}
        data-verdict={verdict}
      >
        <div className={styles.head}>
          <span className={styles.verdict}>
            <Icon name={icon} size={wordSize >= 18 ? 'xl' : 'md'} />
            {word}
          </span>
          {since !== null && <span className={styles.since}>{formatElapsed(now - since)}</span>}
        </div>
        <div className={styles.name}>
          <span className={styles.trafficClass}>{trafficClass}</span> {label}
          {context && <span className={styles.quiet}> {context}</span>}
        </div>
        {figure ? (
          <div className={styles.middle}>
            <span className={styles.number}>{figure.number}</span>
            <span className={styles.unit}>{figure.unit}</span>
            {trend?.place === 'beside' && <TileTrend objective={objective} height={trend.height} />}
            {!foot && <span className={styles.limit}>{limit}</span>}
          </div>
        ) : (
          <div className={styles.reason}>{reason || word}</div>
        )}
        {figure && trend?.place === 'below' && <TileTrend objective={objective} height={trend.height} />}
        {foot && (
          <div className={styles.foot}>
            <span className={styles.limit}>{limit}</span>
            {isCounted(objective) && (
              <span className={styles.evidence}>
                {coverageWords(objective)} ·{' '}
                {grid.tileWidth >= 270 ? samplesWords(objective) : count(objective.samples)}
              </span>
            )}
          </div>
        )}
      </li>
    </Tooltip>
  );
}

/** In the tile's own text colour, because a violated tile is filled; stretched to the room there is, its strokes are not. */
function TileTrend({ objective, height }: { objective: Objective; height: number }) {
  const styles = useStyles2(getTrendStyles);
  const { line, thresholdY, last } = drawTrend(
    objective.trend,
    objective.threshold,
    objective.floor,
    TREND_WIDTH,
    height
  );
  return (
    <svg
      height={height}
      viewBox={`0 0 ${TREND_WIDTH} ${height}`}
      preserveAspectRatio="none"
      className={styles.trend}
      aria-hidden
    >
      <line x1={0} x2={TREND_WIDTH} y1={thresholdY} y2={thresholdY} className={styles.threshold} />
      <path d={line} className={styles.line} />
      {last && <path d={`M${last.x},${last.y}h0`} className={styles.last} />}
    </svg>
  );
}

/** Drawing units, not pixels. */
const TREND_WIDTH = 200;
const PADDING = 12;

const getStyles = (theme: GrafanaTheme2) => ({
  grid: css({ display: 'grid', gap: theme.spacing(1), margin: 0, padding: 0, listStyle: 'none' }),
});

const getTrendStyles = () => {
  const stroke = {
    fill: 'none',
    stroke: 'currentColor',
    vectorEffect: 'non-scaling-stroke',
    strokeLinecap: 'round',
  } as const;
  return {
    trend: css({ display: 'block', flex: '1 1 0', minWidth: 0, width: '100%', overflow: 'visible' }),
    threshold: css({ ...stroke, strokeOpacity: 0.55, strokeDasharray: '2 5' }),
    line: css({ ...stroke, strokeOpacity: 0.9, strokeWidth: 2, strokeLinejoin: 'round' }),
    last: css({ ...stroke, strokeWidth: 7 }),
  };
};

const getTileStyles = (theme: GrafanaTheme2, figure: number, word: number) => {
  const small = Math.max(12, word * 0.78);
  const ellipsis = { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' } as const;
  const blind = { background: hatching(theme), borderStyle: 'dashed', borderColor: theme.colors.warning.border };
  /** The verdict's word in its tone; a filled tile keeps its contrast colour. */
  const toned = (tone: Tone) => ({ '& > div:first-of-type > span:first-of-type': { color: toneColor(theme, tone) } });
  return {
    tile: css({
      display: 'flex',
      flexDirection: 'column',
      minWidth: 0,
      overflow: 'hidden',
      padding: `${PADDING - 3}px ${PADDING}px`,
      border: `1px solid ${theme.colors.border.weak}`,
      borderRadius: theme.shape.radius.default,
      color: theme.colors.text.primary,
      lineHeight: 1.3,
      fontVariantNumeric: 'tabular-nums',
      '&:focus-visible': { outline: `2px solid ${theme.colors.primary.border}`, outlineOffset: -2 },
    }),
    violated: css({
      background: theme.colors.error.main,
      borderColor: theme.colors.error.main,
      color: theme.colors.error.contrastText,
    }),
    compliant: css({
      background: theme.colors.background.secondary,
      boxShadow: `inset 4px 0 0 ${theme.colors.success.main}`,
      ...toned('good'),
    }),
    'no-data': css({ ...blind, ...toned('warn') }),
    insufficient: css({ ...blind, ...toned('warn') }),
    'not-measured': css({
      background: 'transparent',
      borderStyle: 'dashed',
      color: theme.colors.text.secondary,
      ...toned('quiet'),
    }),
    head: css({
      flex: 'none',
      display: 'flex',
      justifyContent: 'space-between',
      alignItems: 'center',
      gap: theme.spacing(1),
      fontSize: word,
    }),
    verdict: css({
      display: 'inline-flex',
      alignItems: 'center',
      gap: theme.spacing(0.75),
      fontWeight: theme.typography.fontWeightBold,
      whiteSpace: 'nowrap',
    }),
    since: css({ ...ellipsis, fontSize: small, opacity: 0.8 }),
    name: css({ ...ellipsis, flex: 'none', fontSize: word }),
    trafficClass: css({ fontWeight: theme.typography.fontWeightBold }),
    quiet: css({ opacity: 0.7 }),
    middle: css({ flex: 1, minHeight: 0, display: 'flex', alignItems: 'center', whiteSpace: 'nowrap', lineHeight: 1 }),
    number: css({ fontSize: figure, fontWeight: theme.typography.fontWeightBold, letterSpacing: '-0.02em' }),
    unit: css({
      fontSize: figure * 0.45,
      margin: `${Math.round(figure * 0.34)}px ${Math.round(figure * 0.4)}px 0 ${Math.round(figure * 0.12)}px`,
    }),
    reason: css({
      flex: 1,
      minHeight: 0,
      overflow: 'hidden',
      paddingTop: theme.spacing(0.5),
      fontSize: Math.max(12, Math.min(18, figure * 0.28)),
      color: theme.colors.text.secondary,
    }),
    foot: css({
      flex: 'none',
      display: 'flex',
      justifyContent: 'space-between',
      alignItems: 'baseline',
      gap: theme.spacing(1),
    }),
    limit: css({ marginRight: 'auto', fontSize: word, whiteSpace: 'nowrap' }),
    evidence: css({ ...ellipsis, fontSize: small, opacity: 0.8 }),
  };
};
