/** Four figures that answer "do I have to do something?" from across the room. */
import React from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2, IconName } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Icon, useStyles2 } from '@grafana/ui';
import { toneColor, type Tone } from '../../components/index.ts';
import { testIds } from '../../testIds.ts';
import type { Summary } from './summary.ts';

interface Figure {
  label: string;
  value: string;
  of?: string;
  note: string;
  icon: IconName;
  tone: Tone;
}

export function SummaryStrip({ summary }: { summary: Summary }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.strip} data-testid={testIds.overviewSummary}>
      {figures(summary).map((figure) => (
        <Tile key={figure.label} {...figure} />
      ))}
    </div>
  );
}

function Tile({ label, value, of, note, icon, tone }: Figure) {
  const styles = useStyles2(getStyles);
  const strong = useStyles2(getTone, tone);
  return (
    <div className={styles.tile}>
      <div className={styles.label}>{label}</div>
      <div className={styles.line}>
        <span className={strong}>
          <Icon name={icon} size="lg" />
        </span>
        <span className={cx(styles.value, strong)}>{value}</span>
        {of && <span className={styles.of}>{of}</span>}
        <span className={styles.note}>{note}</span>
      </div>
    </div>
  );
}

function figures({ critical, warnings, compliant, measured, unjudged, inForce, bindings }: Summary): Figure[] {
  const open = critical + warnings;
  return [
    {
      label: t('overview.open-violations', 'Open violations'),
      value: String(open),
      note:
        open === 0
          ? t('overview.open-violations-none', 'none')
          : t('overview.open-violations-note', '{{critical}} critical, {{warnings}} warning', { critical, warnings }),
      icon: open > 0 ? 'exclamation-triangle' : 'check-circle',
      tone: open > 0 ? 'bad' : 'good',
    },
    {
      label: t('overview.objectives-met', 'Objectives met'),
      value: String(compliant),
      of: `/ ${measured}`,
      note: t('overview.objectives-met-note', 'of those measured'),
      icon: compliant === measured ? 'check-circle' : 'exclamation-circle',
      tone: measured === 0 ? 'quiet' : compliant === measured ? 'good' : open > 0 ? 'bad' : 'warn',
    },
    {
      label: t('overview.unjudged', 'Without enough evidence'),
      value: String(unjudged),
      note:
        unjudged === 0
          ? t('overview.unjudged-none', 'all are judged')
          : t('overview.unjudged-note', 'too few samples or none'),
      icon: unjudged > 0 ? 'question-circle' : 'check-circle',
      tone: unjudged > 0 ? 'warn' : 'quiet',
    },
    {
      label: t('overview.in-force', 'Policies in force'),
      value: String(inForce),
      of: `/ ${bindings}`,
      note: t('overview.in-force-note', 'bound interfaces'),
      icon: inForce === bindings ? 'check-circle' : 'exclamation-circle',
      tone: inForce === bindings ? 'good' : 'warn',
    },
  ];
}

const getTone = (theme: GrafanaTheme2, tone: Tone) =>
  css({ color: tone === 'quiet' ? theme.colors.text.primary : toneColor(theme, tone) });

const getStyles = (theme: GrafanaTheme2) => ({
  strip: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(220px, 1fr))',
    gap: theme.spacing(2),
  }),
  tile: css({
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    padding: theme.spacing(1.5, 2),
  }),
  label: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  line: css({ display: 'flex', alignItems: 'baseline', flexWrap: 'wrap', gap: theme.spacing(0, 1) }),
  value: css({
    fontSize: theme.typography.h2.fontSize,
    fontWeight: theme.typography.fontWeightMedium,
    fontVariantNumeric: 'tabular-nums',
  }),
  of: css({
    fontSize: theme.typography.h4.fontSize,
    color: theme.colors.text.secondary,
    fontVariantNumeric: 'tabular-nums',
  }),
  note: css({ color: theme.colors.text.secondary }),
});
