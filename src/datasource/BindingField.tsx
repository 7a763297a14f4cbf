/** Which binding to ask for: those the sidecar knows, or a name or variable typed in. */
import { t } from '@grafana/i18n';
import { Combobox, type ComboboxOption, InlineField } from '@grafana/ui';
import React, { useEffect, useState } from 'react';
import type { BindingSummary } from '../../backend/api/contract.ts';

interface Props {
  id: string;
  value: string | undefined;
  load: () => Promise<BindingSummary[]>;
  onChange: (binding: string | undefined) => void;
}

export function BindingField({ id, value, load, onChange }: Props) {
  const [options, setOptions] = useState<Array<ComboboxOption<string>>>();
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    let current = true;
    load().then(
      (bindings) => current && setOptions(bindings.map(describe)),
      () => current && setFailed(true)
    );
    return () => {
      current = false;
    };
    // The datasource instance stays the same while the editor is open; a refresh is a new editor.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  return (
    <InlineField
      label={t('query.binding', 'Binding')}
      labelWidth={14}
      htmlFor={id}
      invalid={failed}
      error={t(
        'query.bindingsFailed',
        'The sidecar does not say which bindings there are. Type a name, or test the datasource.'
      )}
      tooltip={t('query.bindingHelp', 'A policy on an interface in one direction. Empty: all of them.')}
    >
      <Combobox
        id={id}
        width={32}
        isClearable
        createCustomValue
        loading={options === undefined && !failed}
        options={options ?? []}
        value={value ?? null}
        placeholder={t('query.allBindings', 'All bindings')}
        onChange={(option) => onChange(option?.value)}
      />
    </InlineField>
  );
}

const describe = ({ name, site, policy, interface: device, direction }: BindingSummary): ComboboxOption<string> => ({
  value: name,
  label: name,
  description: `${site} · ${policy} · ${device} ${direction}`,
});
