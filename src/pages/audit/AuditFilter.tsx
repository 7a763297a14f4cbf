/** What is looked for in the audit: words anywhere, who, what, where, from and to which day, and how it ended. */
import React from 'react';
import { t } from '@grafana/i18n';
import { Field, FilterInput, Input, RadioButtonGroup, Stack } from '@grafana/ui';
import { testIds } from '../../testIds.ts';
import { OUTCOMES, type Key } from './question.ts';
import { sayOutcome } from './words.ts';

interface Props {
  /** Empty where it is not asked for */
  text: (key: Key) => string;
  onChange: (key: Key, value: string) => void;
}

export function AuditFilter({ text, onChange }: Props) {
  const labels: Array<[key: Key, label: string, placeholder: string]> = [
    ['by', t('audit.who', 'Who'), ''],
    ['action', t('audit.what', 'What'), 'apply'],
    ['subject', t('audit.where', 'Where'), t('audit.where-example', 'document or interface')],
  ];
  const days: Array<[key: Key, label: string]> = [
    ['since', t('audit.since', 'From day')],
    ['until', t('audit.until', 'To day')],
  ];
  return (
    <Stack direction="column" gap={2}>
      <Stack gap={2} wrap="wrap">
        <FilterInput
          placeholder={t('audit.search', 'Search by person, action, place or text')}
          value={text('search')}
          onChange={(value) => onChange('search', value)}
          width={40}
          escapeRegex={false}
          data-testid={testIds.auditFilter}
        />
        <div data-testid={testIds.auditOutcome}>
          <RadioButtonGroup
            aria-label={t('audit.outcome', 'Outcome')}
            options={[
              { value: '', label: t('audit.every', 'All') },
              ...OUTCOMES.map((item) => ({ value: item as string, label: sayOutcome(item).word })),
            ]}
            value={text('outcome')}
            onChange={(value) => onChange('outcome', value)}
          />
        </div>
      </Stack>
      <Stack gap={2} wrap="wrap">
        {labels.map(([key, label, placeholder]) => (
          <Field key={key} noMargin label={label} htmlFor={`audit-${key}`}>
            <Input
              id={`audit-${key}`}
              width={24}
              value={text(key)}
              placeholder={placeholder}
              onChange={(event) => onChange(key, event.currentTarget.value)}
            />
          </Field>
        ))}
        {days.map(([key, label]) => (
          <Field key={key} noMargin label={label} htmlFor={`audit-${key}`}>
            <Input
              id={`audit-${key}`}
              type="date"
              width={20}
              value={text(key)}
              onChange={(event) => onChange(key, event.currentTarget.value)}
            />
          </Field>
        ))}
      </Stack>
    </Stack>
  );
}
