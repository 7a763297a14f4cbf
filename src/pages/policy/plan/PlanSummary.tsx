/** Three facts before the lines: what is there now, how much would happen, and whether anyone would notice. */
import React, { type ReactNode } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import { sideText, StateLabel } from '../../../components/index.ts';
import { formatBitrate } from '../../../components/units.ts';
import type { Plan } from '../../../data/index.ts';
import { raw } from '../../../locales/raw.ts';
import { testIds } from '../../../testIds.ts';
import { countVerbs } from './countVerbs.ts';

export function PlanSummary({ plan }: { plan: Plan }) {
  const styles = useStyles2(getStyles);
  const { add, change, replace, del } = countVerbs(plan.operations);
  const verbs = [
    add > 0 && t('plan.add', '{{count}} add', { count: add }),
    change > 0 && t('plan.change', '{{count}} change', { count: change }),
    replace > 0 && t('plan.replace', '{{count}} replace', { count: replace }),
    del > 0 && t('plan.del', '{{count}} delete', { count: del }),
  ].filter(Boolean);
  return (
    <dl className={styles.grid} data-testid={testIds.planSummary}>
      <Fact term={t('plan.live', 'On the interface now')}>
        {plan.live.owner === 'clearpath' && (
          <StateLabel icon="check-circle" tone="good" word={t('plan.owner-clearpath', 'Clearpath’s tree')} />
        )}
        {plan.live.owner === 'kernel-default' && (
          <StateLabel icon="circle-mono" tone="quiet" word={t('plan.owner-default', 'The kernel’s default')} />
        )}
        {plan.live.owner === 'foreign' && (
          <StateLabel
            icon="exclamation-triangle"
            tone="warn"
            word={t('plan.owner-foreign', 'Somebody else’s queues')}
          />
        )}
        <div className={styles.detail}>{plan.live.summary}</div>
      </Fact>
      <Fact term={t('plan.operations', 'Operations')}>
        <span className={styles.number}>{plan.operations.length}</span>
        <div className={styles.detail}>{verbs.join(', ') || t('plan.no-operations', 'none')}</div>
      </Fact>
      <Fact term={t('plan.effect', 'Effect on traffic')}>
        {plan.operations.length === 0 ? (
          <StateLabel icon="check-circle" tone="quiet" word={t('plan.effect-none', 'None')} />
        ) : plan.disruptive ? (
          <>
            <StateLabel icon="exclamation-triangle" tone="warn" word={t('plan.disruptive', 'Disruptive')} />
            <div className={styles.detail}>
              {t('plan.disruptive-text', 'A queue is taken away: what waits in it is dropped. The lines say which.')}
            </div>
          </>
        ) : (
          <>
            <StateLabel icon="check-circle" tone="good" word={t('plan.seamless', 'Not disruptive')} />
            <div className={styles.detail}>{t('plan.seamless-text', 'No queue in use is taken away.')}</div>
          </>
        )}
      </Fact>
      <Fact term={t('plan.link', 'Shaped to')}>
        <span className={styles.number}>
          {plan.bandwidth > 0 ? formatBitrate(plan.bandwidth) : t('plan.unshaped', 'nothing')}
        </span>
        <div className={styles.detail}>
          {t('plan.where', '{{interface}} of {{target}}', { ...raw, interface: sideText(plan), target: plan.target })}
        </div>
      </Fact>
    </dl>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.fact}>
      <dt className={styles.term}>{term}</dt>
      <dd className={styles.definition}>{children}</dd>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  grid: css({
    display: 'grid',
    gridTemplateColumns: 'minmax(260px, 2fr) minmax(150px, 1fr) minmax(220px, 1.4fr) minmax(150px, 1fr)',
    gap: 1,
    margin: 0,
    background: theme.colors.border.weak,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    overflow: 'hidden',
    [theme.breakpoints.down('lg')]: { gridTemplateColumns: '1fr 1fr' },
  }),
  fact: css({ padding: theme.spacing(1.5, 2), background: theme.colors.background.primary }),
  term: css({
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    fontWeight: 'normal',
  }),
  definition: css({ margin: 0 }),
  number: css({ fontSize: theme.typography.h4.fontSize, fontVariantNumeric: 'tabular-nums' }),
  detail: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
