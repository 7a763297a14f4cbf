/** What is broken now, worst first. Nothing is drawn while nothing is: the strip above has said so. */
import React from 'react';
import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Icon, Tooltip, useStyles2 } from '@grafana/ui';
import { formatElapsed, formatMeasure, formatThreshold } from '../../components/units.ts';
import { raw } from '../../locales/raw.ts';
import { testIds } from '../../testIds.ts';
import type { Violation } from '../../data/index.ts';
import { byUrgency } from './summary.ts';

export function OpenViolations({ violations, now }: { violations: Violation[]; now: number }) {
  const styles = useStyles2(getStyles);
  if (violations.length === 0) {
    return null;
  }
  return (
    <section
      className={styles.box}
      data-testid={testIds.openViolations}
      aria-label={t('violations.title', 'Open violations')}
    >
      {byUrgency(violations).map((violation) => (
        <div key={violation.id} className={styles.row} data-testid={testIds.violation(violation.objective)}>
          <span className={violation.severity === 'critical' ? styles.critical : styles.warning}>
            <Icon name="exclamation-triangle" />
            {violation.severity === 'critical'
              ? t('violations.critical', 'Critical')
              : t('violations.warning', 'Warning')}
          </span>
          <span>
            <strong>{violation.trafficClass}</strong> · {violation.label}
          </span>
          <span className={styles.figures}>
            <strong>
              {t('violations.worst', 'worst {{worst}}', {
                ...raw,
                worst: formatMeasure(violation.worst, violation.unit),
              })}
            </strong>
            <span className={styles.quiet}>
              {t('violations.allowed', 'owed {{threshold}}', {
                ...raw,
                threshold: formatThreshold(violation.objective, violation.threshold, violation.unit),
              })}
            </span>
          </span>
          <span className={styles.quiet}>
            {violation.site} · {violation.service}
          </span>
          <Tooltip content={dateTimeFormat(violation.startedAt)}>
            <span className={styles.since}>
              {t('violations.since', 'for {{elapsed}}', { ...raw, elapsed: formatElapsed(now - violation.startedAt) })}
            </span>
          </Tooltip>
        </div>
      ))}
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => {
  const severity = {
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(1),
    fontWeight: theme.typography.fontWeightMedium,
  };
  return {
    box: css({
      background: theme.colors.background.primary,
      border: `1px solid ${theme.colors.error.border}`,
      borderLeft: `4px solid ${theme.colors.error.main}`,
      borderRadius: theme.shape.radius.default,
    }),
    row: css({
      display: 'grid',
      gridTemplateColumns: '100px minmax(160px, 1.2fr) minmax(220px, 1.4fr) minmax(140px, 1fr) 110px',
      gap: theme.spacing(2),
      alignItems: 'center',
      padding: theme.spacing(1, 2),
      '& + &': { borderTop: `1px solid ${theme.colors.border.weak}` },
      [theme.breakpoints.down('lg')]: { gridTemplateColumns: '100px 1fr 110px', gap: theme.spacing(0.5, 2) },
    }),
    critical: css({ ...severity, color: theme.colors.error.text }),
    warning: css({ ...severity, color: theme.colors.warning.text }),
    figures: css({
      display: 'inline-flex',
      gap: theme.spacing(1.5),
      fontVariantNumeric: 'tabular-nums',
      whiteSpace: 'nowrap',
    }),
    quiet: css({ color: theme.colors.text.secondary }),
    since: css({
      color: theme.colors.text.secondary,
      fontVariantNumeric: 'tabular-nums',
      whiteSpace: 'nowrap',
      justifySelf: 'end',
    }),
  };
};
