import React from 'react';
import { t } from '@grafana/i18n';
import { Combobox, RadioButtonGroup, Text } from '@grafana/ui';
import { sideText } from '../../../components/index.ts';
import type { BindingSummary } from '../../../data/index.ts';
import { raw } from '../../../locales/raw.ts';

/** Which interface the plan is for. A few are shown side by side, many in a list that can be searched. */
export function BindingPicker({
  bindings,
  value,
  onChange,
}: {
  bindings: BindingSummary[];
  value: string;
  onChange: (name: string) => void;
}) {
  const options = bindings.map((binding) => ({
    value: binding.name,
    label: `${binding.site} · ${sideText(binding)}`,
    description: binding.target,
  }));
  const label = t('plan.binding', 'Interface');
  const [only, ...others] = bindings;
  if (only && others.length === 0) {
    return (
      <Text element="h3" variant="h5">
        {t('plan.only-binding', '{{interface}} of {{target}}', {
          ...raw,
          interface: sideText(only),
          target: only.target,
        })}
      </Text>
    );
  }
  return options.length <= 4 ? (
    <RadioButtonGroup options={options} value={value} onChange={onChange} aria-label={label} />
  ) : (
    <Combobox
      options={options}
      value={value}
      onChange={(option) => onChange(option.value)}
      aria-label={label}
      width={40}
    />
  );
}
