/** Is everyone getting what they are owed, and if not, who is not? */
import React from 'react';
import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { EmptyState, LinkButton, Stack, useStyles2 } from '@grafana/ui';
import { ProblemAlert, SkeletonLines } from '../../components/index.ts';
import { APP_ROOT } from '../../constants.ts';
import { useBindings, useCompliance, useDeployments, useViolations } from '../../data/index.ts';
import { raw } from '../../locales/raw.ts';
import { testIds } from '../../testIds.ts';
import { byBinding } from '../../components/byBinding.ts';
import { BindingCard } from './BindingCard.tsx';
import { BindingGroup } from './BindingGroup.tsx';
import { OpenViolations } from './OpenViolations.tsx';
import { RecentDeployments } from './RecentDeployments.tsx';
import { SummaryStrip } from './SummaryStrip.tsx';
import { byPlace, summarise } from './summary.ts';

export function OverviewPage() {
  const styles = useStyles2(getStyles);
  const bindings = useBindings();
  const compliance = useCompliance();
  const violations = useViolations();
  const deployments = useDeployments({ limit: 8 });

  const queries = [bindings, compliance, violations, deployments];
  const problem = queries.find((query) => query.error)?.error;
  const asOf = Math.min(...queries.map((query) => query.dataUpdatedAt));
  const complete = bindings.data && compliance.data && violations.data && deployments.data;
  const retry = () => queries.forEach((query) => void query.refetch());

  return (
    <PluginPage
      pageNav={{
        text: t('overview.title', 'Overview'),
        subTitle: t('overview.subtitle', 'What each class of traffic is owed on each link, and what it really got.'),
      }}
      actions={
        asOf > 0 && (
          <span className={problem ? styles.stale : styles.fresh}>
            {problem
              ? t('overview.stale', 'Last answer {{time}}', {
                  ...raw,
                  time: dateTimeFormat(asOf, { format: 'HH:mm:ss' }),
                })
              : t('overview.fresh', 'As of {{time}}, every 5 s', {
                  ...raw,
                  time: dateTimeFormat(asOf, { format: 'HH:mm:ss' }),
                })}
          </span>
        )
      }
    >
      <div data-testid={testIds.overview} className={styles.page}>
        {problem && (
          <ProblemAlert
            problem={problem}
            onRetry={retry}
            consequence={
              complete
                ? t(
                    'overview.stale-consequence',
                    'What stands below is the last answer, from {{time}}. It does not show what is happening now.',
                    {
                      ...raw,
                      time: dateTimeFormat(asOf),
                    }
                  )
                : undefined
            }
          />
        )}
        {!complete && !problem && (
          <Stack direction="column" gap={3}>
            <SkeletonLines lines={1} height={9} />
            <SkeletonLines lines={9} />
          </Stack>
        )}
        {complete && bindings.data.length === 0 && <NothingBound />}
        {complete && bindings.data.length > 0 && (
          <div className={problem ? styles.dimmed : undefined}>
            <Stack direction="column" gap={3}>
              <SummaryStrip summary={summarise(bindings.data, compliance.data, violations.data)} />
              <OpenViolations violations={violations.data} now={asOf} />
              {byBinding(byPlace(bindings.data)).map((group) => {
                const names = new Set(group.links.map((link) => link.name));
                const rows = compliance.data.filter((row) => names.has(row.binding));
                const [first] = group.links;
                return first && group.links.length === 1 ? (
                  <BindingCard key={group.binding} binding={first} rows={rows} now={asOf} />
                ) : (
                  <BindingGroup key={group.binding} group={group} rows={rows} now={asOf} />
                );
              })}
              <RecentDeployments deployments={deployments.data} />
            </Stack>
          </div>
        )}
      </div>
    </PluginPage>
  );
}

function NothingBound() {
  return (
    <EmptyState
      variant="call-to-action"
      hideImage
      message={t('overview.empty', 'No policy acts on an interface yet')}
      button={
        <LinkButton href={`${APP_ROOT}/policies`} icon="arrow-right" size="lg">
          <Trans i18nKey="overview.empty-button">Go to the policies</Trans>
        </LinkButton>
      }
    >
      <Trans i18nKey="overview.empty-text">
        A document of kind <code>Binding</code> says which policy acts on which interface of which target. Put one into
        a file that <code>CLEARPATH_DOCUMENTS</code> names to the sidecar; its classes and what they get then stand
        here.
      </Trans>
    </EmptyState>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(3) }),
  fresh: css({ color: theme.colors.text.secondary, fontVariantNumeric: 'tabular-nums' }),
  stale: css({ color: theme.colors.warning.text, fontVariantNumeric: 'tabular-nums' }),
  dimmed: css({ opacity: 0.55 }),
});
