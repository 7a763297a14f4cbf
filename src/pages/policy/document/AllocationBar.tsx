/** The link as one bar: what is promised to whom, what is left, and, beyond the link's end, what is promised but not there. */
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Icon, Tooltip, useStyles2, useTheme2 } from '@grafana/ui';
import { classColor } from '../../../components/classColor.ts';
import { formatBitrate, formatShare } from '../../../components/units.ts';
import type { OutlineClass } from '../../../data/index.ts';
import { raw } from '../../../locales/raw.ts';
import { testIds } from '../../../testIds.ts';
import { allocate, type Segment } from './allocation.ts';

export function AllocationBar({ bandwidth, classes }: { bandwidth: number; classes: OutlineClass[] }) {
  const styles = useStyles2(getStyles);
  const { segments, total, over, free, linkEnd } = allocate(bandwidth, classes);
  return (
    <section className={styles.card} data-testid={testIds.allocation} data-over={over > 0}>
      <div className={styles.caption}>
        <span>
          {t('allocation.guaranteed', 'Guaranteed {{total}} of {{link}}', {
            ...raw,
            total: formatBitrate(total),
            link: formatBitrate(bandwidth),
          })}
        </span>
        {over > 0 ? (
          <span className={styles.over} data-testid={testIds.allocationOver}>
            <Icon name="exclamation-circle" size="sm" />
            {t('allocation.over', '{{over}} too much', { ...raw, over: formatBitrate(over) })}
          </span>
        ) : (
          <span className={styles.quiet}>
            {free > 0
              ? t('allocation.free', '{{free}} not promised to anyone', { ...raw, free: formatBitrate(free) })
              : t('allocation.full', 'all of the link')}
          </span>
        )}
      </div>
      <div className={styles.bar}>
        <div className={styles.link} style={{ width: `${linkEnd}%` }} />
        {segments.map((segment) => (
          <SegmentBox key={segment.path} segment={segment} bandwidth={bandwidth} />
        ))}
        {over > 0 && (
          <>
            <div className={styles.beyond} style={{ left: `${linkEnd}%` }} />
            <div className={styles.end} style={{ left: `${linkEnd}%` }} />
          </>
        )}
      </div>
      <div className={styles.scale}>
        <span>{formatBitrate(0)}</span>
        <span className={styles.scaleEnd} style={{ left: `${linkEnd}%` }} data-over={over > 0}>
          {formatBitrate(bandwidth)}
        </span>
      </div>
    </section>
  );
}

function SegmentBox({ segment, bandwidth }: { segment: Segment; bandwidth: number }) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const background = classColor(theme, segment.place);
  const share = formatShare(segment.guarantee, bandwidth);
  return (
    <Tooltip
      content={t('allocation.segment', '{{class}}: {{rate}} guaranteed, {{share}} of the link', {
        ...raw,
        class: segment.path,
        rate: formatBitrate(segment.guarantee),
        share,
      })}
    >
      <div
        className={styles.segment}
        style={{
          left: `${segment.left}%`,
          width: `${segment.width}%`,
          background,
          color: theme.colors.getContrastText(background),
        }}
      >
        {segment.width > 7 && <span className={styles.name}>{segment.path}</span>}
        {segment.width > 7 && <span className={styles.share}>{share}</span>}
      </div>
    </Tooltip>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  card: css({
    padding: theme.spacing(1.5),
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
  }),
  caption: css({
    display: 'flex',
    flexWrap: 'wrap',
    justifyContent: 'space-between',
    gap: theme.spacing(0, 2),
    marginBottom: theme.spacing(1),
    fontVariantNumeric: 'tabular-nums',
  }),
  quiet: css({ color: theme.colors.text.secondary }),
  over: css({
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    color: theme.colors.error.text,
    fontWeight: theme.typography.fontWeightMedium,
  }),
  bar: css({ position: 'relative', height: 44 }),
  link: css({
    position: 'absolute',
    inset: 0,
    background: theme.colors.background.secondary,
    border: `1px solid ${theme.colors.border.medium}`,
    borderRadius: theme.shape.radius.default,
  }),
  segment: css({
    position: 'absolute',
    top: 0,
    bottom: 0,
    display: 'flex',
    flexDirection: 'column',
    justifyContent: 'center',
    padding: theme.spacing(0, 0.75),
    overflow: 'hidden',
    boxShadow: `inset -1px 0 0 ${theme.colors.background.primary}`,
    fontSize: theme.typography.bodySmall.fontSize,
    lineHeight: 1.25,
    whiteSpace: 'nowrap',
  }),
  name: css({ fontWeight: theme.typography.fontWeightMedium, overflow: 'hidden', textOverflow: 'ellipsis' }),
  share: css({ opacity: 0.85, fontVariantNumeric: 'tabular-nums' }),
  beyond: css({
    position: 'absolute',
    top: 0,
    bottom: 0,
    right: 0,
    pointerEvents: 'none',
    background: `repeating-linear-gradient(135deg, ${theme.colors.error.main} 0 3px, transparent 3px 9px)`,
    outline: `1px solid ${theme.colors.error.main}`,
  }),
  end: css({
    position: 'absolute',
    top: -6,
    bottom: -6,
    width: 2,
    marginLeft: -1,
    background: theme.colors.error.text,
  }),
  scale: css({
    position: 'relative',
    height: 18,
    marginTop: theme.spacing(0.5),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    fontVariantNumeric: 'tabular-nums',
  }),
  scaleEnd: css({ position: 'absolute', transform: 'translateX(-100%)', whiteSpace: 'nowrap' }),
});
