/** A problem where the operator is looking. Sidecar and bridge say what happened and what to do; the page adds the way there. */
import React, { type ReactNode } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Alert, Button, LinkButton, Stack, useStyles2 } from '@grafana/ui';
import { APP_ID, DATASOURCE_TYPE } from '../constants.ts';
import { useDatasourceUid, type ProblemError } from '../data/index.ts';
import { raw } from '../locales/raw.ts';
import { testIds } from '../testIds.ts';

interface Props {
  problem: ProblemError;
  /** What is not shown or was not done because of it, when the problem itself cannot know. */
  consequence?: string;
  onRetry?: () => void;
  onRemove?: () => void;
  children?: ReactNode;
}

export function ProblemAlert({ problem, consequence, onRetry, onRemove, children }: Props) {
  const styles = useStyles2(getStyles);
  const { title, detail } = useWords(problem);
  return (
    <Alert
      title={title}
      severity={problem.trouble === 'forbidden' || problem.trouble === 'conflict' ? 'warning' : 'error'}
      data-testid={testIds.problem}
      data-code={problem.code}
      data-trouble={problem.trouble}
      onRemove={onRemove}
      bottomSpacing={0}
    >
      <Stack direction="column" gap={1}>
        {detail && <div className={styles.detail}>{detail}</div>}
        {consequence && <div>{consequence}</div>}
        {children}
        <Stack alignItems="center" gap={1} wrap="wrap">
          {onRetry && (
            <Button size="sm" variant="secondary" icon="sync" onClick={onRetry}>
              <Trans i18nKey="problem.retry">Try again</Trans>
            </Button>
          )}
          <WayThere problem={problem} />
          {!problem.findings.some((finding) => finding.code === problem.code) && (
            <code className={styles.code}>{problem.code}</code>
          )}
        </Stack>
      </Stack>
    </Alert>
  );
}

function useWords(problem: ProblemError): { title: string; detail: string } {
  const uid = useDatasourceUid();
  if (problem.trouble !== 'datasource') {
    return problem;
  }
  return {
    title: t('problem.datasource', 'The Clearpath datasource does not work'),
    detail: t(
      'problem.datasource-detail',
      'Grafana did not pass the call on to the datasource with uid “{{uid}}”: {{reason}}. Nothing was read or changed. Choose a datasource in the app’s settings, or add one with this uid.',
      { ...raw, uid, reason: problem.title.replace(/\.$/, '') }
    ),
  };
}

/** The settings in which the trouble can be ended. */
function WayThere({ problem }: { problem: ProblemError }) {
  const uid = useDatasourceUid();
  switch (problem.trouble) {
    case 'unreachable':
    case 'token':
      return (
        <LinkButton
          size="sm"
          variant="secondary"
          icon="database"
          href={`/connections/datasources/edit/${encodeURIComponent(uid)}`}
        >
          <Trans i18nKey="problem.open-datasource">Datasource settings</Trans>
        </LinkButton>
      );
    case 'datasource':
      return (
        <>
          <LinkButton size="sm" variant="secondary" icon="cog" href={`/plugins/${APP_ID}`}>
            <Trans i18nKey="problem.open-app">App settings</Trans>
          </LinkButton>
          <LinkButton size="sm" variant="secondary" icon="plus" href={`/connections/datasources/${DATASOURCE_TYPE}`}>
            <Trans i18nKey="problem.add-datasource">Add a datasource</Trans>
          </LinkButton>
        </>
      );
    case 'conflict':
    case 'findings':
    case 'forbidden':
    case 'not-found':
    case 'other':
      return null;
  }
}

const getStyles = (theme: GrafanaTheme2) => ({
  detail: css({ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }),
  code: css({
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    background: 'none',
    border: 0,
    padding: 0,
    marginLeft: theme.spacing(1),
  }),
});
