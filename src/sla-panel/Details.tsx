/** What stands behind a verdict: its definition, its reason and its evidence. Shown when an objective is pointed at or focused. */
import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import type { TimeZone } from '@grafana/schema';
import { useStyles2 } from '@grafana/ui';
import React from 'react';
import { StateLabel } from '../components/StateLabel.tsx';
import { sayVerdict } from '../components/said.ts';
import { inWords, valueFigure } from './figures.ts';
import type { Objective } from './objectives.ts';
import { coverageWords, isCounted, limitSpoken, samplesWords } from './words.ts';

export function Details({ objective, timeZone }: { objective: Objective; timeZone: TimeZone }) {
  const styles = useStyles2(getStyles);
  const figure = valueFigure(objective);
  const { binding, definition, label, reason, service, severity, since, site, trafficClass, verdict } = objective;

  const facts: Array<[string, string]> = [
    [t('details.measured', 'Measured'), figure ? inWords(figure) : t('objective.noFigure', 'No figure')],
    [t('details.owed', 'Owed'), limitSpoken(objective)],
    ...(isCounted(objective)
      ? ([
          [t('details.samples', 'Samples'), samplesWords(objective)],
          [t('details.coverage', 'Coverage'), coverageWords(objective)],
        ] satisfies Array<[string, string]>)
      : []),
    ...(since === null
      ? []
      : ([[t('details.since', 'Since'), dateTimeFormat(since, { timeZone })]] satisfies Array<[string, string]>)),
    [t('details.where', 'Where'), [site, service, binding].filter((part) => part !== '').join(' · ')],
    [
      t('details.severity', 'Severity'),
      severity === 'critical' ? t('details.critical', 'Critical: a strict class') : t('details.warning', 'Warning'),
    ],
  ];

  return (
    <div className={styles.box}>
      <div className={styles.title}>
        {trafficClass} · {label}
      </div>
      <StateLabel {...sayVerdict(verdict)} />
      {reason && <p className={styles.text}>{reason}</p>}
      <dl className={styles.facts}>
        {facts.map(([name, fact]) => (
          <React.Fragment key={name}>
            <dt className={styles.name}>{name}</dt>
            <dd className={styles.fact}>{fact}</dd>
          </React.Fragment>
        ))}
      </dl>
      {definition && <p className={styles.definition}>{definition}</p>}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  box: css({ maxWidth: 340, padding: theme.spacing(0.5) }),
  title: css({ fontWeight: theme.typography.fontWeightMedium, fontSize: theme.typography.body.fontSize }),
  text: css({ margin: theme.spacing(0.5, 0, 1) }),
  facts: css({
    display: 'grid',
    gridTemplateColumns: 'auto 1fr',
    gap: theme.spacing(0.25, 1.5),
    margin: 0,
    fontVariantNumeric: 'tabular-nums',
  }),
  name: css({ color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular }),
  fact: css({ margin: 0 }),
  definition: css({ margin: theme.spacing(1, 0, 0), color: theme.colors.text.secondary }),
});
