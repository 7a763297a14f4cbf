/** What the sidecar makes of the document: the link as it would be shared, what is wrong, and every class in figures. */
import React from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import { ProblemAlert, SkeletonLines } from '../../../components/index.ts';
import type { Finding, useJudgement } from '../../../data/index.ts';
import { AllocationBar } from './AllocationBar.tsx';
import { ClassTable } from './ClassTable.tsx';
import { FindingsCard } from './FindingsCard.tsx';

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
  return (
    <div className={cx(styles.pane, !judged && styles.aging)} data-judged={judged}>
      {data.outline ? (
        <AllocationBar bandwidth={data.outline.bandwidth} classes={data.outline.classes} />
      ) : (
        <div className={styles.unread}>
          <Trans i18nKey="judgement.unreadable">The document cannot be read, so there are no classes to show.</Trans>
        </div>
      )}
      <FindingsCard
        findings={data.findings}
        judged={judged}
        none={t('judgement.none', 'Every guarantee fits and every class can be reached. The document may be saved.')}
        onOpen={onFinding}
        editing={{ text, onFixed }}
      />
      {data.outline && (
        <ClassTable bandwidth={data.outline.bandwidth} classes={data.outline.classes} onOpen={onClass} />
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  pane: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), minWidth: 0 }),
  aging: css({ opacity: 0.75 }),
  unread: css({
    padding: theme.spacing(3),
    textAlign: 'center',
    color: theme.colors.text.secondary,
    border: `1px dashed ${theme.colors.border.medium}`,
    borderRadius: theme.shape.radius.default,
  }),
});
