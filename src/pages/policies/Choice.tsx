/** One of several: a few side by side, many in a list that can be searched. */
import React from 'react';
import { Combobox, RadioButtonGroup } from '@grafana/ui';

interface Props {
  options: Array<{ value: string; description?: string | null }>;
  value: string;
  label: string;
  onChange: (value: string) => void;
}

export function Choice({ options, value, label, onChange }: Props) {
  const named = options.map((option) => ({
    value: option.value,
    label: option.value,
    description: option.description ?? undefined,
  }));
  return named.length <= 4 ? (
    <RadioButtonGroup options={named} value={value} onChange={onChange} aria-label={label} />
  ) : (
    <Combobox
      options={named}
      value={value}
      onChange={(option) => onChange(option.value)}
      aria-label={label}
      width={32}
    />
  );
}
