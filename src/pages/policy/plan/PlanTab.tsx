/** What the document would do to an interface, and the button that does it. */
import React, { useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Button, Checkbox, ConfirmModal, EmptyState, Field, Input, Stack, useStyles2 } from '@grafana/ui';
import { PermissionButton, ProblemAlert, sideText, SkeletonLines, StateLabel } from '../../../components/index.ts';
import { useWhyNot } from '../../../components/permissions.ts';
import { shortRevision } from '../../../components/units.ts';
import { useApply, useDeployments, usePlan, type BindingSummary } from '../../../data/index.ts';
import { raw } from '../../../locales/raw.ts';
import { testIds } from '../../../testIds.ts';
import { useUrlState } from '../../urlState.ts';
import { FindingList } from '../document/FindingList.tsx';
import { isDirty, type Draft } from '../draft.ts';
import { BindingPicker } from './BindingPicker.tsx';
import { DriftList } from './DriftList.tsx';
import { ForeignTree } from './ForeignTree.tsx';
import { Outcome } from './Outcome.tsx';
import { PlanView } from './PlanView.tsx';
import { whyNotApply } from './whyNotApply.ts';

interface Props {
  policy: string;
  bindings: BindingSummary[];
  loading: boolean;
  draft: Draft;
  /** Puts a text into the draft and shows it. */
  onAdopt: (text: string) => void;
}

export function PlanTab({ policy, bindings, loading, draft, onAdopt }: Props) {
  const [url, setUrl] = useUrlState();
  const chosen = bindings.find((binding) => binding.name === url.get('binding')) ?? bindings[0];
  if (loading) {
    return <SkeletonLines lines={6} />;
  }
  if (!chosen) {
    return (
      <EmptyState variant="not-found" hideImage message={t('plan.unbound', 'No binding uses this policy')}>
        <Trans i18nKey="plan.unbound-text" values={{ policy }}>
          A plan needs an interface. Put a document of kind <code>Binding</code> that names the policy {'{{policy}}'}, a
          target and an interface into a file that <code>CLEARPATH_DOCUMENTS</code> names to the sidecar.
        </Trans>
      </EmptyState>
    );
  }
  return (
    <BindingPlan
      key={chosen.name}
      binding={chosen}
      draft={draft}
      onAdopt={onAdopt}
      picker={<BindingPicker bindings={bindings} value={chosen.name} onChange={(binding) => setUrl({ binding })} />}
    />
  );
}

interface BindingPlanProps extends Pick<Props, 'draft' | 'onAdopt'> {
  binding: BindingSummary;
  picker: React.ReactNode;
}

