/** A proof as a person reads it: the verdict, when and on which kernel, a bar for each class, and every promise. */
import React from 'react';
import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Alert, useStyles2 } from '@grafana/ui';
import { ProblemAlert, SkeletonLines, StateLabel } from '../../../components/index.ts';
import { sayProofState } from '../../../components/said.ts';
import { formatBitrate, formatElapsed, shortRevision } from '../../../components/units.ts';
import { useProof, type Proof, type ProofReport } from '../../../data/index.ts';
import { raw } from '../../../locales/raw.ts';
import { testIds } from '../../../testIds.ts';
import { ClassBars } from './ClassBars.tsx';
import { PromiseTable } from './PromiseTable.tsx';

export function ProofReportView({ proof, head }: { proof: Proof; head: string | null }) {
  const styles = useStyles2(getStyles);
  const detail = useProof(proof);
  const report = detail.data?.report;
  return (
    <section className={styles.report} data-testid={testIds.proofReport} data-state={proof.state}>
      <div className={styles.head}>
        <StateLabel {...sayProofState(proof.state)} />
        <span className={styles.quiet}>{report ? count(report) : proof.message}</span>
        <span className={styles.quiet}>
          {t('proof.of', 'Revision {{revision}} on {{kernel}}, {{when}} by {{by}}', {
            ...raw,
            revision: shortRevision(proof.revision),
            kernel: proof.kernel,
            when: dateTimeFormat(proof.startedAt),
            by: proof.by,
          })}
        </span>
        {report && (
          <span className={styles.quiet}>
            {t('proof.at', 'at {{rate}}, in {{time}}', {
              ...raw,
              rate: formatBitrate(report.provedAt),
              time: formatElapsed(report.took),
            })}
          </span>
        )}
      </div>
      {head !== null && proof.revision !== head && (
        <Alert
          severity="warning"
          bottomSpacing={0}
          title={t('proof.other-revision', 'This is not a proof of the revision that is saved now')}
        />
      )}
      {report && report.provedAt < report.bandwidth && (
        <Alert
          severity="warning"
          bottomSpacing={0}
          title={t('proof.slower', 'Proved at {{at}} in place of {{link}}', {
            ...raw,
            at: formatBitrate(report.provedAt),
            link: formatBitrate(report.bandwidth),
          })}
        >
          {t(
            'proof.slower-text',
            'The machine cannot drive the whole link. Bursts and timers of the faster link are not proved.'
          )}
        </Alert>
      )}
      {proof.state === 'failed' && (
        <Alert severity="error" bottomSpacing={0} title={t('proof.failed-title', 'No proof could be made')}>
          {proof.message}
        </Alert>
      )}
      {detail.error && <ProblemAlert problem={detail.error} onRetry={() => void detail.refetch()} />}
      {detail.isPending && <SkeletonLines lines={6} />}
      {report && (
        <>
          <ClassBars report={report} />
          <PromiseTable promises={report.promises} />
        </>
      )}
    </section>
  );
}

function count({ promises }: ProofReport): string {
  return t('proof.count', '{{held}} of {{all}} promises held', {
    ...raw,
    held: promises.filter((promise) => promise.verdict === 'held').length,
    all: promises.length,
  });
}

const getStyles = (theme: GrafanaTheme2) => ({
  report: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
  head: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'baseline', gap: theme.spacing(0.5, 2) }),
  quiet: css({ color: theme.colors.text.secondary }),
});
