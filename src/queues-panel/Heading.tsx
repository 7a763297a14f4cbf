/** Above the rows: the link as a whole, whether the figures are live, and the scale. */
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Icon, useStyles2 } from '@grafana/ui';
import React from 'react';
import { formatElapsed } from '../components/units.ts';
import { countFigure, rateFigure, type RateUnit, sizeFigure } from './figures.ts';
import type { Columns } from './layout.ts';
import type { QueuesPanelOptions } from './options.ts';
import type { Total } from './queues.ts';
import { percentOf, ticks } from './scale.ts';

export const LINK_HEIGHT = 30;
export const SCALE_HEIGHT = 24;

interface LinkProps {
  name: string;
  total: Total;
  unit: RateUnit;
  /** Undefined while figures are fetched now and then rather than streamed. */
  freshness: { live: boolean; ageMs: number } | undefined;
  width: number;
}

export function LinkLine({ name, total, unit, freshness, width }: LinkProps) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.link}>
      {name && <b className={styles.linkName}>{name}</b>}
      <span className={styles.linkFigures}>
        {total.ceiling > 0 && width >= 320
          ? t('link.rateOf', '{{rate}} of {{ceiling}}', {
              rate: rateFigure(total.rate, unit),
              ceiling: rateFigure(total.ceiling, unit),
              interpolation: { escapeValue: false },
            })
          : rateFigure(total.rate, unit)}
      </span>
      {total.drops !== null && width >= 440 && (
        <span className={cx(styles.quiet, total.drops > 0 && styles.warn)}>
          {t('link.drops', '{{drops}} drops/s', { drops: countFigure(total.drops) })}
        </span>
      )}
      {total.backlog !== null && width >= 560 && (
        <span className={styles.quiet}>
          {t('link.backlog', '{{backlog}} waiting', {
            backlog: sizeFigure(total.backlog),
            interpolation: { escapeValue: false },
          })}
        </span>
      )}
      {freshness && (
        <span className={cx(styles.fresh, freshness.live ? styles.live : styles.old)} role="status">
          {freshness.live ? (
            <>
              <span className={styles.dot} aria-hidden /> {t('link.live', 'Live')}
            </>
          ) : (
            <>
              <Icon name="exclamation-triangle" size="sm" />{' '}
              {t('link.old', 'No counters for {{age}}', { age: formatElapsed(freshness.ageMs) })}
            </>
          )}
        </span>
      )}
    </div>
  );
}

interface ScaleProps {
  columns: Columns;
  /** Undefined when every class has a scale of its own. */
  end: number | undefined;
  options: QueuesPanelOptions;
}

export function ScaleLine({ columns, end, options }: ScaleProps) {
  const styles = useStyles2(getStyles);
  return (
    <div role="row" className={styles.scale} style={{ gridTemplateColumns: columns.template }}>
      <div role="columnheader">{t('heading.class', 'Class')}</div>
      <div
        role="columnheader"
        className={styles.axis}
        aria-label={t('heading.bar', 'Rate against guarantee and ceiling')}
      >
        {end === undefined
          ? t('heading.ownScale', 'Part of its own ceiling')
          : axis(end, columns.bar).map((tick) => (
              <span
                key={tick}
                className={cx(styles.tick, tick === end && styles.lastTick)}
                style={tick === end ? { right: 0 } : { left: `${percentOf(tick, end)}%` }}
              >
                {tick === 0 ? tick : plain(rateFigure(tick, options.unit))}
              </span>
            ))}
      </div>
      <div role="columnheader" className={styles.right}>
        {t('heading.rate', 'Rate')}
      </div>
      {columns.drops && (
        <div role="columnheader" className={styles.right}>
          {t('heading.drops', 'Drops/s')}
        </div>
      )}
      {columns.backlog && (
        <div role="columnheader" className={styles.right}>
          {t('heading.backlog', 'Waiting')}
        </div>
      )}
      {columns.history > 0 && (
        <div role="columnheader" className={styles.history}>
          {t('heading.history', 'Last {{time}}', { time: formatElapsed(options.historySeconds * 1000) })}
        </div>
      )}
    </div>
  );
}

/** Round figures and the end itself, as far apart as their words are wide. */
function axis(end: number, width: number): number[] {
  const words = Math.floor(width / 84);
  return words < 2 ? [end] : [...ticks(end, words).filter((tick) => tick <= end * (1 - 2 / words)), end];
}

/** A tick's figure without the zeros that keep a column of changing figures still. */
const plain = (figure: string) => figure.replace(/(\.\d*?)0+ /, '$1 ').replace('. ', ' ');

const getStyles = (theme: GrafanaTheme2) => ({
  link: css({
    flex: 'none',
    height: LINK_HEIGHT,
    display: 'flex',
    alignItems: 'baseline',
    gap: theme.spacing(2),
    whiteSpace: 'nowrap',
    overflow: 'hidden',
    fontVariantNumeric: 'tabular-nums',
  }),
  linkName: css({ fontSize: theme.typography.h5.fontSize }),
  linkFigures: css({ fontSize: theme.typography.h5.fontSize, fontWeight: theme.typography.fontWeightMedium }),
  fresh: css({ marginLeft: 'auto', display: 'inline-flex', alignItems: 'center', gap: theme.spacing(0.75) }),
  live: css({ color: theme.colors.success.text }),
  old: css({ color: theme.colors.warning.text }),
  dot: css({ width: 8, height: 8, borderRadius: theme.shape.radius.circle, background: theme.colors.success.main }),
  scale: css({
    position: 'sticky',
    top: 0,
    zIndex: 1,
    height: SCALE_HEIGHT,
    display: 'grid',
    alignItems: 'center',
    columnGap: theme.spacing(1),
    background: theme.colors.background.primary,
    borderBottom: `1px solid ${theme.colors.border.medium}`,
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'nowrap',
  }),
  axis: css({ position: 'relative', height: '100%', lineHeight: `${SCALE_HEIGHT}px` }),
  tick: css({
    position: 'absolute',
    top: 0,
    paddingLeft: 4,
    borderLeft: `1px solid ${theme.colors.border.medium}`,
    height: '100%',
  }),
  lastTick: css({
    paddingLeft: 0,
    paddingRight: 4,
    borderLeft: 'none',
    borderRight: `1px solid ${theme.colors.border.medium}`,
  }),
  history: css({ paddingLeft: 12 }),
  right: css({ textAlign: 'right' }),
  quiet: css({ color: theme.colors.text.secondary }),
  warn: css({ color: theme.colors.warning.text }),
});