function BindingPlan({ binding, draft, onAdopt, picker }: BindingPlanProps) {
  const styles = useStyles2(getStyles);
  const [replaceForeign, setReplaceForeign] = useState(false);
  const [confirming, setConfirming] = useState(false);
  const [deadline, setDeadline] = useState('');
  const dirty = isDirty(draft);
  const mayPlan = useWhyNot('plan');
  const plan = usePlan({
    binding: binding.name,
    revision: draft.base.revision ?? '',
    source: dirty ? draft.text : undefined,
    enabled: mayPlan === '',
  });
  const apply = useApply(binding.name);
  const blocked = whyNotApply({
    plan: plan.data,
    dirty,
    replaceForeign,
    applying: apply.isPending,
    replanning: plan.isFetching,
  });

  // What awaits confirmation changes without this page: its end is in the list.
  const deployments = useDeployments({ limit: 100, enabled: apply.data?.state === 'awaiting-confirmation' });
  const latest = deployments.data?.find(({ id }) => id === apply.data?.id) ?? apply.data;

  const start = () => {
    setConfirming(false);
    if (plan.data) {
      apply.mutate({ plan: plan.data.id, replaceForeign, ...(deadline !== '' && { confirm: Number(deadline) }) });
      setReplaceForeign(false);
    }
  };

  return (
    <div className={styles.page} data-testid={testIds.planView}>
      <div className={styles.bar}>
        {picker}
        <span className={styles.of}>
          {dirty ? (
            <StateLabel icon="pen" tone="warn" word={t('plan.of-draft', 'Plan of the unsaved document')} />
          ) : (
            t('plan.of-head', 'Plan of the saved revision {{revision}}', {
              revision: shortRevision(draft.base.revision ?? ''),
            })
          )}
        </span>
        <Stack gap={1}>
          <Button
            variant="secondary"
            icon="sync"
            disabled={mayPlan !== '' || plan.isFetching || apply.isPending}
            tooltip={mayPlan || t('plan.again-tooltip', 'Reads the interface again. Nothing is changed.')}
            data-testid={testIds.planAgain}
            onClick={() => {
              apply.reset();
              void plan.refetch();
            }}
          >
            {t('plan.again', 'Plan again')}
          </Button>
          <PermissionButton
            right="apply"
            blocked={blocked}
            icon="play"
            data-testid={testIds.apply}
            onClick={() => setConfirming(true)}
          >
            {t('plan.apply', 'Apply')}
          </PermissionButton>
        </Stack>
      </div>

      <Outcome
        doing={
          apply.isPending
            ? t('plan.applying', 'Applying to {{interface}}…', { ...raw, interface: sideText(binding) })
            : undefined
        }
        deployment={latest}
        problem={apply.error}
        onDismiss={apply.reset}
      />

      <DriftList
        binding={binding}
        text={draft.text}
        blocked={blocked}
        onCorrect={() => setConfirming(true)}
        onAdopt={onAdopt}
      />
      {mayPlan && <EmptyState variant="not-found" hideImage message={mayPlan} />}
      {plan.error && (
        <ProblemAlert problem={plan.error} onRetry={() => void plan.refetch()}>
          {plan.error.findings.length > 0 && <FindingList findings={plan.error.findings} />}
        </ProblemAlert>
      )}
      {!mayPlan && plan.isPending && <SkeletonLines lines={8} />}
      {plan.data && (
        <>
          <ForeignTree plan={plan.data}>
            <Checkbox
              value={replaceForeign}
              onChange={(event) => setReplaceForeign(event.currentTarget.checked)}
              label={t('plan.replace-foreign', 'Replace it all the same. I accept that it cannot be restored exactly.')}
              data-testid={testIds.planReplaceForeign}
            />
          </ForeignTree>
          <PlanView plan={plan.data} refused={apply.error?.findings ?? []} />
          <ConfirmModal
            isOpen={confirming}
            title={t('plan.confirm-title', 'Apply to {{interface}} of {{target}}?', {
              ...raw,
              interface: sideText(plan.data),
              target: plan.data.target,
            })}
            body={
              <>
                <ConfirmBody
                  operations={plan.data.operations.length}
                  disruptive={plan.data.operations.filter((o) => o.disruptive).length}
                />
                <Deadline value={deadline} onChange={setDeadline} />
              </>
            }
            confirmText={t('plan.confirm', 'Apply')}
            confirmVariant={plan.data.disruptive || replaceForeign ? 'destructive' : 'primary'}
            confirmButtonVariant={plan.data.disruptive || replaceForeign ? 'destructive' : 'primary'}
            dismissText={t('plan.dismiss', 'Cancel')}
            onConfirm={start}
            onDismiss={() => setConfirming(false)}
          />
        </>
      )}
    </div>
  );
}

function Deadline({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <Field
      label={t('plan.deadline', 'Roll back unless it is confirmed within')}
      description={t(
        'plan.deadline-description',
        'Seconds. Empty: as the binding says. 0: without a deadline. Keeps you from shutting yourself out.'
      )}
    >
      <Input
        type="number"
        min={0}
        max={86_400}
        width={16}
        value={value}
        suffix={t('plan.seconds', 's')}
        data-testid={testIds.planDeadline}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </Field>
  );
}

function ConfirmBody({ operations, disruptive }: { operations: number; disruptive: number }) {
  return (
    <>
      {t('plan.confirm-operations', '', {
        count: operations,
        defaultValue_one: '{{count}} operation is carried out, read back and confirmed.',
        defaultValue_other: '{{count}} operations are carried out, read back and confirmed.',
      })}{' '}
      {disruptive > 0
        ? t('plan.confirm-disruptive', '', {
            count: disruptive,
            defaultValue_one: '{{count}} of them interrupts traffic for a moment.',
            defaultValue_other: '{{count}} of them interrupt traffic for a moment.',
          })
        : t('plan.confirm-calm', 'No queue is taken away: no packet is lost to the change.')}{' '}
      {t('plan.confirm-failure', 'If one fails, the earlier state is put back.')}
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), marginTop: theme.spacing(2) }),
  bar: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1, 2) }),
  of: css({ flex: 1, color: theme.colors.text.secondary }),
});
