/** What the sidecar makes of the document: the link as it would be shared, what is wrong, and every class in figures. */
import React from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import { ProblemAlert, SkeletonLines, StateLabel } from '../../../components/index.ts';
import type { Finding, useJudgement } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';
import { Soundness } from '../../policies/Soundness.tsx';
import { AllocationBar } from './AllocationBar.tsx';
import { ClassTable } from './ClassTable.tsx';
import { FindingList } from './FindingList.tsx';

interface Props {
  judgement: ReturnType<typeof useJudgement>;
  judged: boolean;
  onFinding: (finding: Finding) => void;
  onClass: (path: string) => void;
  /** The text that was judged, and what takes it with a fix. */
  text: string;
  onFixed: (text: string) => void;
}

export function JudgementPane({ judgement, judged, onFinding, onClass, text, onFixed }: Props) {
  const styles = useStyles2(getStyles);
  const { data, error } = judgement;
  if (error) {
    return (
      <ProblemAlert
        problem={error}
        onRetry={() => void judgement.refetch()}
        consequence={t('judgement.consequence', 'The document was not checked. Your text stays in the editor.')}
      />
    );
  }
  if (!data) {
    return <SkeletonLines lines={8} height={5} />;
  }
  const count = (severity: Finding['severity']) =>
    data.findings.filter((finding) => finding.severity === severity).length;
  return (
    <div className={cx(styles.pane, !judged && styles.aging)} data-judged={judged}>
      {data.outline ? (
        <AllocationBar bandwidth={data.outline.bandwidth} classes={data.outline.classes} />
      ) : (
        <div className={styles.unread}>
          <Trans i18nKey="judgement.unreadable">The document cannot be read, so there are no classes to show.</Trans>
        </div>
      )}
      <section className={styles.card} data-testid={testIds.findings}>
        <header className={styles.header}>
          <h3 className={styles.title}>
            <Trans i18nKey="judgement.findings">Findings</Trans>
          </h3>
          {judged ? (
            <Soundness errors={count('error')} warnings={count('warning')} />
          ) : (
            <StateLabel icon="sync" tone="quiet" word={t('judgement.checking', 'Checking…')} />
          )}
        </header>
        {data.findings.length === 0 ? (
          <div className={styles.none}>
            <Trans i18nKey="judgement.none">
              Every guarantee fits and every class can be reached. The document may be saved.
            </Trans>
          </div>
        ) : (
          // Findings of an earlier text say nothing of where this one is to be edited.
          <FindingList
            findings={data.findings}
            onOpen={onFinding}
            {...(judged ? { editing: { text, onFixed } } : {})}
          />
        )}
      </section>
      {data.outline && (
        <ClassTable bandwidth={data.outline.bandwidth} classes={data.outline.classes} onOpen={onClass} />
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  pane: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), minWidth: 0 }),
  aging: css({ opacity: 0.75 }),
  card: css({
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
  }),
  header: css({
    display: 'flex',
    justifyContent: 'space-between',
    alignItems: 'center',
    padding: theme.spacing(1, 1.5),
    borderBottom: `1px solid ${theme.colors.border.weak}`,
  }),
  title: css({ margin: 0, fontSize: theme.typography.h6.fontSize }),
  none: css({ padding: theme.spacing(1.5), color: theme.colors.text.secondary }),
  unread: css({
    padding: theme.spacing(3),
    textAlign: 'center',
    color: theme.colors.text.secondary,
    border: `1px dashed ${theme.colors.border.medium}`,
    borderRadius: theme.shape.radius.default,
  }),
});
