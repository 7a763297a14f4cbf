/** One policy: its document, what it would do to the device, and what was done. */
import React from 'react';
import { t } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { Box, Stack, Tab, TabsBar } from '@grafana/ui';
import { useParams } from 'react-router';
import { PermissionButton, ProblemAlert, SkeletonLines } from '../../components/index.ts';
import { useWhyNot } from '../../components/permissions.ts';
import { APP_ROOT } from '../../constants.ts';
import { useBindings, useJudgement, useSavePolicy } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { DeleteDocument } from '../documents/DeleteDocument.tsx';
import { useScheduled } from '../documents/ScheduledBindings.tsx';
import { useUrlState } from '../urlState.ts';
import { useLatest } from '../useLatest.ts';
import { DeploymentsTab } from './deployments/DeploymentsTab.tsx';
import { DocumentTab } from './document/DocumentTab.tsx';
import { EditState } from './document/EditState.tsx';
import { SaveEffect } from './document/SaveEffect.tsx';
import { SaveProblem } from './document/SaveProblem.tsx';
import { isConflicting, isDirty } from './draft.ts';
import { MissingPolicy } from './MissingPolicy.tsx';
import { PlanTab } from './plan/PlanTab.tsx';
import { ProofTab } from './proof/ProofTab.tsx';
import { useDebounced } from './useDebounced.ts';
import { useDraft } from './useDraft.ts';
import { useLeaveGuard } from './useLeaveGuard.tsx';
import { VersionsTab } from './VersionsTab.tsx';

const tabs = ['document', 'plan', 'proof', 'deployments', 'versions'] as const;
type TabName = (typeof tabs)[number];

const captionOf: Record<TabName, () => string> = {
  document: () => t('policy.tab.document', 'Document'),
  plan: () => t('policy.tab.plan', 'Plan'),
  proof: () => t('policy.tab.proof', 'Proof'),
  deployments: () => t('policy.tab.deployments', 'Deployments'),
  versions: () => t('policy.tab.versions', 'Versions'),
};

export function PolicyPage() {
  const { name = '' } = useParams<{ name: string }>();
  // Another policy is another page: drafts, plans and guards start anew.
  return <Policy key={name} name={name} />;
}

