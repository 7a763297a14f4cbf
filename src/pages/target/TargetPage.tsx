/** One target as a document, with its versions. */
import React from 'react';
import { t } from '@grafana/i18n';
import { PluginPage } from '@grafana/runtime';
import { Tab, TabsBar } from '@grafana/ui';
import { useParams } from 'react-router';
import { APP_ROOT } from '../../constants.ts';
import { useDocument } from '../../data/index.ts';
import { testIds } from '../../testIds.ts';
import { DocumentPanel } from '../documents/DocumentPanel.tsx';
import { filedIn } from '../documents/filed.ts';
import { useUrlState } from '../urlState.ts';
import { VersionsPanel } from '../versions/VersionsPanel.tsx';

export function TargetPage() {
  const { name = '' } = useParams<{ name: string }>();
  const [url, setUrl] = useUrlState();
  const tab = url.get('tab') === 'versions' ? 'versions' : 'document';
  const stored = useDocument('targets', name);
  return (
    <PluginPage
      pageNav={{
        text: name,
        subTitle: stored.data?.description,
        parentItem: { text: t('bindings.title', 'Bindings'), url: `${APP_ROOT}/bindings` },
      }}
    >
      <div data-testid={testIds.targetPage}>
        <TabsBar>
          <Tab
            label={t('policy.tab.document', 'Document')}
            active={tab === 'document'}
            data-testid={testIds.tab('document')}
            onChangeTab={() => setUrl({ tab: undefined })}
          />
          <Tab
            label={t('policy.tab.versions', 'Versions')}
            active={tab === 'versions'}
            data-testid={testIds.tab('versions')}
            onChangeTab={() => setUrl({ tab: 'versions' })}
          />
        </TabsBar>
        <DocumentPanel key={name} kind="targets" name={name} visible={tab === 'document'} />
        {tab === 'versions' && <VersionsPanel kind="targets" name={name} blocked={filedIn(stored.data)} />}
      </div>
    </PluginPage>
  );
}
