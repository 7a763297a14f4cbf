/** Every policy: what it is for, whether it is sound, and where it acts. */
import React, { useState } from 'react';
import { t, Trans } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { EmptyState, FilterInput, Stack } from '@grafana/ui';
import { PermissionButton, ProblemAlert, SkeletonLines } from '../../components/index.ts';
import { useBindings, usePolicies } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { useUrlState } from '../urlState.ts';
import { ImportModal } from './ImportModal.tsx';
import { NewPolicyModal } from './NewPolicyModal.tsx';
import { PolicyTable } from './PolicyTable.tsx';
import { matching } from './matching.ts';

export function PoliciesPage() {
  const [url, setUrl] = useUrlState();
  const [creating, setCreating] = useState(false);
  const importing = url.get('import') === 'true';
  const policies = usePolicies();
  const bindings = useBindings();
  const search = url.get('search') ?? '';
  const found = matching(policies.data ?? [], search);

  const create = (
    <Stack gap={1}>
      <PermissionButton
        right="plan"
        variant="secondary"
        icon="download-alt"
        data-testid={testIds.importPolicy}
        onClick={() => setUrl({ import: 'true' })}
      >
        {t('policies.import', 'Import from an interface')}
      </PermissionButton>
      <PermissionButton right="draft" icon="plus" data-testid={testIds.newPolicy} onClick={() => setCreating(true)}>
        {t('policies.new', 'New policy')}
      </PermissionButton>
    </Stack>
  );

  return (
    <PluginPage
      subTitle={t('policies.subtitle', 'What each class of traffic on a link is owed, as documents with a history.')}
      actions={policies.data && policies.data.length > 0 && create}
    >
      <div data-testid={testIds.policies}>
        <Stack direction="column" gap={2}>
          {policies.error && <ProblemAlert problem={policies.error} onRetry={() => void policies.refetch()} />}
          {policies.isPending && !policies.error && <SkeletonLines lines={5} height={5} />}
          {policies.data && policies.data.length === 0 && (
            <EmptyState
              variant="call-to-action"
              hideImage
              message={t('policies.empty', 'No policy has been written yet')}
              button={create}
            >
              <Trans i18nKey="policies.empty-text">
                A policy says what each class of traffic on a link is owed: voice first, video its third, the rest what
                is left. Start from a sound template and look at the plan before anything is applied.
              </Trans>
            </EmptyState>
          )}
          {policies.data && policies.data.length > 0 && (
            <>
              {policies.data.length > 5 && (
                <FilterInput
                  escapeRegex={false}
                  placeholder={t('policies.search', 'Search by name, description or binding')}
                  value={search}
                  onChange={(text) => setUrl({ search: text }, { replace: true })}
                  width={48}
                />
              )}
              {found.length > 0 ? (
                <PolicyTable policies={found} bindings={bindings.data ?? []} />
              ) : (
                <EmptyState
                  variant="not-found"
                  hideImage
                  message={t('policies.none-found', 'No policy matches the search')}
                />
              )}
            </>
          )}
        </Stack>
      </div>
      {importing && (
        <ImportModal
          taken={(policies.data ?? []).map((policy) => policy.name)}
          target={url.get('target') ?? undefined}
          device={url.get('interface') ?? undefined}
          direction={url.get('direction') === 'ingress' ? 'ingress' : 'egress'}
          onClose={() =>
            setUrl(
              { import: undefined, target: undefined, interface: undefined, direction: undefined },
              { replace: true }
            )
          }
        />
      )}
      {creating && (
        <NewPolicyModal taken={(policies.data ?? []).map((policy) => policy.name)} onClose={() => setCreating(false)} />
      )}
    </PluginPage>
  );
}
