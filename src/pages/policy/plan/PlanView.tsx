/** A plan as a person checks it: what is there now, what would happen, and every operation with its reason. */
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Icon, useStyles2 } from '@grafana/ui';
import { getTableStyles, sideText } from '../../../components/index.ts';
import { shortRevision } from '../../../components/units.ts';
import type { Finding, Plan } from '../../../data/index.ts';
import { raw } from '../../../locales/raw.ts';
import { testIds } from '../../../testIds.ts';
import { FindingList } from '../document/FindingList.tsx';
import { OperationTable } from './OperationTable.tsx';
import { PlanSummary } from './PlanSummary.tsx';
import { ValuesUsed } from './ValuesUsed.tsx';

/** `refused`: what the kernel would not take, by policy path; the operations of those paths are marked. */
export function PlanView({ plan, refused = [] }: { plan: Plan; refused?: Finding[] }) {
  const styles = useStyles2(getStyles);
  const table = useStyles2(getTableStyles);
  // Notes about the document stand beside the document.
  const serious = plan.findings.filter((finding) => finding.severity !== 'info');
  return (
    <>
      <PlanSummary plan={plan} />
      {serious.length > 0 && (
        <section className={table.card}>
          <FindingList findings={serious} />
        </section>
      )}
      {plan.variables.length > 0 && <ValuesUsed variables={plan.variables} />}
      {plan.notes.length > 0 && (
        <ul className={styles.notes}>
          {plan.notes.map((note) => (
            <li key={note}>
              <Icon name="info-circle" size="sm" />
              {note}
            </li>
          ))}
        </ul>
      )}
      {plan.traffic !== null && plan.traffic.length > 0 && (
        <section data-testid={testIds.planTraffic}>
          <h5>
            <Trans i18nKey="plan.traffic">Traffic that goes to another class</Trans>
          </h5>
          <ul className={styles.notes}>
            {plan.traffic.map((text) => (
              <li key={text}>
                <Icon name="exchange-alt" size="sm" />
                {text}
              </li>
            ))}
          </ul>
        </section>
      )}
      {plan.operations.length === 0 ? (
        <div className={styles.nothing} data-testid={testIds.planNothing}>
          <Icon name="check-circle" size="xl" />
          <div>
            <strong>
              <Trans i18nKey="plan.nothing">Nothing to do</Trans>
            </strong>
            <div className={table.quiet}>
              {t(
                'plan.nothing-text',
                '{{interface}} of {{target}} holds exactly what revision {{revision}} asks for.',
                {
                  ...raw,
                  interface: sideText(plan),
                  target: plan.target,
                  revision: shortRevision(plan.revision),
                }
              )}
            </div>
          </div>
        </div>
      ) : (
        <OperationTable operations={plan.operations} refused={refused.map((finding) => finding.path)} />
      )}
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  notes: css({
    listStyle: 'none',
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(0.5),
    color: theme.colors.text.secondary,
    li: { display: 'flex', gap: theme.spacing(1), alignItems: 'flex-start' },
    svg: { flex: 'none', marginTop: theme.spacing(0.5) },
  }),
  nothing: css({
    display: 'flex',
    gap: theme.spacing(2),
    alignItems: 'center',
    padding: theme.spacing(3),
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    '> svg, > div:first-of-type > svg': { color: theme.colors.success.text },
  }),
});