function Policy({ name }: { name: string }) {
  const [url, setUrl] = useUrlState();
  const tab: TabName = tabs.find((candidate) => candidate === url.get('tab')) ?? 'document';
  const isNew = url.get('new') === 'true';

  const { policy, missing, head, draft, edit, keepOn, takeHead } = useDraft(name, isNew);
  const bindings = useBindings();
  const scheduled = useScheduled('policies', name) ?? [];
  const save = useSavePolicy(name);
  const dirty = draft !== null && isDirty(draft);
  const guard = useLeaveGuard(dirty && !save.isPending);

  const settled = useDebounced(draft?.text ?? '', 300);
  const judgement = useJudgement(settled, draft !== null && settled !== '');
  const errors = judgement.data?.findings.filter((finding) => finding.severity === 'error').length ?? 0;

  const blocked = !draft
    ? t('policy.save-loading', 'The document is not here yet.')
    : !dirty
      ? t('policy.save-clean', 'Nothing to save: the document is as it was last saved.')
      : save.isPending
        ? t('policy.save-pending', 'Being saved…')
        : errors > 0
          ? t('policy.save-errors', '', {
              count: errors,
              defaultValue_one: 'Not while the document has an error: see Findings.',
              defaultValue_other: 'Not while the document has {{count}} errors: see Findings.',
            })
          : '';

  const mayNotSave = useWhyNot('draft');

  const trySave = useLatest(() => {
    if (draft && !blocked && !mayNotSave) {
      save.mutate(
        { source: draft.text, baseRevision: draft.base.revision },
        {
          onSuccess: (saved) => {
            keepOn(saved);
            setUrl({ new: undefined }, { replace: true });
          },
        }
      );
    }
  });

  const bound = bindings.data?.filter((binding) => binding.policy === name) ?? [];
  const unbound =
    bindings.data && bound.length === 0
      ? t('policy.plan-unbound', 'No binding uses this policy, so there is no interface to plan for.')
      : '';

  return (
    <PluginPage
      pageNav={{
        text: name,
        subTitle: head?.description,
        parentItem: { text: t('policies.title', 'Policies'), url: `${APP_ROOT}/policies` },
      }}
      actions={
        draft && (
          <>
            <Stack alignItems="center">
              <EditState draft={draft} head={head} saving={save.isPending} />
            </Stack>
            {tab !== 'plan' && (
              <PermissionButton
                right="plan"
                blocked={unbound}
                variant="secondary"
                icon="process"
                tooltip={t('policy.plan-tooltip', 'Shows the exact operations. Nothing is changed.')}
                data-testid={testIds.plan}
                onClick={() => setUrl({ tab: 'plan' })}
              >
                {t('policy.plan', 'Plan')}
              </PermissionButton>
            )}
            {tab === 'document' && head && (
              <DeleteDocument
                kind="policies"
                name={name}
                revision={head.revision}
                blocked={
                  dirty
                    ? t('document.delete-dirty', 'Save or undo your changes first.')
                    : head.bindings.length > 0
                      ? t('policy.delete-bound', 'Bindings use it: {{bindings}}.', {
                          bindings: head.bindings.join(', '),
                        })
                      : ''
                }
              />
            )}
            <PermissionButton
              right="draft"
              blocked={blocked}
              icon="save"
              tooltip={
                scheduled.length > 0
                  ? t('policy.save-scheduled', 'Bindings with a schedule apply it by themselves: {{bindings}}.', {
                      bindings: scheduled.map((binding) => binding.name).join(', '),
                    })
                  : undefined
              }
              data-testid={testIds.save}
              onClick={() => trySave.current()}
            >
              {t('policy.save', 'Save')}
            </PermissionButton>
          </>
        )
      }
    >
      <div data-testid={testIds.policy}>
        {guard}
        {policy.error && !missing && (
          <Box marginBottom={2}>
            <ProblemAlert problem={policy.error} onRetry={() => void policy.refetch()} />
          </Box>
        )}
        {missing && !draft && <MissingPolicy name={name} />}
        {!draft && !policy.error && <SkeletonLines lines={10} />}
        {draft && (
          <>
            <SaveProblem
              problem={save.error}
              head={isConflicting(draft, head) && !save.isPending ? head : undefined}
              onTakeTheirs={() => {
                takeHead();
                save.reset();
              }}
              onKeepMine={() => {
                if (head) {
                  keepOn(head);
                }
                save.reset();
              }}
              onDismiss={save.reset}
            />
            {dirty && scheduled.length > 0 && <SaveEffect bindings={scheduled} />}
            <TabsBar>
              {tabs.map((candidate) => (
                <Tab
                  key={candidate}
                  label={captionOf[candidate]()}
                  active={candidate === tab}
                  data-testid={testIds.tab(candidate)}
                  onChangeTab={() => setUrl({ tab: candidate === 'document' ? undefined : candidate })}
                />
              ))}
            </TabsBar>
            <DocumentTab
              visible={tab === 'document'}
              text={draft.text}
              judgement={judgement}
              judged={settled === draft.text && !judgement.isPlaceholderData}
              onChange={edit}
              onSave={() => trySave.current()}
            />
            {tab === 'plan' && (
              <PlanTab
                policy={name}
                bindings={bound}
                loading={bindings.isPending}
                draft={draft}
                onAdopt={(text) => {
                  edit(text);
                  setUrl({ tab: undefined });
                }}
              />
            )}
            {tab === 'proof' && <ProofTab policy={name} bindings={bound} draft={draft} />}
            {tab === 'deployments' && <DeploymentsTab policy={name} bindings={bound} />}
            {tab === 'versions' && <VersionsTab policy={name} draft={draft} />}
          </>
        )}
      </div>
    </PluginPage>
  );
}
