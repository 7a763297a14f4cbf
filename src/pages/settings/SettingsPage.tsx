/** Which datasource leads to the sidecar, and whether it does. */
import React, { useState } from 'react';
import type { AppPluginMeta, PluginConfigPageProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { DataSourcePicker, locationService } from '@grafana/runtime';
import { Button, Field, FieldSet, Stack } from '@grafana/ui';
import { ProblemAlert, SkeletonLines, StateLabel } from '../../components/index.ts';
import { APP_ROOT, DATASOURCE_TYPE, DEFAULT_DATASOURCE_UID } from '../../constants.ts';
import { SidecarProvider, useSaveSettings, useWhoami, type AppSettings } from '../../data/index.ts';
import { raw } from '../../locales/raw.ts';
import { testIds } from '../../testIds.ts';

export function SettingsPage({ plugin }: PluginConfigPageProps<AppPluginMeta<AppSettings>>) {
  const { meta } = plugin;
  const [uid, setUid] = useState(meta.jsonData?.datasourceUid || DEFAULT_DATASOURCE_UID);
  return (
    <SidecarProvider key={uid} uid={uid}>
      <Settings meta={meta} uid={uid} onChange={setUid} />
    </SidecarProvider>
  );
}

function Settings({
  meta,
  uid,
  onChange,
}: {
  meta: AppPluginMeta<AppSettings>;
  uid: string;
  onChange: (uid: string) => void;
}) {
  const save = useSaveSettings();
  return (
    <div data-testid={testIds.settings}>
      <FieldSet label={t('settings.title', 'Connection')}>
        <Field
          label={t('settings.datasource', 'Datasource')}
          description={t(
            'settings.datasource-description',
            'The pages reach the sidecar through this datasource; its address and token are kept there.'
          )}
        >
          <DataSourcePicker
            current={uid}
            filter={(candidate) => candidate.type === DATASOURCE_TYPE}
            onChange={(chosen) => onChange(chosen.uid)}
            width={48}
            noDefault
          />
        </Field>
        <Stack direction="column" gap={2}>
          <Connection />
          {save.error && <ProblemAlert problem={save.error} />}
          <div>
            <Button
              data-testid={testIds.settingsSave}
              disabled={save.isPending}
              onClick={() =>
                save.mutate(
                  { enabled: true, pinned: meta.pinned ?? true, jsonData: { ...meta.jsonData, datasourceUid: uid } },
                  { onSuccess: () => locationService.push(APP_ROOT) }
                )
              }
            >
              {t('settings.save', 'Save and open the overview')}
            </Button>
          </div>
        </Stack>
      </FieldSet>
    </div>
  );
}

function Connection() {
  const whoami = useWhoami();
  if (whoami.error) {
    return <ProblemAlert problem={whoami.error} onRetry={() => void whoami.refetch()} />;
  }
  if (!whoami.data) {
    return <SkeletonLines lines={1} />;
  }
  return (
    <StateLabel
      icon="check-circle"
      tone="good"
      word={t('settings.connected', 'The sidecar answers. To it you are {{who}} with the role {{role}}.', {
        ...raw,
        who: whoami.data.login ?? t('settings.nobody', 'nobody (not signed in)'),
        role: whoami.data.role,
      })}
      data-testid={testIds.settingsConnection}
    />
  );
}
