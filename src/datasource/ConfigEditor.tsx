/** Where the sidecar listens and the token it knows this Grafana organisation by. */
import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Field, Input, SecretInput, Stack, Text } from '@grafana/ui';
import React, { useId } from 'react';
import type { ClearpathOptions, ClearpathSecrets } from './settings.ts';

const EXAMPLE_URL = 'http://127.0.0.1:8003';

type Props = DataSourcePluginOptionsEditorProps<ClearpathOptions, ClearpathSecrets>;

export function ConfigEditor({ options, onOptionsChange }: Props) {
  const id = useId();
  const { jsonData, secureJsonData, secureJsonFields, readOnly } = options;

  return (
    <Stack direction="column" gap={2}>
      <Text color="secondary">
        {t(
          'settings.intro',
          'Grafana asks the Clearpath sidecar (clearpathd) on behalf of whoever is logged in: Viewers read, Editors draft and plan, Admins apply and roll back. The sidecar checks every call; the browser never talks to it.'
        )}
      </Text>
      <Field
        label={t('settings.url', 'Sidecar URL')}
        description={t(
          'settings.urlHelp',
          'Where clearpathd listens, as the Grafana server reaches it. Viewers can read this, so it holds no secret.'
        )}
        htmlFor={`${id}-url`}
      >
        <Input
          id={`${id}-url`}
          width={60}
          type="url"
          disabled={readOnly}
          placeholder={EXAMPLE_URL}
          value={jsonData.url ?? ''}
          onChange={(event) =>
            onOptionsChange({ ...options, jsonData: { ...jsonData, url: event.currentTarget.value } })
          }
        />
      </Field>
      <Field
        label={t('settings.token', 'Bridge token')}
        description={t(
          'settings.tokenHelp',
          'The sidecar makes it at its first start and keeps it in its state directory. It is stored encrypted and never sent to the browser again.'
        )}
        htmlFor={`${id}-token`}
      >
        <SecretInput
          id={`${id}-token`}
          width={60}
          disabled={readOnly}
          isConfigured={secureJsonFields?.token === true}
          value={secureJsonData?.token ?? ''}
          onChange={(event) =>
            onOptionsChange({ ...options, secureJsonData: { ...secureJsonData, token: event.currentTarget.value } })
          }
          onReset={() =>
            onOptionsChange({
              ...options,
              secureJsonFields: { ...secureJsonFields, token: false },
              secureJsonData: { ...secureJsonData, token: '' },
            })
          }
        />
      </Field>
    </Stack>
  );
}
