/** One binding: which policy acts on which interfaces, in which state, and its roll-out. */
import React from 'react';
import { t } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { Alert, Box, EmptyState, Stack, Tab, TabsBar, TextLink } from '@grafana/ui';
import { useParams } from 'react-router';
import { ProblemAlert, SkeletonLines, StateCounts } from '../../components/index.ts';
import { byBinding } from '../../components/byBinding.ts';
import { APP_ROOT } from '../../constants.ts';
import { useBindings, useDocument } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { DocumentPanel } from '../documents/DocumentPanel.tsx';
import { filedIn } from '../documents/filed.ts';
import { useUrlState } from '../urlState.ts';
import { VersionsPanel } from '../versions/VersionsPanel.tsx';
import { LinkTable } from './LinkTable.tsx';
import { RolloutPanel } from './RolloutPanel.tsx';

const TABS = ['interfaces', 'document', 'versions'] as const;
const captionOf: Record<(typeof TABS)[number], () => string> = {
  interfaces: () => t('binding.tab.interfaces', 'Interfaces'),
  document: () => t('policy.tab.document', 'Document'),
  versions: () => t('policy.tab.versions', 'Versions'),
};

export function BindingPage() {
  const { name = '' } = useParams<{ name: string }>();
  const bindings = useBindings();
  const stored = useDocument('bindings', name);
  const [url, setUrl] = useUrlState();
  const tab = TABS.find((candidate) => candidate === url.get('tab')) ?? 'interfaces';
  const group = byBinding(bindings.data ?? []).find(({ binding }) => binding === name);
  const unreadable = stored.data?.readable === false;
  return (
    <PluginPage
      pageNav={{ text: name, parentItem: { text: t('bindings.title', 'Bindings'), url: `${APP_ROOT}/bindings` } }}
    >
      <div data-testid={testIds.bindingPage}>
        {bindings.error && <ProblemAlert problem={bindings.error} onRetry={() => void bindings.refetch()} />}
        {bindings.isPending && !bindings.error && <SkeletonLines lines={6} />}
        <TabsBar>
          {TABS.map((candidate) => (
            <Tab
              key={candidate}
              label={captionOf[candidate]()}
              active={candidate === tab}
              data-testid={testIds.tab(candidate)}
              onChangeTab={() => setUrl({ tab: candidate === 'interfaces' ? undefined : candidate })}
            />
          ))}
        </TabsBar>
        <DocumentPanel key={name} kind="bindings" name={name} visible={tab === 'document'} />
        {tab === 'versions' && <VersionsPanel kind="bindings" name={name} blocked={filedIn(stored.data)} />}
        {tab === 'interfaces' && bindings.data && !group && (
          <EmptyState
            variant="not-found"
            hideImage
            message={t('bindings.not-found', 'There is no binding of this name')}
          />
        )}
        {tab === 'interfaces' && group && unreadable && (
          <Box marginTop={2}>
            <Alert
              severity="error"
              title={t('document.unreadable', 'This version of Clearpath does not take the stored text')}
            >
              {group.links[0]!.message}
            </Alert>
          </Box>
        )}
        {tab === 'interfaces' && group && !unreadable && (
          <Box marginTop={2}>
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
              <LinkTable links={group.links} />
              <RolloutPanel binding={name} />
            </Stack>
          </Box>
        )}
      </div>
    </PluginPage>
  );
}
