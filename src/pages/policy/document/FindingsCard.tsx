/** What the sidecar has against a document, under how much it is. */
import React, { type ReactNode } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import { StateLabel } from '../../../components/index.ts';
import type { Finding } from '../../../data/index.ts';
import { testIds } from '../../../testIds.ts';
import { Soundness } from '../../policies/Soundness.tsx';
import { FindingList } from './FindingList.tsx';

interface Props {
  /** undefined while they are not known, for which `children` speak */
  findings: Finding[] | undefined;
  /** They are of the text as it stands now. */
  judged: boolean;
  /** What it means that there is none, in words */
  none: string;
  onOpen: (finding: Finding) => void;
  /** See FindingList; findings of an earlier text say nothing of where this one is to be edited */
  editing?: React.ComponentProps<typeof FindingList>['editing'];
  children?: ReactNode;
}

export const countOf = (findings: readonly Finding[] | undefined, severity: Finding['severity']): number =>
  findings?.filter((item) => item.severity === severity).length ?? 0;

export function FindingsCard({ findings, judged, none, onOpen, editing, children }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <section className={styles.card} data-testid={testIds.findings}>
      <header className={styles.header}>
        <h3 className={styles.title}>{t('judgement.findings', 'Findings')}</h3>
        {judged ? (
          <Soundness errors={countOf(findings, 'error')} warnings={countOf(findings, 'warning')} />
        ) : (
          <StateLabel icon="sync" tone="quiet" word={t('judgement.checking', 'Checking…')} />
        )}
      </header>
      {children}
      {findings?.length === 0 && <div className={styles.none}>{none}</div>}
      {findings && findings.length > 0 && (
        <FindingList findings={findings} onOpen={onOpen} {...(judged && editing ? { editing } : {})} />
      )}
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
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
});
