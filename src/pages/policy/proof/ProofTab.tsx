/** Whether a real kernel keeps what the policy promises: begin a proof, watch it, read it. */
import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Alert, EmptyState, Spinner, Stack, useStyles2 } from '@grafana/ui';
import { PermissionButton, ProblemAlert, SkeletonLines } from '../../../components/index.ts';
import { useProofs, useProve, type BindingSummary, type Proof } from '../../../data/index.ts';
import { raw } from '../../../locales/raw.ts';
import { testIds } from '../../../testIds.ts';
import { useUrlState } from '../../urlState.ts';
import { isDirty, type Draft } from '../draft.ts';
import { BindingPicker } from '../plan/BindingPicker.tsx';
import { ProofList } from './ProofList.tsx';
import { ProofReportView } from './ProofReportView.tsx';

interface Props {
  policy: string;
  bindings: BindingSummary[];
  draft: Draft;
}

export function ProofTab({ policy, bindings, draft }: Props) {
  const styles = useStyles2(getStyles);
  const [url, setUrl] = useUrlState();
  const binding = bindings.find((each) => each.name === url.get('binding')) ?? bindings[0];
  const proofs = useProofs(policy);
  const prove = useProve(binding?.name ?? '');
  const running = proofs.data?.find((proof) => proof.state === 'running');
  const ended = proofs.data?.filter((proof) => proof.state !== 'running') ?? [];
  const shown = ended.find((proof) => proof.id === url.get('proof')) ?? ended[0];
  const blocked = !binding
    ? t('proof.blocked-unbound', 'No binding uses this policy: a proof takes its bandwidth and its values from one.')
    : running || prove.isPending
      ? t('proof.blocked-running', 'A proof is under way.')
      : '';

  return (
    <div className={styles.page} data-testid={testIds.proofs}>
      <div className={styles.bar}>
        {binding && (
          <BindingPicker bindings={bindings} value={binding.name} onChange={(name) => setUrl({ binding: name })} />
        )}
        <span className={styles.of}>
          {isDirty(draft) && t('proof.of-saved', 'The saved revision is proved, without what is not saved yet.')}
        </span>
        <PermissionButton
          right="prove"
          blocked={blocked}
          icon="shield"
          tooltip={t('proof.prove-tooltip', 'Drives real packets through a copy of the link. No interface is touched.')}
          data-testid={testIds.prove}
          onClick={() => {
            setUrl({ proof: undefined });
            prove.mutate();
          }}
        >
          {t('proof.prove', 'Prove')}
        </PermissionButton>
      </div>
      {prove.error && <ProblemAlert problem={prove.error} onRemove={prove.reset} />}
      {running && <Running proof={running} />}
      {proofs.error && <ProblemAlert problem={proofs.error} onRetry={() => void proofs.refetch()} />}
      {proofs.isPending && <SkeletonLines lines={6} />}
      {proofs.data?.length === 0 && (
        <EmptyState variant="not-found" hideImage message={t('proof.empty', 'This policy has not been proved yet')}>
          <Trans i18nKey="proof.empty-text">
            A proof loads the policy into a copy of the link, sends packets of every class through it, and says for each
            promise whether it held. It takes about a minute.
          </Trans>
        </EmptyState>
      )}
      {shown && <ProofReportView key={shown.id} proof={shown} head={draft.base.revision} />}
      {ended.length > 1 && <ProofList proofs={ended} shown={shown?.id ?? ''} onShow={(id) => setUrl({ proof: id })} />}
    </div>
  );
}

function Running({ proof }: { proof: Proof }) {
  const { done, of } = proof.progress ?? { done: 0, of: 0 };
  return (
    <Alert
      severity="info"
      bottomSpacing={0}
      title={t('proof.running', 'Being proved on {{kernel}}…', { ...raw, kernel: proof.kernel })}
      data-testid={testIds.proofRunning}
    >
      <Stack alignItems="center" gap={1}>
        <Spinner inline />
        {of > 0
          ? t('proof.running-phase', 'Phase {{phase}} of {{of}}. Leaving this page does not stop it.', {
              ...raw,
              phase: done + 1,
              of,
            })
          : t('proof.running-begins', 'A copy of the link is being made. Leaving this page does not stop it.')}
      </Stack>
    </Alert>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), marginTop: theme.spacing(2) }),
  bar: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1, 2) }),
  of: css({ flex: 1, color: theme.colors.text.secondary }),
});
