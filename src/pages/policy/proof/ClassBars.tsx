/** Each class while every class was full: what arrived, against what it was promised and what it may never pass. */
import React from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { useStyles2, useTheme2 } from '@grafana/ui';
import { getTableStyles, toneColor } from '../../../components/index.ts';
import { sayPromiseVerdict } from '../../../components/said.ts';
import { formatBitrate } from '../../../components/units.ts';
import type { ProofReport } from '../../../data/index.ts';
import { raw } from '../../../locales/raw.ts';
import { testIds } from '../../../testIds.ts';
import { verdictOfClass } from './figure.ts';

type Row = ProofReport['classes'][number];

export function ClassBars({ report }: { report: ProofReport }) {
  const styles = useStyles2(getStyles);
  const table = useStyles2(getTableStyles);
  return (
    <section className={cx(table.card, styles.card)}>
      <div className={styles.legend}>
        <strong>
          <Trans i18nKey="proof.bars">While every class was full</Trans>
        </strong>
        <span className={styles.key}>
          <i className={styles.keyMeasured} />
          <Trans i18nKey="proof.key-measured">arrived</Trans>
        </span>
        <span className={styles.key}>
          <i className={styles.keyGuarantee} />
          <Trans i18nKey="proof.key-guarantee">guarantee</Trans>
        </span>
        <span className={styles.key}>
          <i className={styles.keyCeiling} />
          <Trans i18nKey="proof.key-ceiling">up to the ceiling</Trans>
        </span>
      </div>
      {report.classes.map((row) => (
        <Bar key={row.class} row={row} report={report} />
      ))}
    </section>
  );
}

function Bar({ row, report }: { row: Row; report: ProofReport }) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const verdict = verdictOfClass(report.promises, row.class);
  const at = (bits: number) => `${Math.min(100, (100 * bits) / report.provedAt)}%`;
  const measured =
    row.measured === null ? t('proof.no-figure', 'not measured') : formatBitrate(Math.round(row.measured));
  return (
    <div className={styles.row} data-testid={testIds.proofClass(row.class)} data-verdict={verdict}>
      <span className={styles.name}>{row.class}</span>
      <div
        className={styles.track}
        role="img"
        aria-label={t(
          'proof.bar-label',
          '{{name}}: {{measured}} arrived, guarantee {{guarantee}}, ceiling {{ceiling}}',
          {
            ...raw,
            name: row.class,
            measured,
            guarantee: formatBitrate(row.guarantee),
            ceiling: formatBitrate(row.ceiling),
          }
        )}
      >
        <div className={styles.ceiling} style={{ width: at(row.ceiling) }} />
        <div
          className={styles.measured}
          style={{ width: at(row.measured ?? 0), background: toneColor(theme, sayPromiseVerdict(verdict).tone) }}
        />
        {row.guarantee > 0 && <div className={styles.guarantee} style={{ left: at(row.guarantee) }} />}
      </div>
      <span className={styles.figures}>
        <strong>{measured}</strong>
        <span className={styles.quiet}>
          {row.guarantee > 0
            ? t('proof.promised', 'of {{guarantee}}', { ...raw, guarantee: formatBitrate(row.guarantee) })
            : t('proof.promised-nothing', 'nothing guaranteed')}
        </span>
      </span>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => {
  const ceiling = { background: theme.colors.background.secondary, border: `1px solid ${theme.colors.border.medium}` };
  return {
    card: css({ padding: theme.spacing(2), display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
    legend: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0.5, 2), alignItems: 'center' }),
    key: css({
      display: 'inline-flex',
      alignItems: 'center',
      gap: theme.spacing(0.75),
      color: theme.colors.text.secondary,
      fontSize: theme.typography.bodySmall.fontSize,
      i: { display: 'inline-block', height: 12 },
    }),
    keyMeasured: css({ width: 16, background: theme.colors.success.text, borderRadius: theme.shape.radius.default }),
    keyGuarantee: css({ width: 2, background: theme.colors.text.primary }),
    keyCeiling: css({ width: 16, borderRadius: theme.shape.radius.default, ...ceiling }),
    row: css({
      display: 'grid',
      gridTemplateColumns: 'minmax(80px, 160px) minmax(120px, 1fr) minmax(150px, 220px)',
      gap: theme.spacing(2),
      alignItems: 'center',
    }),
    name: css({ overflow: 'hidden', textOverflow: 'ellipsis', fontWeight: theme.typography.fontWeightMedium }),
    track: css({ position: 'relative', height: 22 }),
    ceiling: css({ position: 'absolute', inset: '0 auto 0 0', borderRadius: theme.shape.radius.default, ...ceiling }),
    measured: css({ position: 'absolute', top: 5, bottom: 5, left: 1, borderRadius: theme.shape.radius.default }),
    guarantee: css({
      position: 'absolute',
      top: -2,
      bottom: -2,
      width: 2,
      marginLeft: -1,
      background: theme.colors.text.primary,
    }),
    figures: css({
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(0, 1),
      fontVariantNumeric: 'tabular-nums',
      whiteSpace: 'nowrap',
    }),
    quiet: css({ color: theme.colors.text.secondary }),
  };
};
