/** One binding: which policy acts on which interfaces, in which state, and its roll-out. */
import React from 'react';
import { t } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { EmptyState, Stack, TextLink } from '@grafana/ui';
import { useParams } from 'react-router';
import { ProblemAlert, SkeletonLines, StateCounts } from '../../components/index.ts';
import { byBinding } from '../../components/byBinding.ts';
import { APP_ROOT } from '../../constants.ts';
import { useBindings } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { RolloutPanel } from './RolloutPanel.tsx';

export function BindingPage() {
  const { name = '' } = useParams<{ name: string }>();
  const bindings = useBindings();
  const group = byBinding(bindings.data ?? []).find(({ binding }) => binding === name);
  return (
    <PluginPage
      pageNav={{ text: name, parentItem: { text: t('bindings.title', 'Bindings'), url: `${APP_ROOT}/bindings` } }}
    >
      <div data-testid={testIds.bindingPage}>
        {bindings.error && <ProblemAlert problem={bindings.error} onRetry={() => void bindings.refetch()} />}
        {bindings.isPending && !bindings.error && <SkeletonLines lines={6} />}
        {bindings.data && !group && (
          <EmptyState
            variant="not-found"
            hideImage
            message={t('bindings.not-found', 'There is no binding of this name')}
          />
        )}
        {group && (
          <Stack direction="column" gap={3}>
            <Stack gap={3} wrap="wrap">
              <TextLink href={`${APP_ROOT}/policies/${group.links[0]!.policy}`}>{group.links[0]!.policy}</TextLink>
              <span>
                {t('binding.interfaces', '', {
                  count: group.links.length,
                  defaultValue_one: '{{count}} interface',
                  defaultValue_other: '{{count}} interfaces',
                })}
              </span>
              <StateCounts links={group.links} />
            </Stack>
            <RolloutPanel binding={name} />
          </Stack>
        )}
      </div>
    </PluginPage>
  );
}
